/* dissect.h
 * Lets stock dissect the packets of a call, and shows our results below its items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_INTAKE_DISSECT_H
#define MQTT5_INTAKE_DISSECT_H

#include "intake/call.h"

/* Lets stock dissect what was cut, in one call, and shows our results. Exceptions pass through
 * after that. */
void mqtt5_dissect(mqtt5_call *call);

/* Asks the carrier for the rest of a packet. Over WebSocket, which cannot be asked, it keeps the
 * bytes for the next message. call->wanted is not 0. */
void mqtt5_ask_for_more(mqtt5_call *call);

#endif
