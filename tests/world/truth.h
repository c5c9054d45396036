/* truth.h
 * What a capture of a simulated world really shows, line by line:
 *
 *     world  NUMBER FIRST LAST SEED SERVER                  frames, from the first to the last
 *     packet FRAME NTH CONNECTION DIRECTION TEXT            the frame with its last byte; NTH: of those that end there, from 1
 *     again  FRAME NTH FIRST-FRAME FIRST-NTH                sent again, by MQTT: what it repeats
 *     copy   FRAME NTH ORIGINAL-FRAME ORIGINAL-NTH          a message from the server, and where it comes from: PUBLISH, or CONNECT with the Will
 *     fault  FRAME NTH RULE WHERE                           the packet breaks this rule, or one of several, separated by |: to be found "there" or
 *                                                           "later", if at all. FRAME 0: there is no such packet
 *     tap    FRAME WHAT                                     what the tap did to a frame
 *
 * Fields are separated by tabs. Frame 0: the capture lacks it. CONNECTION counts within the world,
 * from 0; DIRECTION is "client" or "server".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_TRUTH_H
#define WORLD_TRUTH_H

#include <stdio.h>

#include "tap.h"

/* Writes it of a world whose first frame has the number `first`. */
void truth_write(FILE *file, const world *w, const GArray *captures, unsigned first);

#endif
