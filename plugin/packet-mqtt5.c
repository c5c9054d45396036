/* packet-mqtt5.c
 * The protocol "mqtt5": checks and explains what Wireshark's own dissector "mqtt" decodes.
 *
 * We replace stock's handle in every dissector table by one of two handles of our own:
 *
 * - Where the user chose MQTT (Decode As, port preference), our handle belongs to stock's protocol
 *   and has its name. So what Wireshark saves says "MQTT", and still works if the plugin is
 *   removed. The carrier adds the layer "mqtt" for us, so we must call stock without adding
 *   another. That is possible only through a dissector table: hence the private table in stock.c.
 * - Where stock registered itself, that handle is not possible: Wireshark lists it in Decode As,
 *   and requires different descriptions and preferences there. So our handle belongs to a name-only
 *   protocol, for which no layer is added. Its names are those of stock, because TLS shows them.
 *
 * If MQTT is disabled, neither is called: the name-only protocol is enabled and disabled with its
 * parent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "packet-mqtt5.h"

#include "compat.h"
#include "display/columns.h"
#include "display/continuation.h"
#include "display/fields.h"
#include "display/payload.h"
#include "intake/carriers.h"
#include "intake/claim.h"
#include "intake/closing.h"
#include "intake/intake.h"
#include "network/network.h"
#include "statistics/statistics.h"
#include "statistics/tap.h"
#include "stock.h"

#define WEBSOCKET_HEURISTICS "ws"
#define TCP_HEURISTICS "tcp"
#define TLS_HEURISTICS "tls"

static int proto_intake = -1; /* a name-only protocol */

static mqtt5_handles handles;

/* Before each dissection of a file: puts our handles into the dissector tables, wherever the user's
 * preferences and Decode As have put stock; or puts stock back, if the user has disabled us. */
static void take_place(void)
{
    bool enabled = mqtt5_stock_begin();

    if (!handles.stock)
        return;
    if (enabled) {
        mqtt5_carriers_add_names(handles.stock);
        mqtt5_carriers_take(&handles, MQTT5_STOCK_TABLE);
    } else {
        mqtt5_carriers_give_back(&handles, MQTT5_STOCK_TABLE);
        mqtt5_carriers_remove_names(handles.stock);
    }
}

/* The carrier has added the layer "mqtt". */
static int dissect_chosen(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return mqtt5_intake(tvb, pinfo, tree, data, MQTT5_INTAKE_LAYERED);
}

/* The carrier has added no layer. */
static int dissect_registered(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return mqtt5_intake(tvb, pinfo, tree, data, 0);
}

/* The same, over WebSocket with a sub-protocol other than "mqtt". */
static int dissect_unnamed(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return mqtt5_intake(tvb, pinfo, tree, data, MQTT5_INTAKE_UNNAMED);
}

/* Over WebSocket without a sub-protocol of MQTT: it is MQTT if it begins with CONNECT. */
static mqtt5_bool dissect_found(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!handles.stock || !mqtt5_intake_find(tvb, pinfo))
        return false;
    mqtt5_intake(tvb, pinfo, tree, data, MQTT5_INTAKE_LAYERED | MQTT5_INTAKE_UNNAMED);
    return true;
}

/* On a TCP port of no dissector. The connection is then that of the handle for what the user chose,
 * since here, too, a layer "mqtt" is added. */
static mqtt5_bool dissect_on_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!mqtt5_claim_tcp(tvb, pinfo, data, handles.chosen))
        return false;
    mqtt5_intake(tvb, pinfo, tree, data, MQTT5_INTAKE_LAYERED | MQTT5_INTAKE_CLAIMED);
    return true;
}

/* The same in TLS. */
static mqtt5_bool dissect_in_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!mqtt5_claim_tls(tvb, pinfo, handles.chosen))
        return false;
    mqtt5_intake(tvb, pinfo, tree, data, MQTT5_INTAKE_LAYERED | MQTT5_INTAKE_CLAIMED);
    return true;
}

/* All of them are parts of stock's protocol: off with it, and shown below it. */
static void add_heuristics(const char *list, heur_dissector_t dissect, const char *description, const char *name)
{
    if (has_heur_dissector_list(list))
        heur_dissector_add(list, dissect, description, name, mqtt5_stock_proto(), HEURISTIC_ENABLE);
}

void mqtt5_proto_register(void)
{
    int proto_mqtt5 = proto_register_protocol("MQTT 5 Analysis", "MQTT5", "mqtt5"), proto_mqtt;

    mqtt5_stock_register(proto_mqtt5);
    mqtt5_fields_register(proto_mqtt5);
    mqtt5_columns_register(proto_mqtt5);
    mqtt5_payload_register(proto_mqtt5);
    mqtt5_network_register();
    mqtt5_continuation_register(proto_mqtt5);
    mqtt5_tap_register();
    mqtt5_srt_register(proto_mqtt5);
    mqtt5_trees_register();
    mqtt5_sessions_register();
    mqtt5_deliveries_register();
    mqtt5_endpoints_register(proto_mqtt5);
    mqtt5_conversation_filter_register();
    mqtt5_objects_register(proto_mqtt5);
    mqtt5_follow_register(proto_mqtt5);
    proto_mqtt = mqtt5_stock_proto();
    if (proto_mqtt != -1)
        proto_intake = proto_register_protocol_in_name_only(proto_get_protocol_name(proto_mqtt),
                                                            proto_get_protocol_short_name(find_protocol_by_id(proto_mqtt)), "mqtt5.intake",
                                                            proto_mqtt, FT_PROTOCOL);
    register_init_routine(take_place);
}

void mqtt5_proto_handoff(void)
{
    int proto_mqtt = mqtt5_stock_proto();

    handles.stock = mqtt5_stock_handoff();
    if (!handles.stock)
        return;
    handles.chosen = create_dissector_handle_with_name_and_description(dissect_chosen, proto_mqtt, "mqtt", NULL);
    handles.registered =
        create_dissector_handle_with_name_and_description(dissect_registered, proto_intake, "mqtt", "MQTT (MQTT 5 Analysis)");
    handles.unnamed = create_dissector_handle_with_name_and_description(dissect_unnamed, proto_intake, "mqtt", "MQTT (MQTT 5 Analysis)");
    add_heuristics(WEBSOCKET_HEURISTICS, dissect_found, "MQTT over WebSocket without its sub-protocol", "mqtt5_ws");
    add_heuristics(TCP_HEURISTICS, dissect_on_tcp, "MQTT over TCP on any port", "mqtt5_tcp");
    add_heuristics(TLS_HEURISTICS, dissect_in_tls, "MQTT over TLS on any port", "mqtt5_tls");
    mqtt5_claim_handoff();
    mqtt5_closing_watch();
    mqtt5_intake_handoff();
    mqtt5_carriers_add_names(handles.stock); /* here already, because tshark reads -d before it
                                                  * opens the first file */
}
