/* links.c
 * Shows the request that a packet answers and the time between them, its own answer, and requests
 * without an answer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/parts.h"

#include "clock.h"
#include "statistics/exchange.h"

static void render_answer(const mqtt5_rendering *r, const mqtt5_answer *answer)
{
    proto_item *item;

    if (answer->frame == 0)
        return;
    if (!answer->never) {
        mqtt5_add_uint(r, r->tree, mqtt5_hf.response_in, 0, 0, answer->frame);
        return;
    }
    item = mqtt5_mark(proto_tree_add_item(r->tree, mqtt5_hf.unanswered, r->tvb, 0, 0, ENC_NA));
    proto_item_append_text(item, ": no answer on this connection, as frame %u shows", answer->frame);
    mqtt5_add_uint(r, proto_item_add_subtree(item, mqtt5_ett[MQTT5_ETT_UNANSWERED]), mqtt5_hf.unanswered_known_in, 0, 0, answer->frame);
}

/* Hidden, for the filters of the table of response times. */
static void render_exchanges(const mqtt5_rendering *r)
{
    mqtt5_exchange exchanges[MQTT5_EXCHANGES_OF_PACKET];
    unsigned count;

    if (!proto_field_is_referenced(r->tree, mqtt5_hf.exchange))
        return;
    count = mqtt5_exchanges(&r->frozen->facts, r->packet, mqtt5_frame_time(r->pinfo), exchanges);
    for (unsigned i = 0; i < count; i++)
        proto_item_set_hidden(mqtt5_add_uint(r, r->tree, mqtt5_hf.exchange, 0, 0, exchanges[i].kind));
}

void mqtt5_render_links(const mqtt5_rendering *r)
{
    const mqtt5_facts *facts = &r->frozen->facts;
    proto_item *response;
    nstime_t time;

    if (facts->request_frame != 0) {
        time = mqtt5_nstime(mqtt5_frame_time(r->pinfo) - facts->request_time);
        mqtt5_add_uint(r, r->tree, mqtt5_hf.request_in, 0, 0, facts->request_frame);
        response = mqtt5_mark(proto_tree_add_time(r->tree, mqtt5_hf.response_time, r->tvb, 0, 0, &time));
        if (facts->type >= MQTT5_PUBACK && facts->type <= MQTT5_PUBCOMP && facts->detail.acknowledged_time) {
            time = mqtt5_nstime(*facts->detail.acknowledged_time - facts->request_time);
            mqtt5_mark(proto_tree_add_time(proto_item_add_subtree(response, mqtt5_ett[MQTT5_ETT_RESPONSE_TIME]), mqtt5_hf.acknowledged_time,
                                           r->tvb, 0, 0, &time));
        }
    }
    if (facts->type == MQTT5_CONNACK && facts->detail.agreement && facts->detail.agreement->authentication_frame != 0)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.request_in, 0, 0, facts->detail.agreement->authentication_frame);
    if (facts->type == MQTT5_CONNECT && facts->detail.authentication)
        render_answer(r, facts->detail.authentication);
    if (facts->type != MQTT5_DISCONNECT && facts->type != MQTT5_CLOSE)
        render_answer(r, &facts->answer);
    else if (facts->will_frame != 0)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.will_in, 0, 0, facts->will_frame);
    render_exchanges(r);
}

void mqtt5_render_open_requests(const mqtt5_rendering *r)
{
    const mqtt5_open_requests *open = r->frozen->facts.detail.open;
    proto_tree *tree;

    if (!open)
        return;
    tree =
        proto_item_add_subtree(mqtt5_add_uint(r, r->tree, mqtt5_hf.unanswered_count, 0, 0, open->count), mqtt5_ett[MQTT5_ETT_UNANSWERED]);
    for (uint32_t i = 0; i < open->shown; i++)
        mqtt5_add_uint(r, tree, mqtt5_hf.unanswered_request, 0, 0, open->frames[i]);
    if (open->shown < open->count)
        proto_item_append_text(proto_tree_get_parent(tree), ", the first %u are below", open->shown);
}
