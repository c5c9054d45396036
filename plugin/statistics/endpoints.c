/* endpoints.c
 * Wireshark's table of endpoints, by Client ID: control packets and bytes, each way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/statistics.h"

#include <string.h>

#include "compat.h"

#include <epan/conversation_table.h>

#include "statistics/tap.h"

/* A Client ID as an address is a text. Wireshark puts it between quotes in a filter, as it is: true
 * if it then means the same. Our own names for clients without a Client ID begin with a
 * parenthesis. */
static bool is_filter_value(const address *client)
{
    const char *text = client->data;

    return client->type == AT_STRINGZ && text[0] != '(' && !strpbrk(text, "\"\\") && !g_str_has_suffix(text, "…");
}

static const char *endpoint_filter(endpoint_item_t *item, conv_filter_type_e filter)
{
    bool address = filter == CONV_FT_SRC_ADDRESS || filter == CONV_FT_DST_ADDRESS || filter == CONV_FT_ANY_ADDRESS;

    return address && is_filter_value(&item->myaddress) ? "mqtt5.client_id" : CONV_FILTER_INVALID;
}

static et_dissector_info_t endpoint_info = {&endpoint_filter};

/* The client of packet `number`, as an address whose text is in the packet's pool. */
static void client_of(const mqtt5_tap_record *record, unsigned number, packet_info *pinfo, address *client)
{
    const char *name = mqtt5_tap_client(record, number, pinfo->pool);

    set_address(client, AT_STRINGZ, (int)strlen(name) + 1, name);
}

/* True for a control packet that one of the two sends. */
static bool counts(const mqtt5_facts *facts)
{
    return facts->type != MQTT5_CLOSE && facts->type != MQTT5_BYTES && !facts->is_header && facts->sender != MQTT5_SENDER_UNKNOWN;
}

static tap_packet_status see_endpoint(void *table, packet_info *pinfo, epan_dissect_t *edt, const void *tapped, tap_flags_t flags)
{
    conv_hash_t *hash = table;
    const mqtt5_tap_record *record = tapped;
    address client;

    (void)edt;
    hash->flags = flags;
    for (unsigned i = 0; i < record->count; i++) {
        if (!counts(&record->packets[i].facts))
            continue;
        client_of(record, i, pinfo, &client);
        add_endpoint_table_data(hash, &client, 0, record->packets[i].facts.sender == MQTT5_CLIENT, 1, (int)record->pdus[i].length,
                                &endpoint_info, ENDPOINT_NONE);
    }
    return TAP_PACKET_REDRAW;
}

/* Wireshark's filter for a conversation asks for one field for both its ends, so there can be none
 * between a Client ID and an address. */
void mqtt5_endpoints_register(int proto)
{
    register_conversation_table(proto, TRUE, NULL, see_endpoint);
}
