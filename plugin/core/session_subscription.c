/* session_subscription.c
 * Subscriptions, and what is delivered for them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"

void mqtt5_session_subscription(mqtt5_event *event)
{
    (void)event;
}

void mqtt5_session_subscription_clear(mqtt5_connection *connection)
{
    (void)connection;
}
