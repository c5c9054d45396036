/* closing.h
 * The end of a Network Connection: FIN and RST, for which Wireshark calls no MQTT dissector.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_CLOSING_H
#define MQTT5_INTAKE_CLOSING_H

/* Has each frame looked at after its dissection, whether MQTT was seen or not: a connection to a port
 * of MQTT may end without any. Further calls do nothing. */
void mqtt5_closing_watch(void);

#endif
