/* sessions.c
 * All sessions in one table: one row for each Network Connection, in the order in which they are
 * first seen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/statistics.h"

#include "clock.h"
#include "core/standard/reason_code.h"
#include "statistics/table.h"
#include "statistics/tap.h"

#define TITLE "MQTT 5 Sessions"
#define COMMAND "mqtt5,sessions"

enum {
    STREAM,
    CLIENT,
    VERSION,
    CONNACK,
    START,
    DURATION,
    CLIENT_PACKETS,
    CLIENT_BYTES,
    SERVER_PACKETS,
    SERVER_BYTES,
    QOS_0,
    QOS_1,
    QOS_2,
    UNANSWERED,
    ERRORS,
    WARNINGS,
    NOTES,
    CAUSE,
    ENDED,
    COLUMNS
};

/* tshark prints the names unchanged, and each value in the format of its column, so the names are
 * as wide as the values. */
static stat_tap_table_item columns[COLUMNS] = {
    [STREAM] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Stream", "%6u"},
    [CLIENT] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Client ID               ", "%-24s"},
    [VERSION] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Version   ", "%-10s"},
    [CONNACK] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "CONNACK                 ", "%-24s"},
    [START] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "      Start", "%11.6f"},
    [DURATION] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "   Duration", "%11.6f"},
    [CLIENT_PACKETS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Client packets", "%14u"},
    [CLIENT_BYTES] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Client bytes", "%12u"},
    [SERVER_PACKETS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Server packets", "%14u"},
    [SERVER_BYTES] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Server bytes", "%12u"},
    [QOS_0] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "QoS 0", "%5u"},
    [QOS_1] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "QoS 1", "%5u"},
    [QOS_2] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "QoS 2", "%5u"},
    [UNANSWERED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Unanswered", "%10u"},
    [ERRORS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Errors", "%6u"},
    [WARNINGS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Warnings", "%8u"},
    [NOTES] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Notes", "%5u"},
    [CAUSE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Kind of cause", "%-13s"},
    [ENDED] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Ended by", "%s"},
};

/* How well a packet explains the end of the session; the column keeps the best. Stored with the
 * cell. */
enum { END_UNKNOWN, END_CLOSE, END_REFUSED, END_DISCONNECT };

static tap_packet_status see_record(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags);
static void begin(stat_tap_table_ui *ui);
static void reset(stat_tap_table *table);
static void check_filter(const char *argument, const char **filter, char **error);

static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};

static mqtt5_table sessions = {.ui = {
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

/* The row of each mqtt5_network, plus 1. */
static GHashTable *rows;

static void begin(stat_tap_table_ui *ui)
{
    (void)ui;
    mqtt5_table_begin(&sessions);
    if (!rows)
        rows = g_hash_table_new(NULL, NULL);
    g_hash_table_remove_all(rows);
}

static void reset(stat_tap_table *table)
{
    (void)table;
    mqtt5_table_reset(&sessions);
    g_hash_table_remove_all(rows);
}

static void check_filter(const char *argument, const char **filter, char **error)
{
    (void)argument;
    (void)filter;
    mqtt5_table_check_once(&sessions, error);
}

/* --- Rows --- */

static stat_tap_table_item_type *row_of(mqtt5_network *network, const packet_info *pinfo)
{
    unsigned number = GPOINTER_TO_UINT(g_hash_table_lookup(rows, network));
    stat_tap_table_item_type *row;

    if (number > 0)
        return mqtt5_table_row(&sessions, number - 1);
    row = mqtt5_table_add(&sessions);
    mqtt5_tap_stream(network, &row[STREAM].value.uint_value);
    row[START].value.float_value = nstime_to_sec(&pinfo->rel_ts);
    if (network->open_time != 0)
        row[START].value.float_value -= mqtt5_seconds(mqtt5_frame_time(pinfo) - network->open_time);
    g_hash_table_insert(rows, network, GUINT_TO_POINTER(mqtt5_table_rows(&sessions)));
    return row;
}

static void add_findings(stat_tap_table_item_type *row, const mqtt5_frozen_findings *findings)
{
    static const int cells[] =
        {[MQTT5_SEVERITY_ERROR] = ERRORS, [MQTT5_SEVERITY_WARN] = WARNINGS, [MQTT5_SEVERITY_NOTE] = NOTES, [MQTT5_SEVERITY_CHAT] = -1};

    for (unsigned i = 0; findings && i < findings->count; i++) {
        mqtt5_rule_id id = findings->items[i].rule;
        int cell = cells[mqtt5_rule_get(id)->severity];

        if (mqtt5_rule_is_finding(id) && cell >= 0)
            mqtt5_table_count(&row[cell], 1);
    }
}

/* Why it failed; NULL where that is not known. */
static const char *cause_of(const mqtt5_frozen_packet *frozen)
{
    return frozen->findings ? frozen->findings->cause_text : NULL;
}

/* `frozen` is the packet or close that says so. */
static void set_end(stat_tap_table_item_type *row, unsigned rank, const char *text, const mqtt5_frozen_packet *frozen)
{
    if (rank <= row[ENDED].user_data.uint_value)
        return;
    row[ENDED].user_data.uint_value = rank;
    mqtt5_table_set_text(&row[ENDED], text);
    mqtt5_table_set_text(&row[CAUSE], cause_of(frozen) ? mqtt5_cause_kind_name(frozen->findings->cause_kind) : "-");
}

/* "what: why", or only "what". */
static const char *with_cause(const char *what, const char *cause, wmem_allocator_t *pool)
{
    return cause ? wmem_strdup_printf(pool, "%s: %s", what, cause) : what;
}

static void add_close(stat_tap_table_item_type *row, const mqtt5_frozen_packet *frozen, wmem_allocator_t *pool)
{
    const char *cause = cause_of(frozen), *sender = mqtt5_sender_name((mqtt5_sender)frozen->facts.sender);

    if (frozen->facts.detail.open)
        mqtt5_table_count(&row[UNANSWERED], frozen->facts.detail.open->count);
    set_end(row, END_CLOSE,
            cause ? wmem_strdup_printf(pool, "%s: %s", frozen->findings->cause_head, cause)
                  : wmem_strdup_printf(pool, "close by %s", sender),
            frozen);
}

static const char *code_text(const mqtt5_packet *packet, wmem_allocator_t *pool)
{
    mqtt5_code code;
    uint32_t offset = 0;

    if (!mqtt5_code_next(packet, &offset, &code))
        return NULL;
    return wmem_strdup_printf(pool, "0x%02x %s", code.code, mqtt5_code_name(packet->type, code.code, code.return_code));
}

static void add_packet(stat_tap_table_item_type *row, const mqtt5_tap_record *record, unsigned number, packet_info *pinfo)
{
    const mqtt5_facts *facts = &record->packets[number].facts;
    const char *code, *cause = cause_of(&record->packets[number]), *sender = mqtt5_sender_name((mqtt5_sender)facts->sender);
    mqtt5_packet packet;

    mqtt5_tap_decode(record, number, &packet);
    if (facts->sender != MQTT5_SENDER_UNKNOWN) {
        mqtt5_table_count(&row[facts->sender == MQTT5_CLIENT ? CLIENT_PACKETS : SERVER_PACKETS], 1);
        mqtt5_table_count(&row[facts->sender == MQTT5_CLIENT ? CLIENT_BYTES : SERVER_BYTES], record->pdus[number].length);
    }
    if (facts->identity && facts->identity->client_id)
        mqtt5_table_set_text(&row[CLIENT], mqtt5_tap_client(record, number, pinfo->pool));
    if (facts->version != MQTT5_VERSION_UNKNOWN)
        mqtt5_table_set_text(&row[VERSION], mqtt5_version_name(facts->version));
    switch (packet.type) {
    case MQTT5_PUBLISH:
        if (mqtt5_publish_qos(&packet) < 3)
            mqtt5_table_count(&row[QOS_0 + mqtt5_publish_qos(&packet)], 1);
        break;
    case MQTT5_CONNACK:
        code = code_text(&packet, pinfo->pool);
        if (code)
            mqtt5_table_set_text(&row[CONNACK], code);
        if (code && packet.reason_code != 0)
            set_end(row, END_REFUSED, with_cause("refused by CONNACK", cause, pinfo->pool), &record->packets[number]);
        break;
    case MQTT5_DISCONNECT:
        code = code_text(&packet, pinfo->pool);
        code = wmem_strdup_printf(pinfo->pool, "DISCONNECT from %s%s%s", sender, code ? ", " : "", code ? code : "");
        set_end(row, END_DISCONNECT, with_cause(code, cause, pinfo->pool), &record->packets[number]);
        break;
    default: break;
    }
}

static tap_packet_status see_record(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    const mqtt5_tap_record *record = tapped;
    stat_tap_table_item_type *row;

    (void)data;
    (void)edt;
    (void)flags;
    if (!record->network)
        return TAP_PACKET_DONT_REDRAW;
    row = row_of(record->network, pinfo);
    row[DURATION].value.float_value = nstime_to_sec(&pinfo->rel_ts) - row[START].value.float_value;
    for (unsigned i = 0; i < record->count; i++) {
        add_findings(row, record->packets[i].findings);
        if (record->packets[i].facts.type == MQTT5_CLOSE)
            add_close(row, &record->packets[i], pinfo->pool);
        else if (record->packets[i].facts.type != MQTT5_BYTES && !record->packets[i].facts.is_header)
            add_packet(row, record, i, pinfo);
    }
    return TAP_PACKET_REDRAW;
}

void mqtt5_sessions_register(void)
{
    register_stat_tap_table_ui(&sessions.ui);
}
