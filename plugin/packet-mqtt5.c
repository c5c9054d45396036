/* packet-mqtt5.c
 * The protocol "mqtt5": judges and explains what Wireshark's own dissector "mqtt" decodes.
 *
 * We stand in front of stock's handle in every dissector table, with one of two handles of our own:
 *
 * - where the user chose MQTT (Decode As, port preference), one that belongs to stock's protocol and has its name. So what is saved
 *   then says "MQTT", and still works when we are gone. The carrier adds the layer "mqtt" for us, and stock must be called without
 *   adding another; that is only possible through a dissector table: hence the private one below.
 * - where stock stands by itself, that handle would not do: Wireshark adds it to the list that Decode As offers, and wants different
 *   descriptions and preferences there. So it belongs to a name-only protocol, for which no layer is added; its names are stock's,
 *   since TLS shows them.
 *
 * With MQTT disabled neither is called: the name-only protocol is enabled and disabled with its parent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "packet-mqtt5.h"

#include "carriers.h"
#include "compat.h"
#include "continuation.h"
#include "intake.h"
#include "judge.h"
#include "statistics.h"
#include "tap.h"

#define STOCK_TABLE "mqtt5.stock"
#define STOCK_KEY 1
#define WEBSOCKET_HEURISTICS "ws"

static int proto_mqtt5 = -1;
static int proto_mqtt = -1;
static int proto_intake = -1; /* in name only */

static dissector_table_t stock_table;
static mqtt5_handles handles;
static bool enabled; /* for the file that is being dissected: to disable a protocol has Wireshark dissect all anew */

int mqtt5_proto(void)
{
    return proto_mqtt5;
}

int mqtt5_stock_proto(void)
{
    return proto_mqtt;
}

bool mqtt5_enabled(void)
{
    return enabled;
}

void mqtt5_call_stock(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, uint16_t can_desegment, bool layered)
{
    /* Every call of a dissector takes one off can_desegment, and the carrier's offer is meant for stock. */
    pinfo->can_desegment = can_desegment ? can_desegment + 1 : 0;
    if (layered)
        mqtt5_try_uint(stock_table, STOCK_KEY, tvb, pinfo, tree, false, data);
    else
        call_dissector_only(handles.stock, tvb, pinfo, tree, data);
    pinfo->can_desegment = can_desegment;
}

/* Before each dissection of a file: takes our place in the dissector tables, wherever the user's preferences and Decode As have put stock
 * by now; or gives it back, if the user has disabled us. */
static void take_place(void)
{
    enabled = proto_is_protocol_enabled(find_protocol_by_id(proto_mqtt5));
    if (!handles.stock)
        return;
    if (enabled) {
        mqtt5_carriers_add_websocket(handles.stock);
        mqtt5_carriers_take(&handles, STOCK_TABLE);
    } else {
        mqtt5_carriers_give_back(&handles, STOCK_TABLE);
        mqtt5_carriers_remove_websocket(handles.stock);
    }
}

/* With the layer "mqtt" added for us. */
static int dissect_chosen(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return mqtt5_intake(tvb, pinfo, tree, data, MQTT5_INTAKE_LAYERED);
}

/* With no layer added for us. */
static int dissect_registered(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return mqtt5_intake(tvb, pinfo, tree, data, 0);
}

/* The same, over WebSocket with another sub-protocol than "mqtt". */
static int dissect_unnamed(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return mqtt5_intake(tvb, pinfo, tree, data, MQTT5_INTAKE_UNNAMED);
}

/* Over WebSocket with a sub-protocol that says nothing of MQTT, or without one: taken if it begins with CONNECT. */
static mqtt5_bool dissect_found(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!handles.stock || !mqtt5_intake_find(tvb, pinfo))
        return false;
    mqtt5_intake(tvb, pinfo, tree, data, MQTT5_INTAKE_LAYERED | MQTT5_INTAKE_UNNAMED);
    return true;
}

void mqtt5_proto_register(void)
{
    proto_mqtt5 = proto_register_protocol("MQTT 5 Analysis", "MQTT5", "mqtt5");
    mqtt5_register_fields(proto_mqtt5);
    mqtt5_continuation_register(proto_mqtt5);
    mqtt5_tap_register();
    mqtt5_srt_register(proto_mqtt5);
    mqtt5_trees_register();
    mqtt5_sessions_register();
    mqtt5_conversation_filter_register();
    stock_table = register_dissector_table(STOCK_TABLE, "MQTT 5 Analysis, Stock Dissector", proto_mqtt5, FT_UINT32, BASE_DEC);
    proto_mqtt = proto_get_id_by_filter_name("mqtt");
    if (proto_mqtt != -1)
        proto_intake = proto_register_protocol_in_name_only(proto_get_protocol_name(proto_mqtt),
                                                            proto_get_protocol_short_name(find_protocol_by_id(proto_mqtt)), "mqtt5.intake",
                                                            proto_mqtt, FT_PROTOCOL);
    register_init_routine(take_place);
}

void mqtt5_proto_handoff(void)
{
    handles.stock = proto_intake != -1 ? find_dissector("mqtt") : NULL;
    if (!handles.stock)
        return;
    handles.chosen = create_dissector_handle_with_name_and_description(dissect_chosen, proto_mqtt, "mqtt", NULL);
    handles.registered =
        create_dissector_handle_with_name_and_description(dissect_registered, proto_intake, "mqtt", "MQTT (MQTT 5 Analysis)");
    handles.unnamed = create_dissector_handle_with_name_and_description(dissect_unnamed, proto_intake, "mqtt", "MQTT (MQTT 5 Analysis)");
    if (has_heur_dissector_list(WEBSOCKET_HEURISTICS))
        heur_dissector_add(WEBSOCKET_HEURISTICS, dissect_found, "MQTT over WebSocket without its sub-protocol", "mqtt5_ws", proto_mqtt,
                           HEURISTIC_ENABLE);
    mqtt5_intake_handoff();
    dissector_add_uint(STOCK_TABLE, STOCK_KEY, handles.stock);
    mqtt5_carriers_add_websocket(handles.stock); /* already here, because -d is read before the first file is opened */
}
