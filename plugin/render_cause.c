/* render_cause.c
 * Shows why something failed, and the frame that tells.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "render.h"

void mqtt5_render_cause(const mqtt5_rendering *r)
{
    const mqtt5_frozen_findings *findings = r->frozen->findings;

    if (!findings || !findings->cause)
        return;
    mqtt5_mark(proto_tree_add_string(r->tree, mqtt5_hf.cause, r->tvb, (int)r->start, 0, findings->cause));
    if (findings->cause_frame != 0)
        mqtt5_add_uint(r, r->tree, mqtt5_hf.cause_in, 0, 0, findings->cause_frame);
}
