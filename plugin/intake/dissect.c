/* dissect.c
 * Lets stock dissect the packets of a call, then shows ours.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/dissect.h"

#include <epan/exceptions.h>

#include "compat.h"
#include "display/continuation.h"
#include "display/render.h"
#include "intake/websocket.h"
#include "stock.h"

/* Finds stock's item for each packet: the items of its protocol that it has just added to the tree,
 * in order. `last` was the last item before. */
static void find_items(mqtt5_call *call, proto_node *last)
{
    unsigned i = 0;
    proto_node *node;
    int raw;

    if (!call->tree)
        return;
    raw = tvb_raw_offset(call->tvb);
    for (node = last ? last->next : call->tree->first_child; node && i <= call->batch.count; node = node->next) {
        const field_info *info = PNODE_FINFO(node);

        if (!info)
            continue;
        if (info->hfinfo->id != mqtt5_stock_proto()) {
            /* What stock has a payload shown by comes after its packet. */
            if (i > 0)
                call->batch.pdus[i - 1].decoded |= info->hfinfo->type == FT_PROTOCOL;
            continue;
        }
        /* Stock also shows packets that we do not judge. */
        while (i < call->batch.count && (int)call->batch.pdus[i].offset + raw < info->start)
            i++;
        if (i < call->batch.count && (int)call->batch.pdus[i].offset + raw == info->start)
            call->batch.pdus[i++].item = (proto_item *)node;
    }
}

/* Stock's part, then ours. On a fatal error (a cut capture, too many items) stock throws an
 * exception; it is rethrown after our part is shown. */
static void stock_and_ours(mqtt5_call *call, tvbuff_t *packets, proto_node *last)
{
    TRY
    {
        mqtt5_call_stock(packets, call->pinfo, call->tree, call->data, call->can_desegment, call->layered);
    }
    FINALLY
    {
        call->pinfo->can_desegment = call->can_desegment;
        find_items(call, last);
        mqtt5_render(call->pinfo, call->tree, &call->batch);
        /* A segment can carry several messages, and stock clears the column for each: keep it. */
        if (call->carrier == MQTT5_CARRIER_WEBSOCKET)
            col_set_fence(call->pinfo->cinfo, COL_INFO);
    }
    ENDTRY;
}

void mqtt5_dissect(mqtt5_call *call)
{
    proto_node *last = call->tree ? call->tree->last_child : NULL;
    uint32_t skip = call->plan.skip;
    tvbuff_t *packets = call->tvb;

    if (skip > 0 || call->stock_end < call->reported)
        packets = tvb_new_subset_length(call->tvb, (int)skip, (int)(call->stock_end - skip));
    if (call->batch.count > 0)
        stock_and_ours(call, packets, last);
    else if (call->carrier != MQTT5_CARRIER_WEBSOCKET || call->stock_end > skip)
        mqtt5_call_stock(packets, call->pinfo, call->tree, call->data, call->can_desegment,
                         call->layered); /* even without packets, because it clears the Info
                                          * column */
    if (skip > 0 && call->pinfo->desegment_len != 0)
        call->pinfo->desegment_offset += (int)skip;
}

void mqtt5_ask_for_more(mqtt5_call *call)
{
    uint32_t rest = call->reported - call->outcome.end;

    if (call->carrier == MQTT5_CARRIER_WEBSOCKET) {
        col_set_str(call->pinfo->cinfo, COL_PROTOCOL, "MQTT");
        if (!PINFO_FD_VISITED(call->pinfo))
            mqtt5_websocket_keep(mqtt5_websocket_of(call->network, call->batch.direction), call->pinfo, call->tvb, call->outcome.end,
                                 call->outcome.rest_end ? call->outcome.rest_end - call->outcome.end : 0);
        mqtt5_render_segment(call->pinfo, call->tree, call->tvb, (int)call->outcome.end, (int)rest);
        return;
    }
    call->pinfo->desegment_offset = (int)call->outcome.end;
    call->pinfo->desegment_len = call->wanted;
}
