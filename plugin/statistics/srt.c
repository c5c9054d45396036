/* srt.c
 * Service response times, in Wireshark's own table: how long requests of each kind waited for their
 * answer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/statistics.h"

#include <epan/srt_table.h>

#include "compat.h"
#include "clock.h"
#include "statistics/tap.h"

/* Wireshark makes the filter for a row by appending "== ROW", so row numbers must be computable in
 * a filter: 16 x sender of the answer + its packet type. */
#define ROWS 48
#define FILTER "(mqtt5.response_time || mqtt5.rpc.time || mqtt5.rpc.responder_time) && {mqtt5.sender * 16 + mqtt5.packet_type}"

/* The exchange and who answers, by the row of the answer; NULL if this side never answers with this
 * type. */
static const struct {
    const char *by_client, *by_server;
} exchanges[] = {
    [MQTT5_CONNACK] = {NULL, "CONNECT-CONNACK"},
    /* Requests and responses in messages: inside the responder, and as the requester sees it. */
    [MQTT5_PUBLISH] = {"Message to response, responder", "Message to response, requester"},
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

/* A single table, because the window of 4.0 to 4.4 shows the titles twice if there are several. */
static void make_table(struct register_srt *srt, GArray *srt_array)
{
    srt_stat_table *table = init_srt_table("MQTT 5", "MQTT 5", srt_array, ROWS, "Exchange, answered by", FILTER, NULL);

    (void)srt;
    for (unsigned sender = MQTT5_CLIENT; sender <= MQTT5_SERVER; sender++)
        for (unsigned type = 0; type < G_N_ELEMENTS(exchanges); type++)
            if (exchange_of(sender, type))
                init_srt_table_row(table, row_of(sender, type), exchange_of(sender, type));
}

static const mqtt5_rpc *rpc_of(const mqtt5_facts *facts)
{
    return facts->type == MQTT5_PUBLISH && !facts->is_header && facts->detail.publication ? facts->detail.publication->rpc : NULL;
}

/* Adds the time from a request to the answer `facts`, in the frame of `pinfo`. */
static void add_response(const GArray *srt_array, packet_info *pinfo, const mqtt5_facts *facts)
{
    const mqtt5_rpc *rpc = rpc_of(facts);
    bool answers = rpc ? rpc->timed : facts->request_frame != 0;
    nstime_t request = mqtt5_nstime(rpc ? mqtt5_frame_time(pinfo) - rpc->time : facts->request_time);

    if (answers && exchange_of(facts->sender, facts->type))
        add_srt_table_data(g_array_index(srt_array, srt_stat_table *, 0), row_of(facts->sender, facts->type), &request, pinfo);
}

static tap_packet_status see_record(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    const srt_data_t *srt = data;
    const mqtt5_tap_record *record = tapped;

    (void)edt;
    (void)flags;
    for (unsigned i = 0; i < record->count; i++)
        add_response(srt->srt_array, pinfo, &record->packets[i].facts);
    return TAP_PACKET_REDRAW;
}

void mqtt5_srt_register(int proto)
{
    register_srt_table(proto, MQTT5_TAP, 1, see_record, make_table, NULL);
}
