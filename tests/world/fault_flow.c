/* fault_flow.c
 * Faults of the exchanges: Packet Identifiers, acknowledgments, QoS 1 and 2, flow control, Topic Aliases.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "fault_row.h"

#define UNUSED 60000 /* a Packet Identifier that nobody has come to */

static delivery *find(const side *s, uint16_t id)
{
    for (guint i = 0; i < s->flow->open->len; i++)
        if (((delivery *)s->flow->open->pdata[i])->id == id)
            return s->flow->open->pdata[i];
    return NULL;
}

/* Another open message of this connection, not the one with `id`. */
static delivery *find_other(const side *s, uint16_t id)
{
    for (guint i = 0; i < s->flow->open->len; i++) {
        delivery *d = s->flow->open->pdata[i];

        if (d->id != id && d->counted)
            return d;
    }
    return NULL;
}

/* --- Identifiers ---
 * Where a message is still open for its sender, the tap may have seen the answer already: then nothing is to be found. */

FITS(has_other, s->ready && s->fresh && p->qos > 0 && !p->dup && find_other(s, p->id))
CHANGE(take_other, p->id = find_other(s, p->id)->id)
FITS(is_first, s->ready && s->fresh && p->qos > 0 && !p->dup && !p->sent_first)
CHANGE(set_dup, p->dup = true)
CHANGE(in_use, p->code = 0x91)
CHANGE(not_found, p->code = 0x92)
FITS(is_known, p->code == 0 && s->fresh)

/* --- Acknowledgments --- */

static packet *answer(side *s, uint8_t type, uint16_t id)
{
    packet *p = side_packet(s, type);

    p->id = id;
    return p;
}

FITS(is_fresh, s->ready && s->fresh)

EXTRA(puback_unasked, answer(s, PUBACK, UNUSED))
EXTRA(pubrel_unasked, answer(s, PUBREL, UNUSED))

CHANGE(other_type, p->type = p->type == PUBACK ? PUBREC : PUBACK)

static bool is_same_type(side *s, const packet *held, const packet *p)
{
    (void)s;
    return held->type == p->type && held->id != p->id;
}

/* --- Sent again --- */

static packet *again(side *s, const packet *first)
{
    packet *p = side_packet(s, PUBLISH);

    *p = *first;
    p->properties = arena_array(s->world->memory, sizeof(property));
    p->topic = p->full_topic;
    p->dup = true;
    p->sent_first = first;
    return p;
}

EXTRA(same_again, again(s, p))
/* Nothing else uses its identifier any more. */
static packet *refused_again(side *s, packet *p)
{
    (void)p;
    g_hash_table_add(s->flow->requests, GUINT_TO_POINTER(s->flow->refused->id));
    s->flow->in_flight++;
    return again(s, s->flow->refused);
}

EXTRA(released_again, again(s, find(s, p->id)->sent))
EXTRA(release_refused, answer(s, PUBREL, s->flow->refused->id))

FITS(has_refused, s->ready && s->flow->in_flight + 1 < s->receive_maximum && s->fresh && s->flow->refused && p->type == PUBLISH &&
                      p->id != s->flow->refused->id && !find(s, s->flow->refused->id))
FITS(has_refused_qos_2, s->ready && s->fresh && s->flow->refused && s->flow->refused->qos == 2 && p->id != s->flow->refused->id &&
                            !find(s, s->flow->refused->id))
FITS(is_released, s->ready && s->fresh && find(s, p->id) && find(s, p->id)->sent && find(s, p->id)->counted)

/* --- Flow control --- */

FITS(is_full, s->ready && p->qos > 0 && s->flow->in_flight == s->receive_maximum && s->receive_maximum < 100)

static packet *one_more(side *s, packet *p)
{
    packet *more = side_packet(s, PUBLISH);

    more->topic = more->full_topic = p->full_topic;
    more->qos = 1;
    more->id = flow_take_identifier(s->flow);
    more->payload = bytes_of("one too many");
    for (guint i = 0; i < p->properties->len; i++)
        if (g_array_index(p->properties, property, i).identifier == SUBSCRIPTION_IDENTIFIER)
            g_array_append_val(more->properties, g_array_index(p->properties, property, i));
    return more;
}

/* --- SUBACK --- */

static void one_code_more(side *s, packet *p)
{
    uint8_t more = 0;

    (void)s;
    g_byte_array_append(p->codes, &more, 1);
}

FITS(grants_less_than_2, p->codes->data[0] < 2 && (g_array_index(p->request->requests, request, 0).options & 3) == p->codes->data[0])
CHANGE(grant_more, p->codes->data[0]++)
FITS(had_it, p->codes->len == 1 && p->codes->data[0] == 0 && s->fresh)
CHANGE(deny, p->codes->data[0] = 0x11)

/* --- Topic Aliases --- */

FITS(has_highest_alias, s->ready && s->alias_maximum < 65535)
CHANGE(alias_too_high, packet_remove(p->properties, TOPIC_ALIAS); p->topic = p->full_topic;
       packet_add_number(p, TOPIC_ALIAS, s->alias_maximum + 1))
FITS(has_alias_left, s->alias_maximum > 5)
CHANGE(alias_unknown, packet_remove(p->properties, TOPIC_ALIAS); p->topic = ""; packet_add_number(p, TOPIC_ALIAS, s->alias_maximum))

EXTRA(pubcomp_unasked, answer(s, PUBCOMP, UNUSED))

/* More than the other side takes, which accepts it. */
static packet *one_more_accepted(side *s, packet *p)
{
    packet *more = one_more(s, p);

    more->id = UNUSED;
    return more;
}

/* clang-format off */
const fault fault_flows[] = {
    {"packet_identifier_in_use", BY_BOTH, TYPE(PUBLISH), OLD | NEW, .fits = has_other, .change = take_other, .reaction = REFUSED, .found = FOUND_LATER},
    {"publish_duplicate_unexpected|publish_resent", BY_BOTH, TYPE(PUBLISH), OLD | NEW, .fits = is_first, .change = set_dup, .reaction = REFUSED},
    {"packet_identifier_in_use_unfounded", BY_BOTH, TYPE(PUBACK) | TYPE(PUBREC), NEW, .fits = is_fresh, .change = in_use, .reaction = REFUSED},
    {"packet_identifier_not_found_unfounded", BY_BOTH, TYPE(PUBREL) | TYPE(PUBCOMP), NEW, .fits = is_known, .change = not_found, .reaction = REFUSED},
    {"acknowledgment_unexpected", BY_BOTH, TYPE(PUBLISH) | TYPE(PINGREQ) | TYPE(PINGRESP) | ANSWERS, OLD | NEW, .fits = is_fresh, .after = puback_unasked, .reaction = REFUSED},
    {"pubrel_unexpected", BY_BOTH, TYPE(PUBLISH) | TYPE(PINGREQ) | TYPE(PINGRESP) | ANSWERS, OLD | NEW, .fits = is_fresh, .after = pubrel_unasked, .reaction = REFUSED},
    {"acknowledgment_wrong_type", BY_BOTH, TYPE(PUBACK) | TYPE(PUBREC), OLD | NEW, .fits = is_fresh, .change = other_type, .reaction = REFUSED},
    {"acknowledgment_order", BY_CLIENT, TYPE(PUBACK) | TYPE(PUBREC), NEW, .fits = is_fresh, .overtakes = is_same_type, .found = FOUND_LATER},
    {"acknowledgment_missing", BY_BOTH, TYPE(PUBACK) | TYPE(PUBREC) | TYPE(SUBACK) | TYPE(UNSUBACK), OLD | NEW, .swallow = true, .found = FOUND_LATER},
    {"publish_resent", BY_BOTH, TYPE(PUBLISH), NEW, .fits = is_first, .after = same_again, .reaction = REFUSED},
    {"publish_resent_after_error", BY_CLIENT, TYPE(PUBLISH), NEW, .fits = has_refused, .after = refused_again, .reaction = REFUSED},
    {"publish_after_pubrel", BY_BOTH, TYPE(PUBREL), NEW | 1U << 4, .fits = is_released, .after = released_again, .reaction = REFUSED},
    {"pubrel_after_error", BY_CLIENT, TYPE(PUBLISH) | TYPE(PINGREQ) | ANSWERS, NEW, .fits = has_refused_qos_2, .after = release_refused, .reaction = REFUSED},
    {"receive_maximum_exceeded", BY_BOTH, TYPE(PUBLISH), NEW, .fits = is_full, .after = one_more, .reaction = REFUSED, .found = FOUND_LATER},
    {"receive_maximum_exceeded|receive_maximum_not_enforced", BY_CLIENT, TYPE(PUBLISH), NEW, .fits = is_full, .after = one_more_accepted, .found = FOUND_LATER},
    {"acknowledgment_unexpected_unclassified", BY_BOTH, TYPE(PUBLISH) | TYPE(PINGREQ) | TYPE(PINGRESP) | ANSWERS, 1U << 4, .fits = is_fresh, .after = pubcomp_unasked, .reaction = REFUSED},
    {"suback_count", BY_SERVER, TYPE(SUBACK), OLD | NEW, .change = one_code_more, .reaction = REFUSED},
    {"unsuback_count", BY_SERVER, TYPE(UNSUBACK), NEW, .change = one_code_more, .reaction = REFUSED},
    {"suback_granted_above_requested", BY_SERVER, TYPE(SUBACK), OLD | NEW, .fits = grants_less_than_2, .change = grant_more, .reaction = REFUSED},
    {"unsuback_contradicts_subscription", BY_SERVER, TYPE(UNSUBACK), NEW, .fits = had_it, .change = deny, .reaction = REFUSED, .found = FOUND_LATER},
    {"topic_alias_above_maximum", BY_BOTH, TYPE(PUBLISH), NEW, .fits = has_highest_alias, .change = alias_too_high, .reaction = REFUSED},
    {"topic_alias_unknown", BY_BOTH, TYPE(PUBLISH), NEW, .fits = has_alias_left, .change = alias_unknown, .reaction = REFUSED},
    {0}};
