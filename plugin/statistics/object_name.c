/* object_name.c
 * Names of files after topics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/object_name.h"

#include <string.h>

#include <glib.h>

/* Of the part that comes from the topic. Systems allow 255 bytes for a name, and Wireshark counts
 * the folder, too. */
#define TOPIC_BYTES_MAX 100
#define EXTENSION_MAX 5

/* The usual extension of a media type. */
static const struct {
    const char *type, *extension;
} extensions[] = {
    {"application/cbor", "cbor"},
    {"application/gzip", "gz"},
    {"application/json", "json"},
    {"application/msgpack", "msgpack"},
    {"application/octet-stream", "bin"},
    {"application/pdf", "pdf"},
    {"application/xml", "xml"},
    {"application/zip", "zip"},
    {"image/gif", "gif"},
    {"image/jpeg", "jpg"},
    {"image/png", "png"},
    {"text/csv", "csv"},
    {"text/html", "html"},
    {"text/plain", "txt"},
    {"text/xml", "xml"},
};

static const char *extension_of_type(const char *type)
{
    size_t length = strcspn(type, "; ");

    for (size_t i = 0; i < G_N_ELEMENTS(extensions); i++)
        if (strlen(extensions[i].type) == length && g_ascii_strncasecmp(extensions[i].type, type, length) == 0)
            return extensions[i].extension;
    return NULL;
}

static bool is_safe(gunichar character)
{
    if (character < 0x80)
        return g_ascii_isalnum((char)character) || strchr("-._+=@", (int)character) != NULL;
    /* Not what is invisible, or turns the direction of writing. */
    return g_unichar_isgraph(character);
}

/* The topic without what a file name cannot have. */
static GString *safe_topic(const uint8_t *topic, uint32_t length)
{
    GString *name = g_string_new(NULL);
    const char *at = (const char *)topic, *end = at ? at + length : NULL;

    while (at && at < end && name->len < TOPIC_BYTES_MAX) {
        gunichar character = g_utf8_get_char_validated(at, end - at);
        bool valid = character < (gunichar)-2;

        if (valid && character != 0 && is_safe(character))
            g_string_append_unichar(name, character);
        else
            g_string_append_c(name, '_');
        at = valid && character != 0 ? g_utf8_next_char(at) : at + 1;
    }
    if (name->len > 0 && strchr(".-", name->str[0]))
        name->str[0] = '_';
    return g_string_append(name, name->len > 0 ? "" : "unknown_topic");
}

/* The extension at the end of a name, or NULL. "21.5" has none: it takes a letter. */
static const char *extension_of_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    bool letter = false;

    if (!dot || dot == name || strlen(dot + 1) == 0 || strlen(dot + 1) > EXTENSION_MAX)
        return NULL;
    for (const char *at = dot + 1; *at; at++) {
        if (!g_ascii_isalnum(*at))
            return NULL;
        letter |= g_ascii_isalpha(*at) != 0;
    }
    return letter ? dot + 1 : NULL;
}

char *mqtt5_object_name_make(const mqtt5_object_name *name)
{
    GString *made = safe_topic(name->topic, name->topic_length);
    const char *extension = extension_of_name(made->str);
    char *kept = g_strdup(extension ? extension : extension_of_type(name->content_type));

    if (extension)
        g_string_truncate(made, made->len - strlen(extension) - 1);
    g_string_append_printf(made, "-%u", name->frame);
    if (name->number > 1)
        g_string_append_printf(made, "_%u", name->number);
    if (name->cut)
        g_string_append(made, "-cut");
    if (kept)
        g_string_append_printf(made, ".%s", kept);
    g_free(kept);
    return g_string_free(made, FALSE);
}
