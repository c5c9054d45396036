/* world.c
 * What the connections of a capture share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "world.h"

struct mqtt5_world {
    unsigned connections;
};

mqtt5_world *mqtt5_world_new(void)
{
    return g_new0(mqtt5_world, 1);
}

void mqtt5_world_free(mqtt5_world *world)
{
    g_free(world);
}
