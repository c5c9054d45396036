/* test_loop.c
 * Two bridges that hand one message to each other. What one client does is tested by
 * captures/made/message-loop*.txt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "scene.h"

static void connect_bridge(unsigned number, guint64 from, guint64 to, const char *connect)
{
    scene_open_as(number, &(scene_setup){.server = to, .hosts = {from, to}, .port = SCENE_SERVER});
    scene_say(number, SCENE_CLIENT, connect);
    scene_say(number, SCENE_SERVER, "20 [ 00 00 [ ] ]");
}

/* How many loops are found while two clients publish one message by turns, `pause` seconds apart. */
static unsigned loops(guint64 client_a, guint64 server_a, guint64 client_b, guint64 server_b, double pause)
{
    unsigned found = 0;

    scene_start();
    connect_bridge(0, client_a, server_a, "10 [ \"MQTT\" 05 02 0000 [ ] \"a\" ]");
    connect_bridge(1, client_b, server_b, "10 [ \"MQTT\" 05 02 0000 [ ] \"b\" ]");
    for (unsigned i = 0; i < 40; i++) {
        scene_wait(pause);
        scene_say(i % 2, SCENE_CLIENT, "30 [ \"test/x\" [ ] 'hello' ]");
        found += scene_found(MQTT5_RULE_message_loop);
    }
    scene_end();
    return found;
}

static void test_bridges(void)
{
    g_assert_cmpuint(loops(1, 2, 2, 1, 0.01), ==, 1);
    g_assert_cmpuint(loops(1, 2, 2, 1, 0.4), ==, 0);  /* as slow as a heartbeat */
    g_assert_cmpuint(loops(1, 2, 3, 2, 0.01), ==, 0); /* two clients of one server */
    g_assert_cmpuint(loops(1, 2, 2, 3, 0.01), ==, 0); /* the way goes on to a third one */
    g_assert_cmpuint(loops(1, 1, 1, 1, 0.01), ==, 0); /* all on one host */
    g_assert_cmpuint(loops(0, 0, 0, 0, 0.01), ==, 0); /* hosts not known */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/capture/loop-of-bridges", test_bridges);
    return g_test_run();
}
