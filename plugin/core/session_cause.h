/* session_cause.h
 * Causes, by what failed. Internal to the session modules.
 *
 * A cause says what the capture shows of it, and no more: "(suspected)" where it is a guess among packets, nothing where nothing speaks for any.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SESSION_CAUSE_H
#define MQTT5_SESSION_CAUSE_H

#include "flow_table.h"
#include "session.h"

/* --- session_cause.c --- */

/* Sets the cause of the event's packet, headed by the packet and its code: "PUBACK 0x87 (Not authorized): <text>". `frame` as in mqtt5_cause. */
#define mqtt5_cause_report(event, code, frame, ...)                                                                                        \
    mqtt5_cause_set(&(event)->findings->cause, mqtt5_cause_head(event, code, (char[MQTT5_CAUSE_HEAD]){0}), frame, __VA_ARGS__)
#define MQTT5_CAUSE_HEAD 80
const char *mqtt5_cause_head(const mqtt5_event *event, uint8_t code, char buffer[MQTT5_CAUSE_HEAD]);

/* Time between two frames in seconds, for a message; never negative. */
double mqtt5_cause_seconds(int64_t from, int64_t to);

/* Names the rule that the packet of `fault` broke: "PUBLISH in frame 7 breaks a rule: <summary> [clause]". */
const char *mqtt5_cause_fault(const mqtt5_fault *fault, char *buffer, size_t size);

/* True if nothing speaks against a contradiction: both sides are in the capture from CONNECT on, the connection was accepted, and the sender of the event had no
 * byte of the other side that was not judged (such as the beginning of a packet that is not complete). */
bool mqtt5_cause_certain(const mqtt5_event *event);

/* What becomes of the Will when the connection ends without DISCONNECT 0x00, as a clause of a sentence that begins with "its Will"; NULL if there is none, or it is not known. */
const char *mqtt5_cause_will(const mqtt5_connection *connection, char *buffer, size_t size);

/* --- session_cause_request.c: answers that refuse a request --- */

/* PUBACK or PUBREC refuses the message of `flow`. To be called while that is open. */
void mqtt5_cause_of_refused_message(const mqtt5_event *event, const mqtt5_flows *flows, const mqtt5_flow *flow);

/* Any other answer with a failure, or one whose request is not known. */
void mqtt5_cause_of_answer(const mqtt5_event *event);

/* --- session_cause_connack.c, session_cause_disconnect.c --- */

/* CONNACK that refuses: the part of the CONNECT that it is about. */
void mqtt5_cause_of_refusal(const mqtt5_event *event);

/* DISCONNECT with a failure, or with 0x04. */
void mqtt5_cause_of_disconnect(const mqtt5_event *event);

/* DISCONNECT 0x9A to 0xA2 of the server: what it does not support, and who used it. */
void mqtt5_cause_of_feature(const mqtt5_event *event);

/* --- What other modules know --- */

/* session_keep_alive.c: what holds, and the frame that says so. False where the capture does not tell. */
bool mqtt5_session_keep_alive_of(const mqtt5_connection *connection, uint32_t *seconds, uint32_t *frame, bool *by_server);

/* session_keep_alive.c: the oldest PINGREQ without an answer, and when it was. False if there is none. */
bool mqtt5_session_ping_open(const mqtt5_connection *connection, uint32_t *frame, int64_t *time);

/* session_alias.c: the last Topic Alias that a side has used, and the last that was not legal. False if it has used none. */
typedef struct {
    uint32_t frame; /* 0: none */
    uint32_t alias;
} mqtt5_alias_use;
bool mqtt5_session_alias_used(const mqtt5_side *side, mqtt5_alias_use *last, mqtt5_alias_use *invalid);

/* session_flow.c: the requests of a side that wait for an answer, or for the rest of their handshake: their number, and in *oldest the first of them. 0 if there are
 * none for sure. */
unsigned mqtt5_session_requests_open(const mqtt5_connection *connection, mqtt5_sender side, const mqtt5_flow **oldest);

/* session_flow.c: true if the sender of the event had received no more bytes of the other side than were judged. */
bool mqtt5_session_all_judged(const mqtt5_event *event);

#endif
