/* stock.c
 * The ids of both protocols, and the call of stock's dissector.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "stock.h"

#include "compat.h"

#define STOCK_KEY 1

static int proto_mqtt5 = -1;
static int proto_mqtt = -1;

static dissector_table_t stock_table;
static dissector_handle_t stock;
static bool enabled;

void mqtt5_stock_register(int proto)
{
    proto_mqtt5 = proto;
    proto_mqtt = proto_get_id_by_filter_name("mqtt");
    stock_table = register_dissector_table(MQTT5_STOCK_TABLE, "MQTT 5 Analysis, Stock Dissector", proto_mqtt5, FT_UINT32, BASE_DEC);
}

dissector_handle_t mqtt5_stock_handoff(void)
{
    stock = proto_mqtt != -1 ? find_dissector("mqtt") : NULL;
    if (stock)
        dissector_add_uint(MQTT5_STOCK_TABLE, STOCK_KEY, stock);
    return stock;
}

bool mqtt5_stock_begin(void)
{
    enabled = proto_is_protocol_enabled(find_protocol_by_id(proto_mqtt5));
    return enabled;
}

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
    /* Every call of a dissector decrements can_desegment, but the carrier's offer is for stock. */
    pinfo->can_desegment = can_desegment ? can_desegment + 1 : 0;
    if (layered)
        mqtt5_try_uint(stock_table, STOCK_KEY, tvb, pinfo, tree, false, data);
    else
        call_dissector_only(stock, tvb, pinfo, tree, data);
    pinfo->can_desegment = can_desegment;
}
