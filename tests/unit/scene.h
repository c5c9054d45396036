/* scene.h
 * Several connections of one capture with a common clock, fed packet by packet; what was found in the last one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SCENE_H
#define SCENE_H

#include "connection.h"
#include "session.h"

#define SCENE_CONNECTIONS 16

enum { SCENE_CLIENT, SCENE_SERVER };

/* A new capture: no connections, at one o'clock. */
void scene_start(void);

/* Frees the capture. */
void scene_end(void);

/* Connection `number` begins, to server `server`; an older one of that number is freed. */
void scene_open(unsigned number, guint64 server);

/* Time passes (or goes back). */
void scene_wait(double seconds);

/* The next packet of a side of a connection, in the notation of notation.h. It acknowledges all that the other side has sent. */
void scene_say(unsigned number, guint8 side, const char *text);

/* The same, but it is not captured: the next packet of that side has a gap before it, and what acknowledges it says so. */
void scene_lose(unsigned number, guint8 side, const char *text);

/* A side closes its direction. */
void scene_close(unsigned number, guint8 side, gboolean reset);

/* From here on the carrier has no sequence numbers (TLS, WebSocket), or has them again. */
void scene_without_numbers(gboolean without);

/* True if the last packet or close had a finding of this rule. */
gboolean scene_found(mqtt5_rule_id rule);

/* The number of findings of the last packet or close. */
unsigned scene_count(void);

mqtt5_connection *scene_connection(unsigned number);
guint32 scene_frame(void);

#endif
