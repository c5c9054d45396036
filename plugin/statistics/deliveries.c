/* deliveries.c
 * What became of messages, in one table: a row for each topic and publisher.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/statistics.h"

#include <string.h>

#include "clock.h"
#include "statistics/spread.h"
#include "statistics/table.h"
#include "statistics/tap.h"

#define TITLE "MQTT 5 Deliveries"
#define COMMAND "mqtt5,deliveries"

#define ROWS_MAX 10000
#define FURTHER "(all further topics)"

#define OFF                                                                                                                                \
    "Copies are not linked with their messages: set the preference mqtt5.journey_memory to a number of megabytes (tshark: -o "             \
    "mqtt5.journey_memory:64)"

/* The times come last: tshark ends a row at its first cell without a value. */
enum { TOPIC, PUBLISHER, PUBLISHED, EXPECTED, DELIVERED, MISSING, RETAINED, UNCERTAIN, LEAST, AVERAGE, PERCENTILE, MOST, COLUMNS };

/* tshark prints the names unchanged, and each value in the format of its column, so the names are
 * as wide as the values. */
static stat_tap_table_item columns[COLUMNS] = {
    [TOPIC] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Topic                           ", "%-32s"},
    [PUBLISHER] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Published by            ", "%-24s"},
    [PUBLISHED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Published", "%9u"},
    [EXPECTED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Expected", "%8u"},
    [DELIVERED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Delivered", "%9u"},
    [MISSING] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Missing", "%7u"},
    [RETAINED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Retained", "%8u"},
    [UNCERTAIN] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Uncertain", "%9u"},
    [LEAST] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Least time", "%10.6f"},
    [AVERAGE] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "   Average", "%10.6f"},
    [PERCENTILE] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "      95 %", "%10.6f"},
    [MOST] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, " Most time", "%10.6f"},
};

static tap_packet_status see_record(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags);
static void begin(stat_tap_table_ui *ui);
static void reset(stat_tap_table *table);
static void check_filter(const char *argument, const char **filter, char **error);

static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};

static mqtt5_table deliveries = {.ui = {
                                     .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
                                     .title = TITLE,
                                     .tap_name = MQTT5_TAP,
                                     .cli_string = COMMAND,
                                     .stat_tap_init_cb = begin,
                                     .packet_func = see_record,
                                     .stat_tap_reset_table_cb = reset,
                                     .stat_tap_free_table_item_cb = mqtt5_table_free_cell,
                                     .stat_filter_check_cb = check_filter,
                                     .nfields = COLUMNS,
                                     .fields = columns,
                                     .nparams = G_N_ELEMENTS(parameters),
                                     .params = parameters,
                                 }};

/* What there is of a row beside its cells. */
typedef struct {
    unsigned number; /* of the row */
    mqtt5_spread times;
} row_times;

/* By publisher and topic, with a line feed between them, which neither contains. */
static GHashTable *rows;

static unsigned levels; /* a preference; 0: all */

static void free_times(gpointer times)
{
    mqtt5_spread_clear(&((row_times *)times)->times);
    g_free(times);
}

static stat_tap_table_item_type *new_row(const char *topic, const char *publisher)
{
    stat_tap_table_item_type *row = mqtt5_table_add(&deliveries);

    mqtt5_table_set_text(&row[TOPIC], topic);
    mqtt5_table_set_text(&row[PUBLISHER], publisher);
    for (unsigned i = LEAST; i <= MOST; i++)
        row[i].type = TABLE_ITEM_NONE;
    return row;
}

/* A sentence instead of numbers, where there are none. */
static void say_if_off(void)
{
    stat_tap_table_item_type *row;

    if (mqtt5_network_links_copies())
        return;
    row = new_row(OFF, "-");
    for (unsigned i = TOPIC + 1; i < COLUMNS; i++) {
        mqtt5_table_free_cell(NULL, 0, i, &row[i]);
        row[i].type = TABLE_ITEM_NONE;
    }
}

static void begin(stat_tap_table_ui *ui)
{
    (void)ui;
    mqtt5_table_begin(&deliveries);
    if (!rows)
        rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_times);
    g_hash_table_remove_all(rows);
    say_if_off();
}

static void reset(stat_tap_table *table)
{
    (void)table;
    mqtt5_table_reset(&deliveries);
    g_hash_table_remove_all(rows);
    say_if_off();
}

static void check_filter(const char *argument, const char **filter, char **error)
{
    (void)argument;
    (void)filter;
    mqtt5_table_check_once(&deliveries, error);
}

/* --- Rows --- */

/* The first levels of a topic, as a Topic Filter: "a/b/#" of "a/b/c/d". */
static const char *prefix_of(const char *topic, wmem_allocator_t *pool)
{
    const char *end = topic;

    for (unsigned i = 0; i < levels && end; i++) {
        end = strchr(i == 0 ? end : end + 1, '/');
    }
    return levels == 0 || !end ? topic : wmem_strdup_printf(pool, "%.*s/#", (int)(end - topic), topic);
}

static row_times *row_of(const char *topic, const char *publisher, wmem_allocator_t *pool)
{
    char *key = wmem_strdup_printf(pool, "%s\n%s", publisher, topic);
    row_times *found = g_hash_table_lookup(rows, key);

    if (found)
        return found;
    if (g_hash_table_size(rows) >= ROWS_MAX && strcmp(topic, FURTHER) != 0)
        return row_of(FURTHER, "-", pool);
    new_row(topic, publisher);
    found = g_new0(row_times, 1);
    found->number = mqtt5_table_rows(&deliveries) - 1;
    g_hash_table_insert(rows, g_strdup(key), found);
    return found;
}

static const char *publisher_of(const mqtt5_identity *identity, wmem_allocator_t *pool)
{
    if (!identity)
        return "(unknown Client ID)";
    return identity->client_id ? mqtt5_tap_printable((const uint8_t *)identity->client_id, strlen(identity->client_id), pool)
                               : "(no Client ID)";
}

static double seconds(double nanoseconds)
{
    return nanoseconds / MQTT5_SECOND;
}

static void set_time(stat_tap_table_item_type *cell, double nanoseconds)
{
    cell->type = TABLE_ITEM_FLOAT;
    cell->value.float_value = seconds(nanoseconds);
}

static void add_time(row_times *found, int64_t time)
{
    stat_tap_table_item_type *row = mqtt5_table_row(&deliveries, found->number);
    const mqtt5_spread *times = &found->times;

    mqtt5_spread_add(&found->times, time);
    set_time(&row[LEAST], (double)times->least);
    set_time(&row[AVERAGE], times->sum / times->count);
    set_time(&row[PERCENTILE], (double)mqtt5_spread_percentile(times, 95));
    set_time(&row[MOST], (double)times->most);
}

static void count_copy(stat_tap_table_item_type *row, const mqtt5_copy *copy)
{
    if (!copy || copy->candidates > 0) {
        mqtt5_table_count(&row[UNCERTAIN], 1);
    } else if (copy->retained) {
        mqtt5_table_count(&row[RETAINED], 1);
    } else {
        /* What is missing before it was published by the same client to the same topic. */
        mqtt5_table_count(&row[EXPECTED], 1 + copy->missing);
        mqtt5_table_count(&row[DELIVERED], 1);
        mqtt5_table_count(&row[MISSING], copy->missing);
    }
}

static void add_copy(const mqtt5_copy *copy, const char *topic, wmem_allocator_t *pool)
{
    bool certain = copy && copy->candidates == 0;
    row_times *found;

    if (copy && copy->again)
        return;
    found = row_of(topic, copy && (certain || copy->publisher) ? publisher_of(copy->publisher, pool) : "(not known)", pool);
    count_copy(mqtt5_table_row(&deliveries, found->number), copy);
    if (certain && !copy->retained && copy->waited >= 0)
        add_time(found, copy->waited);
}

static void add_publish(const mqtt5_tap_record *record, unsigned number, wmem_allocator_t *pool)
{
    const mqtt5_facts *facts = &record->packets[number].facts;
    const char *topic = prefix_of(mqtt5_tap_topic(record, number, pool), pool);
    mqtt5_packet packet;

    if (facts->sender == MQTT5_SERVER) {
        add_copy(facts->copy, topic, pool);
        return;
    }
    mqtt5_tap_decode(record, number, &packet);
    if (facts->sender == MQTT5_CLIENT && !mqtt5_publish_dup(&packet))
        mqtt5_table_count(&mqtt5_table_row(&deliveries, row_of(topic, publisher_of(facts->identity, pool), pool)->number)[PUBLISHED], 1);
}

static tap_packet_status see_record(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    const mqtt5_tap_record *record = tapped;

    (void)data;
    (void)edt;
    (void)flags;
    if (!mqtt5_network_links_copies())
        return TAP_PACKET_DONT_REDRAW;
    for (unsigned i = 0; i < record->count; i++)
        if (record->packets[i].facts.type == MQTT5_PUBLISH && !record->packets[i].facts.is_header)
            add_publish(record, i, pinfo->pool);
    return TAP_PACKET_REDRAW;
}

void mqtt5_deliveries_register(void)
{
    prefs_register_uint_preference(prefs_find_module("mqtt5"), "deliveries_levels", "Topic levels in the table of deliveries",
                                   "How many levels of a topic the rows of the table MQTT 5 Deliveries have; topics that begin with "
                                   "the same levels are counted together. 0: all levels",
                                   10, &levels);
    register_stat_tap_table_ui(&deliveries.ui);
}
