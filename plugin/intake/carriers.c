/* carriers.c
 * Walks Wireshark's dissector tables and changes one handle for another.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "intake/carriers.h"

#include <string.h>

#include "compat.h"

#define WEBSOCKET_TABLE "ws.protocol"

#define WEBSOCKET_NAME "mqtt" /* the one that the standard knows */

#define ALPN_TABLE "tls.alpn"
#define QUIC_TABLE "quic.proto" /* ALPN over QUIC */

/* The names of MQTT in tables that have names. */
static struct {
    const char *table, *name;
    bool added; /* by us */
} names[] = {
    {WEBSOCKET_TABLE, WEBSOCKET_NAME, false}, /* subprotocols */
    {WEBSOCKET_TABLE, "mqttv3.1", false},
    {ALPN_TABLE, "mqtt", false},           /* registered with IANA */
    {ALPN_TABLE, "x-amzn-mqtt-ca", false}, /* AWS IoT, on port 443 */
    {QUIC_TABLE, "mqtt", false},
};

/* An entry of a dissector table that has one of the handles of MQTT. */
typedef struct {
    const char *table;
    bool is_string;
    uint32_t number;
    char *string;
    dissector_handle_t initial, current;
} place;

typedef struct {
    const mqtt5_handles *handles;
    const char *except;
    GArray *places;
} search;

static bool is_number(ftenum_t type)
{
    return type == FT_UINT8 || type == FT_UINT16 || type == FT_UINT24 || type == FT_UINT32;
}

static bool is_string(ftenum_t type)
{
    return type == FT_STRING || type == FT_STRINGZ || type == FT_STRINGZPAD || type == FT_STRINGZTRUNC;
}

static void note_entry(const char *table, ftenum_t type, void *key, void *value, void *user_data)
{
    const search *wanted = user_data;
    dissector_handle_t current = dtbl_entry_get_handle(value);
    place found = {0};

    if (current != wanted->handles->stock && current != wanted->handles->registered && current != wanted->handles->unnamed &&
        current != wanted->handles->chosen)
        return;
    found.table = table;
    found.initial = dtbl_entry_get_initial_handle(value);
    found.current = current;
    found.is_string = is_string(type);
    if (found.is_string)
        found.string = g_strdup(key);
    else
        found.number = GPOINTER_TO_UINT(key);
    g_array_append_val(wanted->places, found);
}

static void search_table(const char *table, const char *ui_name, void *user_data)
{
    const search *wanted = user_data;
    ftenum_t type = get_dissector_table_selector_type(table);

    (void)ui_name;
    if (strcmp(table, wanted->except) != 0 && (is_number(type) || is_string(type)))
        dissector_table_foreach(table, note_entry, user_data);
}

static void set_initial(const place *at, dissector_handle_t to)
{
    if (at->is_string)
        dissector_add_string(at->table, at->string, to);
    else
        dissector_add_uint(at->table, at->number, to);
}

static void set_current(const place *at, dissector_handle_t to)
{
    if (at->current == to)
        return;
    if (at->is_string)
        dissector_change_string(at->table, at->string, to);
    else
        dissector_change_uint(at->table, at->number, to);
}

static bool is_unnamed(const place *at)
{
    return at->is_string && strcmp(at->table, WEBSOCKET_TABLE) == 0 && strcmp(at->string, WEBSOCKET_NAME) != 0;
}

/* Replaces the handles of MQTT by those in `by`: an entry's initial handle by `registered` (or
 * `unnamed`), one that the user chose by `chosen`. Entries for which the user chose another
 * protocol are left alone, whatever their initial handle: ours passes everything on where it
 * must. */
static void replace(const mqtt5_handles *handles, const mqtt5_handles *by, const char *except)
{
    search wanted = {handles, except, g_array_new(false, false, sizeof(place))};
    unsigned i;

    /* Tables must not change during a walk, so this collects first and changes then. */
    dissector_all_tables_foreach_table(search_table, &wanted, NULL);
    for (i = 0; i < wanted.places->len; i++) {
        place *at = &g_array_index(wanted.places, place, i);
        dissector_handle_t registered = is_unnamed(at) ? by->unnamed : by->registered;

        if (at->initial == registered)
            set_current(at, registered);
        else if (at->initial == handles->stock || at->initial == handles->registered || at->initial == handles->unnamed)
            set_initial(at, registered);
        else
            set_current(at, by->chosen);
        g_free(at->string);
    }
    g_array_free(wanted.places, true);
}

void mqtt5_carriers_take(const mqtt5_handles *handles, const char *except)
{
    replace(handles, handles, except);
}

void mqtt5_carriers_give_back(const mqtt5_handles *handles, const char *except)
{
    mqtt5_handles stock = {handles->stock, handles->stock, handles->stock, handles->stock};

    replace(handles, &stock, except);
}

void mqtt5_carriers_add_names(dissector_handle_t handle)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        dissector_table_t table = find_dissector_table(names[i].table);

        if (!table || names[i].added || dissector_get_string_handle(table, names[i].name))
            continue;
        dissector_add_string(names[i].table, names[i].name, handle);
        names[i].added = true;
    }
}

void mqtt5_carriers_remove_names(dissector_handle_t handle)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        dissector_table_t table = find_dissector_table(names[i].table);

        if (!table || !names[i].added || dissector_get_string_handle(table, names[i].name) != handle)
            continue;
        dissector_delete_string(names[i].table, names[i].name, handle);
        names[i].added = false;
    }
}
