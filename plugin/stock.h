/* stock.h
 * Our protocol "mqtt5" and stock's "mqtt": their ids, whether ours is enabled, and the way into
 * stock's dissector.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STOCK_H
#define MQTT5_STOCK_H

#include <epan/packet.h>

/* Our own dissector table. It contains only stock's handle, which must stay there. */
#define MQTT5_STOCK_TABLE "mqtt5.stock"

/* Stores `proto` as the id of the protocol "mqtt5" and looks up that of stock. Called once, when
 * the protocol is registered. */
void mqtt5_stock_register(int proto);

/* Looks up stock's dissector and prepares to call it. Called once, from the handoff. Returns its
 * handle, or NULL if this Wireshark has none: then no other function of this file may be called. */
dissector_handle_t mqtt5_stock_handoff(void);

/* Checks whether the user has disabled the protocol "mqtt5". Call it before a file is dissected;
 * Wireshark dissects a file again when a protocol is enabled or disabled. Returns what
 * mqtt5_enabled() returns from then on. */
bool mqtt5_stock_begin(void);

/* The id of the protocol "mqtt5"; -1 before registration. */
int mqtt5_proto(void);

/* The id of stock's protocol "mqtt"; -1 if this Wireshark has none. */
int mqtt5_stock_proto(void);

/* False if the user has disabled the protocol "mqtt5": then Wireshark must behave as if the plugin
 * were not installed. */
bool mqtt5_enabled(void);

/* Lets stock dissect `tvb` as if the carrier had called it: in a layer "mqtt", which is added
 * unless the carrier has added it (`layered`), and with the carrier's offer to desegment
 * (`can_desegment`: pinfo->can_desegment when we were called). Exceptions pass through, and
 * pinfo->can_desegment is then not restored. */
void mqtt5_call_stock(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data, uint16_t can_desegment, bool layered);

#endif
