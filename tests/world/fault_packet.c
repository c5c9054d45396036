/* fault_packet.c
 * Faults that can be seen in one packet: its bytes, codes, properties, names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "fault_row.h"

/* --- Bytes --- */

/* Offset after the fixed header. */
static guint body(const GByteArray *wire)
{
    guint at = 1;

    while (wire->data[at] & 0x80)
        at++;
    return at + 1;
}

FITS(is_short, !(p->type == CONNACK && p->code == 0))

/* Short packets have a Remaining Length of one byte. */
static void leave_over(GByteArray *wire)
{
    if (wire->data[1] >= 0x7f)
        return;
    wire->data[1]++;
    g_byte_array_append(wire, (const uint8_t *)"", 1);
}

static void lengthen_remaining_length(GByteArray *wire)
{
    static const uint8_t endless[] = {0xff, 0xff, 0xff, 0xff};

    g_byte_array_set_size(wire, 1);
    g_byte_array_append(wire, endless, sizeof endless);
}

/* 1.5.5: the Remaining Length takes a byte more than it needs. */
static void waste_a_byte(GByteArray *wire)
{
    guint at = body(wire);
    uint8_t last = 0;

    g_byte_array_append(wire, &last, 1);
    memmove(wire->data + at + 1, wire->data + at, wire->len - at - 1);
    wire->data[at - 1] |= 0x80;
    wire->data[at] = 0;
}

static void reserve_type(GByteArray *wire)
{
    wire->data[0] &= 0x0f;
}

static void set_flags(GByteArray *wire)
{
    wire->data[0] ^= 0x04;
}

static void set_qos_3(GByteArray *wire)
{
    wire->data[0] |= 0x06;
}

/* The first string of PUBLISH and SUBSCRIBE, and the Protocol Name of CONNECT. */
static void put_null(GByteArray *wire)
{
    guint at = body(wire) + (wire->data[0] >> 4 == PUBLISH ? 2 : 4);

    wire->data[at] = 0;
}

static void put_not_utf8(GByteArray *wire)
{
    put_null(wire);
    wire->data[body(wire) + (wire->data[0] >> 4 == PUBLISH ? 2 : 4)] = 0xff;
}

static void spoil_protocol_name(GByteArray *wire)
{
    wire->data[body(wire) + 2] ^= 0x20;
}

static void raise_level(GByteArray *wire)
{
    guint at = body(wire);

    wire->data[at + 2 + wire->data[at + 1]] = 9;
}

static void reserve_connect_flag(GByteArray *wire)
{
    guint at = body(wire);

    wire->data[at + 2 + wire->data[at + 1] + 1] |= 1;
}

static void reserve_connack_flag(GByteArray *wire)
{
    wire->data[body(wire)] |= 2;
}

/* The Property Length of an acknowledgment, which is its last byte. */
static void lie_about_properties(GByteArray *wire)
{
    wire->data[wire->len - 1] = 0x20;
}

CHANGE(say_all, p->explicit_code = true; g_array_set_size(p->properties, 0))

/* --- Reason codes --- */

CHANGE(code_unknown, p->code = 0xfe)
CHANGE(code_not_allowed, p->code = 0x8e)
CHANGE(code_of_server, p->code = 0x8b)
CHANGE(code_of_client, p->code = 0x10)
CHANGE(code_disputed, p->code = s->end == CLIENT_END ? 0x9b : 0x8c)
CHANGE(suback_3, p->codes->data[0] = 3)
CHANGE(connack_9, p->code = 9)
CHANGE(no_codes, g_byte_array_set_size(p->codes, 0))
CHANGE(code_for_all, p->codes->data[0] = 0x91)

FITS(refuses, p->code >= 0x80 || (p->version < 5 && p->code))
FITS(has_several, p->codes->len > 1)
FITS(ends_well, p->code == 0)

/* --- Properties --- */

CHANGE(add_unknown, packet_add_text(p, 0x7f, "?"))
CHANGE(add_keep_alive, packet_add_number(p, SERVER_KEEP_ALIVE, 10))
CHANGE(add_subscription_identifier, packet_add_number(p, SUBSCRIPTION_IDENTIFIER, 7))
CHANGE(add_reference, packet_add_text(p, SERVER_REFERENCE, "other.example"))
CHANGE(add_session_expiry, packet_add_number(p, SESSION_EXPIRY_INTERVAL, 30))
CHANGE(add_reason_twice, packet_add_text(p, REASON_STRING, "one"); packet_add_text(p, REASON_STRING, "two"))
CHANGE(add_maximum_twice, packet_add_number(p, RECEIVE_MAXIMUM, 20); packet_add_number(p, RECEIVE_MAXIMUM, 20))
CHANGE(add_expiry_twice, packet_remove(p->properties, MESSAGE_EXPIRY_INTERVAL); packet_add_number(p, MESSAGE_EXPIRY_INTERVAL, 9);
       packet_add_number(p, MESSAGE_EXPIRY_INTERVAL, 9))
CHANGE(add_qos_2, packet_remove(p->properties, MAXIMUM_QOS); packet_add_number(p, MAXIMUM_QOS, 2))
CHANGE(add_no_maximum, packet_remove(p->properties, RECEIVE_MAXIMUM); packet_add_number(p, RECEIVE_MAXIMUM, 0))
CHANGE(add_alias_0, packet_remove(p->properties, TOPIC_ALIAS); p->topic = p->full_topic; packet_add_number(p, TOPIC_ALIAS, 0))
CHANGE(add_format_2, packet_remove(p->properties, PAYLOAD_FORMAT_INDICATOR); packet_add_number(p, PAYLOAD_FORMAT_INDICATOR, 2))
CHANGE(add_reason, packet_remove(p->properties, REASON_STRING); packet_add_text(p, REASON_STRING, "unwanted"))
CHANGE(remove_method, packet_remove(p->properties, AUTHENTICATION_METHOD))
CHANGE(add_data, packet_add_text(p, AUTHENTICATION_DATA, "alone"))
CHANGE(say_utf8, packet_remove(p->properties, PAYLOAD_FORMAT_INDICATOR); packet_add_number(p, PAYLOAD_FORMAT_INDICATOR, 1);
       p->payload = bytes_of("\xff\xfe"))

FITS(wants_no_reasons, !s->problem_information)
FITS(wants_reasons, s->problem_information)
FITS(has_no_method, !packet_property(p, AUTHENTICATION_METHOD) && !packet_property(p, AUTHENTICATION_DATA))
FITS(has_method, packet_property(p, AUTHENTICATION_METHOD))
FITS(has_no_reference, !packet_property(p, SERVER_REFERENCE) && p->code != 0x9d && p->code != 0x9c)

/* --- Names, options, flags --- */

static void set_topic(packet *p, const char *topic)
{
    packet_remove(p->properties, TOPIC_ALIAS);
    p->topic = p->full_topic = topic;
}

static void set_filter(packet *p, const char *filter)
{
    g_array_index(p->requests, request, 0).filter = filter;
}

static void lengthen_topic(side *s, packet *p)
{
    char *topic = arena_take(s->world->memory, 40001);

    memset(topic, 'a', 40000);
    set_topic(p, topic);
}

static void set_options(packet *p, uint8_t and, uint8_t or)
{
    uint8_t *options = &g_array_index(p->requests, request, 0).options;

    *options = (uint8_t)((*options & and) | or);
}

CHANGE(topic_wildcard, set_topic(p, "a/+/b"))
CHANGE(topic_empty, set_topic(p, ""))
CHANGE(topic_control, set_topic(p, "a/\x01"))
CHANGE(filter_invalid, set_filter(p, "a/#/b"))
CHANGE(filter_plus, set_filter(p, "a+"))
CHANGE(share_invalid, set_filter(p, "$share/g"); set_options(p, (uint8_t)~OPTION_NO_LOCAL, 0))
CHANGE(share_local, set_filter(p, "$share/g/a/#"); set_options(p, 0xff, OPTION_NO_LOCAL))
CHANGE(options_reserved, set_options(p, 0xff, 0x80))
CHANGE(options_qos_3, set_options(p, 0xff, 3))
CHANGE(options_handling_3, set_options(p, 0xff, 0x30))
CHANGE(no_requests, g_array_set_size(p->requests, 0))
CHANGE(set_dup, p->dup = true)
CHANGE(no_identifier, p->id = 0)
CHANGE(present_with_error, p->session_present = true)
CHANGE(will_flags, p->has_will = false; p->will_qos = 1; p->will_retain = false)
CHANGE(will_qos_3, p->will_qos = 3)
CHANGE(no_client_id, p->client_id = "")
CHANGE(long_client_id, p->client_id = "a-client-identifier-of-more-than-23")
CHANGE(password_alone, p->user_name = NULL; p->password = "secret")
CHANGE(will_not_ascii, p->will_payload = bytes_of("\xc3\xa4"))

FITS(has_qos, p->qos > 0)
FITS(has_no_qos, p->qos == 0)
FITS(has_topic, g_ascii_isalpha(p->topic[0]))
FITS(has_will, p->has_will)
FITS(has_no_will, !p->has_will)
FITS(keeps_session, !p->clean_start && p->client_id[0])
FITS(wildcards_work, s->ready &&client_of(s)->wildcard)
FITS(shares_work, s->ready &&client_of(s)->shared &&client_of(s)->wildcard)

/* clang-format off */
const fault fault_packets[] = {
    {"reason_code_unknown", BY_BOTH, TYPE(PUBACK) | TYPE(PUBREC), NEW, .change = code_unknown, .reaction = REFUSED},
    {"reason_code_not_allowed", BY_BOTH, ANSWERS, NEW, .change = code_not_allowed, .reaction = REFUSED},
    {"reason_code_wrong_sender", BY_CLIENT, TYPE(DISCONNECT), NEW, .fits = has_no_reference, .change = code_of_server, .reaction = REFUSED},
    {"reason_code_wrong_sender", BY_CLIENT, TYPE(PUBACK), NEW, .change = code_of_client, .reaction = REFUSED},
    {"reason_code_disputed", BY_BOTH, TYPE(DISCONNECT), NEW, .fits = has_no_reference, .change = code_disputed},
    {"return_code_reserved", BY_SERVER, TYPE(SUBACK), OLD, .change = suback_3, .reaction = REFUSED},
    {"return_code_reserved", BY_SERVER, TYPE(CONNACK), OLD, .fits = refuses, .change = connack_9, .reaction = REFUSED},
    {"reason_codes_empty", BY_SERVER, TYPE(SUBACK) | TYPE(UNSUBACK), NEW, .change = no_codes, .reaction = REFUSED},
    {"reason_codes_mixed", BY_SERVER, TYPE(SUBACK) | TYPE(UNSUBACK), NEW, .fits = has_several, .change = code_for_all, .reaction = REFUSED},

    {"property_unknown", BY_BOTH, TYPE(PUBLISH) | TYPE(CONNECT) | TYPE(SUBSCRIBE) | ANSWERS, NEW, .change = add_unknown, .reaction = REFUSED},
    {"property_not_allowed", BY_BOTH, TYPE(PUBLISH) | TYPE(CONNECT) | TYPE(SUBACK) | ANSWERS, NEW, .change = add_keep_alive, .reaction = REFUSED},
    {"property_wrong_sender", BY_CLIENT, TYPE(PUBLISH), NEW, .change = add_subscription_identifier, .reaction = REFUSED},
    {"property_wrong_sender", BY_SERVER, TYPE(DISCONNECT), NEW, .change = add_session_expiry, .reaction = REFUSED},
    {"property_repeated", BY_BOTH, ANSWERS, NEW, .fits = wants_reasons, .change = add_reason_twice, .reaction = REFUSED},
    {"property_repeated", BY_CLIENT, TYPE(CONNECT), NEW, .change = add_maximum_twice, .reaction = REFUSED},
    {"property_repeated_unclassified", BY_CLIENT, TYPE(PUBLISH), NEW, .change = add_expiry_twice, .reaction = REFUSED},
    {"property_value", BY_SERVER, TYPE(CONNACK), NEW, .fits = ends_well, .change = add_qos_2, .reaction = REFUSED},
    {"property_value", BY_CLIENT, TYPE(CONNECT), NEW, .change = add_no_maximum, .reaction = REFUSED},
    {"property_value", BY_BOTH, TYPE(PUBLISH), NEW, .change = add_alias_0, .reaction = REFUSED},
    {"property_value_unclassified", BY_CLIENT, TYPE(PUBLISH), NEW, .change = add_format_2, .reaction = REFUSED},
    {"property_malformed", BY_BOTH, ANSWERS, NEW, .change = say_all, .harm = lie_about_properties, .reaction = REFUSED},
    {"problem_information_unwanted", BY_SERVER, ANSWERS | TYPE(SUBACK) | TYPE(UNSUBACK), NEW, .fits = wants_no_reasons, .change = add_reason, .reaction = REFUSED},
    {"authentication_method_missing", BY_BOTH, TYPE(AUTH), NEW, .fits = has_method, .change = remove_method, .reaction = REFUSED},
    {"authentication_data_without_method", BY_CLIENT, TYPE(CONNECT), NEW, .fits = has_no_method, .change = add_data, .reaction = REFUSED},
    {"server_reference_unexpected", BY_SERVER, TYPE(DISCONNECT), NEW, .fits = has_no_reference, .change = add_reference},
    {"server_reference_unexpected", BY_SERVER, TYPE(CONNACK), NEW, .fits = has_no_reference, .change = add_reference, .reaction = REFUSED},
    {"payload_not_utf8", BY_CLIENT, TYPE(PUBLISH), NEW, .change = say_utf8, .reaction = REFUSED},

    {"packet_malformed", BY_BOTH, TYPE(PINGREQ) | TYPE(PINGRESP), OLD | NEW, .harm = leave_over, .reaction = REFUSED},
    {"packet_malformed", BY_BOTH, ANSWERS | TYPE(CONNACK), OLD, .fits = is_short, .harm = leave_over, .reaction = REFUSED},
    {"remaining_length_malformed", BY_BOTH, TYPE(PINGREQ) | TYPE(PINGRESP), OLD | NEW, .harm = lengthen_remaining_length, .reaction = REFUSED},
    {"variable_byte_integer_not_minimal", BY_BOTH, TYPE(PUBLISH) | TYPE(PINGREQ) | TYPE(SUBACK) | ANSWERS, NEW, .harm = waste_a_byte, .reaction = REFUSED},
    {"packet_type_reserved", BY_BOTH, TYPE(PINGREQ) | TYPE(PINGRESP) | ANSWERS, OLD | NEW, .harm = reserve_type, .reaction = REFUSED},
    {"fixed_header_flags", BY_BOTH, ANSWERS | TYPE(PUBREL) | TYPE(SUBSCRIBE) | TYPE(SUBACK) | TYPE(PINGREQ), NEW | 1U << 4, .harm = set_flags, .reaction = REFUSED},
    {"publish_qos_invalid", BY_BOTH, TYPE(PUBLISH), OLD | NEW, .fits = has_qos, .harm = set_qos_3, .reaction = REFUSED},
    {"publish_dup_qos_0", BY_BOTH, TYPE(PUBLISH), OLD | NEW, .fits = has_no_qos, .change = set_dup, .reaction = REFUSED},
    {"packet_identifier_zero", BY_BOTH, TYPE(PUBLISH), OLD | NEW, .fits = has_qos, .change = no_identifier, .reaction = REFUSED},
    {"packet_identifier_zero", BY_CLIENT, TYPE(SUBSCRIBE) | TYPE(UNSUBSCRIBE), OLD | NEW, .change = no_identifier, .reaction = REFUSED},
    {"string_not_utf8", BY_BOTH, TYPE(PUBLISH), OLD | NEW, .fits = has_topic, .harm = put_not_utf8, .reaction = REFUSED},
    {"string_null_character", BY_BOTH, TYPE(PUBLISH), OLD | NEW, .fits = has_topic, .harm = put_null, .reaction = REFUSED},
    {"string_control_character", BY_CLIENT, TYPE(PUBLISH), OLD | NEW, .fits = has_no_qos, .change = topic_control, .reaction = REFUSED, .found = FOUND_LATER},
    {"topic_name_wildcard", BY_CLIENT, TYPE(PUBLISH), OLD | NEW, .change = topic_wildcard, .reaction = REFUSED},
    {"topic_name_empty", BY_BOTH, TYPE(PUBLISH), OLD | NEW, .change = topic_empty, .reaction = REFUSED},
    {"topic_name_length", BY_CLIENT, TYPE(PUBLISH), 1U << 3, .change = lengthen_topic, .reaction = REFUSED},
    {"topic_filter_invalid", BY_CLIENT, TYPE(SUBSCRIBE) | TYPE(UNSUBSCRIBE), OLD | NEW, .fits = wildcards_work, .change = filter_invalid, .reaction = REFUSED},
    {"topic_filter_invalid", BY_CLIENT, TYPE(SUBSCRIBE), OLD | NEW, .fits = wildcards_work, .change = filter_plus, .reaction = REFUSED},
    {"shared_subscription_invalid", BY_CLIENT, TYPE(SUBSCRIBE), NEW, .fits = shares_work, .change = share_invalid, .reaction = REFUSED},
    {"subscription_no_local_shared", BY_CLIENT, TYPE(SUBSCRIBE), NEW, .fits = shares_work, .change = share_local, .reaction = REFUSED},
    {"subscription_options_reserved", BY_CLIENT, TYPE(SUBSCRIBE), NEW | 1U << 4, .change = options_reserved, .reaction = REFUSED},
    {"subscription_qos_invalid", BY_CLIENT, TYPE(SUBSCRIBE), OLD | NEW, .change = options_qos_3, .reaction = REFUSED},
    {"subscription_retain_handling_invalid", BY_CLIENT, TYPE(SUBSCRIBE), NEW, .change = options_handling_3, .reaction = REFUSED},
    {"subscription_empty", BY_CLIENT, TYPE(SUBSCRIBE) | TYPE(UNSUBSCRIBE), OLD | NEW, .change = no_requests, .reaction = REFUSED},

    {"connect_protocol_name", BY_CLIENT, TYPE(CONNECT), OLD | NEW, .harm = spoil_protocol_name, .reaction = REFUSED},
    {"connect_protocol_level", BY_CLIENT, TYPE(CONNECT), OLD | NEW, .harm = raise_level, .reaction = REFUSED},
    {"connect_flags_reserved", BY_CLIENT, TYPE(CONNECT), NEW | 1U << 4, .harm = reserve_connect_flag, .reaction = REFUSED},
    {"connect_will_flags", BY_CLIENT, TYPE(CONNECT), NEW | 1U << 4, .fits = has_no_will, .change = will_flags, .reaction = REFUSED},
    {"connect_will_qos_invalid", BY_CLIENT, TYPE(CONNECT), OLD | NEW, .fits = has_will, .change = will_qos_3, .reaction = REFUSED},
    {"connect_client_id_empty", BY_CLIENT, TYPE(CONNECT), OLD, .fits = keeps_session, .change = no_client_id, .reaction = REFUSED},
    {"connect_client_id_length", BY_CLIENT, TYPE(CONNECT), 1U << 3, .change = long_client_id, .reaction = REFUSED},
    {"connect_password_without_user_name", BY_CLIENT, TYPE(CONNECT), OLD, .change = password_alone, .reaction = REFUSED},
    {"will_message_not_ascii", BY_CLIENT, TYPE(CONNECT), 1U << 3, .fits = has_will, .change = will_not_ascii, .reaction = REFUSED},
    {"connack_flags_reserved", BY_SERVER, TYPE(CONNACK), NEW | 1U << 4, .harm = reserve_connack_flag, .reaction = REFUSED},
    {"connack_session_present_error", BY_SERVER, TYPE(CONNACK), NEW | 1U << 4, .fits = refuses, .change = present_with_error, .reaction = REFUSED},
    {0}};
