/* journey.c
 * Shows which message a PUBLISH of the server is a copy of, and who has got a message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/parts.h"

#include "clock.h"

static proto_item *add_flag(const mqtt5_rendering *r, int hf)
{
    return mqtt5_mark(proto_tree_add_item(r->tree, hf, r->tvb, (int)r->start, 0, ENC_NA));
}

static void render_candidates(const mqtt5_rendering *r, proto_item *published, const mqtt5_copy *copy)
{
    proto_tree *tree = proto_item_add_subtree(published, mqtt5_ett[MQTT5_ETT_JOURNEY]);
    proto_item *item = mqtt5_add_uint(r, tree, mqtt5_hf.candidates, 0, 0, copy->candidates);

    proto_item_append_text(published, ", or another one" MQTT5_SUSPECTED);
    if (copy->candidates == 1)
        proto_item_append_text(item, ", or one that the capture lacks");
    else
        proto_item_append_text(item, " messages may be the one");
}

static void render_copy(const mqtt5_rendering *r, const mqtt5_copy *copy)
{
    proto_item *published = mqtt5_add_uint(r, r->tree, mqtt5_hf.published_in, 0, 0, copy->published);
    nstime_t time = mqtt5_nstime(copy->waited);

    if (copy->will)
        proto_item_append_text(published, " (the CONNECT with the Will)");
    if (copy->candidates > 0)
        render_candidates(r, published, copy);
    if (copy->publisher && copy->publisher->client_id)
        mqtt5_mark(proto_tree_add_string(r->tree, mqtt5_hf.published_by, r->tvb, (int)r->start, 0, copy->publisher->client_id));
    if (copy->closed != 0)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.published_on_close, 0, 0, copy->closed);
    if (copy->again)
        add_flag(r, mqtt5_hf.resent_copy);
    if (copy->retained)
        add_flag(r, mqtt5_hf.retained_copy);
    if (copy->waited >= 0)
        mqtt5_mark(
            proto_tree_add_time(r->tree, copy->retained ? mqtt5_hf.retained_for : mqtt5_hf.delivery_time, r->tvb, (int)r->start, 0, &time));
}

static void render_delivered(const mqtt5_rendering *r, const mqtt5_deliveries *deliveries)
{
    proto_item *count = mqtt5_add_uint(r, r->tree, mqtt5_hf.deliveries, 0, 0, deliveries->count);
    proto_tree *tree = proto_item_add_subtree(count, mqtt5_ett[MQTT5_ETT_JOURNEY]);
    const mqtt5_copy *copy = deliveries->first;

    for (unsigned shown = 0; copy && shown < MQTT5_DELIVERIES_SHOWN; shown++, copy = copy->next)
        mqtt5_add_uint(r, tree, mqtt5_hf.delivered_in, 0, 0, copy->frame);
    if (copy)
        proto_item_append_text(count, ", the first %u are below", MQTT5_DELIVERIES_SHOWN);
}

static void render_missing(const mqtt5_rendering *r, const mqtt5_deliveries *deliveries)
{
    proto_item *count = mqtt5_add_uint(r, r->tree, mqtt5_hf.deliveries_missing, 0, 0, deliveries->missing);
    proto_tree *tree = proto_item_add_subtree(count, mqtt5_ett[MQTT5_ETT_JOURNEY]);
    const mqtt5_missed *missed = deliveries->last_missed->next;
    unsigned shown = 0;

    proto_item_append_text(count, MQTT5_SUSPECTED);
    for (; shown < MIN(deliveries->missing, MQTT5_DELIVERIES_SHOWN); shown++, missed = missed->next) {
        if (missed->subscriber && missed->subscriber->client_id)
            mqtt5_mark(proto_tree_add_string(tree, mqtt5_hf.missing_to, r->tvb, (int)r->start, 0, missed->subscriber->client_id));
        mqtt5_add_uint(r, tree, mqtt5_hf.missing_since, 0, 0, missed->frame);
    }
    if (shown < deliveries->missing)
        proto_item_append_text(count, ", the first %u are below", shown);
}

static void render_deliveries(const mqtt5_rendering *r, const mqtt5_deliveries *deliveries)
{
    if (deliveries->count > 0)
        render_delivered(r, deliveries);
    if (deliveries->missing > 0)
        render_missing(r, deliveries);
}

void mqtt5_render_journey(const mqtt5_rendering *r)
{
    const mqtt5_facts *facts = &r->frozen->facts;

    if (facts->sender == MQTT5_SERVER && facts->copy)
        render_copy(r, facts->copy);
    else if (facts->sender == MQTT5_CLIENT && facts->deliveries)
        render_deliveries(r, facts->deliveries);
}
