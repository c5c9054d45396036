/* cause.c
 * Shows why something failed, and the frame of the cause.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "display/parts.h"

void mqtt5_render_cause(const mqtt5_rendering *r)
{
    const mqtt5_frozen_findings *findings = r->frozen->findings;

    if (!findings || !findings->cause_text)
        return;
    mqtt5_mark(proto_tree_add_string(r->tree, mqtt5_hf.cause, r->tvb, (int)r->start, 0,
                                     wmem_strdup_printf(r->pinfo->pool, "%s: %s", findings->cause_head, findings->cause_text)));
    mqtt5_mark(proto_tree_add_string(r->tree, mqtt5_hf.cause_kind, r->tvb, (int)r->start, 0, mqtt5_cause_kind_name(findings->cause_kind)));
    if (findings->cause_frame != 0)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.cause_in, 0, 0, findings->cause_frame);
    if (r->frozen->facts.type == MQTT5_CLOSE && r->frozen->facts.later_frame && *r->frozen->facts.later_frame != 0)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.cause_more_in, 0, 0, *r->frozen->facts.later_frame);
}
