/* foreign.h
 * Recognizes other protocols by the first bytes that a side sends: a client that expects TLS or
 * WebSocket on the port, a proxy that announces its client, a server of another kind. Bytes in,
 * names out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_PACKET_FOREIGN_H
#define MQTT5_PACKET_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    MQTT5_FOREIGN_NONE, /* may be MQTT, or anything else */
    MQTT5_FOREIGN_TLS_HELLO,
    MQTT5_FOREIGN_TLS_ALERT,
    MQTT5_FOREIGN_TLS,       /* another TLS handshake message, such as ServerHello */
    MQTT5_FOREIGN_WEBSOCKET, /* HTTP request that asks for WebSocket */
    MQTT5_FOREIGN_HTTP_REQUEST,
    MQTT5_FOREIGN_HTTP_RESPONSE,
    MQTT5_FOREIGN_PROXY, /* header of the PROXY protocol: MQTT may follow */
    MQTT5_FOREIGN_SSH,
    MQTT5_FOREIGN_AMQP
} mqtt5_foreign;

/* Recognizes what begins at `data`, the first bytes that a side sends; `available` of them are
 * there, 0 or more. Sets *length to the bytes that belong to it: to those of the header for
 * MQTT5_FOREIGN_PROXY, to `available` for the others, and to 0 for MQTT5_FOREIGN_NONE. None of
 * these can begin with a control packet that a side may send first (MQTT 5.0, 3.1 and 3.2). */
mqtt5_foreign mqtt5_foreign_read(const uint8_t *data, uint32_t available, uint32_t *length);

/* Writes what the bytes are into `buffer`, as a noun without an article: "TLS alert 70
 * (protocol_version)", "HTTP request "GET / HTTP/1.1"". `kind` is what mqtt5_foreign_read() found
 * in them, or what came before on the same side: then only its protocol is named. Printable, valid
 * UTF-8, cut to `size`. Returns `buffer`. */
const char *mqtt5_foreign_text(mqtt5_foreign kind, const uint8_t *data, uint32_t available, char *buffer, size_t size);

/* The protocol that a side speaks: "TLS", "HTTP", "WebSocket"; a static string. */
const char *mqtt5_foreign_protocol(mqtt5_foreign kind);

/* True if only a client begins with it; otherwise either side may, or only a server. */
bool mqtt5_foreign_is_clients(mqtt5_foreign kind);

#endif
