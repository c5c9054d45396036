/* statistics.h
 * What the plugin adds to Wireshark's menus, and to tshark -z and --export-objects. All of it
 * listens to the records of tap.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STATISTICS_H
#define MQTT5_STATISTICS_H

/* Call each function once, when the protocol is registered. */

/* Service response times: -z mqtt5,srt. `proto` is the protocol "mqtt5". */
void mqtt5_srt_register(int proto);

/* Trees of packet types and reason codes, findings, topics: -z mqtt5,tree, -z mqtt5_findings,tree,
 * -z mqtt5_topics,tree. */
void mqtt5_trees_register(void);

/* The table of all sessions: -z mqtt5,sessions. */
void mqtt5_sessions_register(void);

/* The table of deliveries by topic and publisher: -z mqtt5,deliveries, and the preference
 * mqtt5.deliveries_levels. Call it after mqtt5_columns_register(). */
void mqtt5_deliveries_register(void);

/* Endpoints by Client ID: -z endpoints,mqtt5. `proto` is the protocol "mqtt5". */
void mqtt5_endpoints_register(int proto);

/* The filters "MQTT session" and "MQTT client" of the menu Conversation Filter. */
void mqtt5_conversation_filter_register(void);

/* File > Export Objects, --export-objects mqtt5,FOLDER, and the preference mqtt5.export_objects.
 * `proto` is the protocol "mqtt5". Call it after mqtt5_columns_register() and
 * mqtt5_tap_register(). */
void mqtt5_objects_register(int proto);

/* Analyze > Follow > MQTT5 Stream, -z follow,mqtt5. `proto` is the protocol "mqtt5". */
void mqtt5_follow_register(int proto);

#endif
