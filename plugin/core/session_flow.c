/* session_flow.c
 * Packet Identifiers and acknowledgments: who waits for what.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "session.h"

void mqtt5_session_flow(mqtt5_event *event)
{
    (void)event;
}

void mqtt5_session_flow_clear(mqtt5_connection *connection)
{
    (void)connection;
}

void mqtt5_session_flow_closed(mqtt5_closing *closing)
{
    (void)closing;
}
