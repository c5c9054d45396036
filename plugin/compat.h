/* compat.h
 * The differences between Wireshark 4.0, 4.2, 4.4 and 4.6: the only file that looks at a version
 * number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_COMPAT_H
#define MQTT5_COMPAT_H

#include <stdbool.h>
#include <stdint.h>

#include <wireshark.h>
#include <ws_version.h>

#include <epan/packet.h>
#include <epan/prefs.h>
#include <wiretap/wtap.h>      /* until 4.4, <epan/packet.h> brings it */
#include <epan/unit_strings.h> /* until 4.2, <epan/packet.h> brings it */

/* True when compiled for Wireshark major.minor or a later one. */
#define WS_AT_LEAST(major, minor)                                                                                                          \
    (WIRESHARK_VERSION_MAJOR > (major) || (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* 4.4: the getters of tvbuff are named after stdint; the old names are deprecated. */
#if !WS_AT_LEAST(4, 4)
#define tvb_get_uint8 tvb_get_guint8
#endif

/* 4.6: dissector_try_uint_new() became dissector_try_uint_with_data(). */
#if WS_AT_LEAST(4, 6)
#define mqtt5_try_uint dissector_try_uint_with_data
#else
#define mqtt5_try_uint dissector_try_uint_new
#endif

/* 4.4: tvb_child_uncompress() became tvb_child_uncompress_zlib(). Both know zlib, gzip and deflate. */
#if WS_AT_LEAST(4, 4)
#define mqtt5_uncompress tvb_child_uncompress_zlib
#else
#define mqtt5_uncompress tvb_child_uncompress
#endif

/* 4.4: booleans of the API (preferences, callbacks) are bool, with one byte; before 4.4 they are
 * gboolean, with four. A cast between pointers to them would corrupt memory. */
#if WS_AT_LEAST(4, 4)
typedef bool mqtt5_bool;
#else
typedef gboolean mqtt5_bool;
#endif

/* 4.4: "//" separates submenus of stats trees. Before 4.4 it is "/", and the header has no name for
 * it. */
#include <epan/stats_tree.h>
#ifdef STATS_TREE_MENU_SEPARATOR
#define MQTT5_STATS_MENU_SEPARATOR STATS_TREE_MENU_SEPARATOR
#else
#define MQTT5_STATS_MENU_SEPARATOR "/"
#endif

/* 4.4: conversation filters get a pointer of their own, which we do not need. */
#if WS_AT_LEAST(4, 4)
#define MQTT5_FILTER_PARAMETERS packet_info *pinfo, void *unused _U_
#define mqtt5_register_conversation_filter(proto, name, valid, build) register_conversation_filter(proto, name, valid, build, NULL)
#else
#define MQTT5_FILTER_PARAMETERS packet_info *pinfo
#define mqtt5_register_conversation_filter register_conversation_filter
#endif

/* 4.2: a follower also counts streams, for the window; and finds substreams, which we do not have.
 * Before, its window knows only Wireshark's own followers. */
#if WS_AT_LEAST(4, 2)
#define mqtt5_register_follow(proto, tap, of_packet, of_stream, of_addresses, port, packet, count)                                         \
    register_follow_stream(proto, tap, of_packet, of_stream, of_addresses, port, packet, count, NULL)
#else
#define mqtt5_register_follow(proto, tap, of_packet, of_stream, of_addresses, port, packet, count)                                         \
    register_follow_stream(proto, tap, of_packet, of_stream, of_addresses, port, packet)
#endif

/* What QUIC passes to the dissector of a stream begins with the number of the stream, in all releases;
 * its header needs that of a library. */
#define MQTT5_QUIC_STREAM(data) (*(const uint64_t *)(data))

/* Values in the structures of Wireshark's TCP dissector that have no public names. They are the
 * same from 4.0 to 4.6; a test compares them with the fields of TCP that show them. */
/* tcp_flow_t.lastsegmentflags: of the last segment of a direction */
#define MQTT5_TCP_LOST_PACKET 0x0002     /* tcp.analysis.lost_segment */
#define MQTT5_TCP_ACK_LOST_PACKET 0x0004 /* tcp.analysis.ack_lost_segment */
#define MQTT5_TCP_KEEP_ALIVE 0x0008      /* tcp.analysis.keep_alive */
#define MQTT5_TCP_ZERO_WINDOW 0x0020     /* tcp.analysis.zero_window */
#define MQTT5_TCP_SENT_AGAIN 0x4601      /* tcp.analysis.retransmission, fast and spurious ones too, out_of_order */
#define MQTT5_TCP_BASE_SEQ_SET 0x01      /* tcp_flow_t.static_flags: base_seq is set */
#define MQTT5_TCP_COMPLETENESS_SYN 0x01  /* tcp_analysis.conversation_completeness: tcp.completeness */
#define MQTT5_TCP_COMPLETENESS_SYN_ACK 0x02
#define MQTT5_TCP_COMPLETENESS_FIN 0x10
#define MQTT5_TCP_COMPLETENESS_RST 0x20

#endif
