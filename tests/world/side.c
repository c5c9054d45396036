/* side.c
 * One end of an MQTT connection, client or server: what both do alike.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "side.h"

#include <string.h>

#include "dice.h"
#include "fault.h"

void side_begin(side *s, tcp_connection *connection, uint8_t version)
{
    s->connection = connection;
    s->version = version;
    s->ready = false;
    s->receive_maximum = 65535;
    s->maximum_packet_size = UINT32_MAX;
    s->alias_maximum = 0;
    s->problem_information = true;
    s->aliases = arena_list(s->world->memory);
    s->answer_delay = dice_chance(s->world->dice, 60) ? 0 : dice_between(s->world->dice, 1, 400) * MILLISECONDS;
    s->last_answer = 0;
}

packet *side_packet(side *s, uint8_t type)
{
    return packet_new(s->world->memory, type, s->version);
}

bool side_send_anyway(side *s, packet *p, const GByteArray *wire)
{
    if (!s->connection || !tcp_is_open(s->connection, s->end))
        return false;
    tcp_write(s->connection, s->end, p, wire ? wire : packet_encode(s->world->memory, p));
    s->last_sent = schedule_now(s->world->events);
    return true;
}

bool side_send(side *s, packet *p)
{
    GByteArray *wire;

    if (!s->connection || !tcp_is_open(s->connection, s->end))
        return false;
    if (s->world->plan.fault && fault_send(s, p))
        return true;
    wire = packet_encode(s->world->memory, p);
    return wire->len <= s->maximum_packet_size && side_send_anyway(s, p, wire);
}

/* --- Answers --- */

typedef struct {
    side *side;
    tcp_connection *connection;
    packet *packet;
} late_answer;

static void send_late(void *subject, void *detail)
{
    late_answer *late = subject;

    (void)detail;
    if (late->side->connection == late->connection && late->side->ready)
        side_send(late->side, late->packet);
}

void side_answer(side *s, packet *p)
{
    int64_t now = schedule_now(s->world->events), due = now + dice_between(s->world->dice, 0, s->answer_delay);
    late_answer *late;

    due = MAX(due, s->last_answer);
    s->last_answer = due;
    late = arena_take(s->world->memory, sizeof *late);
    *late = (late_answer){s, s->connection, p};
    schedule_add(s->world->events, due - now, send_late, late, NULL);
}

/* --- Topic Aliases --- */

static unsigned alias_of(const side *s, const char *topic)
{
    for (unsigned i = 0; i < s->aliases->len; i++)
        if (s->aliases->pdata[i] && strcmp(s->aliases->pdata[i], topic) == 0)
            return i + 1;
    return 0;
}

/* An alias for a topic that has none: a free one, or one that meant another topic so far
 * (3.3.2.3.4). */
static unsigned new_alias(side *s, const char *topic)
{
    unsigned alias = (unsigned)dice_between(s->world->dice, 1, MIN(s->alias_maximum, 5));

    if (alias > s->aliases->len)
        g_ptr_array_set_size(s->aliases, (int)alias);
    s->aliases->pdata[alias - 1] = (void *)topic;
    return alias;
}

void side_alias(side *s, packet *p)
{
    unsigned alias;

    p->full_topic = p->topic;
    if (s->version < 5 || s->alias_maximum == 0 || dice_chance(s->world->dice, 40))
        return;
    alias = alias_of(s, p->topic);
    if (alias && dice_chance(s->world->dice, 80))
        p->topic = "";
    else
        alias = new_alias(s, p->topic);
    packet_add_number(p, TOPIC_ALIAS, alias);
}

void side_chatter(side *s, packet *p)
{
    if (s->version < 5 || !s->problem_information)
        return;
    if (dice_chance(s->world->dice, 10))
        packet_add_text(p, REASON_STRING, "all is well");
    if (dice_chance(s->world->dice, 10))
        packet_add_pair(p, "node", "b1");
    p->explicit_code |= dice_chance(s->world->dice, 20);
}
