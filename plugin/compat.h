/* compat.h
 * The differences between Wireshark 4.0, 4.2, 4.4 and 4.6: the only file that looks at a version number.
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

/* 4.4: the getters of tvbuff got names after stdint; the old ones are deprecated there. */
#if !WS_AT_LEAST(4, 4)
#define tvb_get_uint8 tvb_get_guint8
#endif

/* 4.6: dissector_try_uint_new() became dissector_try_uint_with_data(). */
#if WS_AT_LEAST(4, 6)
#define mqtt5_try_uint dissector_try_uint_with_data
#else
#define mqtt5_try_uint dissector_try_uint_new
#endif

/* 4.4: booleans of the API (preferences, callbacks) became bool, of one byte; before, they are gboolean, of four. A cast between pointers
 * to them would corrupt memory. */
#if WS_AT_LEAST(4, 4)
typedef bool mqtt5_bool;
#else
typedef gboolean mqtt5_bool;
#endif

/* 4.4: submenus of stats trees are separated by "//"; before, by "/", and the header has no name for it. */
#include <epan/stats_tree.h>
#ifdef STATS_TREE_MENU_SEPARATOR
#define MQTT5_STATS_MENU_SEPARATOR STATS_TREE_MENU_SEPARATOR
#else
#define MQTT5_STATS_MENU_SEPARATOR "/"
#endif

/* 4.4: conversation filters are given a pointer of their own, which nobody needs here. */
#if WS_AT_LEAST(4, 4)
#define MQTT5_FILTER_PARAMETERS packet_info *pinfo, G_GNUC_UNUSED void *unused
#define mqtt5_register_conversation_filter(proto, name, valid, build) register_conversation_filter(proto, name, valid, build, NULL)
#else
#define MQTT5_FILTER_PARAMETERS packet_info *pinfo
#define mqtt5_register_conversation_filter register_conversation_filter
#endif

#endif
