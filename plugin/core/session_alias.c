/* session_alias.c
 * Topic Aliases, by direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"

void mqtt5_session_alias(mqtt5_event *event)
{
    (void)event;
}

void mqtt5_session_alias_clear(mqtt5_connection *connection)
{
    (void)connection;
}
