/* security.c
 * What weakens security, if the user wants to know: credentials in clear, clients without any, and
 * the same Client Identifier or Password from many addresses (5.4). Of a password only a hash is
 * kept, with a key that is made anew for each capture; no message has any part of it.
 *
 * Wide subscriptions are reported where they are granted, in subscription/requests.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/capture/parts.h"
#include "core/capture/security.h"
#include "core/session/modules.h"

/* So many addresses are many: a client may move from one network to another. */
#define MANY 3
/* Bounds the memory: of others, nothing is said. */
#define USERS_MAX 65536

/* Who uses one Client Identifier, or one Password. */
typedef struct {
    uint64_t hash;
    uint64_t addresses[MANY]; /* mqtt5_input.address */
    unsigned count;           /* of them */
    uint32_t first_frame;     /* of the CONNECT from the first of them */
} users;

struct mqtt5_security {
    mqtt5_hash_key client_id_key, password_key;
    GHashTable *users; /* by hash */
};

void mqtt5_capture_security_free(struct mqtt5_security *security)
{
    if (security)
        g_hash_table_destroy(security->users);
    g_free(security);
}

static struct mqtt5_security *security_of(mqtt5_capture *capture)
{
    struct mqtt5_security *security = capture->security;

    if (security)
        return security;
    security = g_new0(struct mqtt5_security, 1);
    mqtt5_hash_key_init(&security->client_id_key);
    mqtt5_hash_key_init(&security->password_key);
    security->users = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    capture->security = security;
    return security;
}

/* Adds the sender's address to the users of what has this hash. Returns them if they have just become
 * many, otherwise NULL. */
static const users *add_user(struct mqtt5_security *security, uint64_t hash, const mqtt5_input *input)
{
    users *found = g_hash_table_lookup(security->users, &hash);

    if (!found) {
        if (g_hash_table_size(security->users) >= USERS_MAX)
            return NULL;
        found = g_new0(users, 1);
        found->hash = hash;
        found->first_frame = input->frame;
        g_hash_table_insert(security->users, &found->hash, found);
    }
    for (unsigned i = 0; i < found->count; i++)
        if (found->addresses[i] == input->address)
            return NULL;
    if (found->count == MANY)
        return NULL;
    found->addresses[found->count++] = input->address;
    return found->count == MANY ? found : NULL;
}

static void see_client_id(const mqtt5_event *event, struct mqtt5_security *security)
{
    const mqtt5_packet *packet = event->packet;
    mqtt5_range id = packet->client_id;
    const users *many;
    char quoted[80];

    if (!(packet->has & MQTT5_HAS_CLIENT_ID) || id.length == 0)
        return;
    /* The same name at another server is another client. */
    many =
        add_user(security, mqtt5_hash(&security->client_id_key, mqtt5_bytes(packet, id), id.length) ^ event->input->server, event->input);
    if (many)
        mqtt5_report(event->findings, MQTT5_RULE_security_client_id_shared, id,
                     "the Client Identifier %s has come from %d addresses by now (the first one in frame %u)",
                     mqtt5_quote(mqtt5_bytes(packet, id), id.length, quoted, sizeof quoted), MANY, many->first_frame);
}

static void see_password(const mqtt5_event *event, struct mqtt5_security *security)
{
    const mqtt5_packet *packet = event->packet;
    mqtt5_range password = packet->password;
    const users *many;

    if (!(packet->has & MQTT5_HAS_PASSWORD) || password.length == 0)
        return;
    many = add_user(security, mqtt5_hash(&security->password_key, mqtt5_bytes(packet, password), password.length), event->input);
    if (many)
        mqtt5_report(event->findings, MQTT5_RULE_security_password_shared, password,
                     "the same Password has come from %d addresses by now (the first one in frame %u)", MANY, many->first_frame);
}

static void see_connect(const mqtt5_event *event)
{
    const mqtt5_packet *packet = event->packet;
    struct mqtt5_security *security = security_of(event->connection->capture);
    bool user_name = packet->has & MQTT5_HAS_USER_NAME, password = packet->has & MQTT5_HAS_PASSWORD;

    if (event->input->clear && (user_name || password))
        mqtt5_report(event->findings, MQTT5_RULE_security_credentials_in_clear, user_name ? packet->user_name : packet->password,
                     "the %s not encrypted on this connection; TLS would protect %s",
                     user_name && password ? "User Name and the Password are"
                     : user_name           ? "User Name is"
                                           : "Password is",
                     user_name && password ? "them" : "it");
    if (packet->status != MQTT5_DECODED || event->input->address == 0)
        return;
    see_client_id(event, security);
    see_password(event, security);
}

/* Over TLS a client may have shown a certificate. */
static void see_connack(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;

    if (!event->input->clear || !(event->packet->has & MQTT5_HAS_REASON_CODE) || event->packet->reason_code != 0)
        return;
    if (connect->known && !connect->user_name && !connect->password && !connect->authentication_method)
        mqtt5_report(event->findings, MQTT5_RULE_security_no_user_name, MQTT5_NO_BYTES,
                     "the server accepts a client without a User Name (CONNECT in frame %u); anybody who reaches it can do as this client",
                     connect->frame);
}

void mqtt5_security_hello(unsigned version, mqtt5_findings *findings)
{
    static const char *const names[] = {"SSL 3.0", "TLS 1.0", "TLS 1.1"};

    if (version >= 0x0300 && version < 0x0300 + G_N_ELEMENTS(names))
        mqtt5_report(findings, MQTT5_RULE_security_tls_version, MQTT5_NO_BYTES, "the server agrees on %s, which is no longer safe",
                     names[version - 0x0300]);
}

void mqtt5_security_see(mqtt5_event *event)
{
    if (!event->connection->security)
        return;
    if (event->packet->type == MQTT5_CONNECT)
        see_connect(event);
    else if (event->packet->type == MQTT5_CONNACK)
        see_connack(event);
}
