/* session_world.c
 * What one connection says about another.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"

void mqtt5_session_world(mqtt5_event *event)
{
    (void)event;
}

void mqtt5_session_world_clear(mqtt5_connection *connection)
{
    (void)connection;
}

void mqtt5_session_world_closed(mqtt5_closing *closing)
{
    (void)closing;
}
