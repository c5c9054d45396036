/* evidence.h
 * What the capture holds of a connection, and what it does not: the one place that answers whether
 * a rule may judge.
 *
 * A rule that says "there was none" needs all that could have been there. Which of these questions
 * it asks depends on what the thing that was not seen would have been:
 *   - said by a side since the connection began: complete(), both_complete()
 *   - said by a side since something was noted:  epoch(), number(), kept together with the note
 *   - received by the sender of a packet:        arrived(), bound_by_connack(), captured_up_to()
 *   - left over from an earlier connection:      fresh(), fresh_for_sender()
 *   - said by a side that is not in the capture: heard()
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_EVIDENCE_H
#define MQTT5_EVIDENCE_H

#include "core/session/session.h"

/* --- What connection.c tells --- */

/* Notes what is missing around a packet, before the packet is judged. */
void mqtt5_evidence_learn(mqtt5_connection *connection, const mqtt5_input *input);

/* The packet was judged: the next one of the other side may acknowledge it. */
void mqtt5_evidence_judged(mqtt5_connection *connection, const mqtt5_input *input);

/* What was noted so far may be wrong, as if bytes were missing: a packet could not be read, or
 * client and server turn out to be the other way round. */
void mqtt5_evidence_doubt(mqtt5_connection *connection);

/* The CONNECT was captured, but so little of it that nothing is known of how the connection began. */
void mqtt5_evidence_lose_start(mqtt5_connection *connection);

/* Bytes of `direction` up to `acks` are missing, or come later: no packet shows it, only an
 * acknowledgment. True if that was not known. */
bool mqtt5_evidence_lose(mqtt5_connection *connection, uint8_t direction, uint32_t acks);

/* Notes what is missing at a close. */
void mqtt5_evidence_close(mqtt5_connection *connection, const mqtt5_close *close);

/* What is missing need not be reported any more: nothing on this connection is MQTT. */
void mqtt5_evidence_mute(mqtt5_connection *connection);

/* Reports what is missing from the capture, each kind once on a connection: evidence_missing. */
void mqtt5_evidence_check(mqtt5_connection *connection, const mqtt5_packet *packet, mqtt5_findings *findings);

/* What is no longer kept, since memory has bounds. */
typedef enum {
    MQTT5_FORGOTTEN_REQUESTS = 16,      /* requests that were answered */
    MQTT5_FORGOTTEN_SUBSCRIPTIONS = 32, /* the client's Topic Filters */
    MQTT5_FORGOTTEN_SHARED = 64,        /* its subscriptions, for capture/ */
    MQTT5_FORGOTTEN_MESSAGES = 128      /* messages of the whole capture */
} mqtt5_forgotten;

/* A rule would need what is no longer kept, or what is kept ends here: reports that, each kind once
 * on a connection: evidence_missing. */
void mqtt5_evidence_forgotten(const mqtt5_event *event, mqtt5_forgotten what);

/* --- Since the connection began --- */

/* True if all that `side` said on this connection, from its first byte to now, is in the capture.
 * False if the capture starts within the connection, even where the side has no gap since; and
 * if the other side has acknowledged more than was captured before. */
bool mqtt5_evidence_complete(const mqtt5_connection *connection, mqtt5_sender side);

/* The same of both sides. */
bool mqtt5_evidence_both_complete(const mqtt5_connection *connection);

/* True if bytes of `side` are known to be missing. Unlike !complete(), false where the capture
 * starts within the connection and has no gap: to be asked about what a side said lately. */
bool mqtt5_evidence_lost(const mqtt5_connection *connection, mqtt5_sender side);

/* True if a packet of `side` was judged. Where none was, the capture may hold one direction
 * only. */
bool mqtt5_evidence_heard(const mqtt5_connection *connection, mqtt5_sender side);

/* True if both CONNECT and a CONNACK that accepts it were seen, and both could be read. */
bool mqtt5_evidence_handshake(const mqtt5_connection *connection);

/* --- Since something was noted --- */

/* Changes whenever a packet shows that bytes are missing or out of order: what was open before may
 * have been answered, and its Packet Identifier used again, unseen. Around a packet that was
 * acknowledged before it was captured it changes twice, so that nothing that this packet opens is
 * certain. */
static inline uint32_t mqtt5_evidence_epoch(const mqtt5_connection *connection)
{
    return connection->evidence.epoch;
}

/* Changes whenever the epoch does, and also when only an acknowledgment shows that bytes are
 * missing. Those bytes may have been an answer to what is open; the next packet shows whether an
 * identifier was used again. */
static inline uint32_t mqtt5_evidence_number(const mqtt5_connection *connection)
{
    return connection->evidence.epoch + connection->evidence.losses;
}

/* --- What the sender of a packet has received --- */

/* TCP's sequence number `number` of `direction`, or an acknowledgment of it, as it would be if
 * TCP's numbers did not run over at 2^32: of all the numbers that it may be, the one that is nearest
 * to what was judged last. So what is more than 2 GB ago is still before it. */
uint64_t mqtt5_evidence_far(const mqtt5_connection *connection, uint8_t direction, uint32_t number);

/* True if the sender of the event had received the packet of the other side that ended at
 * `position` (mqtt5_input): its segment acknowledges it. False without TCP's numbers. */
bool mqtt5_evidence_arrived(const mqtt5_event *event, uint32_t position);

/* True if the client had the CONNACK when it sent the packet, and so is bound by what that says. */
bool mqtt5_evidence_bound_by_connack(const mqtt5_event *event);

/* True if the other direction was judged up to the byte that `direction` acknowledges with `acks`.
 * True, too, where TCP's numbers are not known: nothing speaks against it then. */
bool mqtt5_evidence_captured_up_to(const mqtt5_connection *connection, uint8_t direction, bool acks_known, uint32_t acks);

/* The same for the sender of the event, but false where TCP's numbers are not known. True means
 * that the sender had received no byte that was not judged, such as the first bytes of a packet
 * that is not complete. */
bool mqtt5_evidence_all_judged(const mqtt5_event *event);

/* True if the side that closes, as the first one, has acknowledged bytes that were not judged: the rest
 * of what it was told is not in the capture, or not whole. False where TCP's numbers are not known. */
bool mqtt5_evidence_read_more(const mqtt5_closing *closing);

/* --- Of an earlier connection --- */

/* True if the session has no state of an earlier connection: CONNECT and CONNACK were seen, and
 * Session Present is 0. In MQTT 3.1, which has no Session Present: CleanSession 1. */
bool mqtt5_evidence_fresh(const mqtt5_connection *connection);

/* True if the session is fresh and the sender knew that when it sent the packet (3.2.2.1.1). A
 * client that asked for its old session learns from CONNACK that it is gone. */
bool mqtt5_evidence_fresh_for_sender(const mqtt5_event *event);

#endif
