/* conversation_filter.c
 * The entries of the menu Conversation Filter for a packet of an MQTT connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/statistics.h"

#include "compat.h"

#include <epan/conversation_filter.h>

#include "statistics/tap.h"

/* The whole Network Connection, with TCP's handshake and acknowledgments, which matter if a session
 * fails. */
static char *session_filter(MQTT5_FILTER_PARAMETERS)
{
    mqtt5_network *network = mqtt5_network_look_up(pinfo);
    uint32_t stream;
    const char *field = network ? mqtt5_tap_stream(network, &stream) : NULL;

    return field ? ws_strdup_printf("%s == %u", field, stream) : NULL;
}

static mqtt5_bool is_session(MQTT5_FILTER_PARAMETERS)
{
    mqtt5_network *network = mqtt5_network_look_up(pinfo);
    uint32_t stream;

    return network && mqtt5_tap_stream(network, &stream);
}

static const char *client_of(packet_info *pinfo)
{
    mqtt5_network *network = mqtt5_network_look_up(pinfo);
    const mqtt5_identity *identity = network ? mqtt5_connection_identity(network->connection) : NULL;

    return identity ? identity->client_id : NULL;
}

/* All sessions of a client on all its connections: every control packet has the field. */
static char *client_filter(MQTT5_FILTER_PARAMETERS)
{
    const char *client = client_of(pinfo);
    GString *filter;

    if (!client)
        return NULL;
    filter = g_string_new("mqtt5.client_id == \"");
    for (; *client; client++) {
        if (*client == '"' || *client == '\\')
            g_string_append_printf(filter, "\\%c", *client);
        else if ((unsigned char)*client < 0x20)
            g_string_append_printf(filter, "\\x%02x", (unsigned char)*client);
        else
            g_string_append_c(filter, *client);
    }
    g_string_append_c(filter, '"');
    return g_string_free(filter, FALSE);
}

static mqtt5_bool is_client(MQTT5_FILTER_PARAMETERS)
{
    return client_of(pinfo) != NULL;
}

void mqtt5_conversation_filter_register(void)
{
    mqtt5_register_conversation_filter("mqtt5", "MQTT session", is_session, session_filter);
    mqtt5_register_conversation_filter("mqtt5", "MQTT client", is_client, client_filter);
}
