/* request.h
 * What flow/request.c offers besides its part in the list of modules.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FLOW_REQUEST_H
#define MQTT5_FLOW_REQUEST_H

#include "core/session/session.h"

/* Bytes are missing; no packet shows it, only an acknowledgment. What they were is not known. */
void mqtt5_request_lose(mqtt5_connection *connection);

#endif
