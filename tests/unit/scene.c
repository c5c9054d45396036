/* scene.c
 * Several connections of one capture with a common clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "scene.h"

#include "notation.h"

typedef struct {
    mqtt5_connection *judged;
    scene_setup setup;
    gboolean started;
    guint32 sent[2];    /* sequence number of the next byte of each side */
    guint32 acked[2];   /* what each side has acknowledged of the other */
    gboolean hold[2];   /* ... and whether it acknowledges nothing new */
    gboolean gap[2];    /* bytes of it were not captured, before its next packet */
    gboolean unseen[2]; /* ... and nobody has acknowledged them yet */
} line;

scene_state scene;

static mqtt5_capture *capture;
static line lines[SCENE_CONNECTIONS];
static GPtrArray *facts;  /* of each frame: they must stay where they are for as long as the
                           * connection */
static GByteArray *bytes; /* of the last packet */

void scene_end(void)
{
    for (unsigned i = 0; i < SCENE_CONNECTIONS; i++) {
        mqtt5_connection_free(lines[i].judged);
        lines[i].judged = NULL;
    }
    mqtt5_capture_free(capture);
    capture = NULL;
    g_clear_pointer(&facts, g_ptr_array_unref);
    g_clear_pointer(&bytes, g_byte_array_unref);
}

void scene_start(void)
{
    scene_end();
    capture = mqtt5_capture_new();
    facts = g_ptr_array_new_with_free_func(g_free);
    scene = (scene_state){.now = SCENE_BEGIN, .tick = SCENE_TICK};
}

void scene_open_as(unsigned number, const scene_setup *setup)
{
    line *opened = &lines[number];

    mqtt5_connection_free(opened->judged);
    *opened = (line){.judged = mqtt5_connection_new(capture, setup->default_version), .setup = *setup, .sent = {1000, 5000}};
}

void scene_open(unsigned number, guint64 server_address)
{
    scene_open_as(number, &(scene_setup){.server = server_address, .port = SCENE_SERVER});
}

void scene_wait(double seconds)
{
    scene.now += (gint64)(seconds * (double)SCENE_SECOND);
}

/* Facts for the next frame, which comes a tick later. */
static mqtt5_facts *next_frame(void)
{
    mqtt5_facts *of_frame = g_new0(mqtt5_facts, 1);

    g_ptr_array_add(facts, of_frame);
    scene.frame = facts->len;
    scene.now += scene.tick;
    return of_frame;
}

static guint32 acknowledge(line *at, guint8 side)
{
    if (!at->hold[side])
        at->acked[side] = at->sent[!side];
    return at->acked[side];
}

guint32 scene_say_bytes(unsigned number, guint8 side, const guint8 *data, guint32 length)
{
    line *at = &lines[number];
    mqtt5_facts *of_frame = next_frame();
    mqtt5_input input = {.data = data, .captured = length, .length = length, .frame = scene.frame, .time = scene.now, .direction = side};

    if (!at->started)
        at->gap[SCENE_CLIENT] = at->gap[SCENE_SERVER] = data[0] >> 4 != MQTT5_CONNECT;
    at->started = TRUE;
    input.server = at->setup.server;
    input.client_address = at->setup.hosts[0];
    input.server_address = at->setup.hosts[1];
    input.server_port_hint = at->setup.port;
    input.server_hint = at->setup.hint;
    input.transport = scene.transport;
    input.pauses = scene.pauses;
    input.websocket_faults = scene.websocket_faults;
    input.gap = at->gap[side];
    input.peer_gap = at->unseen[!side] && !scene.without_numbers;
    at->gap[side] = at->unseen[!side] = FALSE;
    input.acks_known = !scene.without_numbers;
    input.acks = scene.without_numbers ? 0 : acknowledge(at, side);
    at->sent[side] += length;
    input.position = scene.without_numbers ? 0 : at->sent[side];
    mqtt5_connection_judge(at->judged, &input, &scene.packet, of_frame, &scene.findings);
    scene.facts = *of_frame;
    g_assert_cmpuint(scene.facts.type, ==, data[0] >> 4);
    return scene.frame;
}

static guint32 say(unsigned number, guint8 side, GByteArray *packet)
{
    g_clear_pointer(&bytes, g_byte_array_unref);
    bytes = packet;
    return scene_say_bytes(number, side, bytes->data, bytes->len);
}

guint32 scene_say(unsigned number, guint8 side, const char *text)
{
    return say(number, side, notation_bytes("%s", text));
}

guint32 client(const char *format, ...)
{
    GByteArray *packet;
    va_list arguments;

    va_start(arguments, format);
    packet = notation_bytes_va(format, arguments);
    va_end(arguments);
    return say(0, SCENE_CLIENT, packet);
}

guint32 server(const char *format, ...)
{
    GByteArray *packet;
    va_list arguments;

    va_start(arguments, format);
    packet = notation_bytes_va(format, arguments);
    va_end(arguments);
    return say(0, SCENE_SERVER, packet);
}

void scene_lose(unsigned number, guint8 side, const char *text)
{
    GByteArray *lost = notation_bytes("%s", text);

    lines[number].sent[side] += lost->len;
    lines[number].gap[side] = lines[number].unseen[side] = TRUE;
    g_byte_array_unref(lost);
}

void scene_gap(unsigned number, guint8 side)
{
    lines[number].gap[side] = TRUE;
}

void scene_hold_acks(unsigned number, guint8 side, gboolean hold)
{
    lines[number].hold[side] = hold;
}

void scene_send_unseen(unsigned number, guint8 side, gint unseen)
{
    lines[number].sent[side] += (guint32)unseen;
}

void scene_acknowledge_unseen(unsigned number, guint8 side)
{
    mqtt5_connection_lost(lines[number].judged, side, lines[number].sent[side] + 1);
}

void scene_set_unseen(unsigned number, guint8 side)
{
    lines[number].unseen[side] = TRUE;
}

static void close_side(unsigned number, guint8 side, gboolean reset, gboolean complete)
{
    line *at = &lines[number];
    mqtt5_facts *of_frame = next_frame();
    mqtt5_close closes = {.direction = side, .reset = reset, .complete = complete, .frame = scene.frame, .time = scene.now};

    closes.gap = at->gap[side];
    closes.peer_gap = at->unseen[!side];
    closes.acks_known = !scene.without_numbers;
    closes.acks = acknowledge(at, side);
    at->sent[side]++;
    mqtt5_connection_close(at->judged, &closes, of_frame, &scene.findings);
    scene.facts = *of_frame;
    g_assert_cmpuint(scene.facts.type, ==, MQTT5_CLOSE);
}

void scene_close(unsigned number, guint8 side, gboolean reset)
{
    close_side(number, side, reset, FALSE);
}

void scene_close_whole(unsigned number, guint8 side, gboolean reset)
{
    close_side(number, side, reset, TRUE);
}

gboolean scene_found(mqtt5_rule_id rule)
{
    return mqtt5_findings_has(&scene.findings, rule);
}

unsigned scene_count(void)
{
    return scene.findings.count;
}

mqtt5_connection *scene_connection(unsigned number)
{
    return lines[number].judged;
}

const mqtt5_facts *scene_facts_of(guint32 frame)
{
    return g_ptr_array_index(facts, frame - 1);
}
