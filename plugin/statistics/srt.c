/* srt.c
 * Service response times, in Wireshark's own table: how long requests of each kind waited for their
 * answer, and messages for their copies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/statistics.h"

#include <epan/srt_table.h>

#include "compat.h"
#include "clock.h"
#include "statistics/exchange.h"
#include "statistics/tap.h"

/* Wireshark makes the filter for a row by appending "== ROW", so it needs a field with the number of
 * the row: one that a packet can have twice, as a response does that is a copy, too. */
#define FILTER "mqtt5.exchange"

/* A single table, because the window of 4.0 to 4.4 shows the titles twice if there are several. */
static void make_table(struct register_srt *srt, GArray *srt_array)
{
    srt_stat_table *table = init_srt_table("MQTT 5", "MQTT 5", srt_array, MQTT5_EXCHANGES, "Exchange, answered by", FILTER, NULL);

    (void)srt;
    for (unsigned kind = 0; kind < MQTT5_EXCHANGES; kind++)
        if (mqtt5_exchange_name(kind))
            init_srt_table_row(table, (int)kind, mqtt5_exchange_name(kind));
}

static void add_times(const GArray *srt_array, packet_info *pinfo, const mqtt5_tap_record *record, unsigned number)
{
    const mqtt5_facts *facts = &record->packets[number].facts;
    mqtt5_exchange exchanges[MQTT5_EXCHANGES_OF_PACKET];
    mqtt5_packet packet = {0};
    unsigned count;

    if (facts->type == MQTT5_PUBLISH)
        mqtt5_tap_decode(record, number, &packet);
    count = mqtt5_exchanges(facts, &packet, mqtt5_frame_time(pinfo), exchanges);
    for (unsigned i = 0; i < count; i++) {
        nstime_t begin;

        /* The clock was set back in between: nobody knows how long it took. */
        if (exchanges[i].time < 0)
            continue;
        begin = mqtt5_nstime(mqtt5_frame_time(pinfo) - exchanges[i].time);
        add_srt_table_data(g_array_index(srt_array, srt_stat_table *, 0), (int)exchanges[i].kind, &begin, pinfo);
    }
}

static tap_packet_status see_record(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    const srt_data_t *srt = data;
    const mqtt5_tap_record *record = tapped;

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++)
        add_times(srt->srt_array, pinfo, record, i);
    return TAP_PACKET_REDRAW;
}

void mqtt5_srt_register(int proto)
{
    register_srt_table(proto, MQTT5_TAP, 1, see_record, make_table, NULL);
}
