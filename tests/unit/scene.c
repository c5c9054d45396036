/* scene.c
 * Several connections of one capture with a common clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "scene.h"

#include "notation.h"

typedef struct {
    mqtt5_connection *judged;
    guint64 server;
    guint32 sent[2];    /* sequence number of the next byte of each side */
    gboolean gap[2];    /* bytes of it were not captured, before its next packet */
    gboolean unseen[2]; /* ... and nobody has acknowledged them yet */
} line;

static mqtt5_world *world;
static line lines[SCENE_CONNECTIONS];
static mqtt5_findings findings;
static guint32 frame;
static gint64 now;
static gboolean no_numbers;

void scene_end(void)
{
    for (unsigned i = 0; i < SCENE_CONNECTIONS; i++) {
        mqtt5_connection_free(lines[i].judged);
        lines[i].judged = NULL;
    }
    mqtt5_world_free(world);
    world = NULL;
}

void scene_start(void)
{
    scene_end();
    world = mqtt5_world_new();
    frame = 0;
    now = 3600 * G_GINT64_CONSTANT(1000000000);
    no_numbers = FALSE;
}

void scene_open(unsigned number, guint64 server)
{
    line *opened = &lines[number];

    mqtt5_connection_free(opened->judged);
    *opened = (line){.judged = mqtt5_connection_new(world, 0), .server = server, .sent = {1000, 5000}};
}

void scene_wait(double seconds)
{
    now += (gint64)(seconds * 1e9);
}

void scene_without_numbers(gboolean without)
{
    no_numbers = without;
}

void scene_say(unsigned number, guint8 side, const char *text)
{
    line *at = &lines[number];
    GByteArray *bytes = notation_bytes("%s", text);
    mqtt5_input input =
        {.data = bytes->data, .captured = bytes->len, .length = bytes->len, .server = at->server, .direction = side, .server_port_hint = 1};
    mqtt5_packet packet;
    mqtt5_verdict verdict;

    input.frame = ++frame;
    input.time = now += 1000000;
    input.gap = at->gap[side];
    input.peer_gap = at->unseen[!side] && !no_numbers;
    at->gap[side] = at->unseen[!side] = FALSE;
    input.acks_known = !no_numbers;
    input.acks = no_numbers ? 0 : at->sent[!side];
    at->sent[side] += bytes->len;
    input.position = no_numbers ? 0 : at->sent[side];
    mqtt5_connection_judge(at->judged, &input, &packet, &verdict, &findings);
    g_byte_array_unref(bytes);
}

void scene_lose(unsigned number, guint8 side, const char *text)
{
    GByteArray *bytes = notation_bytes("%s", text);

    lines[number].sent[side] += bytes->len;
    lines[number].gap[side] = lines[number].unseen[side] = TRUE;
    g_byte_array_unref(bytes);
}

void scene_close(unsigned number, guint8 side, gboolean reset)
{
    line *at = &lines[number];
    mqtt5_verdict verdict;
    mqtt5_close closes = {.direction = side, .reset = reset, .gap = at->gap[side], .peer_gap = at->unseen[!side]};

    closes.frame = ++frame;
    closes.time = now += 1000000;
    closes.acks_known = !no_numbers;
    closes.acks = at->sent[!side];
    at->sent[side]++;
    mqtt5_connection_close(at->judged, &closes, &verdict, &findings);
}

gboolean scene_found(mqtt5_rule_id rule)
{
    return mqtt5_findings_has(&findings, rule);
}

unsigned scene_count(void)
{
    return findings.count;
}

mqtt5_connection *scene_connection(unsigned number)
{
    return lines[number].judged;
}

guint32 scene_frame(void)
{
    return frame;
}
