/* session_keep_alive.c
 * Silence on a connection: Keep Alive, PINGREQ and PINGRESP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"

void mqtt5_session_keep_alive(mqtt5_event *event)
{
    (void)event;
}

void mqtt5_session_keep_alive_clear(mqtt5_connection *connection)
{
    (void)connection;
}

void mqtt5_session_keep_alive_closed(mqtt5_closing *closing)
{
    (void)closing;
}
