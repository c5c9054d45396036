/* closing.h
 * The end of a Network Connection: FIN and RST, which no MQTT dissector is called for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CLOSING_H
#define MQTT5_CLOSING_H

/* Registers a look at each frame after its dissection. Once per run, from the handoff. */
void mqtt5_closing_handoff(void);

#endif
