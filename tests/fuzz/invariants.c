/* invariants.c
 * What is true of the core's results, whatever the bytes are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "invariants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void demand_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

void demand_findings(const mqtt5_findings *findings, uint32_t length)
{
    DEMAND(findings->count <= MQTT5_FINDINGS_MAX);
    DEMAND(findings->dropped == 0 || findings->count == MQTT5_FINDINGS_MAX);
    for (unsigned i = 0; i < findings->count; i++) {
        const mqtt5_finding *finding = &findings->items[i];
        char buffer[MQTT5_MESSAGE_SIZE];
        const char *message =
            mqtt5_finding_message(findings->type, findings->sender, finding->rule, finding->text, finding->clause, buffer);
        const char *end = memchr(message, '\0', sizeof buffer);
        bool control = false;

        DEMAND((unsigned)finding->rule < MQTT5_RULE_COUNT);
        DEMAND(finding->clause && finding->clause[0]);
        if ((uint64_t)finding->range.offset + finding->range.length > length)
            fprintf(stderr, "bytes %u to %u of %u: %s\n", finding->range.offset, finding->range.offset + finding->range.length, length,
                    message);
        DEMAND((uint64_t)finding->range.offset + finding->range.length <= length);
        DEMAND(end && end > message && end[-1] == ']');
        DEMAND(g_utf8_validate(message, -1, NULL));
        for (const char *at = message; at < end; at++)
            control |= (unsigned char)*at < 0x20 || *at == 0x7F;
        DEMAND(!control);
    }
}

void demand_same_findings(const mqtt5_findings *a, const mqtt5_findings *b)
{
    DEMAND(a->type == b->type && a->sender == b->sender && a->count == b->count && a->dropped == b->dropped);
    for (unsigned i = 0; i < a->count; i++) {
        const mqtt5_finding *x = &a->items[i], *y = &b->items[i];

        DEMAND(x->rule == y->rule && x->range.offset == y->range.offset && x->range.length == y->range.length);
        DEMAND(!strcmp(x->clause, y->clause) && !strcmp(x->text, y->text));
    }
}

/* Reads the bytes, so that AddressSanitizer checks them; the sum cannot be optimised away. */
static void touch(const mqtt5_packet *packet, mqtt5_range range)
{
    volatile uint8_t sum = 0;

    DEMAND((uint64_t)range.offset + range.length <= packet->captured);
    for (uint32_t i = 0; i < range.length; i++)
        sum = (uint8_t)(sum + mqtt5_bytes(packet, range)[i]);
}

static void demand_properties(const mqtt5_packet *packet, const mqtt5_property_list *list)
{
    mqtt5_property property;
    uint32_t at = list->block.offset, count = 0, before = at;

    if (!list->present)
        return;
    DEMAND((uint64_t)list->block.offset + list->block.length <= packet->length);
    while (mqtt5_property_next(packet, list, &at, &property)) {
        DEMAND(property.info && property.info->id == property.id);
        DEMAND(property.offset == before && at == property.offset + property.length && at > before);
        DEMAND(at <= list->block.offset + list->block.length);
        touch(packet, (mqtt5_range){property.offset, property.length});
        if (property.info->type >= MQTT5_TYPE_STRING)
            touch(packet, property.text);
        if (property.info->type == MQTT5_TYPE_STRING_PAIR)
            touch(packet, property.second);
        DEMAND(mqtt5_property_has(list, (mqtt5_property_id)property.id));
        before = at;
        count++;
    }
    if (list->sound)
        DEMAND(count == list->count);
    for (unsigned row = 0; row < MQTT5_PROPERTY_COUNT; row++)
        if (list->seen & (UINT32_C(1) << row))
            DEMAND(mqtt5_property_find(packet, list, (mqtt5_property_id)mqtt5_properties()[row].id, &property));
}

static void demand_filters(const mqtt5_packet *packet)
{
    mqtt5_topic_filter filter;
    uint32_t at = packet->payload.offset, before = at;

    while (mqtt5_topic_filter_next(packet, &at, &filter)) {
        DEMAND(at > before && at <= packet->payload.offset + packet->payload.length);
        touch(packet, filter.filter);
        before = at;
    }
}

void demand_packet(const mqtt5_packet *packet)
{
    static const mqtt5_range none;

    DEMAND(packet->type < MQTT5_WILL && packet->captured <= packet->length);
    touch(packet, packet->has & MQTT5_HAS_TOPIC ? packet->topic : none);
    touch(packet, packet->has & MQTT5_HAS_CONNECT_HEADER ? packet->protocol_name : none);
    touch(packet, packet->has & MQTT5_HAS_CLIENT_ID ? packet->client_id : none);
    touch(packet, packet->has & MQTT5_HAS_WILL ? packet->will_topic : none);
    touch(packet, packet->has & MQTT5_HAS_WILL ? packet->will_payload : none);
    touch(packet, packet->has & MQTT5_HAS_USER_NAME ? packet->user_name : none);
    touch(packet, packet->has & MQTT5_HAS_PASSWORD ? packet->password : none);
    demand_properties(packet, &packet->properties);
    demand_properties(packet, &packet->will_properties);
    if (packet->has & MQTT5_HAS_PAYLOAD) {
        /* The capture may hold less of the payload. */
        DEMAND((uint64_t)packet->payload.offset + packet->payload.length <= packet->length);
        if (packet->type == MQTT5_SUBSCRIBE || packet->type == MQTT5_UNSUBSCRIBE)
            demand_filters(packet);
    }
}

bool judged_twice(const uint8_t *data, size_t size)
{
#ifdef MQTT5_FUZZ_FAST
    unsigned sum = 0;

    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + data[i];
    return (sum >> 8 & 15) == 0;
#else
    (void)data;
    (void)size;
    return true;
#endif
}
