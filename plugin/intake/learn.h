/* learn.h
 * What a connection learns from a call on the first visit, and what later passes need of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_LEARN_H
#define MQTT5_INTAKE_LEARN_H

#include "intake/call.h"

/* First visit: makes a plan for the bytes of the call from the state of its stream, cuts by it, and
 * updates the state. Sets in the batch what the segment acknowledges, and what is missing. */
void mqtt5_learn(mqtt5_call *call);

/* Later passes: cuts by the plan of the first visit. */
void mqtt5_recall(mqtt5_call *call);

#endif
