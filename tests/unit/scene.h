/* scene.h
 * Several connections of one capture with a common clock, fed packet by packet; what was found in
 * the last one.
 *
 * Every test of what connections say uses this. Packets are in the notation of notation.h. Each
 * frame comes a little later than the one before, and acknowledges all that the other side has
 * sent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SCENE_H
#define SCENE_H

#include "core/connection.h"
#include "core/session/session.h"

#define SCENE_CONNECTIONS 16
#define SCENE_SECOND G_GINT64_CONSTANT(1000000000)
#define SCENE_TICK G_GINT64_CONSTANT(1000000)
#define SCENE_BEGIN (3600 * SCENE_SECOND)

enum { SCENE_CLIENT, SCENE_SERVER };
enum { SCENE_NO_PORT = 2 };

/* The state of the scene, and the result of the last packet or close. */
typedef struct {
    mqtt5_packet packet; /* its bytes stay until the next packet */
    mqtt5_facts facts;   /* as they were then; scene_facts_of() also has the answers that came
                          * later */
    mqtt5_findings findings;
    guint32 frame;
    gint64 now;                       /* of that frame, in nanoseconds; SCENE_BEGIN at first */
    gint64 tick;                      /* from one frame to the next; SCENE_TICK at first */
    guint8 websocket_faults;          /* of the packets to come (MQTT5_WEBSOCKET_...); 0 at first */
    gboolean without_numbers;         /* the carrier has no sequence numbers (TLS, WebSocket), from here on;
                               * FALSE at first */
    const mqtt5_transport *transport; /* of the packets to come; NULL at first */
    const mqtt5_pauses *pauses;       /* the same */
} scene_state;

extern scene_state scene;

/* How a connection is opened. */
typedef struct {
    guint64 server;           /* as in mqtt5_input */
    guint64 hosts[2];         /* of the client and of the server, the same; 0: not known */
    guint8 port;              /* the side with the server's port, SCENE_CLIENT, SCENE_SERVER or
                               * SCENE_NO_PORT */
    guint8 hint;              /* MQTT5_HINT_...: how sure that is */
    unsigned default_version; /* as in mqtt5_connection_new() */
} scene_setup;

/* A new capture without connections. */
void scene_start(void);

/* Frees the capture. */
void scene_end(void);

/* Connection `number` begins, to server `server`; an older one of that number is freed. If its
 * first packet is no CONNECT, it was there before the capture: the first packet of each side has a
 * gap before it. */
void scene_open(unsigned number, guint64 server);
void scene_open_as(unsigned number, const scene_setup *setup);

/* Time passes (or goes back). */
void scene_wait(double seconds);

/* The next packet of a side of a connection. Returns the number of its frame. */
guint32 scene_say(unsigned number, guint8 side, const char *text);
guint32 scene_say_bytes(unsigned number, guint8 side, const guint8 *data, guint32 length);

/* A packet of the client, or of the server, of connection 0. */
guint32 client(const char *format, ...) G_GNUC_PRINTF(1, 2);
guint32 server(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* A packet that is not captured: the next packet of that side has a gap before it, and what
 * acknowledges it says so. */
void scene_lose(unsigned number, guint8 side, const char *text);

/* The next packet or close of a side has a gap before it, and nobody has acknowledged what was in
 * it. */
void scene_gap(unsigned number, guint8 side);

/* A side acknowledges nothing new from here on, or all again. */
void scene_hold_acks(unsigned number, guint8 side, gboolean hold);

/* A side has sent `unseen` bytes that the capture does not hold, or not yet; a negative number
 * takes them back. */
void scene_send_unseen(unsigned number, guint8 side, gint unseen);

/* The other side acknowledges what `side` has sent and a byte more, which was not captured yet,
 * with no packet. */
void scene_acknowledge_unseen(unsigned number, guint8 side);

/* The next packet of the other side acknowledges bytes of `side` that were not captured. */
void scene_set_unseen(unsigned number, guint8 side);

/* A side closes its direction. scene_close_whole() also says that all that it has sent is in the
 * capture. */
void scene_close(unsigned number, guint8 side, gboolean reset);
void scene_close_whole(unsigned number, guint8 side, gboolean reset);

/* True if the last packet or close had a finding of this rule. */
gboolean scene_found(mqtt5_rule_id rule);

/* The number of findings of the last packet or close. */
unsigned scene_count(void);

mqtt5_connection *scene_connection(unsigned number);

/* The facts of a frame, with the answers that have come since. They live until the capture ends. */
const mqtt5_facts *scene_facts_of(guint32 frame);

#endif
