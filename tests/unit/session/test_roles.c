/* test_roles.c
 * Which direction is the client's: by the handshake, by the majority of the packets, by the port.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "scene.h"

#include "core/session/roles.h"

static void begin(guint8 port, guint8 hint)
{
    scene_start();
    scene_open_as(0, &(scene_setup){.server = 1, .port = port, .hint = hint});
}

/* The sender of a packet that comes in this direction. */
static unsigned sender_of(guint8 direction, const char *text)
{
    scene_say(0, direction, text);
    return scene.facts.sender;
}

static void test_nothing_known(void)
{
    begin(SCENE_NO_PORT, MQTT5_HINT_PORT);
    g_assert_cmpuint(sender_of(SCENE_CLIENT, "30 [ \"t\" 'x' ]"), ==, MQTT5_SENDER_UNKNOWN);
    g_assert_false(mqtt5_roles_sure(scene_connection(0)));
    g_assert_cmpuint(sender_of(SCENE_SERVER, "d0 [ ]"), ==, MQTT5_SERVER);
    g_assert_true(mqtt5_roles_sure(scene_connection(0)));
    g_assert_cmpuint(sender_of(SCENE_CLIENT, "30 [ \"t\" 'x' ]"), ==, MQTT5_CLIENT);
    scene_end();
}

/* A guess by the port gives way to the first packet that contradicts it. */
static void test_port(void)
{
    begin(SCENE_CLIENT, MQTT5_HINT_PORT);
    g_assert_cmpuint(sender_of(SCENE_CLIENT, "30 [ \"t\" 'x' ]"), ==, MQTT5_SERVER);
    g_assert_cmpuint(sender_of(SCENE_CLIENT, "c0 [ ]"), ==, MQTT5_CLIENT);
    scene_end();
}

/* A registered port does not, until two more packets contradict it. */
static void test_registered_port(void)
{
    begin(SCENE_SERVER, MQTT5_HINT_REGISTERED_PORT);
    g_assert_cmpuint(sender_of(SCENE_SERVER, "c0 [ ]"), ==, MQTT5_SERVER);
    g_assert_true(scene_found(MQTT5_RULE_packet_type_wrong_sender));
    g_assert_cmpuint(sender_of(SCENE_SERVER, "c0 [ ]"), ==, MQTT5_SENDER_UNKNOWN);
    g_assert_false(scene_found(MQTT5_RULE_packet_type_wrong_sender));
    g_assert_cmpuint(sender_of(SCENE_SERVER, "c0 [ ]"), ==, MQTT5_CLIENT);
    scene_end();
}

static void test_registered_port_of_a_client(void)
{
    begin(SCENE_CLIENT, MQTT5_HINT_REGISTERED_PORT);
    g_assert_cmpuint(sender_of(SCENE_CLIENT, "10 [ \"MQTT\" 05 02 003c [ ] \"c\" ]"), ==, MQTT5_CLIENT);
    scene_end();
}

/* The client opened the connection, whatever the packets say. */
static void test_handshake(void)
{
    begin(SCENE_SERVER, MQTT5_HINT_HANDSHAKE);
    for (unsigned i = 0; i < 20; i++) {
        g_assert_cmpuint(sender_of(SCENE_CLIENT, "d0 [ ]"), ==, MQTT5_CLIENT);
        g_assert_true(scene_found(MQTT5_RULE_packet_type_wrong_sender));
    }
    scene_end();
}

/* One packet is outvoted, and blamed once it is clear who sends. */
static void test_majority(void)
{
    begin(SCENE_NO_PORT, MQTT5_HINT_PORT);
    g_assert_cmpuint(sender_of(SCENE_SERVER, "c0 [ ]"), ==, MQTT5_CLIENT);
    g_assert_cmpuint(sender_of(SCENE_CLIENT, "c0 [ ]"), ==, MQTT5_SENDER_UNKNOWN);
    g_assert_cmpuint(sender_of(SCENE_SERVER, "d0 [ ]"), ==, MQTT5_SERVER);
    g_assert_cmpuint(sender_of(SCENE_CLIENT, "82 [ 0001 \"t\" 00 ]"), ==, MQTT5_CLIENT);
    g_assert_cmpuint(sender_of(SCENE_SERVER, "c0 [ ]"), ==, MQTT5_SERVER);
    g_assert_true(scene_found(MQTT5_RULE_packet_type_wrong_sender));
    scene_end();
}

/* What was said changes sides: the alias is the server's when the server turns out to be one. */
static void test_turned_round(void)
{
    scene_start();
    scene_open_as(0, &(scene_setup){.server = 1, .port = SCENE_NO_PORT, .default_version = 5});
    sender_of(SCENE_SERVER, "c0 [ ]");
    sender_of(SCENE_SERVER, "30 [ \"t/1\" [ 23 0001 ] 'x' ]");
    sender_of(SCENE_CLIENT, "c0 [ ]");
    g_assert_cmpuint(sender_of(SCENE_CLIENT, "c0 [ ]"), ==, MQTT5_CLIENT);
    g_assert_cmpuint(sender_of(SCENE_SERVER, "30 [ \"\" [ 23 0001 ] 'x' ]"), ==, MQTT5_SERVER);
    g_assert_false(scene_found(MQTT5_RULE_topic_alias_unknown));
    g_assert_nonnull(scene.facts.detail.any);
    scene_end();
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/roles/nothing-known", test_nothing_known);
    g_test_add_func("/roles/port", test_port);
    g_test_add_func("/roles/registered-port", test_registered_port);
    g_test_add_func("/roles/registered-port-of-a-client", test_registered_port_of_a_client);
    g_test_add_func("/roles/handshake", test_handshake);
    g_test_add_func("/roles/majority", test_majority);
    g_test_add_func("/roles/turned-round", test_turned_round);
    return g_test_run();
}
