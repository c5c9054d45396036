/* continuation.c
 * Shows bytes that are no whole control packet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "continuation.h"

#include <epan/expert.h>

#include "compat.h"
#include "fields.h"

static int hf_continuation = -1;
static int hf_segment = -1;

void mqtt5_continuation_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_continuation,
         {"MQTT continuation", "mqtt5.continuation", FT_BYTES, BASE_NONE, NULL, 0, "Bytes within a control packet whose start was not seen",
          HFILL}},
        {&hf_segment,
         {"MQTT segment data", "mqtt5.segment", FT_BYTES, BASE_NONE, NULL, 0, "Part of a control packet that a later message completes",
          HFILL}},
    };

    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
}

void mqtt5_render_continuation(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb, int offset, int length, bool first)
{
    proto_item *item = proto_tree_add_item(tree, hf_continuation, tvb, offset, length, ENC_NA);

    if (first)
        expert_add_info(pinfo, item, &mqtt5_ei[MQTT5_RULE_FRAMING_LOST]);
}

void mqtt5_columns_continuation(packet_info *pinfo)
{
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "MQTT");
    col_set_str(pinfo->cinfo, COL_INFO, "Continuation");
}

void mqtt5_render_segment(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb, int offset, int length)
{
    (void)pinfo;
    proto_tree_add_item(tree, hf_segment, tvb, offset, length, ENC_NA);
}
