/* fault_connection.c
 * Faults of the connection: its beginning and end, what CONNACK agrees, authentication, Keep Alive.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "fault_row.h"

static packet *publish(side *s)
{
    packet *p = side_packet(s, PUBLISH);

    p->topic = p->full_topic = "a/b";
    p->payload = bytes_of("one too many");
    return p;
}

static packet *auth(side *s, uint8_t code, const char *method)
{
    packet *p = side_packet(s, AUTH);

    p->code = code;
    packet_add_text(p, AUTHENTICATION_METHOD, method);
    return p;
}

EXTRA(pingreq, side_packet(s, PINGREQ))
EXTRA(pingresp, side_packet(s, PINGRESP))
EXTRA(another_publish, publish(s))
EXTRA(auth_unasked, auth(s, s->end == CLIENT_END ? 0x19 : 0x18, "SCRAM-SHA-1"))
EXTRA(auth_again, auth(s, 0x18, "SCRAM-SHA-1"))

static packet *connect_again(side *s, packet *p)
{
    packet *again = side_packet(s, CONNECT);

    (void)p;
    again->client_id = client_of(s)->id[0] ? client_of(s)->id : "x";
    again->clean_start = true;
    again->keep_alive = client_of(s)->keep_alive;
    return again;
}

/* The first one, once more. */
static packet *connack_again(side *s, packet *p)
{
    packet *again = side_packet(s, CONNACK);

    (void)p;
    *again = *link_of(s)->connack;
    return again;
}

FITS(is_ready, s->ready)
FITS(is_not_ready, !s->ready)
FITS(has_plain_topic, s->ready && !packet_property(p, TOPIC_ALIAS))
FITS(refuses, p->code != 0)
FITS(accepts_clean, p->code == 0 && link_of(s)->connect->clean_start)
FITS(accepts_without_id, p->code == 0 && !link_of(s)->connect->client_id[0])
FITS(accepts_with_id, p->code == 0 && link_of(s)->connect->client_id[0])
FITS(accepts_unasked, p->code == 0 && !packet_number(link_of(s)->connect, REQUEST_RESPONSE_INFORMATION, 0))
FITS(accepts_will, p->code == 0 && link_of(s)->connect->has_will && link_of(s)->connect->will_qos > 0)
FITS(accepts_method, p->code == 0 && link_of(s)->method)
FITS(refuses_plain_id, p->code != 0 && link_of(s)->connect->client_id[0] && !g_strrstr(link_of(s)->connect->client_id, "/"))
FITS(has_no_expiry, client_of(s)->expiry == 0)
FITS(has_all_qos, link_of(s)->broker->maximum_qos == 2 && !packet_property(p, SERVER_REFERENCE))
FITS(has_no_keep_alive, link_of(s)->keep_alive == 0 && !packet_property(p, SERVER_REFERENCE))
FITS(has_no_method, s->ready && (s->end == CLIENT_END ? !client_of(s)->method : !link_of(s)->method))
FITS(asks_with_method, packet_property(p, AUTHENTICATION_METHOD))
FITS(answers_before_connack, !s->ready && p->code == 0x18)
FITS(is_plain_end, !packet_property(p, SERVER_REFERENCE))
FITS(has_said_size, is_plain_end(s, p) && link_of(s)->broker->maximum_packet_size < UINT32_MAX)
FITS(has_maximum, s->ready && s->maximum_packet_size < 5000)
FITS(has_lower_qos, client_of(s)->maximum_qos < 2 && s->ready && s->flow->in_flight < s->receive_maximum)
FITS(has_no_retain, !client_of(s)->retain && s->ready)
FITS(has_no_wildcard, s->ready && !client_of(s)->wildcard)
FITS(has_no_identifiers, s->ready && !client_of(s)->identifiers)
FITS(has_no_shared, s->ready && !client_of(s)->shared && client_of(s)->wildcard)

CHANGE(set_present, p->session_present = true)
CHANGE(remove_id, packet_remove(p->properties, ASSIGNED_CLIENT_IDENTIFIER))
CHANGE(assign_id, packet_add_text(p, ASSIGNED_CLIENT_IDENTIFIER, "another"))
CHANGE(inform, packet_add_text(p, RESPONSE_INFORMATION, "reply/x"))
CHANGE(support_no_qos, packet_remove(p->properties, MAXIMUM_QOS); packet_add_number(p, MAXIMUM_QOS, 0))
CHANGE(remove_method, packet_remove(p->properties, AUTHENTICATION_METHOD))
CHANGE(other_method, packet_remove(p->properties, AUTHENTICATION_METHOD); packet_add_text(p, AUTHENTICATION_METHOD, "OTHER"))
CHANGE(refuse_id, packet_remove(p->properties, SERVER_REFERENCE); p->code = p->version == 5 ? 0x85 : 2)
CHANGE(begin_again, p->code = 0x19)
CHANGE(expire_later, packet_add_number(p, SESSION_EXPIRY_INTERVAL, 30))
CHANGE(qos_not_supported, p->code = 0x9b)
CHANGE(keep_alive_timeout, p->code = 0x8d)
CHANGE(alias_invalid, p->code = 0x94)
CHANGE(exceeded, p->code = 0x93)
CHANGE(too_large, p->code = 0x95)
CHANGE(no_shared, p->code = 0x9e)
CHANGE(set_retain, p->retain = true)
CHANGE(use_wildcard, g_array_index(p->requests, request, 0).filter = "a/#")
CHANGE(use_share, g_array_index(p->requests, request, 0) = ((request){"$share/g/job", 0}))
CHANGE(identify, packet_add_number(p, SUBSCRIPTION_IDENTIFIER, 5))

static void enlarge(side *s, packet *p)
{
    char *payload = arena_take(s->world->memory, s->maximum_packet_size + 1);

    memset(payload, 'x', s->maximum_packet_size);
    p->payload = (bytes){payload, s->maximum_packet_size};
    packet_remove(p->properties, PAYLOAD_FORMAT_INDICATOR);
}

static void raise_qos(side *s, packet *p)
{
    p->qos = client_of(s)->maximum_qos + 1;
    if (!p->id) {
        p->id = flow_take_identifier(s->flow);
        s->flow->in_flight++;
    }
}

CHANGE(refer_elsewhere, packet_add_text(p, SERVER_REFERENCE, "other.example"))
CHANGE(topic_dollar, packet_remove(p->properties, TOPIC_ALIAS); p->topic = p->full_topic = "$mine/x")

/* The reserved bit of the Connect Flags. */
static void reserve_flag(GByteArray *wire)
{
    guint at = 1;

    while (wire->data[at] & 0x80)
        at++;
    wire->data[at + 1 + 2 + wire->data[at + 2] + 1] |= 1;
}

FITS(may_exceed, client_of(s)->maximum_qos == 0 && has_lower_qos(s, p))
static void ask_for_qos_1(side *s, packet *p)
{
    (void)s;
    p->qos = 1;
    p->id = 60000; /* that it uses for nothing else */
}

/* What is refused rightly, and what is refused as Maximum QoS does not say it should be. */
static bool has_high_and_low(side *s, const packet *p)
{
    const GArray *all = p->request->requests;
    bool high = false, low = false;

    for (guint i = 0; i < all->len; i++) {
        bool above = (g_array_index(all, request, i).options & 3) > link_of(s)->broker->maximum_qos;

        high |= above;
        low |= !above;
    }
    return high && low;
}

static void refuse_high(side *s, packet *p)
{
    for (guint i = 0; i < p->codes->len; i++)
        if ((g_array_index(p->request->requests, request, i).options & 3) > link_of(s)->broker->maximum_qos)
            p->codes->data[i] = 0x80;
    g_ptr_array_set_size(link_of(s)->session->subscriptions, 0);
}

/* clang-format off */
const fault fault_connections[] = {
    {"packet_type_wrong_sender", BY_SERVER, TYPE(PUBLISH) | TYPE(PINGRESP) | ANSWERS, OLD | NEW, .fits = is_ready, .after = pingreq, .reaction = REFUSED},
    {"packet_type_wrong_sender", BY_CLIENT, TYPE(PUBLISH) | TYPE(PINGREQ) | ANSWERS, OLD | NEW, .fits = is_ready, .after = pingresp, .reaction = REFUSED},
    {"connect_not_first", BY_CLIENT, TYPE(CONNECT), OLD | NEW, .after = another_publish, .swallow = true, .reaction = REFUSED},
    {"connect_repeated", BY_CLIENT, TYPE(PUBLISH) | TYPE(PINGREQ) | ANSWERS, OLD | NEW, .fits = is_ready, .after = connect_again, .reaction = REFUSED},
    {"connack_repeated", BY_SERVER, TYPE(PUBLISH) | TYPE(PINGRESP) | ANSWERS, OLD | NEW, .fits = is_ready, .after = connack_again, .reaction = REFUSED},
    {"server_packet_before_connack", BY_SERVER, TYPE(CONNACK), OLD | NEW, .before = another_publish, .reaction = REFUSED},
    {"packet_after_refusal", BY_SERVER, TYPE(CONNACK), OLD | NEW, .fits = refuses, .after = another_publish, .reaction = IGNORED},
    {"packet_after_disconnect", BY_BOTH, TYPE(DISCONNECT), OLD | NEW, .after = another_publish, .reaction = IGNORED},
    {"connack_session_present_clean_start", BY_SERVER, TYPE(CONNACK), NEW | 1U << 4, .fits = accepts_clean, .change = set_present, .reaction = REFUSED},
    {"connack_refuses_plain_client_id", BY_SERVER, TYPE(CONNACK), NEW | 1U << 4, .fits = refuses_plain_id, .change = refuse_id},
    {"connack_assigned_client_id_missing", BY_SERVER, TYPE(CONNACK), NEW, .fits = accepts_without_id, .change = remove_id, .reaction = REFUSED},
    {"connack_assigned_client_id_unasked", BY_SERVER, TYPE(CONNACK), NEW, .fits = accepts_with_id, .change = assign_id, .reaction = REFUSED},
    {"connack_response_information_unasked", BY_SERVER, TYPE(CONNACK), NEW, .fits = accepts_unasked, .change = inform, .reaction = REFUSED},
    {"connack_accepts_will", BY_SERVER, TYPE(CONNACK), NEW, .fits = accepts_will, .change = support_no_qos, .reaction = REFUSED},
    {"disconnect_session_expiry", BY_CLIENT, TYPE(DISCONNECT), NEW, .fits = has_no_expiry, .change = expire_later, .reaction = REFUSED},
    {"disconnect_qos_not_announced|feature_refused_unfounded", BY_SERVER, TYPE(DISCONNECT), NEW, .fits = has_all_qos, .change = qos_not_supported},
    {"keep_alive_timeout_early", BY_SERVER, TYPE(DISCONNECT), NEW, .fits = has_no_keep_alive, .change = keep_alive_timeout},
    {"topic_alias_refused", BY_SERVER, TYPE(DISCONNECT), NEW, .fits = is_plain_end, .change = alias_invalid},
    {"receive_maximum_exceeded_unfounded", BY_SERVER, TYPE(DISCONNECT), NEW, .fits = is_plain_end, .change = exceeded, .found = FOUND_LATER},
    {"packet_too_large_unfounded", BY_SERVER, TYPE(DISCONNECT), NEW, .fits = has_said_size, .change = too_large},
    {"feature_refused_unfounded", BY_SERVER, TYPE(DISCONNECT), NEW, .fits = is_plain_end, .change = no_shared, .found = FOUND_LATER},
    {"pingresp_unexpected", BY_SERVER, TYPE(PUBLISH) | TYPE(PINGRESP) | ANSWERS, OLD | NEW, .fits = is_ready, .after = pingresp, .reaction = IGNORED},
    {"pingresp_missing|pingreq_repeated", BY_SERVER, TYPE(PINGRESP), OLD | NEW, .swallow = true, .found = FOUND_LATER},

    {"authentication_unasked", BY_BOTH, TYPE(PUBLISH) | TYPE(PINGREQ) | TYPE(PINGRESP) | ANSWERS, NEW, .fits = has_no_method, .after = auth_unasked, .reaction = REFUSED},
    {"authentication_method_changed", BY_BOTH, TYPE(AUTH), NEW, .fits = asks_with_method, .change = other_method, .reaction = REFUSED},
    {"authentication_method_changed", BY_SERVER, TYPE(CONNACK), NEW, .fits = accepts_method, .change = other_method, .reaction = REFUSED},
    {"connack_authentication_method_missing", BY_SERVER, TYPE(CONNACK), NEW, .fits = accepts_method, .change = remove_method, .reaction = REFUSED},
    {"authentication_reason_code", BY_CLIENT, TYPE(AUTH), NEW, .fits = answers_before_connack, .change = begin_again, .reaction = REFUSED},
    {"authentication_out_of_turn", BY_CLIENT, TYPE(AUTH), NEW, .fits = is_not_ready, .after = auth_again, .reaction = REFUSED},
    {"authentication_other_packet", BY_CLIENT, TYPE(CONNECT), NEW, .fits = asks_with_method, .after = another_publish, .reaction = REFUSED},

    {"publish_qos_above_maximum|publish_qos_above_maximum_accepted", BY_CLIENT, TYPE(PUBLISH), NEW, .fits = may_exceed, .change = ask_for_qos_1},
    {"suback_refuses_above_maximum_qos", BY_SERVER, TYPE(SUBACK), NEW, .fits = has_high_and_low, .change = refuse_high, .reaction = REFUSED, .found = FOUND_LATER},
    {"property_wrong_sender_unclassified", BY_CLIENT, TYPE(DISCONNECT), NEW, .change = refer_elsewhere, .reaction = REFUSED},
    {"topic_name_dollar", BY_CLIENT, TYPE(PUBLISH), OLD | NEW, .fits = has_plain_topic, .change = topic_dollar, .reaction = REFUSED},
    {"connect_flags_reserved|connack_accepts_faulty_connect", BY_CLIENT, TYPE(CONNECT), NEW | 1U << 4, .harm = reserve_flag},
    {"packet_too_large", BY_BOTH, TYPE(PUBLISH), NEW, .fits = has_maximum, .change = enlarge, .reaction = REFUSED},
    {"publish_qos_above_maximum", BY_CLIENT, TYPE(PUBLISH), NEW, .fits = has_lower_qos, .change = raise_qos, .reaction = REFUSED},
    {"publish_retain_unavailable", BY_CLIENT, TYPE(PUBLISH), NEW, .fits = has_no_retain, .change = set_retain, .reaction = REFUSED},
    {"subscription_wildcard_unavailable", BY_CLIENT, TYPE(SUBSCRIBE), NEW, .fits = has_no_wildcard, .change = use_wildcard, .reaction = REFUSED},
    {"subscription_identifier_unavailable", BY_CLIENT, TYPE(SUBSCRIBE), NEW, .fits = has_no_identifiers, .change = identify, .reaction = REFUSED},
    {"subscription_shared_unavailable", BY_CLIENT, TYPE(SUBSCRIBE), NEW, .fits = has_no_shared, .change = use_share, .reaction = REFUSED},
    {0}};
