/* causes.h
 * Causes, by what failed. Internal to the session modules.
 *
 * A cause says what the capture shows of it, and no more: MQTT5_SUSPECTED where it is a guess among
 * packets, nothing where nothing speaks for any.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAUSES_H
#define MQTT5_CAUSES_H

#include "core/session/session.h"

/* --- causes/causes.c --- */

/* Sets the cause of the event's packet, headed by the packet and its code: "PUBACK 0x87 (Not
 * authorized): <text>". `frame` as in mqtt5_cause. */
#define mqtt5_cause_report(event, code, frame, ...)                                                                                        \
    mqtt5_cause_set(&(event)->findings->cause, mqtt5_cause_head(event, code, (char[MQTT5_CAUSE_HEAD]){0}), frame, __VA_ARGS__)
const char *mqtt5_cause_head(const mqtt5_event *event, uint8_t code, char buffer[MQTT5_CAUSE_HEAD]);

/* The kind of cause that a reason code of MQTT 5 names in a refusal or a DISCONNECT. */
mqtt5_cause_kind mqtt5_cause_kind_of_code(uint8_t code);

/* Time between two frames in seconds, for a message; never negative. */
double mqtt5_cause_seconds(int64_t from, int64_t to);

/* Names the rule that the packet of `fault` broke: "PUBLISH in frame 7 breaks a rule: <summary>
 * [clause]". */
const char *mqtt5_cause_fault(const mqtt5_fault *fault, char *buffer, size_t size);

/* True if the evidence suffices to contradict the sender of the event: both sides are in the
 * capture from CONNECT on, the connection was accepted, and the sender had received no byte that
 * was not judged (such as the first bytes of a packet that is not complete). */
bool mqtt5_cause_certain(const mqtt5_event *event);

/* What happens to the Will when the connection ends without DISCONNECT 0x00, at `now`: a clause that
 * begins with "its Will". NULL if there is no Will, or it is not known. */
const char *mqtt5_cause_will(const mqtt5_connection *connection, int64_t now, char *buffer, size_t size);

/* --- causes/request.c: answers that refuse a request --- */

/* An answer to PUBLISH, PUBREC, PUBREL, SUBSCRIBE or UNSUBSCRIBE that refuses. */
void mqtt5_cause_of_answer(const mqtt5_event *event);

/* --- causes/connack.c, causes/disconnect.c --- */

/* CONNACK that refuses: the part of the CONNECT that it is about. */
void mqtt5_cause_of_refusal(const mqtt5_event *event);

/* DISCONNECT with a failure, or with 0x04. */
void mqtt5_cause_of_disconnect(const mqtt5_event *event);

/* DISCONNECT 0x9A to 0xA2 of the server: what it does not support, and who used it. */
void mqtt5_cause_of_feature(const mqtt5_event *event);

#endif
