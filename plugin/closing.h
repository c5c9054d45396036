/* closing.h
 * The end of a Network Connection: FIN and RST, which no MQTT dissector is called for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CLOSING_H
#define MQTT5_CLOSING_H

/* From now on, has a look at each frame after its dissection. To be called when MQTT is seen; again does nothing. */
void mqtt5_closing_watch(void);

#endif
