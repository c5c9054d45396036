/* capture.h
 * All connections of a capture, by server and Client Identifier: what one connection says about
 * another.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAPTURE_H
#define MQTT5_CAPTURE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct mqtt5_capture mqtt5_capture;

/* One connection as the others see it: small, and kept after the connection has closed
 * (capture/parts.h). */
typedef struct mqtt5_capture_link mqtt5_capture_link;

struct mqtt5_connection;

/* Memory for what the connections of one capture share; free with mqtt5_capture_free() after all
 * its connections. */
mqtt5_capture *mqtt5_capture_new(void);
void mqtt5_capture_free(mqtt5_capture *capture);

/* How much memory the messages may take that copies are matched with; to be set before the first
 * packet. With more of them, the oldest are forgotten. */
void mqtt5_capture_set_memory(mqtt5_capture *capture, size_t bytes);
#define MQTT5_CAPTURE_MEMORY (64u * 1024 * 1024) /* where it is not set */

/* A message that is delivered so many seconds after its publication is late; 0: none is. */
void mqtt5_capture_set_lateness(mqtt5_capture *capture, unsigned seconds);
#define MQTT5_CAPTURE_LATENESS 1 /* where it is not set */

/* The connection that has taken over from `link` as known at `now` (mqtt5_input.time): the last one
 * that the server has accepted since with the same Client Identifier and user name, or is about to
 * accept; never one that was refused, or that had ended long before. NULL if the capture has none;
 * `link` may be NULL. */
const mqtt5_capture_link *mqtt5_capture_successor(const mqtt5_capture_link *link, int64_t now);

/* An acknowledgment shows that bytes of the connection are missing, which no packet may show for
 * long: what its client has published may be among them. */
void mqtt5_capture_lose(const struct mqtt5_connection *connection);

/* A frame, at `now`, is of a connection to `server` (mqtt5_input.server) of which no byte of the client was
 * captured, although it has sent some: any client may have said anything there. Nothing happens if no MQTT
 * of that server was seen. */
void mqtt5_capture_learn_hidden(const mqtt5_capture *capture, uint64_t server, uint32_t frame, int64_t now);

/* True if a later connection has the Client Identifier of `link` but another user name: servers
 * differ in whether that is the same client. `link` may be NULL. */
bool mqtt5_capture_has_namesake(const mqtt5_capture_link *link);

#endif
