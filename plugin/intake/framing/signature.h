/* signature.h
 * Whether bytes of an unknown protocol are the CONNECT with which MQTT begins. Bytes in, an answer
 * out; no epan.
 *
 * The answer decides about a whole connection, on any port, so it must never be wrong: a CONNECT
 * with a fault in what is looked at here is not recognized. Such a connection needs Decode As.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_FRAMING_SIGNATURE_H
#define MQTT5_INTAKE_FRAMING_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

/* The first byte of a CONNECT: its type, and flags that are all 0 (MQTT 5.0, 3.1.1). */
#define MQTT5_SIGNATURE_FIRST 0x10

/* True if a CONNECT of MQTT 3.1, 3.1.1 or 5.0 begins at `data`, where `available` bytes are: the
 * fixed header, with a Remaining Length in its shortest form; the Protocol Name and the level that
 * belongs to it (with the bit that mosquitto's bridges set, or without); flags that the version
 * allows; and every length, of the properties and of each field that the flags announce, within the
 * Remaining Length and, together, exactly as long (3.1, 3.1.1 and 5.0, 3.1). What comes after the
 * CONNECT is not looked at. Bytes that are not available count as right, but the level must be
 * available. False for fewer bytes. The work is bounded by the number of fields, not of bytes. */
bool mqtt5_signature(const uint8_t *data, uint32_t available);

#endif
