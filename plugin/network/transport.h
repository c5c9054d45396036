/* transport.h
 * Keeps the numbers of core/transport.h for a Network Connection, from what Wireshark's TCP
 * dissector has found.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_NETWORK_TRANSPORT_H
#define MQTT5_NETWORK_TRANSPORT_H

#include "network/tcp.h"

/* Notes how TCP counts what it hands on: `acks` is the acknowledgment number of the frame that TCP
 * is at, as the segment came with it. On the first visit only. */
void mqtt5_transport_count(mqtt5_network *network, const struct tcp_analysis *tcp, uint32_t acks);

/* The acknowledgment number of the frame that TCP is at, as mqtt5_input.acks counts. False if it has
 * none. On the first visit only. */
bool mqtt5_transport_acks(const mqtt5_network *network, const struct tcp_analysis *tcp, uint32_t *acks);

/* The number of the first byte of a direction: it follows the SYN, or is what a CONNECT of the other
 * side waited for. False if neither was captured. `own`: it is the direction of the frame that TCP is
 * at. */
bool mqtt5_transport_start(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction, bool own, uint32_t *start);

/* True if the sender of the frame that TCP is at acknowledges bytes of the other direction that were
 * not handed on to MQTT. They are missing from the capture, or come later. Of a packet whose end is not there yet, all that was
 * announced counts as handed on. On the first visit only. */
bool mqtt5_transport_ahead(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction);

/* Brings network->transport up to date with the frame that TCP is at, on its first visit. To be
 * called once for each frame, when all in it was judged. `direction` is that of the frame. */
void mqtt5_transport_follow(mqtt5_network *network, const struct tcp_analysis *tcp, const packet_info *pinfo, uint8_t direction);

/* True if `raw`, the sequence number of the frame that TCP is at, of `direction`, is before bytes that the
 * other end has acknowledged, or so far after them that no window reaches there. */
bool mqtt5_transport_stale(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction, uint32_t raw);

#endif
