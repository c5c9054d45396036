/* stats_srt.c
 * Service response times, in Wireshark's own table: how long requests of each kind waited for their response.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics.h"

#include <epan/srt_table.h>

#include "compat.h"
#include "tap.h"

/* Wireshark makes the filter for a row by appending "== ROW", so rows have numbers that a filter can compute: 16 x sender of the response + its packet type. */
#define ROWS 48
#define FILTER "mqtt5.response_time && {mqtt5.sender * 16 + mqtt5.packet_type}"

/* What is answered by whom, by the response; NULL where this side answers nothing with it. */
static const struct {
    const char *by_client, *by_server;
} exchanges[] = {
    [MQTT5_CONNACK] = {NULL, "CONNECT-CONNACK"},
    [MQTT5_PUBACK] = {"PUBLISH-PUBACK, client", "PUBLISH-PUBACK, server"},
    [MQTT5_PUBREC] = {"PUBLISH-PUBREC, client", "PUBLISH-PUBREC, server"},
    [MQTT5_PUBREL] = {"PUBREC-PUBREL, client", "PUBREC-PUBREL, server"},
    [MQTT5_PUBCOMP] = {"PUBREL-PUBCOMP, client", "PUBREL-PUBCOMP, server"},
    [MQTT5_SUBACK] = {NULL, "SUBSCRIBE-SUBACK"},
    [MQTT5_UNSUBACK] = {NULL, "UNSUBSCRIBE-UNSUBACK"},
    [MQTT5_PINGRESP] = {NULL, "PINGREQ-PINGRESP"},
    [MQTT5_AUTH] = {"AUTH-AUTH", "CONNECT/AUTH-AUTH"},
};

static const char *exchange_of(unsigned sender, unsigned type)
{
    if (type >= G_N_ELEMENTS(exchanges) || sender == MQTT5_SENDER_UNKNOWN)
        return NULL;
    return sender == MQTT5_CLIENT ? exchanges[type].by_client : exchanges[type].by_server;
}

static int row_of(unsigned sender, unsigned type)
{
    return (int)(16 * sender + type);
}

/* A single table, because the window of 4.0 to 4.4 shows the titles of several ones twice. */
static void make_table(struct register_srt *srt, GArray *srt_array)
{
    srt_stat_table *table = init_srt_table("MQTT 5", "MQTT 5", srt_array, ROWS, "Exchange, answered by", FILTER, NULL);

    (void)srt;
    for (unsigned sender = MQTT5_CLIENT; sender <= MQTT5_SERVER; sender++)
        for (unsigned type = 0; type < G_N_ELEMENTS(exchanges); type++)
            if (exchange_of(sender, type))
                init_srt_table_row(table, row_of(sender, type), exchange_of(sender, type));
}

static void add_response(const GArray *srt_array, packet_info *pinfo, const mqtt5_verdict *verdict)
{
    nstime_t request = {(time_t)(verdict->request_time / 1000000000), (int)(verdict->request_time % 1000000000)};

    if (verdict->request_frame != 0 && exchange_of(verdict->sender, verdict->type))
        add_srt_table_data(g_array_index(srt_array, srt_stat_table *, 0), row_of(verdict->sender, verdict->type), &request, pinfo);
}

static tap_packet_status see_record(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    const srt_data_t *srt = data;
    const mqtt5_tap_record *record = tapped;

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++)
        add_response(srt->srt_array, pinfo, &record->packets[i].verdict);
    return TAP_PACKET_REDRAW;
}

void mqtt5_srt_register(int proto)
{
    register_srt_table(proto, MQTT5_TAP, 1, see_record, make_table, NULL);
}
