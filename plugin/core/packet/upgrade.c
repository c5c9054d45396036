/* upgrade.c
 * Reads headers of HTTP. Their names have no case.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/packet/upgrade.h"

#include <glib.h>

#include <string.h>

#include "core/packet/foreign.h"

#define NAME "Sec-WebSocket-Protocol:"
#define REQUEST "GET /"
#define ANSWER "HTTP/1.1 "

/* Longer headers are not read. */
#define HEADERS_MAX 8192

/* The length of the headers with the empty line after them; 0 if that is not there. */
static uint32_t headers_length(const uint8_t *data, uint32_t available)
{
    for (uint32_t at = 0; at + 4 <= available; at++)
        if (memcmp(data + at, "\r\n\r\n", 4) == 0)
            return at + 4;
    return 0;
}

/* The length of the line at `data`, without its end, which is there. */
static uint32_t line_length(const uint8_t *data)
{
    uint32_t length = 0;

    while (data[length] != '\r' && data[length] != '\n')
        length++;
    return length;
}

/* Copies what is printable; false if that is not all, or there is no room. */
static bool copy(char *to, const uint8_t *data, uint32_t length)
{
    if (length >= MQTT5_UPGRADE_NAMES)
        return false;
    for (uint32_t i = 0; i < length; i++) {
        if (!g_ascii_isprint(data[i]))
            return false;
        to[i] = (char)data[i];
    }
    to[length] = '\0';
    return true;
}

/* Finds the header in the lines of `length` bytes; `to` is empty if there is none. False if there are
 * several, or it cannot be kept. */
static bool read_names(const uint8_t *data, uint32_t length, char *to)
{
    uint32_t line, skip = sizeof NAME - 1;
    bool found = false;

    to[0] = '\0';
    for (uint32_t at = 0; at + 4 < length; at += line + 2) {
        line = line_length(data + at);
        if (line < skip || g_ascii_strncasecmp((const char *)data + at, NAME, skip) != 0)
            continue;
        if (found || !copy(to, data + at + skip, line - skip))
            return false;
        g_strstrip(to);
        found = true;
    }
    return true;
}

/* True if `name` is one of the names, which commas separate. */
static bool has_name(const char *names, const char *name)
{
    size_t length = strlen(name);

    while (*names != '\0') {
        size_t next;

        names += strspn(names, ", \t");
        next = strcspn(names, ", \t");
        if (next == length && g_ascii_strncasecmp(names, name, length) == 0)
            return true;
        names += next;
    }
    return false;
}

bool mqtt5_upgrade_request(mqtt5_upgrade *upgrade, uint32_t frame, const uint8_t *data, uint32_t available)
{
    uint32_t length, headers;
    mqtt5_upgrade made = {.request_frame = frame};

    /* Few requests are for WebSocket: this is quick for the others. */
    if (available < sizeof REQUEST - 1 || memcmp(data, REQUEST, sizeof REQUEST - 1) != 0)
        return false;
    available = MIN(available, HEADERS_MAX);
    if (mqtt5_foreign_read(data, available, &length) != MQTT5_FOREIGN_WEBSOCKET)
        return false;
    headers = headers_length(data, available);
    if (headers == 0 || !read_names(data, headers, made.offered) || !has_name(made.offered, "mqtt"))
        return false;
    *upgrade = made;
    return true;
}

bool mqtt5_upgrade_answer(mqtt5_upgrade *upgrade, uint32_t frame, const uint8_t *data, uint32_t available)
{
    uint32_t headers, skip = sizeof ANSWER - 1, line;
    mqtt5_upgrade made = *upgrade;

    if (available < skip || memcmp(data, ANSWER, skip) != 0)
        return false;
    headers = headers_length(data, MIN(available, HEADERS_MAX));
    if (headers == 0)
        return false;
    line = line_length(data);
    made.status = (unsigned)g_ascii_strtoull((const char *)data + skip, NULL, 10);
    if (made.status < MQTT5_UPGRADE_SWITCHES || (made.status > MQTT5_UPGRADE_SWITCHES && made.status < 200) || line < skip + 3 ||
        !copy(made.answer, data + skip, MIN(line - skip, MQTT5_UPGRADE_NAMES - 1)) || !read_names(data, headers, made.selected))
        return false;
    g_strstrip(made.answer);
    made.answer_frame = frame;
    *upgrade = made;
    return true;
}

bool mqtt5_upgrade_unnamed(const mqtt5_upgrade *upgrade)
{
    return upgrade->status == MQTT5_UPGRADE_SWITCHES && (upgrade->selected[0] == '\0' || !has_name(upgrade->offered, upgrade->selected));
}

bool mqtt5_upgrade_selects_mqtt(const mqtt5_upgrade *upgrade)
{
    return upgrade->status == MQTT5_UPGRADE_SWITCHES && g_ascii_strncasecmp(upgrade->selected, "mqtt", 4) == 0;
}

void mqtt5_upgrade_check(const mqtt5_upgrade *upgrade, mqtt5_findings *findings)
{
    if (!mqtt5_upgrade_unnamed(upgrade))
        return;
    if (upgrade->selected[0] == '\0')
        mqtt5_report(findings, MQTT5_RULE_websocket_not_selected, MQTT5_NO_BYTES,
                     "switches to WebSocket without Sec-WebSocket-Protocol, although the client offers \"%s\" (frame %u): the server must "
                     "select \"mqtt\", and without it a browser closes the connection",
                     upgrade->offered, upgrade->request_frame);
    else
        mqtt5_report(findings, MQTT5_RULE_websocket_not_selected, MQTT5_NO_BYTES,
                     "switches to WebSocket with the sub-protocol \"%s\", which the client does not offer (\"%s\", frame %u): the server must "
                     "select \"mqtt\", and with another one the client has to close the connection",
                     upgrade->selected, upgrade->offered, upgrade->request_frame);
}
