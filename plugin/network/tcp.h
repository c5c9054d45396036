/* tcp.h
 * What Wireshark's TCP dissector knows about a Network Connection: losses, acknowledgments, FIN and
 * RST.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_TCP_H
#define MQTT5_TCP_H

#include <epan/dissectors/packet-tcp.h>

#include "network/network.h"

/* TCP's data for the conversation, with `fwd` and `rev` as TCP has set them for this frame; NULL if
 * it is not TCP. Unlike get_tcp_conversation_data(), this changes nothing there. */
const struct tcp_analysis *mqtt5_tcp_of(mqtt5_network *network);

/* True if bytes before this segment are missing from the capture. Call this and the next one after
 * TCP has analyzed the frame. */
bool mqtt5_tcp_lost(const struct tcp_analysis *tcp);

/* True if the segment has been sent before, as far as TCP can tell: its acknowledgment may be newer
 * than its bytes. On the first visit only. */
bool mqtt5_tcp_sent_again(const struct tcp_analysis *tcp);

/* True if TCP hands on bytes in their order, and none after a hole: the preference
 * tcp.reassemble_out_of_order. Looks the preference up, so ask it last. */
bool mqtt5_tcp_in_order(void);

/* True if a segment of the conversation until now, of either side, was sent again, came late, or came
 * after a hole. Takes time; to be asked once for a connection. */
bool mqtt5_tcp_was_troubled(const struct tcp_analysis *tcp);

/* True if frame `frame`, which TCP is at, reaches further than all before it. */
bool mqtt5_tcp_advances(const struct tcp_analysis *tcp, uint32_t frame);

/* True if the sender of TCP's current frame has sent a FIN, and all bytes before it belong to
 * captured packets. Works only directly on TCP, and on the first visit. */
bool mqtt5_tcp_at_end(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction);

/* True unless bytes are known to be missing before the FIN, or RST (`reset`), of TCP's current
 * frame. On the first visit only. */
bool mqtt5_tcp_complete(const mqtt5_network *network, const struct tcp_analysis *tcp, uint8_t direction, bool reset);

/* True if nothing of the other side was captured yet, not even its SYN. On the first visit only. */
bool mqtt5_tcp_other_unseen(const struct tcp_analysis *tcp);

#endif
