/* test_walk.c
 * Walking the properties and the Topic Filters of a decoded packet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "judged.h"

static judged result;
#define packet (&result.packet)

static void test_properties(void)
{
    mqtt5_property property;
    guint32 offset;

    judge(&result, 5, MQTT5_SERVER,
          "30 [ \"t\" [ 01 01 02 00000258 03 \"text\" 0b 8001 0b 05 23 0007 09 \"\\x00\\xff\" 26 \"key\" \"value\" ] 'p' ]");
    g_assert_cmpuint(packet->properties.count, ==, 8);
    offset = packet->properties.block.offset;

    g_assert_true(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    g_assert_cmpuint(property.id, ==, MQTT5_PAYLOAD_FORMAT_INDICATOR);
    g_assert_cmpuint(property.offset, ==, packet->properties.block.offset);
    g_assert_cmpuint(property.length, ==, 2);
    g_assert_cmpuint(property.id_length, ==, 1);
    g_assert_cmpuint(property.number, ==, 1);

    g_assert_true(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    g_assert_cmpuint(property.number, ==, 600);
    g_assert_cmpuint(property.length, ==, 5);

    g_assert_true(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    assert_range(packet, property.text, "text");
    g_assert_cmpuint(property.length, ==, 7);

    g_assert_true(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    g_assert_cmpuint(property.number, ==, 128);
    g_assert_cmpuint(property.length, ==, 3);

    g_assert_true(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    g_assert_cmpuint(property.number, ==, 5);

    g_assert_true(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    g_assert_cmpuint(property.number, ==, 7);

    g_assert_true(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    g_assert_cmpmem(packet->data + property.text.offset, property.text.length, "\0\xff", 2);

    g_assert_true(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    assert_range(packet, property.text, "key");
    assert_range(packet, property.second, "value");

    g_assert_false(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    g_assert_cmpuint(offset, ==, packet->properties.block.offset + packet->properties.block.length);

    /* the first of several */
    g_assert_cmpuint(mqtt5_property_number(packet, &packet->properties, MQTT5_SUBSCRIPTION_IDENTIFIER, 0), ==, 128);
}

/* The walk ends before bytes that cannot be decoded. */
static void test_properties_unsound(void)
{
    mqtt5_property property;
    guint32 offset;

    judge(&result, 5, MQTT5_CLIENT, "30 [ \"t\" [ 01 01 2b 02 00000001 ] 'p' ]");
    g_assert_true(packet->properties.present);
    g_assert_false(packet->properties.sound);
    g_assert_cmpuint(packet->properties.count, ==, 1);
    assert_range(packet, packet->payload, "p");
    offset = packet->properties.block.offset;
    g_assert_true(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    g_assert_false(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    g_assert_false(mqtt5_property_has(&packet->properties, MQTT5_MESSAGE_EXPIRY_INTERVAL));
    g_assert_cmpuint(mqtt5_property_number(packet, &packet->properties, MQTT5_MESSAGE_EXPIRY_INTERVAL, 9), ==, 9);
}

static void test_no_list(void)
{
    mqtt5_property property;
    guint32 offset = 0;

    judge(&result, 5, MQTT5_CLIENT, "40 [ 0001 ]");
    g_assert_false(mqtt5_property_next(packet, &packet->properties, &offset, &property));
    g_assert_false(mqtt5_property_find(packet, &packet->properties, MQTT5_REASON_STRING, &property));
    g_assert_cmpuint(mqtt5_property_number(packet, &packet->properties, MQTT5_RECEIVE_MAXIMUM, 65535), ==, 65535);
}

static void test_filters(void)
{
    mqtt5_topic_filter filter;
    guint32 offset;

    for (guint version = 4; version <= 5; version++) {
        judge(&result, version, MQTT5_CLIENT, "82 [ 0001 %s \"a/#\" 01 \"\" 02 \"b\" 00 ]", version == 5 ? "[ ]" : "");
        offset = packet->payload.offset;
        g_assert_true(mqtt5_topic_filter_next(packet, &offset, &filter));
        assert_range(packet, filter.filter, "a/#");
        g_assert_cmpuint(filter.offset, ==, packet->payload.offset);
        g_assert_cmpuint(filter.length, ==, 6);
        g_assert_cmpuint(filter.options, ==, 1);
        g_assert_true(mqtt5_topic_filter_next(packet, &offset, &filter));
        g_assert_cmpuint(filter.filter.length, ==, 0);
        g_assert_cmpuint(filter.options, ==, 2);
        g_assert_true(mqtt5_topic_filter_next(packet, &offset, &filter));
        assert_range(packet, filter.filter, "b");
        g_assert_false(mqtt5_topic_filter_next(packet, &offset, &filter));

        judge(&result, version, MQTT5_CLIENT, "a2 [ 0001 %s \"a/#\" \"b\" ]", version == 5 ? "[ ]" : "");
        offset = packet->payload.offset;
        g_assert_true(mqtt5_topic_filter_next(packet, &offset, &filter));
        assert_range(packet, filter.filter, "a/#");
        g_assert_cmpuint(filter.length, ==, 5);
        g_assert_true(mqtt5_topic_filter_next(packet, &offset, &filter));
        assert_range(packet, filter.filter, "b");
        g_assert_false(mqtt5_topic_filter_next(packet, &offset, &filter));
    }
}

/* If the capture cuts the filters, the walk visits those that are there. */
static void test_filters_cut(void)
{
    GByteArray *bytes = notation_bytes("82 [ 0001 [ ] \"a\" 00 \"b\" 00 ]");

    for (guint captured = 2; captured <= bytes->len; captured++) {
        mqtt5_topic_filter filter;
        guint32 offset;
        guint count = 0;

        judge_bytes(&result, 5, MQTT5_CLIENT, bytes->data, captured, bytes->len);
        if (!(packet->has & MQTT5_HAS_PAYLOAD))
            continue;
        offset = packet->payload.offset;
        while (mqtt5_topic_filter_next(packet, &offset, &filter))
            count++;
        g_assert_cmpuint(count, ==, captured < 9 ? 0 : captured < 13 ? 1 : 2);
    }
    g_byte_array_unref(bytes);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/walk/properties", test_properties);
    g_test_add_func("/walk/properties-unsound", test_properties_unsound);
    g_test_add_func("/walk/no-list", test_no_list);
    g_test_add_func("/walk/filters", test_filters);
    g_test_add_func("/walk/filters-cut", test_filters_cut);
    return g_test_run();
}
