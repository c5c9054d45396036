/* continuation.c
 * Shows bytes that are not a whole control packet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/continuation.h"

#include <epan/expert.h>

#include "compat.h"
#include "display/fields.h"

static int hf_continuation = -1;
static int hf_segment = -1;
static int hf_foreign = -1;

void mqtt5_continuation_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_continuation,
         {"MQTT continuation", "mqtt5.continuation", FT_BYTES, BASE_NONE, NULL, 0,
          "Bytes of a control packet whose start is missing from the capture", HFILL}},
        {&hf_segment,
         {"MQTT segment data", "mqtt5.segment", FT_BYTES, BASE_NONE, NULL, 0, "Part of a control packet that continues in a later message",
          HFILL}},
        {&hf_foreign,
         {"Not MQTT", "mqtt5.not_mqtt", FT_STRING, BASE_NONE, NULL, 0, "What the bytes are, which are of another protocol than MQTT",
          HFILL}},
    };

    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
}

void mqtt5_render_continuation(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb, int offset, int length, bool first)
{
    proto_item *item = proto_tree_add_item(tree, hf_continuation, tvb, offset, length, ENC_NA);

    if (first)
        expert_add_info(pinfo, item, &mqtt5_ei[MQTT5_RULE_framing_lost]);
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

void mqtt5_render_foreign(packet_info *pinfo, proto_tree *tree, tvbuff_t *tvb, mqtt5_foreign kind, uint32_t length, bool alone)
{
    int captured = tvb_captured_length(tvb);
    char text[100];

    mqtt5_foreign_text(kind, captured > 0 ? tvb_get_ptr(tvb, 0, captured) : NULL, (uint32_t)captured, text, sizeof text);
    proto_tree_add_string(tree, hf_foreign, tvb, 0, MIN((int)length, captured), text);
    if (!alone)
        return;
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "MQTT");
    col_add_fstr(pinfo->cinfo, COL_INFO, "Not MQTT: %s", text);
}
