/* world.h
 * All connections of a capture, by server and Client Identifier: what one connection says about another.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_WORLD_H
#define MQTT5_WORLD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct mqtt5_world mqtt5_world;

/* One connection as the others see it: small, and kept when the connection is long closed (session_world.h). */
typedef struct mqtt5_world_link mqtt5_world_link;

/* Memory for what the connections of one capture share; free with mqtt5_world_free() after all its connections. */
mqtt5_world *mqtt5_world_new(void);
void mqtt5_world_free(mqtt5_world *world);

/* The connection that came next with the Client Identifier of `link` at the same server, as known now, and the frame of its CONNECT in
 * *frame: the one that took over if the server says so (0x8E). False if there is none in the capture; `link` may be NULL. */
bool mqtt5_world_successor(const mqtt5_world_link *link, uint32_t *frame);

#endif
