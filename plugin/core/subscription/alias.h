/* alias.h
 * What subscription/alias.c knows that causes ask for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_SUBSCRIPTION_ALIAS_H
#define MQTT5_SUBSCRIPTION_ALIAS_H

#include "core/session/session.h"

typedef struct {
    uint32_t frame; /* 0: none */
    uint32_t alias;
} mqtt5_alias_use;

/* The last Topic Alias that a side has used, and the last that was not legal. False if it has used
 * none. */
bool mqtt5_alias_used(const mqtt5_side *side, mqtt5_alias_use *last, mqtt5_alias_use *invalid);

#endif
