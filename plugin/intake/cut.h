/* cut.h
 * Cuts the bytes of a call into whole control packets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_CUT_H
#define MQTT5_INTAKE_CUT_H

#include "intake/call.h"

/* Cuts the bytes from call->plan.skip on: fills the batch's packets, `outcome`, `wanted` and
 * `stock_end`. `bytes`, `captured` and `reported` must be set. The result depends only on the bytes
 * and the plan, so it is the same on every pass. */
void mqtt5_cut(mqtt5_call *call);

#endif
