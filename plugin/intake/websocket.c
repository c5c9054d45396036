/* websocket.c
 * Reassembles control packets that are split over WebSocket messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/websocket.h"

#include <string.h>

#include <epan/proto_data.h>

#include "compat.h"
#include "intake/framing/framing.h"
#include "intake/framing/plausible.h"
#include "intake/keys.h"
#include "network/tcp.h"
#include "stock.h"

#define FIRST_SIZE 256

/* The result of the first pass, for a message that is not just packets. */
typedef struct frozen {
    struct frozen *next;
    unsigned number; /* of the message, within the frame */
    mqtt5_message kind;
    uint8_t *data; /* PACKETS: the bytes to cut */
    uint32_t length;
} frozen;

/* The order of a frame's messages is the same on every pass. */
static unsigned next_number(packet_info *pinfo)
{
    unsigned *counter = p_get_proto_data(pinfo->pool, pinfo, mqtt5_proto(), MQTT5_KEY_MESSAGES);

    if (!counter) {
        counter = wmem_new0(pinfo->pool, unsigned);
        p_add_proto_data(pinfo->pool, pinfo, mqtt5_proto(), MQTT5_KEY_MESSAGES, counter);
    }
    return (*counter)++;
}

bool mqtt5_websocket_is_first(packet_info *pinfo)
{
    return !p_get_proto_data(pinfo->pool, pinfo, mqtt5_proto(), MQTT5_KEY_MESSAGES);
}

static const frozen *thaw(packet_info *pinfo, unsigned number)
{
    const frozen *found = p_get_proto_data(wmem_file_scope(), pinfo, mqtt5_proto(), MQTT5_KEY_MESSAGES);

    while (found && found->number != number)
        found = found->next;
    return found;
}

static frozen *freeze(packet_info *pinfo, unsigned number, mqtt5_message kind)
{
    frozen *made = wmem_new0(wmem_file_scope(), frozen);

    made->next = p_get_proto_data(wmem_file_scope(), pinfo, mqtt5_proto(), MQTT5_KEY_MESSAGES);
    made->number = number;
    made->kind = kind;
    p_set_proto_data(wmem_file_scope(), pinfo, mqtt5_proto(), MQTT5_KEY_MESSAGES, made);
    return made;
}

static void append(mqtt5_websocket *websocket, tvbuff_t *tvb, uint32_t offset)
{
    uint32_t more = (uint32_t)tvb_captured_length(tvb) - offset;

    if (websocket->length + more > websocket->size) {
        websocket->size = MAX(FIRST_SIZE, MAX(2 * websocket->size, websocket->length + more));
        websocket->kept = wmem_realloc(wmem_file_scope(), websocket->kept, websocket->size);
    }
    tvb_memcpy(tvb, websocket->kept + websocket->length, (int)offset, more);
    websocket->length += more;
}

/* True if the kept bytes begin with a whole packet, or with bytes that can never become one. */
static bool is_whole(mqtt5_websocket *websocket)
{
    if (websocket->needed == 0) {
        mqtt5_frame frame = mqtt5_frame_read(websocket->kept, websocket->length);

        if (frame.status == MQTT5_FRAME_OVERLONG)
            return true;
        if (frame.status == MQTT5_FRAME_KNOWN)
            websocket->needed = frame.length;
    }
    return websocket->needed > 0 && websocket->length >= websocket->needed;
}

static void forget(mqtt5_websocket *websocket)
{
    websocket->kept = NULL;
    websocket->length = websocket->size = websocket->needed = 0;
}

static tvbuff_t *put_together(packet_info *pinfo, tvbuff_t *tvb, const frozen *found)
{
    tvbuff_t *whole = tvb_new_child_real_data(tvb, found->data, found->length, (int)found->length);

    add_new_data_source(pinfo, whole, "Reassembled MQTT");
    return whole;
}

/* On the first pass, in the order of the capture. */
static const frozen *learn(mqtt5_websocket *websocket, packet_info *pinfo, tvbuff_t *tvb, unsigned number)
{
    uint32_t captured = (uint32_t)tvb_captured_length(tvb);
    frozen *made;

    if (websocket->lost) {
        if (captured == 0 || !mqtt5_plausible_start(tvb_get_ptr(tvb, 0, (int)captured), captured))
            return freeze(pinfo, number, MQTT5_MESSAGE_LOST);
        websocket->lost = false;
    }
    if (websocket->length == 0)
        return NULL;
    append(websocket, tvb, 0);
    if (captured < (uint32_t)tvb_reported_length(tvb)) {
        mqtt5_websocket_lose(websocket);
        return freeze(pinfo, number, MQTT5_MESSAGE_LOST);
    }
    if (!is_whole(websocket))
        return freeze(pinfo, number, MQTT5_MESSAGE_MIDDLE);
    made = freeze(pinfo, number, MQTT5_MESSAGE_PACKETS);
    made->data = websocket->kept;
    made->length = websocket->length;
    forget(websocket);
    return made;
}

mqtt5_websocket *mqtt5_websocket_of(mqtt5_network *network, uint8_t direction)
{
    if (!network->websockets)
        network->websockets = wmem_alloc0_array(wmem_file_scope(), mqtt5_websocket, 2);
    return &network->websockets[direction];
}

mqtt5_message mqtt5_websocket_take(mqtt5_websocket *websocket, packet_info *pinfo, tvbuff_t *tvb, tvbuff_t **whole)
{
    unsigned number = next_number(pinfo);
    const frozen *found = PINFO_FD_VISITED(pinfo) ? thaw(pinfo, number) : learn(websocket, pinfo, tvb, number);

    *whole = tvb;
    if (!found)
        return MQTT5_MESSAGE_PACKETS;
    if (found->kind == MQTT5_MESSAGE_PACKETS)
        *whole = put_together(pinfo, tvb, found);
    return found->kind;
}

void mqtt5_websocket_keep(mqtt5_websocket *websocket, const packet_info *pinfo, tvbuff_t *whole, uint32_t offset, uint32_t needed)
{
    append(websocket, whole, offset);
    websocket->frame = pinfo->num;
    websocket->needed = needed;
}

void mqtt5_websocket_lose(mqtt5_websocket *websocket)
{
    if (websocket->kept)
        wmem_free(wmem_file_scope(), websocket->kept);
    forget(websocket);
    websocket->lost = websocket->gap = true;
}

void mqtt5_websocket_begin_frame(mqtt5_websocket *websocket, const packet_info *pinfo, const struct tcp_analysis *tcp)
{
    bool first = websocket->last_frame == 0;

    if (websocket->last_frame == pinfo->num)
        return;
    websocket->last_frame = pinfo->num;
    if (tcp &&
        (mqtt5_tcp_lost(tcp) || mqtt5_tcp_sent_again(tcp) || (first && (mqtt5_network_was_cut(pinfo) || mqtt5_tcp_was_troubled(tcp)))) &&
        !mqtt5_tcp_in_order())
        mqtt5_websocket_lose(websocket);
}

/* True if TCP has not handed on all bytes of a frame, or not in their order. */
static bool is_disordered(const struct tcp_analysis *tcp, const packet_info *pinfo, bool has_messages)
{
    /* With messages, a late segment; without, new bytes that TCP takes for old ones. */
    bool disordered =
        mqtt5_tcp_sent_again(tcp) ? has_messages || mqtt5_tcp_advances(tcp, pinfo->num) : !has_messages && mqtt5_tcp_lost(tcp);

    return disordered && !mqtt5_tcp_in_order();
}

void mqtt5_websocket_end_frame(mqtt5_websocket *websocket, const packet_info *pinfo, const struct tcp_analysis *tcp)
{
    bool has_messages = websocket->last_frame == pinfo->num;

    if (pinfo->fd->cap_len < pinfo->fd->pkt_len || is_disordered(tcp, pinfo, has_messages))
        mqtt5_websocket_lose(websocket);
}
