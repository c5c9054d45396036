/* statistics.h
 * What the plugin adds to Wireshark's Statistics menu, and to tshark -z. All of it listens to the tap "mqtt5" and learns nothing itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STATISTICS_H
#define MQTT5_STATISTICS_H

/* Each is to be called once, with the protocol's registration. */

/* Service response times: -z mqtt5,srt. `proto` is the protocol that they belong to. */
void mqtt5_srt_register(int proto);

/* Trees of packet types and reason codes, findings, topics: -z mqtt5,tree, -z mqtt5_findings,tree, -z mqtt5_topics,tree. */
void mqtt5_trees_register(void);

/* The table of all sessions: -z mqtt5,sessions. */
void mqtt5_sessions_register(void);

/* The filters "MQTT session" and "MQTT client" of the menu Conversation Filter. */
void mqtt5_conversation_filter_register(void);

#endif
