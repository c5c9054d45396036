/* fields.c
 * Registers the fields and expert infos: names, value strings and types come from the core's
 * tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/fields.h"

#include <string.h>

#include "compat.h"
#include "core/connection.h"
#include "core/standard/reason_code.h"
#include "statistics/exchange.h"

/* Enough for all fields; checked when they are added. */
#define FIELDS_MAX 192

mqtt5_fields mqtt5_hf;
expert_field mqtt5_ei[MQTT5_RULE_COUNT];
int mqtt5_ett[MQTT5_ETT_COUNT];

static hf_register_info hf[FIELDS_MAX];
static unsigned hf_count;

static const value_string senders[] = {{MQTT5_CLIENT, "Client"}, {MQTT5_SERVER, "Server"}, {0, NULL}};

static const value_string versions[] = {{MQTT5_VERSION_3_1, "MQTT 3.1"},
                                        {MQTT5_VERSION_3_1_1, "MQTT 3.1.1"},
                                        {MQTT5_VERSION_5, "MQTT 5.0"},
                                        {0, NULL}};

static const value_string version_sources[] = {{MQTT5_VERSION_SOURCE_NONE,
                                                "unknown: the CONNECT is not in the capture, and rules that need the version are silent"},
                                               {MQTT5_VERSION_SOURCE_CONNECT, "from CONNECT"},
                                               {MQTT5_VERSION_SOURCE_INFERRED, "inferred from a packet that is valid in this version only"},
                                               {MQTT5_VERSION_SOURCE_PREFERENCE, "assumed from the preference mqtt.default_version"},
                                               {0, NULL}};

static const value_string severities[] = {{PI_CHAT, "Chat"}, {PI_NOTE, "Note"}, {PI_WARN, "Warning"}, {PI_ERROR, "Error"}, {0, NULL}};

/* Formats a string that lives as long as the protocol. */
static char *text(const char *format, ...) G_GNUC_PRINTF(1, 2);
static char *text(const char *format, ...)
{
    va_list arguments;
    char *made;

    va_start(arguments, format);
    made = wmem_strdup_vprintf(wmem_epan_scope(), format, arguments);
    va_end(arguments);
    return made;
}

/* All kinds of exchanges. */
static const value_string *exchange_names(void)
{
    static value_string names[MQTT5_EXCHANGES + 1];
    unsigned count = 0;

    for (unsigned kind = 0; kind < MQTT5_EXCHANGES; kind++)
        if (mqtt5_exchange_name(kind))
            names[count++] = (value_string){kind, mqtt5_exchange_name(kind)};
    return names;
}

static void add_field(int *id, const char *name, const char *abbrev, enum ftenum type, int display, const void *strings, const char *blurb)
{
    hf_register_info *field = &hf[hf_count++];
    hf_register_info made = {id, {name, abbrev, type, display, strings, 0, blurb, HFILL}};

    DISSECTOR_ASSERT(hf_count <= FIELDS_MAX);
    *id = -1;
    memcpy(field, &made, sizeof made);
}

/* The reason codes that a packet type of the set `packets` may have, with their names there. */
static const value_string *reason_code_strings(uint32_t packets, mqtt5_packet_type type)
{
    size_t count;
    const mqtt5_reason_code_info *codes = mqtt5_reason_codes(&count);
    value_string *strings = wmem_alloc0_array(wmem_epan_scope(), value_string, count + 1), *next = strings;

    for (size_t i = 0; i < count; i++) {
        if (!(mqtt5_reason_code_packets(&codes[i]) & packets))
            continue;
        next->value = codes[i].code;
        next->strptr = mqtt5_reason_code_name(type, codes[i].code);
        next++;
    }
    return strings;
}

static const value_string *property_strings(uint32_t lists)
{
    const mqtt5_property_info *properties = mqtt5_properties();
    value_string *strings = wmem_alloc0_array(wmem_epan_scope(), value_string, MQTT5_PROPERTY_COUNT + 1), *next = strings;

    for (unsigned i = 0; i < MQTT5_PROPERTY_COUNT; i++) {
        if (!(mqtt5_property_packets(&properties[i]) & lists))
            continue;
        next->value = properties[i].id;
        next->strptr = properties[i].name;
        next++;
    }
    return strings;
}

static const value_string *packet_type_strings(void)
{
    value_string *strings = wmem_alloc0_array(wmem_epan_scope(), value_string, MQTT5_WILL);

    for (unsigned type = MQTT5_CONNECT; type <= MQTT5_AUTH; type++) {
        strings[type - 1].value = type;
        strings[type - 1].strptr = mqtt5_packet_type_get(type)->name;
    }
    return strings;
}

static const value_string *return_code_strings(mqtt5_packet_type type)
{
    value_string *strings = wmem_alloc0_array(wmem_epan_scope(), value_string, 16), *next = strings;

    for (unsigned code = 0; code < 256; code++) {
        const char *name = mqtt5_return_code_name(type, (uint8_t)code);

        if (name) {
            next->value = code;
            next->strptr = name;
            next++;
        }
    }
    return strings;
}

static void add_packet_type_fields(void)
{
    for (unsigned type = 0; type < MQTT5_PACKET_TYPES; type++) {
        const mqtt5_packet_type_info *info = mqtt5_packet_type_get(type);

        mqtt5_hf.reason_code_of[type] = mqtt5_hf.return_code_of[type] = mqtt5_hf.property_id_of[type] = -1;
        if (info->reason_code_clause)
            add_field(&mqtt5_hf.reason_code_of[type], text("%s Reason Code", info->name), text("mqtt5.%s.reason_code", info->abbrev),
                      FT_UINT8, BASE_HEX, VALS(reason_code_strings(MQTT5_IN(type), (mqtt5_packet_type)type)),
                      text("Reason code in %s", info->name));
        if (mqtt5_return_code_name((mqtt5_packet_type)type, 0))
            add_field(&mqtt5_hf.return_code_of[type], text("%s Return Code", info->name), text("mqtt5.%s.return_code", info->abbrev),
                      FT_UINT8, BASE_HEX, VALS(return_code_strings((mqtt5_packet_type)type)),
                      text("Return code in %s before MQTT 5.0", info->name));
        if (info->has_properties)
            add_field(&mqtt5_hf.property_id_of[type], text("%s Property", type == MQTT5_WILL ? "Will" : info->name),
                      text("mqtt5.%s.property.id", info->abbrev), FT_UINT32, BASE_HEX, VALS(property_strings(MQTT5_IN(type))),
                      text("Identifier of a property in %s", type == MQTT5_WILL ? "Will Properties" : info->name));
    }
}

static char second[] = " second", plural_seconds[] = " seconds", byte[] = " byte", plural_bytes[] = " bytes";
static const unit_name_string seconds = {second, plural_seconds}, bytes = {byte, plural_bytes};

static void add_property_fields(void)
{
    static const struct {
        enum ftenum type;
        int display;
    } types[] = {
        [MQTT5_TYPE_BYTE] = {FT_UINT8, BASE_DEC},          [MQTT5_TYPE_TWO_BYTE] = {FT_UINT16, BASE_DEC},
        [MQTT5_TYPE_FOUR_BYTE] = {FT_UINT32, BASE_DEC},    [MQTT5_TYPE_VARIABLE_BYTE] = {FT_UINT32, BASE_DEC},
        [MQTT5_TYPE_STRING] = {FT_STRING, BASE_NONE},      [MQTT5_TYPE_BINARY] = {FT_BYTES, BASE_NONE},
        [MQTT5_TYPE_STRING_PAIR] = {FT_STRING, BASE_NONE},
    };
    const mqtt5_property_info *properties = mqtt5_properties();

    for (unsigned i = 0; i < MQTT5_PROPERTY_COUNT; i++) {
        const mqtt5_property_info *info = &properties[i];
        int display = types[info->type].display;
        const void *strings = NULL;

        if (info->unit) {
            display |= BASE_UNIT_STRING;
            strings = strcmp(info->unit, "seconds") == 0 ? &seconds : &bytes;
        }
        add_field(&mqtt5_hf.property[i], info->name, text("mqtt5.property.%s", info->abbrev), types[info->type].type, display, strings,
                  NULL);
    }
    add_field(&mqtt5_hf.user_property_name, "Name", "mqtt5.property.user_property.name", FT_STRING, BASE_NONE, NULL,
              "Name of a User Property");
    add_field(&mqtt5_hf.user_property_value, "Value", "mqtt5.property.user_property.value", FT_STRING, BASE_NONE, NULL,
              "Value of a User Property");
}

/* The limits of one side. */
static void add_limit_fields(mqtt5_sender side)
{
    const char *abbrev = side == MQTT5_CLIENT ? "client" : "server", *other = side == MQTT5_CLIENT ? "server" : "client";

    add_field(&mqtt5_hf.agreed_receive_maximum[side - 1], text("Receive Maximum of the %s", abbrev),
              text("mqtt5.agreed.%s.receive_maximum", abbrev), FT_UINT32, BASE_DEC, NULL,
              text("In CONNACK: how many messages of QoS 1 and 2 the %s may send before they are acknowledged", other));
    add_field(&mqtt5_hf.agreed_maximum_packet_size[side - 1], text("Maximum Packet Size of the %s", abbrev),
              text("mqtt5.agreed.%s.maximum_packet_size", abbrev), FT_UINT32, BASE_DEC | BASE_UNIT_STRING, &bytes,
              text("In CONNACK: the largest control packet that the %s may send", other));
    add_field(&mqtt5_hf.agreed_topic_alias_maximum[side - 1], text("Topic Alias Maximum of the %s", abbrev),
              text("mqtt5.agreed.%s.topic_alias_maximum", abbrev), FT_UINT32, BASE_DEC, NULL,
              text("In CONNACK: the highest Topic Alias that the %s may send; 0: none", other));
}

static void add_agreement_fields(void)
{
    add_field(&mqtt5_hf.agreed, "Agreed", "mqtt5.agreed", FT_NONE, BASE_NONE, NULL,
              "In a CONNACK that accepts: the values that apply to the connection, and where each comes from");
    add_field(&mqtt5_hf.agreed_client_id, "Client ID", "mqtt5.agreed.client_id", FT_STRING, BASE_NONE, NULL,
              "In CONNACK: the Client Identifier of the session");
    add_field(&mqtt5_hf.agreed_clean_start, "Clean Start", "mqtt5.agreed.clean_start", FT_BOOLEAN, BASE_NONE, NULL,
              "In CONNACK: whether the client asked for a new session (Clean Session before MQTT 5.0)");
    add_field(&mqtt5_hf.agreed_session_present, "Session Present", "mqtt5.agreed.session_present", FT_BOOLEAN, BASE_NONE, NULL,
              "In CONNACK: whether the server resumes an existing session");
    add_field(&mqtt5_hf.agreed_keep_alive, "Keep Alive", "mqtt5.agreed.keep_alive", FT_UINT32, BASE_DEC | BASE_UNIT_STRING, &seconds,
              "In CONNACK: the Keep Alive that applies, from CONNACK or CONNECT");
    add_field(&mqtt5_hf.agreed_session_expiry, "Session Expiry Interval", "mqtt5.agreed.session_expiry_interval", FT_UINT32,
              BASE_DEC | BASE_UNIT_STRING, &seconds,
              "In CONNACK: how long the session lasts after the connection has closed; 4294967295: for ever");
    add_limit_fields(MQTT5_CLIENT);
    add_limit_fields(MQTT5_SERVER);
    add_field(&mqtt5_hf.agreed_maximum_qos, "Maximum QoS", "mqtt5.agreed.maximum_qos", FT_UINT8, BASE_DEC, NULL,
              "In CONNACK: the highest QoS with which the client may publish");
    add_field(&mqtt5_hf.agreed_retain, "Retain Available", "mqtt5.agreed.retain_available", FT_BOOLEAN, BASE_NONE, NULL,
              "In CONNACK: whether the server supports retained messages");
    add_field(&mqtt5_hf.agreed_wildcard, "Wildcard Subscription Available", "mqtt5.agreed.wildcard_subscription_available", FT_BOOLEAN,
              BASE_NONE, NULL, "In CONNACK: whether the server supports wildcards in Topic Filters");
    add_field(&mqtt5_hf.agreed_shared, "Shared Subscription Available", "mqtt5.agreed.shared_subscription_available", FT_BOOLEAN, BASE_NONE,
              NULL, "In CONNACK: whether the server supports shared subscriptions");
    add_field(&mqtt5_hf.agreed_subscription_identifier, "Subscription Identifiers Available",
              "mqtt5.agreed.subscription_identifiers_available", FT_BOOLEAN, BASE_NONE, NULL,
              "In CONNACK: whether the server supports Subscription Identifiers");
}

static void add_journey_fields(void)
{
    add_field(&mqtt5_hf.published_in, "Published in", "mqtt5.published_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST),
              "In a PUBLISH from the server: the frame of the PUBLISH that it is a copy of, or of the CONNECT with the Will");
    add_field(&mqtt5_hf.candidates, "Candidates", "mqtt5.published_in.candidates", FT_UINT32, BASE_DEC, NULL,
              "Only where that is not certain: how many messages of the capture it may be");
    add_field(&mqtt5_hf.published_by, "Published by", "mqtt5.published_by", FT_STRING, BASE_NONE, NULL,
              "In a PUBLISH from the server: the Client Identifier of the client that published it");
    add_field(&mqtt5_hf.published_on_close, "Published on close", "mqtt5.published_on_close", FT_FRAMENUM, BASE_NONE, NULL,
              "In a Will from the server: the frame with the end of its connection");
    add_field(&mqtt5_hf.delivery_time, "Delivery time", "mqtt5.delivery_time", FT_RELATIVE_TIME, BASE_NONE, NULL,
              "In a PUBLISH from the server: time from the last byte of the message as it was published to its first byte here");
    add_field(&mqtt5_hf.retained_copy, "Retained message", "mqtt5.retained_copy", FT_NONE, BASE_NONE, NULL,
              "In a PUBLISH from the server: the server had kept it, and the client gets it because it subscribes");
    add_field(&mqtt5_hf.retained_for, "Retained for", "mqtt5.retained_for", FT_RELATIVE_TIME, BASE_NONE, NULL,
              "In a retained message from the server: time since it was published");
    add_field(&mqtt5_hf.resent_copy, "Sent again", "mqtt5.resent_copy", FT_NONE, BASE_NONE, NULL,
              "In a PUBLISH from the server: it is sent again, and counts as no further delivery");
    add_field(&mqtt5_hf.deliveries, "Deliveries", "mqtt5.deliveries", FT_UINT32, BASE_DEC, NULL,
              "In a PUBLISH from the client: how many copies of it the server has sent, as far as the capture shows (from the second pass on)");
    add_field(&mqtt5_hf.delivered_in, "Delivered in", "mqtt5.delivered_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE),
              "The frame of each copy (the first 100; from the second pass on)");
    add_field(&mqtt5_hf.deliveries_missing, "Missing deliveries", "mqtt5.deliveries.missing", FT_UINT32, BASE_DEC, NULL,
              "In a PUBLISH from the client: how many subscribers it comes to no more, as far as the capture shows (from the second pass on)");
    add_field(&mqtt5_hf.missing_to, "Missing to", "mqtt5.deliveries.missing_to", FT_STRING, BASE_NONE, NULL,
              "The Client Identifier of each subscriber that it comes to no more (the first 100; from the second pass on)");
    add_field(&mqtt5_hf.missing_since, "Missing since", "mqtt5.deliveries.missing_since", FT_FRAMENUM, BASE_NONE, NULL,
              "For each of these subscribers: the frame of the later message that has come to it (the first 100; from the second pass on)");
}

static void add_session_fields(void)
{
    add_field(&mqtt5_hf.topic, "Topic", "mqtt5.topic", FT_STRING, BASE_NONE, NULL,
              "The topic of a PUBLISH, even if it was sent as a Topic Alias");
    add_field(&mqtt5_hf.topic_set_in, "Alias set in", "mqtt5.topic.set_in", FT_FRAMENUM, BASE_NONE, NULL,
              "The frame of the PUBLISH that set the Topic Alias");
    add_field(&mqtt5_hf.subscription_filter, "Subscription", "mqtt5.subscription.topic_filter", FT_STRING, BASE_NONE, NULL,
              "In a PUBLISH from the server: the Topic Filter of each subscription that it matches (the first 16)");
    add_field(&mqtt5_hf.subscription_in, "SUBSCRIBE in", "mqtt5.subscription.in", FT_FRAMENUM, BASE_NONE, NULL,
              "The frame of the SUBSCRIBE of that subscription");
    add_field(&mqtt5_hf.subscriptions_not_shown, "Further subscriptions", "mqtt5.subscription.not_shown", FT_UINT32, BASE_DEC, NULL,
              "How many more subscriptions the PUBLISH matches");
    add_field(&mqtt5_hf.granted_qos, "Granted QoS", "mqtt5.granted_qos", FT_UINT8, BASE_DEC, NULL,
              "The QoS that SUBACK grants to a subscription, in SUBACK and in each PUBLISH that matches it");
    add_field(&mqtt5_hf.suback_filter, "Topic Filter", "mqtt5.suback.topic_filter", FT_STRING, BASE_NONE, NULL,
              "In SUBACK: the Topic Filter that a reason code is about");
    add_field(&mqtt5_hf.unsuback_filter, "Topic Filter", "mqtt5.unsuback.topic_filter", FT_STRING, BASE_NONE, NULL,
              "In UNSUBACK: the Topic Filter that a reason code is about");
}

static void add_rpc_fields(void)
{
    add_field(&mqtt5_hf.rpc_request_in, "Request message in", "mqtt5.rpc.request_in", FT_FRAMENUM, BASE_NONE,
              FRAMENUM_TYPE(FT_FRAMENUM_REQUEST),
              "In a PUBLISH that is a response, by Response Topic and Correlation Data: the frame of the request");
    add_field(&mqtt5_hf.rpc_response_in, "Response message in", "mqtt5.rpc.response_in", FT_FRAMENUM, BASE_NONE,
              FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE),
              "In a PUBLISH that is a request: the frame of the first response (from the second pass on)");
    add_field(&mqtt5_hf.rpc_time, "Time to response", "mqtt5.rpc.time", FT_RELATIVE_TIME, BASE_NONE, NULL,
              "In the first response that comes to the requester: the time since the requester published the request");
    add_field(&mqtt5_hf.rpc_responder_time, "Time inside the responder", "mqtt5.rpc.responder_time", FT_RELATIVE_TIME, BASE_NONE, NULL,
              "In the first response that the responder publishes: the time since the request was delivered to it");
    add_field(&mqtt5_hf.rpc_unanswered, "No response", "mqtt5.rpc.unanswered", FT_NONE, BASE_NONE, NULL,
              "A request without a response, as the server or the end of the requester's session shows (from the second pass on)");
    add_field(&mqtt5_hf.rpc_unanswered_known_in, "Known in", "mqtt5.rpc.unanswered.known_in", FT_FRAMENUM, BASE_NONE, NULL,
              "The frame that shows that there is no response (from the second pass on)");
}

static void add_general_fields(void)
{
    add_field(&mqtt5_hf.analysis, "MQTT 5 Analysis", "mqtt5.analysis", FT_NONE, BASE_NONE, NULL,
              "What this control packet means, and which rules it breaks");
    add_field(&mqtt5_hf.packet_type, "Packet Type", "mqtt5.packet_type", FT_UINT8, BASE_DEC, VALS(packet_type_strings()),
              "MQTT control packet type");
    add_field(&mqtt5_hf.sender, "Sender", "mqtt5.sender", FT_UINT8, BASE_DEC, VALS(senders),
              "The side that sent the packet, as the traffic shows it");
    add_field(&mqtt5_hf.version, "Version", "mqtt5.version", FT_UINT8, BASE_DEC, VALS(versions), "Protocol version of the connection");
    add_field(&mqtt5_hf.version_source, "Version Source", "mqtt5.version.source", FT_UINT8, BASE_DEC, VALS(version_sources),
              "How the version is known");
    add_field(&mqtt5_hf.evidence, "Evidence", "mqtt5.evidence", FT_STRING, BASE_NONE, NULL,
              "What is missing from the capture, in the first packet that it affects");
    add_field(&mqtt5_hf.reason_code, "Reason Code", "mqtt5.reason_code", FT_UINT8, BASE_HEX,
              VALS(reason_code_strings(UINT32_MAX, MQTT5_RESERVED)), "Reason code in any packet type");
    add_field(&mqtt5_hf.meaning, "Meaning", "mqtt5.reason_code.meaning", FT_STRING, BASE_NONE, NULL,
              "What a reason code of 0x80 or above means");
    add_field(&mqtt5_hf.property_id, "Property", "mqtt5.property.id", FT_UINT32, BASE_HEX, VALS(property_strings(UINT32_MAX)),
              "Identifier of a property in any packet type");
    add_field(&mqtt5_hf.client_id, "Client ID", "mqtt5.client_id", FT_STRING, BASE_NONE, NULL,
              "Client Identifier of the session, in each of its packets; if the server assigned one, that one");
    add_field(&mqtt5_hf.user_name, "User Name", "mqtt5.user_name", FT_STRING, BASE_NONE, NULL,
              "User Name of the CONNECT, in each packet of the session");
    add_field(&mqtt5_hf.connect_in, "CONNECT in", "mqtt5.connect_in", FT_FRAMENUM, BASE_NONE, NULL,
              "The frame of the CONNECT of this packet's connection");
    add_field(&mqtt5_hf.request_in, "Request in", "mqtt5.request_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST),
              "The frame of the packet that this one answers");
    add_field(&mqtt5_hf.response_in, "Response in", "mqtt5.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE),
              "The frame of the packet that answers this one (from the second pass on)");
    add_field(&mqtt5_hf.response_time, "Response time", "mqtt5.response_time", FT_RELATIVE_TIME, BASE_NONE, NULL,
              "Time from the request to this answer");
    add_field(&mqtt5_hf.acknowledged_time, "TCP acknowledged the request after", "mqtt5.response_time.acknowledged", FT_RELATIVE_TIME,
              BASE_NONE, NULL, "Part of the response time until TCP acknowledged the request, if it did so before this answer came");
    add_field(&mqtt5_hf.exchange, "Exchange", "mqtt5.exchange", FT_UINT8, BASE_DEC, VALS(exchange_names()),
              "Hidden: which row of the table of response times the packet counts in");
    add_field(&mqtt5_hf.unanswered, "Unanswered", "mqtt5.unanswered", FT_NONE, BASE_NONE, NULL,
              "A request without an answer on its connection, as a close or later packets show (from the second pass on)");
    add_field(&mqtt5_hf.unanswered_known_in, "Known in", "mqtt5.unanswered.known_in", FT_FRAMENUM, BASE_NONE, NULL,
              "The frame that shows that there is no answer (from the second pass on)");
    add_field(&mqtt5_hf.unanswered_request, "Unanswered request", "mqtt5.unanswered.request", FT_FRAMENUM, BASE_NONE,
              FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), "In a close: the frame of each request that it leaves unanswered (the first 100)");
    add_field(&mqtt5_hf.unanswered_count, "Unanswered requests", "mqtt5.unanswered.count", FT_UINT32, BASE_DEC, NULL,
              "In a close: how many requests it leaves unanswered");
    add_field(&mqtt5_hf.cause, "Cause", "mqtt5.cause", FT_STRING, BASE_NONE, NULL,
              "Why a request was refused, or why a connection ended, if the capture shows it");
    add_field(&mqtt5_hf.cause_kind, "Kind of cause", "mqtt5.cause.kind", FT_STRING, BASE_NONE, NULL,
              "What kind of cause it is: violation, limit, refusal, takeover, keep-alive, no-answer, server-gone, network, incomplete, "
              "not-mqtt, tls, will, unsaid or other");
    add_field(&mqtt5_hf.cause_in, "Cause in", "mqtt5.cause_in", FT_FRAMENUM, BASE_NONE, NULL, "The frame that shows the cause");
    add_field(&mqtt5_hf.cause_more_in, "More of the cause in", "mqtt5.cause.more_in", FT_FRAMENUM, BASE_NONE, NULL,
              "In an end: the last frame that shows that other connections of the server ended with it (from the second pass on)");
    add_field(&mqtt5_hf.will_in, "Will in", "mqtt5.will_in", FT_FRAMENUM, BASE_NONE, NULL,
              "The frame of the Will that is published because this connection ended");
    add_field(&mqtt5_hf.finding, "Finding", "mqtt5.finding", FT_STRING, BASE_NONE, NULL, "Name of the rule that the packet breaks");
    add_field(&mqtt5_hf.clause, "Clause", "mqtt5.finding.clause", FT_STRING, BASE_NONE, NULL,
              "The clause of the standard that the packet breaks");
    add_field(&mqtt5_hf.severity, "Severity", "mqtt5.finding.severity", FT_UINT32, BASE_HEX, VALS(severities),
              "Severity of the finding, with Wireshark's values");
    add_field(&mqtt5_hf.dropped, "Further findings", "mqtt5.findings_not_shown", FT_UINT32, BASE_DEC, NULL,
              "How many more findings the packet has");
}

static void register_expert_infos(int proto)
{
    static const int groups[] = {
        [MQTT5_GROUP_PROTOCOL] = PI_PROTOCOL,           [MQTT5_GROUP_SEQUENCE] = PI_SEQUENCE,     [MQTT5_GROUP_MALFORMED] = PI_MALFORMED,
        [MQTT5_GROUP_RESPONSE_CODE] = PI_RESPONSE_CODE, [MQTT5_GROUP_ASSUMPTION] = PI_ASSUMPTION, [MQTT5_GROUP_SECURITY] = PI_SECURITY,
    };
    static ei_register_info ei[MQTT5_RULE_COUNT];
    static const expert_field unset = EI_INIT;

    for (unsigned i = 0; i < MQTT5_RULE_COUNT; i++) {
        const mqtt5_rule *rule = mqtt5_rule_get((mqtt5_rule_id)i);
        ei_register_info made = {&mqtt5_ei[i],
                                 {text("mqtt5.analysis.%s", rule->name), groups[rule->group], mqtt5_expert_severity(rule->severity),
                                  rule->summary, EXPFILL}};

        mqtt5_ei[i] = unset;
        memcpy(&ei[i], &made, sizeof made);
    }
    expert_register_field_array(expert_register_protocol(proto), ei, MQTT5_RULE_COUNT);
}

int mqtt5_expert_severity(mqtt5_severity severity)
{
    switch (severity) {
    case MQTT5_SEVERITY_ERROR: return PI_ERROR;
    case MQTT5_SEVERITY_WARN: return PI_WARN;
    case MQTT5_SEVERITY_NOTE: return PI_NOTE;
    default: return PI_CHAT;
    }
}

void mqtt5_fields_register(int proto)
{
    int *ett[MQTT5_ETT_COUNT];

    add_general_fields();
    add_session_fields();
    add_journey_fields();
    add_rpc_fields();
    add_agreement_fields();
    add_packet_type_fields();
    add_property_fields();
    for (unsigned i = 0; i < MQTT5_ETT_COUNT; i++) {
        mqtt5_ett[i] = -1;
        ett[i] = &mqtt5_ett[i];
    }
    proto_register_field_array(proto, hf, (int)hf_count);
    proto_register_subtree_array(ett, MQTT5_ETT_COUNT);
    register_expert_infos(proto);
}
