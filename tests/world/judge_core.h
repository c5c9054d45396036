/* judge_core.h
 * The plugin's pure core on a simulated world, without Wireshark: each control packet with the
 * evidence that an intake without fault would give. Where bytes are missing the intake knows, from
 * the world itself, where the next packet starts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_JUDGE_CORE_H
#define WORLD_JUDGE_CORE_H

#include "core/connection.h"
#include "tap.h"

/* Who is told of each packet or close that draws a finding. `p` is NULL for a close; frames count
 * from 1. */
typedef void (*judged_call)(void *user, uint32_t frame, const packet *p, const mqtt5_findings *findings);

/* Who is told of each packet that was judged; NULL: nobody. */
typedef void (*judged_packet)(void *user, uint32_t frame, const packet *p, const mqtt5_facts *facts);

/* Judges a capture of a world from its first frame to its last; returns how many packets were
 * judged. */
unsigned judge_core(const world *w, const GArray *captures, judged_call call, judged_packet each, void *user);

#endif
