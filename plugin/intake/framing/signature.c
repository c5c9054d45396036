/* signature.c
 * Does this connection begin like MQTT?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/framing/signature.h"

#include <string.h>

#include "core/packet/packet.h"
#include "core/standard/integer.h"
#include "intake/framing/framing.h"

#define BRIDGE 0x80               /* mosquitto's bridges set it in the level */
#define MINIMAL_VARIABLE_HEADER 3 /* Connect Flags and Keep Alive */

/* The place in the packet after its fixed header. */
typedef struct {
    const uint8_t *at;
    uint32_t available; /* bytes that are there, at most `remaining` */
    uint32_t remaining; /* Remaining Length */
    uint32_t offset;    /* the next byte, at most `remaining` */
} place;

/* Skips `length` bytes; false if the packet has fewer. */
static bool skip(place *p, uint32_t length)
{
    if (length > p->remaining - p->offset)
        return false;
    p->offset += length;
    return true;
}

/* True if the next `count` bytes are available. */
static bool there(const place *p, uint32_t count)
{
    return p->offset <= p->available && count <= p->available - p->offset;
}

/* Skips a field with two bytes of length; false if it does not fit. Without its length, it counts as
 * empty. */
static bool skip_field(place *p)
{
    uint32_t length = there(p, 2) ? mqtt5_read_two_bytes(p->at + p->offset) : 0;

    return skip(p, 2) && skip(p, length);
}

/* Skips a property list; false if it does not fit, or if its length is not in the shortest form. */
static bool skip_properties(place *p)
{
    uint32_t left = p->offset <= p->available ? p->available - p->offset : 0, value = 0;
    int size = left ? mqtt5_read_variable_byte_integer(p->at + p->offset, left, &value) : 0;

    if (size == 0) /* it is not there as a whole, and has one byte at least */
        return skip(p, 1);
    if (size < 0 || (size > 1 && p->at[p->offset + (uint32_t)size - 1] == 0))
        return false;
    return skip(p, (uint32_t)size) && skip(p, value);
}

/* The version by the Protocol Name and the level, which are skipped; MQTT5_VERSION_UNKNOWN if they
 * are not there, or not MQTT's. */
static unsigned version_of(place *p)
{
    static const uint8_t mqtt[] = {0, 4, 'M', 'Q', 'T', 'T'}, mqisdp[] = {0, 6, 'M', 'Q', 'I', 's', 'd', 'p'};
    unsigned level;

    if (p->available > sizeof mqtt && memcmp(p->at, mqtt, sizeof mqtt) == 0) {
        p->offset = sizeof mqtt + 1;
        level = p->at[sizeof mqtt];
        return level == MQTT5_VERSION_5 ? MQTT5_VERSION_5 : (level & ~BRIDGE) == MQTT5_VERSION_3_1_1 ? MQTT5_VERSION_3_1_1 : 0;
    }
    if (p->available > sizeof mqisdp && memcmp(p->at, mqisdp, sizeof mqisdp) == 0) {
        p->offset = sizeof mqisdp + 1;
        return (p->at[sizeof mqisdp] & ~BRIDGE) == MQTT5_VERSION_3_1 ? MQTT5_VERSION_3_1 : MQTT5_VERSION_UNKNOWN;
    }
    return MQTT5_VERSION_UNKNOWN;
}

/* True if the version allows these Connect Flags. */
static bool flags_fit(uint8_t flags, unsigned version)
{
    if ((flags & MQTT5_CONNECT_WILL) && (flags & MQTT5_CONNECT_WILL_QOS) == MQTT5_CONNECT_WILL_QOS)
        return false;
    if (version < MQTT5_VERSION_5 && (flags & MQTT5_CONNECT_PASSWORD) && !(flags & MQTT5_CONNECT_USER_NAME))
        return false;
    if (version == MQTT5_VERSION_3_1) /* it does not say what the other bits must be */
        return true;
    return !(flags & 0x01) && ((flags & MQTT5_CONNECT_WILL) || !(flags & (MQTT5_CONNECT_WILL_QOS | MQTT5_CONNECT_WILL_RETAIN)));
}

/* Skips User Name or Password, which MQTT 3.1 lets a client leave out. */
static bool skip_optional(place *p, bool announced, unsigned version)
{
    bool at_end = p->offset == p->remaining || p->offset > p->available; /* or it may be */

    return !announced || (version == MQTT5_VERSION_3_1 && at_end) || skip_field(p);
}

/* Skips what the flags announce; false if a field does not fit. */
static bool skip_announced(place *p, uint8_t flags, unsigned version)
{
    if ((flags & MQTT5_CONNECT_WILL) && !((version < MQTT5_VERSION_5 || skip_properties(p)) && skip_field(p) && skip_field(p)))
        return false;
    return skip_optional(p, flags & MQTT5_CONNECT_USER_NAME, version) && skip_optional(p, flags & MQTT5_CONNECT_PASSWORD, version);
}

bool mqtt5_signature(const uint8_t *data, uint32_t available)
{
    mqtt5_frame frame;
    place p = {0};
    unsigned version;
    uint8_t flags;

    if (available < 2 || data[0] != MQTT5_SIGNATURE_FIRST)
        return false;
    frame = mqtt5_frame_read(data, available);
    if (frame.status != MQTT5_FRAME_KNOWN || (frame.header > 2 && data[frame.header - 1] == 0))
        return false;
    p.at = data + frame.header;
    p.remaining = frame.length - frame.header;
    p.available = available - frame.header < p.remaining ? available - frame.header : p.remaining;
    version = version_of(&p);
    if (version == MQTT5_VERSION_UNKNOWN || p.remaining - p.offset < MINIMAL_VARIABLE_HEADER)
        return false;
    flags = there(&p, 1) ? p.at[p.offset] : 0;
    if (!flags_fit(flags, version) || !skip(&p, MINIMAL_VARIABLE_HEADER))
        return false;
    if ((version >= MQTT5_VERSION_5 && !skip_properties(&p)) || !skip_field(&p) || !skip_announced(&p, flags, version))
        return false;
    /* If a length was not available, there may be more. */
    return p.offset == p.remaining || p.offset > p.available;
}
