/* decode.h
 * Bytes to control packet: the fixed header and every field of all 15 control packets of MQTT 5,
 * 3.1.1 and 3.1. Nothing is copied: a decoded packet points into the bytes that it was decoded
 * from.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_DECODE_H
#define MQTT5_PACKET_DECODE_H

#include "core/packet/packet.h"

/* Decodes one control packet whose length is known from its fixed header.
 *   data, captured  the bytes at hand, from the first of the fixed header
 *   length          of the whole packet; captured < length means that the capture cut it, about
 *                   which nothing is said
 *   version         3, 4 or 5 from the CONNECT, or 0; CONNECT itself is decoded as the version that
 *                   it names
 *   findings        gets packet_malformed, property_malformed, property_unknown and the like, with
 *                   offset and reason; may be NULL
 * Fills *packet whatever the bytes; returns packet->status. */
mqtt5_decode_status mqtt5_decode(mqtt5_packet *packet, const uint8_t *data, uint32_t captured, uint32_t length, unsigned version,
                                 mqtt5_findings *findings);

#endif
