/* opcode.c
 * Finds the header of the WebSocket frame (RFC 6455, 5.2) of a message. Wireshark's WebSocket
 * dissector does not pass it on, but it can be read: it is just before a message that is not
 * masked. Of a masked message we get a copy; its header is at the one place in the frame's data
 * where header, masking key and masked bytes fit the copy.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/opcode.h"

#include <epan/proto_data.h>

#include "compat.h"
#include "intake/keys.h"
#include "stock.h"

#define OPCODE_MASK 0x0F
#define OPCODE_TEXT 1
#define OPCODE_BINARY 2
#define RESERVED_MASK 0x70
#define MASKED 0x80
#define KEY_LENGTH 4

/* Bounds the search for a header, because a frame may have many messages. */
#define MISSES_MAX 4

/* Where the last message of this frame was found; the next one is after it. */
typedef struct {
    tvbuff_t *source;
    uint32_t at;
    unsigned misses;
} cursor;

/* The length of a header, without masking key, for `length` bytes. */
static unsigned header_length(uint32_t length)
{
    return length < 126 ? 2 : length < 65536 ? 4 : 10;
}

/* True if the header_length() bytes at `data` are the header of a data frame with `length`
 * bytes. */
static bool announces(const uint8_t *data, uint32_t length, uint8_t masked)
{
    uint8_t opcode = data[0] & OPCODE_MASK;
    uint64_t announced = 0;
    unsigned i, header = header_length(length);

    if ((data[1] & MASKED) != masked || (data[0] & RESERVED_MASK) || (opcode != OPCODE_TEXT && opcode != OPCODE_BINARY))
        return false;
    if (header == 2)
        return (data[1] & ~MASKED) == (int)length;
    for (i = 2; i < header; i++)
        announced = announced << 8 | data[i];
    return (data[1] & ~MASKED) == (header == 4 ? 126 : 127) && announced == length;
}

/* True if the captured part of the message is at `data`, with the masking key before it. */
static bool is_masked(const uint8_t *data, const uint8_t *message, uint32_t captured)
{
    uint32_t i;

    for (i = 0; i < captured; i++)
        if ((data[KEY_LENGTH + i] ^ data[i % KEY_LENGTH]) != message[i])
            return false;
    return true;
}

/* Searches `source`, from `from` on, for the masked frame of the message. Returns the offset of its
 * header, or UINT32_MAX. */
static uint32_t find_in(tvbuff_t *source, uint32_t from, const uint8_t *message, uint32_t captured, uint32_t length)
{
    uint32_t size = (uint32_t)tvb_captured_length(source), needed = header_length(length) + KEY_LENGTH + captured, at;
    const uint8_t *data;

    if (size < needed || from > size - needed)
        return UINT32_MAX;
    data = tvb_get_ptr(source, 0, (int)size);
    for (at = from; at <= size - needed; at++)
        if (announces(data + at, length, MASKED) && is_masked(data + at + header_length(length), message, captured))
            return at;
    return UINT32_MAX;
}

static cursor *cursor_of(packet_info *pinfo)
{
    cursor *found = p_get_proto_data(pinfo->pool, pinfo, mqtt5_proto(), MQTT5_KEY_OPCODES);

    if (!found) {
        found = wmem_new0(pinfo->pool, cursor);
        p_add_proto_data(pinfo->pool, pinfo, mqtt5_proto(), MQTT5_KEY_OPCODES, found);
    }
    return found;
}

/* The opcode of the masked frame whose message `own` is a copy of; 0 if it is not found. */
static uint8_t masked_opcode(packet_info *pinfo, tvbuff_t *own)
{
    uint32_t captured = (uint32_t)tvb_captured_length(own), length = (uint32_t)tvb_reported_length(own), at = UINT32_MAX;
    const uint8_t *message = captured ? tvb_get_ptr(own, 0, (int)captured) : NULL;
    cursor *last = cursor_of(pinfo);
    GSList *each;

    if (!message || last->misses > MISSES_MAX)
        return 0;
    if (last->source)
        at = find_in(last->source, last->at, message, captured, length);
    for (each = pinfo->data_src; at == UINT32_MAX && each; each = each->next) {
        tvbuff_t *source = get_data_source_tvb(each->data);

        if (source == own || source == last->source)
            continue;
        at = find_in(source, 0, message, captured, length);
        if (at != UINT32_MAX)
            last->source = source;
    }
    if (at == UINT32_MAX) {
        last->misses++;
        return 0;
    }
    last->at = at + header_length(length) + KEY_LENGTH + captured;
    return tvb_get_uint8(last->source, (int)at) & OPCODE_MASK;
}

bool mqtt5_opcode_is_text(packet_info *pinfo, tvbuff_t *tvb)
{
    tvbuff_t *source = tvb_get_ds_tvb(tvb);
    int raw = tvb_raw_offset(tvb);
    uint32_t length = (uint32_t)tvb_reported_length(tvb);
    int header = (int)header_length(length);
    const uint8_t *before;

    if (source == tvb)
        return masked_opcode(pinfo, tvb) == OPCODE_TEXT;
    if (raw < header)
        return false;
    before = tvb_get_ptr(source, raw - header, header);
    return announces(before, length, 0) && (before[0] & OPCODE_MASK) == OPCODE_TEXT;
}
