/* claim.h
 * Finds MQTT where no port, no subprotocol and no user says that it is there: on any TCP port, and in
 * any TLS connection, by its CONNECT.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_CLAIM_H
#define MQTT5_INTAKE_CLAIM_H

#include <epan/packet.h>

/* Looks up the TLS dissector. Called once, from the handoff. */
void mqtt5_claim_handoff(void);

/* True if the first bytes that one end of a TCP connection sends are a CONNECT (mqtt5_signature()),
 * and no dissector has this connection. From this frame on, TCP then calls `handle` for it. `data`
 * is what TCP passes to its heuristic dissectors; NULL (an exported PDU) is allowed. False, after a
 * look at one byte, for nearly all that is not MQTT. */
bool mqtt5_claim_tcp(tvbuff_t *tvb, packet_info *pinfo, void *data, dissector_handle_t handle);

/* The same for the decrypted bytes of a TLS connection, unless the user has chosen a dissector for one
 * of its ports; TLS asks as long as it does not know the application from ALPN or by other means. */
bool mqtt5_claim_tls(tvbuff_t *tvb, packet_info *pinfo, dissector_handle_t handle);

#endif
