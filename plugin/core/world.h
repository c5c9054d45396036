/* world.h
 * All connections of a capture, by Client Identifier: what one connection says about another.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_WORLD_H
#define MQTT5_WORLD_H

#include <glib.h>

typedef struct mqtt5_world mqtt5_world;

/* Memory for what the connections of one capture share; free with mqtt5_world_free() after all its connections. */
mqtt5_world *mqtt5_world_new(void);
void mqtt5_world_free(mqtt5_world *world);

#endif
