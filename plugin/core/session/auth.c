/* auth.c
 * Enhanced authentication (4.12): AUTH packets between CONNECT and CONNACK, and re-authentication
 * after it.
 *
 * Other packets between the AUTH packets of a re-authentication are legal (4.12.1), so nothing here
 * looks at them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/session/evidence.h"

#include <string.h>

#include "core/session/modules.h"
#include "core/standard/reason_code.h"

/* Whose AUTH comes next. */
typedef enum {
    TURN_UNKNOWN, /* an AUTH could not be read, or may be missing from the capture */
    TURN_NOBODY,  /* no exchange is open */
    TURN_CLIENT,
    TURN_SERVER
} auth_turn;

struct mqtt5_authentication {
    auth_turn turn;
    uint32_t epoch;      /* mqtt5_evidence_epoch() for which it holds */
    uint32_t last_frame; /* of the last AUTH; 0: none */
    bool other_reported; /* authentication_other_packet was said: once on a connection is enough */
};

/* Made when first needed: most connections have no AUTH. */
static struct mqtt5_authentication *state_of(mqtt5_connection *connection)
{
    if (!connection->authentication) {
        connection->authentication = g_new0(struct mqtt5_authentication, 1);
        /* A CONNECT with a method opens the exchange. */
        connection->authentication->epoch = mqtt5_evidence_epoch(connection);
        if (mqtt5_evidence_both_complete(connection))
            connection->authentication->turn = connection->phase == MQTT5_PHASE_CONNECTING  ? TURN_SERVER
                                               : connection->phase == MQTT5_PHASE_CONNECTED ? TURN_NOBODY
                                                                                            : TURN_UNKNOWN;
    }
    if (connection->authentication->epoch != mqtt5_evidence_epoch(connection))
        connection->authentication->turn = TURN_UNKNOWN;
    connection->authentication->epoch = mqtt5_evidence_epoch(connection);
    return connection->authentication;
}

void mqtt5_auth_clear(mqtt5_connection *connection)
{
    g_clear_pointer(&connection->authentication, g_free);
}

/* --- The method --- */

static bool same_text(const mqtt5_packet *packet, mqtt5_range range, GBytes *text)
{
    gsize length;
    const void *data = g_bytes_get_data(text, &length);

    return length == range.length && (length == 0 || memcmp(data, mqtt5_bytes(packet, range), length) == 0);
}

/* Reports a method where the CONNECT had none. True if that was so. */
static bool check_unasked(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_packet *packet = event->packet;
    mqtt5_property method;

    if (!connect->known || connect->authentication_method)
        return false;
    if (packet->type == MQTT5_AUTH)
        mqtt5_report_by(event->findings, MQTT5_RULE_authentication_unasked,
                        MQTT5_CLAUSE(event->sender == MQTT5_CLIENT ? "MQTT-4.12.0-7" : "MQTT-4.12.0-6"), MQTT5_FIRST_BYTE,
                        "AUTH on a connection without enhanced authentication: "
                        "the CONNECT in frame %u has no Authentication Method (0x15)",
                        connect->frame);
    else if (mqtt5_property_find(packet, &packet->properties, MQTT5_AUTHENTICATION_METHOD, &method))
        mqtt5_report(event->findings, MQTT5_RULE_authentication_unasked, mqtt5_property_range(&method),
                     "Authentication Method (0x15) although the CONNECT in frame %u has none; it must be left out", connect->frame);
    return true;
}

/* The method of AUTH and of a successful CONNACK against that of the CONNECT. */
static void check_method(const mqtt5_event *event)
{
    const mqtt5_connect_state *connect = &event->connection->connect;
    const mqtt5_packet *packet = event->packet;
    char was[48], is[48];
    mqtt5_property method;
    gsize length;
    const uint8_t *asked;

    if (!connect->known || !connect->authentication_method || packet->status != MQTT5_DECODED ||
        (packet->properties.present && !packet->properties.sound))
        return;
    if (packet->type == MQTT5_CONNACK && packet->reason_code != 0)
        return;
    asked = g_bytes_get_data(connect->authentication_method, &length);
    if (!mqtt5_property_find(packet, &packet->properties, MQTT5_AUTHENTICATION_METHOD, &method)) {
        /* Missing in AUTH: the packet by itself shows it, authentication_method_missing. */
        if (packet->type == MQTT5_CONNACK)
            mqtt5_report(event->findings, MQTT5_RULE_connack_authentication_method_missing, (mqtt5_range){packet->properties.offset, 1},
                         "no Authentication Method (0x15) although the CONNECT in frame %u has %s; "
                         "a successful CONNACK must repeat it",
                         connect->frame, mqtt5_quote(asked, (uint32_t)length, was, sizeof was));
        return;
    }
    if (!same_text(packet, method.text, connect->authentication_method))
        mqtt5_report(event->findings, MQTT5_RULE_authentication_method_changed, mqtt5_property_range(&method),
                     "Authentication Method is %s, but %s in the CONNECT in frame %u; it must stay the same",
                     mqtt5_quote(mqtt5_bytes(packet, method.text), method.text.length, is, sizeof is),
                     mqtt5_quote(asked, (uint32_t)length, was, sizeof was), connect->frame);
}

/* --- The order of the exchange --- */

static void report_code(const mqtt5_event *event, const char *clause, const char *what)
{
    mqtt5_report_by(event->findings, MQTT5_RULE_authentication_reason_code, MQTT5_CLAUSE(clause),
                    (mqtt5_range){event->packet->reason_code_offset, event->packet->reason_code_offset > 0}, "reason code 0x%02x (%s) %s",
                    event->packet->reason_code, mqtt5_reason_code_name(MQTT5_AUTH, event->packet->reason_code), what);
}

/* The server has asked with AUTH, and the client has not answered. */
static void check_server_waits(const mqtt5_event *event, const struct mqtt5_authentication *state, const char *section)
{
    if (event->sender == MQTT5_SERVER && state->turn == TURN_CLIENT)
        mqtt5_report_by(event->findings, MQTT5_RULE_authentication_out_of_turn, MQTT5_CLAUSE(section), MQTT5_FIRST_BYTE,
                        "second AUTH of the server in a row, after the one in frame %u; it waits for the client's answer",
                        state->last_frame);
}

/* An AUTH between CONNECT and CONNACK. */
static void check_handshake(const mqtt5_event *event, const struct mqtt5_authentication *state)
{
    uint8_t code = event->packet->reason_code;

    if (event->sender == MQTT5_SERVER && code != MQTT5_CODE_CONTINUE_AUTHENTICATION)
        report_code(event, "MQTT-4.12.0-2", "before CONNACK; there the server continues with 0x18, and ends the exchange with CONNACK");
    else if (event->sender == MQTT5_CLIENT && code != MQTT5_CODE_CONTINUE_AUTHENTICATION)
        report_code(event, "MQTT-4.12.0-3", "before CONNACK; there the client answers with 0x18 (Continue authentication)");
    else if (event->sender == MQTT5_CLIENT && state->turn == TURN_SERVER && state->last_frame != 0)
        mqtt5_report(event->findings, MQTT5_RULE_authentication_out_of_turn, MQTT5_FIRST_BYTE,
                     "second AUTH of the client in a row, after the one in frame %u; "
                     "before CONNACK it only answers an AUTH of the server",
                     state->last_frame);
    else if (event->sender == MQTT5_CLIENT && state->turn == TURN_SERVER)
        mqtt5_report(event->findings, MQTT5_RULE_authentication_out_of_turn, MQTT5_FIRST_BYTE,
                     "AUTH before any AUTH of the server; after the CONNECT in frame %u the client waits for AUTH or CONNACK",
                     event->connection->connect.frame);
    else
        check_server_waits(event, state, "4.12");
}

/* An AUTH after CONNACK: re-authentication, which the client starts. */
static void check_re_authentication(const mqtt5_event *event, const struct mqtt5_authentication *state)
{
    if (event->sender == MQTT5_SERVER && state->turn == TURN_NOBODY)
        mqtt5_report_by(event->findings, MQTT5_RULE_authentication_out_of_turn, MQTT5_CLAUSE("4.12.1"), MQTT5_FIRST_BYTE,
                        "AUTH after the CONNACK in frame %u without a re-authentication; "
                        "only the client may begin one, with AUTH 0x19",
                        event->connection->connack.frame);
    else if (event->sender == MQTT5_CLIENT && event->packet->reason_code == MQTT5_CODE_CONTINUE_AUTHENTICATION &&
             state->turn == TURN_NOBODY && mqtt5_evidence_bound_by_connack(event))
        report_code(event, "MQTT-4.12.1-1",
                    "although no exchange is open; after CONNACK the client begins one with 0x19 (Re-authenticate)");
    else if (event->sender == MQTT5_CLIENT && event->packet->reason_code == MQTT5_CODE_CONTINUE_AUTHENTICATION &&
             state->turn == TURN_SERVER)
        mqtt5_report_by(event->findings, MQTT5_RULE_authentication_out_of_turn, MQTT5_CLAUSE("4.12.1"), MQTT5_FIRST_BYTE,
                        "second AUTH of the client in a row, after the one in frame %u; it waits for the server's answer",
                        state->last_frame);
    else
        check_server_waits(event, state, "4.12.1");
}

/* A code that no AUTH of this side may have was reported already, and does not show what the sender
 * meant. */
static bool code_is_bad(const mqtt5_event *event)
{
    return event->packet->status != MQTT5_DECODED || !(event->packet->has & MQTT5_HAS_REASON_CODE) ||
           mqtt5_findings_has(event->findings, MQTT5_RULE_reason_code_unknown) ||
           mqtt5_findings_has(event->findings, MQTT5_RULE_reason_code_not_allowed) ||
           mqtt5_findings_has(event->findings, MQTT5_RULE_reason_code_wrong_sender);
}

static void see_auth(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;
    struct mqtt5_authentication *state = state_of(connection);
    bool bad = code_is_bad(event);

    if (!bad && connection->connect.known) {
        /* Both sides are complete: a CONNACK that was not seen was not sent. */
        if (connection->phase == MQTT5_PHASE_CONNECTING && mqtt5_evidence_both_complete(connection))
            check_handshake(event, state);
        else if (connection->phase == MQTT5_PHASE_CONNECTED)
            check_re_authentication(event, state);
    }
    state->last_frame = event->input->frame;
    if (bad)
        state->turn = TURN_UNKNOWN;
    else if (event->sender == MQTT5_CLIENT)
        state->turn = TURN_SERVER;
    else
        state->turn = event->packet->reason_code == MQTT5_CODE_CONTINUE_AUTHENTICATION ? TURN_CLIENT : TURN_NOBODY;
}

/* With an Authentication Method the client sends nothing but AUTH and DISCONNECT until CONNACK
 * [MQTT-3.1.2-30]. */
static MQTT5_SELDOM void check_other_packet(const mqtt5_event *event)
{
    mqtt5_connection *connection = event->connection;

    if (connection->version < MQTT5_VERSION_5 || event->sender != MQTT5_CLIENT || !connection->connect.known ||
        !connection->connect.authentication_method || event->packet->type == MQTT5_DISCONNECT || event->packet->type == MQTT5_CONNECT)
        return;
    if (!mqtt5_evidence_complete(connection, MQTT5_SERVER) || state_of(connection)->other_reported)
        return;
    state_of(connection)->other_reported = true;
    mqtt5_report(event->findings, MQTT5_RULE_authentication_other_packet, MQTT5_FIRST_BYTE,
                 "%s before CONNACK; the CONNECT in frame %u has an Authentication Method, "
                 "so that only AUTH or DISCONNECT may come before it",
                 mqtt5_packet_type_get(event->packet->type)->name, connection->connect.frame);
}

/* AUTH or CONNACK. */
static MQTT5_SELDOM void see_exchange(mqtt5_event *event)
{
    if (event->connection->version < MQTT5_VERSION_5 || (event->packet->type == MQTT5_CONNACK && event->sender != MQTT5_SERVER))
        return;
    if (!check_unasked(event)) {
        check_method(event);
        if (event->packet->type == MQTT5_AUTH)
            see_auth(event);
    }
    if (event->packet->type == MQTT5_CONNACK && event->connection->authentication)
        event->connection->authentication->turn = TURN_NOBODY;
}

void mqtt5_auth_see(mqtt5_event *event)
{
    if (event->packet->type == MQTT5_AUTH || event->packet->type == MQTT5_CONNACK)
        see_exchange(event);
    else if (event->connection->phase == MQTT5_PHASE_CONNECTING)
        check_other_packet(event);
}
