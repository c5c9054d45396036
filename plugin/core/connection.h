/* connection.h
 * One Network Connection between a Client and a Server: its version, which end is which, and
 * (session state) what it has said so far. Fed with control packets in the order of the capture,
 * once; what comes back is frozen by the caller.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CONNECTION_H
#define MQTT5_CONNECTION_H

#include "core/capture/capture.h"
#include "core/facts.h"
#include "core/input.h"
#include "core/packet/foreign.h"
#include "core/packet/packet.h"
#include "core/packet/upgrade.h"

typedef struct mqtt5_connection mqtt5_connection;

/* Memory for the state of a connection; freed with mqtt5_connection_free(). `capture` outlives it,
 * and joins what it says to other connections of the capture. `default_version` is 0, or the
 * version to assume where no CONNECT was seen. */
mqtt5_connection *mqtt5_connection_new(mqtt5_capture *capture, unsigned default_version);
void mqtt5_connection_free(mqtt5_connection *connection);

/* A request may go without an answer for so many seconds before it counts as hanging; 0: for ever.
 * 30 in a new connection. */
void mqtt5_connection_set_patience(mqtt5_connection *connection, unsigned seconds);

/* Reports what weakens security, too (the rules of the group SECURITY); off in a new connection. */
void mqtt5_connection_set_security(mqtt5_connection *connection, bool on);

/* Judges the next control packet: decodes it into *packet, fills *facts and *findings. Never fails.
 * *facts must stay where it is for as long as the connection: its `answer` is filled in when that
 * comes. */
void mqtt5_connection_judge(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_packet *packet, mqtt5_facts *facts,
                            mqtt5_findings *findings);

/* Takes bytes of another protocol, the first ones that a direction sends: `input` is as for a packet,
 * with all bytes of the call; `kind` is what mqtt5_foreign_read() found, and not
 * MQTT5_FOREIGN_NONE. Fills *facts, as for a packet of type MQTT5_BYTES, and *findings. */
void mqtt5_connection_foreign(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_foreign kind, mqtt5_facts *facts,
                              mqtt5_findings *findings);

/* Judges the fixed header of a packet whose rest is still to come: `input` has the bytes that are
 * there, and the length that it announces, 0 if that is not known yet. Fills *facts and *findings.
 * The packet is to be judged when it is whole. */
void mqtt5_connection_announce(mqtt5_connection *connection, const mqtt5_input *input, mqtt5_facts *facts, mqtt5_findings *findings);

/* True if these bytes may well be a packet of this connection: they break no rule by themselves, and
 * neither their type nor that it comes now contradicts what is known. For bytes that were found by
 * searching, after others went missing; where this is false, they are not to be judged. */
bool mqtt5_connection_believes(mqtt5_connection *connection, const mqtt5_input *input);

/* Judges a close, and notes what it leaves open. To be called once for the first FIN of the
 * connection, whose sender closes, and once for the first RST; the other side's FIN adds nothing.
 * Fills *findings, and *facts as for a packet of type MQTT5_CLOSE, whose sender is the side that
 * closes. */
void mqtt5_connection_close(mqtt5_connection *connection, const mqtt5_close *close, mqtt5_facts *facts, mqtt5_findings *findings);

/* True if a side has said that nothing more comes: DISCONNECT, or a CONNACK that refuses. */
bool mqtt5_connection_is_over(const mqtt5_connection *connection);

/* Who the client is, as known now; NULL if no CONNECT was seen. */
const mqtt5_identity *mqtt5_connection_identity(const mqtt5_connection *connection);

/* Says that the other end acknowledges bytes of `direction` up to `acks` (as in mqtt5_input) that
 * were not judged, where no packet says so (mqtt5_input.peer_gap): they are missing from the
 * capture, or come later. */
void mqtt5_connection_lost(mqtt5_connection *connection, uint8_t direction, uint32_t acks);

/* Explains the close of a connection of which no control packet was seen; `connection` knows the others
 * of the capture, NULL: nothing is known of them. Fills *facts and *findings
 * as mqtt5_connection_close() does; there is no finding, and a cause only where the capture proves
 * it. */
void mqtt5_connection_bare(const mqtt5_connection *connection, const mqtt5_bare *bare, mqtt5_facts *facts, mqtt5_findings *findings);

/* The server of a connection agrees on `version` of TLS, as mqtt5_security_hello() takes it: for
 * those who ask about security. Fills *facts, and *findings with what there is to say. */
void mqtt5_connection_hello(unsigned version, mqtt5_facts *facts, mqtt5_findings *findings);

/* The server has answered the request for WebSocket of a client that offers "mqtt". Fills *facts, and
 * *findings with what is wrong about it, which is then not reported of the CONNECT. */
void mqtt5_connection_upgrade(mqtt5_connection *connection, const mqtt5_upgrade *upgrade, mqtt5_facts *facts, mqtt5_findings *findings);

#endif
