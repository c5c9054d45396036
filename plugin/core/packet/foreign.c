/* foreign.c
 * Recognizes other protocols by their first bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/foreign.h"

#include <stdio.h>
#include <string.h>

#include "core/rules/finding.h"

#define PROXY_2_HEADER 16

static bool begins_with(const uint8_t *data, uint32_t available, const char *text, uint32_t length)
{
    return available >= length && memcmp(data, text, length) == 0;
}
#define BEGINS_WITH(text) begins_with(data, available, (text), sizeof(text) - 1)

/* --- TLS (RFC 8446) --- */

enum { TLS_ALERT = 21, TLS_HANDSHAKE = 22, TLS_CLIENT_HELLO = 1, TLS_SERVER_HELLO = 2 };

static const char *alert_name(uint8_t code)
{
    static const struct {
        uint8_t code;
        const char *name;
    } alerts[] = {
        {0, "close_notify"},
        {10, "unexpected_message"},
        {20, "bad_record_mac"},
        {22, "record_overflow"},
        {40, "handshake_failure"},
        {42, "bad_certificate"},
        {43, "unsupported_certificate"},
        {44, "certificate_revoked"},
        {45, "certificate_expired"},
        {46, "certificate_unknown"},
        {47, "illegal_parameter"},
        {48, "unknown_ca"},
        {49, "access_denied"},
        {50, "decode_error"},
        {51, "decrypt_error"},
        {70, "protocol_version"},
        {71, "insufficient_security"},
        {80, "internal_error"},
        {86, "inappropriate_fallback"},
        {90, "user_canceled"},
        {109, "missing_extension"},
        {110, "unsupported_extension"},
        {112, "unrecognized_name"},
        {116, "certificate_required"},
        {120, "no_application_protocol"},
    };

    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++)
        if (alerts[i].code == code)
            return alerts[i].name;
    return "unknown";
}

static mqtt5_foreign read_tls(const uint8_t *data, uint32_t available)
{
    unsigned length;

    /* The version of a record is 3.0 to 3.4 (5.1). */
    if (available < 6 || data[1] != 3 || data[2] > 4)
        return MQTT5_FOREIGN_NONE;
    length = (unsigned)data[3] << 8 | data[4];
    if (data[0] == TLS_ALERT)
        return length == 2 && data[5] >= 1 && data[5] <= 2 ? MQTT5_FOREIGN_TLS_ALERT : MQTT5_FOREIGN_NONE;
    /* A handshake message has a header of 4 bytes, and a hello begins with 34 more. */
    if (data[0] != TLS_HANDSHAKE || length < 38 || length > 16384 || (available > 6 && data[6] != 0))
        return MQTT5_FOREIGN_NONE;
    return data[5] == TLS_CLIENT_HELLO ? MQTT5_FOREIGN_TLS_HELLO : data[5] == TLS_SERVER_HELLO ? MQTT5_FOREIGN_TLS : MQTT5_FOREIGN_NONE;
}

/* --- Lines of text --- */

/* The length of the first line without its end; `available` if it does not end. */
static uint32_t line_length(const uint8_t *data, uint32_t available)
{
    const uint8_t *end = available > 0 ? memchr(data, '\n', available) : NULL;
    uint32_t length = end ? (uint32_t)(end - data) : available;

    return length > 0 && data[length - 1] == '\r' ? length - 1 : length;
}

static bool is_http_request(const uint8_t *data, uint32_t available)
{
    static const char *const methods[] = {"GET /", "POST /", "PUT /", "HEAD /", "OPTIONS ", "CONNECT ", "DELETE /", "PATCH /"};
    static const char version[] = " HTTP/1.";
    uint32_t line = line_length(data, available), at = sizeof version;

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (begins_with(data, available, methods[i], (uint32_t)strlen(methods[i])))
            return line < available && line > at && memcmp(data + line - at, version, sizeof version - 1) == 0;
    return false;
}

/* True if some header asks for WebSocket (RFC 6455, 4.1). Names and values have no case. */
static bool asks_for_websocket(const uint8_t *data, uint32_t available)
{
    static const char name[] = "\nupgrade:", value[] = "websocket";

    for (uint32_t at = 0; at + sizeof name - 1 + sizeof value - 1 <= available; at++) {
        uint32_t next = at + sizeof name - 1;

        if (g_ascii_strncasecmp((const char *)data + at, name, sizeof name - 1) != 0)
            continue;
        while (next < available && data[next] == ' ')
            next++;
        return available - next >= sizeof value - 1 && g_ascii_strncasecmp((const char *)data + next, value, sizeof value - 1) == 0;
    }
    return false;
}

/* --- PROXY protocol --- */

static uint32_t proxy_length(const uint8_t *data, uint32_t available)
{
    uint32_t line;

    if (BEGINS_WITH("PROXY TCP4 ") || BEGINS_WITH("PROXY TCP6 ") || BEGINS_WITH("PROXY UNKNOWN")) {
        line = line_length(data, available);
        return line + 2 <= available && line <= 105 ? line + 2 : 0;
    }
    if (!BEGINS_WITH("\r\n\r\n\0\r\nQUIT\n") || available < PROXY_2_HEADER || data[12] >> 4 != 2)
        return 0;
    line = PROXY_2_HEADER + ((uint32_t)data[14] << 8 | data[15]);
    return line <= available ? line : 0;
}

/* --- All --- */

static mqtt5_foreign read_any(const uint8_t *data, uint32_t available)
{
    if (is_http_request(data, available))
        return asks_for_websocket(data, available) ? MQTT5_FOREIGN_WEBSOCKET : MQTT5_FOREIGN_HTTP_REQUEST;
    if (BEGINS_WITH("HTTP/1."))
        return MQTT5_FOREIGN_HTTP_RESPONSE;
    if (BEGINS_WITH("SSH-2.0-") || BEGINS_WITH("SSH-1."))
        return MQTT5_FOREIGN_SSH;
    if (available >= 8 && BEGINS_WITH("AMQP"))
        return MQTT5_FOREIGN_AMQP;
    return read_tls(data, available);
}

mqtt5_foreign mqtt5_foreign_read(const uint8_t *data, uint32_t available, uint32_t *length)
{
    mqtt5_foreign kind;

    /* CONNECT, and all that answers it but AUTH (0xF0), has flags of 0. */
    *length = 0;
    if (available == 0 || ((data[0] & 0x0F) == 0 && data[0] != 'P'))
        return MQTT5_FOREIGN_NONE;
    *length = proxy_length(data, available);
    if (*length > 0)
        return MQTT5_FOREIGN_PROXY;
    kind = read_any(data, available);
    if (kind != MQTT5_FOREIGN_NONE)
        *length = available;
    return kind;
}

const char *mqtt5_foreign_protocol(mqtt5_foreign kind)
{
    switch (kind) {
    case MQTT5_FOREIGN_TLS_HELLO:
    case MQTT5_FOREIGN_TLS_ALERT:
    case MQTT5_FOREIGN_TLS: return "TLS";
    case MQTT5_FOREIGN_WEBSOCKET: return "WebSocket";
    case MQTT5_FOREIGN_HTTP_REQUEST:
    case MQTT5_FOREIGN_HTTP_RESPONSE: return "HTTP";
    case MQTT5_FOREIGN_PROXY: return "the PROXY protocol";
    case MQTT5_FOREIGN_SSH: return "SSH";
    case MQTT5_FOREIGN_AMQP: return "AMQP";
    default: return "MQTT";
    }
}

bool mqtt5_foreign_is_clients(mqtt5_foreign kind)
{
    return kind == MQTT5_FOREIGN_TLS_HELLO || kind == MQTT5_FOREIGN_WEBSOCKET || kind == MQTT5_FOREIGN_HTTP_REQUEST ||
           kind == MQTT5_FOREIGN_PROXY;
}

/* "HTTP request "GET / HTTP/1.1"". */
static void write_line(const char *what, const uint8_t *data, uint32_t available, char *buffer, size_t size)
{
    char line[60];

    snprintf(buffer, size, "%s %s", what, mqtt5_quote(data, line_length(data, available), line, sizeof line));
}

const char *mqtt5_foreign_text(mqtt5_foreign kind, const uint8_t *data, uint32_t available, char *buffer, size_t size)
{
    uint32_t length;

    snprintf(buffer, size, "%s", mqtt5_foreign_protocol(kind));
    if (mqtt5_foreign_read(data, available, &length) != kind)
        return buffer;
    switch (kind) {
    case MQTT5_FOREIGN_TLS_HELLO: snprintf(buffer, size, "TLS ClientHello"); break;
    case MQTT5_FOREIGN_TLS: snprintf(buffer, size, "TLS ServerHello"); break;
    case MQTT5_FOREIGN_TLS_ALERT:
        if (available > 6)
            snprintf(buffer, size, "TLS alert %u (%s)", data[6], alert_name(data[6]));
        else
            snprintf(buffer, size, "TLS alert");
        break;
    case MQTT5_FOREIGN_WEBSOCKET: write_line("WebSocket request", data, available, buffer, size); break;
    case MQTT5_FOREIGN_HTTP_REQUEST: write_line("HTTP request", data, available, buffer, size); break;
    case MQTT5_FOREIGN_HTTP_RESPONSE: write_line("HTTP response", data, available, buffer, size); break;
    case MQTT5_FOREIGN_SSH: write_line("SSH greeting", data, available, buffer, size); break;
    case MQTT5_FOREIGN_AMQP: snprintf(buffer, size, "AMQP protocol header"); break;
    case MQTT5_FOREIGN_PROXY:
        if (data[0] == 'P')
            write_line("PROXY protocol header (version 1)", data, available, buffer, size);
        else
            snprintf(buffer, size, "PROXY protocol header (version 2)");
        break;
    default: break;
    }
    return buffer;
}
