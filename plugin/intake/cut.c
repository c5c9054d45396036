/* cut.c
 * Cuts whole control packets, and asks for the rest of an incomplete one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/cut.h"

#include "core/packet/misread.h"
#include "intake/framing/framing.h"

static void make_room(mqtt5_call *call)
{
    mqtt5_batch *batch = &call->batch;

    if (!batch->pdus) {
        batch->pdus = call->first_pdus;
        call->pdus_size = MQTT5_FIRST_PDUS;
        return;
    }
    call->pdus_size *= 2;
    if (batch->pdus == call->first_pdus) {
        batch->pdus = wmem_alloc(call->pinfo->pool, call->pdus_size * sizeof(mqtt5_pdu));
        memcpy(batch->pdus, call->first_pdus, MQTT5_FIRST_PDUS * sizeof(mqtt5_pdu));
    } else {
        batch->pdus = wmem_realloc(call->pinfo->pool, batch->pdus, call->pdus_size * sizeof(mqtt5_pdu));
    }
}

static void add_pdu(mqtt5_call *call, uint32_t offset, uint32_t length)
{
    mqtt5_batch *batch = &call->batch;
    mqtt5_pdu *pdu;

    if (offset < call->plan.old)
        return;
    if (batch->count == call->pdus_size)
        make_room(call);
    pdu = &batch->pdus[batch->count++];
    pdu->offset = offset;
    pdu->length = length;
    pdu->gap = call->plan.gap && batch->count == 1;
    pdu->item = NULL;
    pdu->decoded = false;
}

static bool can_ask(const mqtt5_call *call)
{
    return (call->can_desegment > 0 || call->carrier == MQTT5_CARRIER_WEBSOCKET) && call->captured == call->reported && !call->plan.no_more;
}

/* The bytes from `offset` on are an incomplete packet: asks for the rest, or leaves them to stock.
 * `length` is that of the packet, 0 if it is not known yet. */
static void cut_rest(mqtt5_call *call, uint32_t offset, uint32_t length)
{
    uint32_t rest = call->reported - offset;
    /* After a FIN, nothing can complete a Remaining Length, and stock shows that. */
    bool last = length == 0 && rest > 1 && call->tcp && (call->tcp->flags & TH_FIN);

    call->outcome.rest_end = length ? offset + length : 0;
    if (call->plan.no_more) {
        call->outcome.cut = true;
        return;
    }
    if (can_ask(call) && !last) {
        call->outcome.asked = true;
        call->wanted = length ? length - rest : DESEGMENT_ONE_MORE_SEGMENT;
        return;
    }
    /* The carrier cannot complete it: stock shows the bytes that are there, and we judge them. */
    call->outcome.cut = true;
    call->outcome.unread = length == 0;
    call->stock_end = call->reported;
    if (length)
        add_pdu(call, offset, length);
}

void mqtt5_cut(mqtt5_call *call)
{
    uint32_t offset = call->plan.skip;

    call->stock_end = offset;
    while (offset < call->reported) {
        uint32_t there = offset < call->captured ? call->captured - offset : 0, rest = call->reported - offset;
        mqtt5_frame frame = mqtt5_frame_read(call->bytes + offset, there);
        uint32_t length = frame.length;

        if (mqtt5_misread_length(call->bytes + offset, there)) {
            /* Its end is not known, and stock would ask for the rest. */
            call->can_desegment = 0;
            call->outcome.broken = true;
            add_pdu(call, offset, rest);
            offset = call->stock_end = call->reported;
            break;
        }
        if (frame.status == MQTT5_FRAME_SHORT || (frame.status == MQTT5_FRAME_KNOWN && length > rest)) {
            cut_rest(call, offset, length);
            break;
        }
        if (frame.status == MQTT5_FRAME_OVERLONG && (length < frame.header || length > rest || length == 0)) {
            /* Stock would ask for gigabytes here, and TCP would then not show this segment on later
             * passes. So the packet ends with these bytes. */
            call->outcome.broken = true;
            call->can_desegment = 0;
            length = rest;
        }
        add_pdu(call, offset, length);
        offset += length;
        call->stock_end = offset;
    }
    call->outcome.end = offset < call->reported ? offset : call->reported;
    call->outcome.reported = call->reported;
    call->outcome.judged = call->batch.count > 0;
    call->outcome.acks = call->tcp ? call->tcp->lastackseq : 0;
}
