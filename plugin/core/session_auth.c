/* session_auth.c
 * Enhanced authentication: AUTH packets between CONNECT and CONNACK, and after it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"

void mqtt5_session_auth(mqtt5_event *event)
{
    (void)event;
}

void mqtt5_session_auth_clear(mqtt5_connection *connection)
{
    (void)connection;
}
