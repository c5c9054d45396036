/* packet-mqtt5.c
 * The protocol "mqtt5": judges and explains what Wireshark's own dissector "mqtt" decodes.
 *
 * Our handle stands in front of stock's in every dissector table. It belongs to stock's protocol, under stock's name: so MQTT disabled disables us, the
 * layer that a carrier adds for us is stock's "mqtt", and a Decode As that is saved while we are there says "MQTT" and still works when we are gone.
 * Stock is then called without a layer of its own, which is only possible through a dissector table: hence the private one below.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "packet-mqtt5.h"

#include "carriers.h"
#include "closing.h"
#include "compat.h"
#include "continuation.h"
#include "intake.h"
#include "judge.h"

#define STOCK_TABLE "mqtt5.stock"
#define STOCK_KEY 1

static int proto_mqtt5 = -1;
static int proto_mqtt = -1;

static dissector_table_t stock_table;
static dissector_handle_t stock_handle; /* Wireshark's dissector; NULL where there is none */
static dissector_handle_t our_handle;
static bool in_front; /* our handle stands where stock's stood */

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
    return proto_is_protocol_enabled(find_protocol_by_id(proto_mqtt5));
}

void mqtt5_call_stock(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, uint16_t can_desegment)
{
    /* Every call of a dissector takes one off can_desegment, and the carrier's offer is meant for stock. */
    pinfo->can_desegment = can_desegment ? can_desegment + 1 : 0;
    mqtt5_try_uint(stock_table, STOCK_KEY, tvb, pinfo, tree, false, data);
    pinfo->can_desegment = can_desegment;
}

/* Before each dissection of a file: takes our place in the dissector tables, wherever the user's preferences and Decode As have put stock by now; or gives
 * it back, if the user has disabled us. */
static void take_place(void)
{
    bool wanted = mqtt5_enabled();

    if (!stock_handle)
        return;
    if (wanted) {
        mqtt5_carriers_add_websocket(stock_handle);
        mqtt5_carriers_replace(stock_handle, our_handle, STOCK_TABLE);
    } else {
        if (in_front)
            mqtt5_carriers_replace(our_handle, stock_handle, STOCK_TABLE);
        mqtt5_carriers_remove_websocket(stock_handle);
    }
    in_front = wanted;
}

void mqtt5_proto_register(void)
{
    proto_mqtt5 = proto_register_protocol("MQTT 5 Analysis", "MQTT5", "mqtt5");
    mqtt5_register_fields(proto_mqtt5);
    mqtt5_continuation_register(proto_mqtt5);
    stock_table = register_dissector_table(STOCK_TABLE, "MQTT 5 Analysis, Stock Dissector", proto_mqtt5, FT_UINT32, BASE_DEC);
    register_init_routine(take_place);
}

void mqtt5_proto_handoff(void)
{
    stock_handle = find_dissector("mqtt");
    if (!stock_handle)
        return;
    proto_mqtt = dissector_handle_get_protocol_index(stock_handle);
    our_handle = create_dissector_handle_with_name_and_description(mqtt5_intake, proto_mqtt, "mqtt", NULL);
    mqtt5_intake_handoff();
    mqtt5_closing_handoff();
    dissector_add_uint(STOCK_TABLE, STOCK_KEY, stock_handle);
    mqtt5_carriers_add_websocket(stock_handle); /* already here, because -d is read before the first file is opened */
}
