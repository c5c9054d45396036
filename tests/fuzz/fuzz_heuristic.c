/* fuzz_heuristic.c
 * The first bytes of a connection on any port, for signature.c. It must take a sound CONNECT for one,
 * whatever is in its fields, and nothing whose name, flags or lengths the decoder and the rules find
 * fault with; and if it takes bytes for a CONNECT, then also their beginning, up to the level.
 *
 * Input: the bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>

#include "core/packet/check.h"
#include "core/packet/decode.h"
#include "intake/framing/framing.h"
#include "intake/framing/signature.h"
#include "invariants.h"
#include "target.h"

static gboolean recognizes(const uint8_t *data, uint32_t length)
{
    /* A copy, so that AddressSanitizer sees a read beyond it. */
    uint8_t *copy = length ? g_memdup2(data, length) : g_malloc0(1);
    gboolean found = mqtt5_signature(copy, length);

    g_free(copy);
    return found;
}

/* True if a finding is about what a signature needs. */
static gboolean matters(mqtt5_rule_id rule)
{
    return rule == MQTT5_RULE_packet_malformed || rule == MQTT5_RULE_connect_protocol_name || rule == MQTT5_RULE_connect_protocol_level ||
           rule == MQTT5_RULE_connect_flags_reserved || rule == MQTT5_RULE_connect_will_qos_invalid ||
           rule == MQTT5_RULE_connect_will_flags || rule == MQTT5_RULE_connect_password_without_user_name;
}

/* Compares with what the decoder and the rules say of a whole packet. */
static void demand_agreement(const uint8_t *data, uint32_t length, gboolean found)
{
    mqtt5_findings findings;
    mqtt5_packet packet;
    gboolean sound;

    mqtt5_findings_init(&findings, MQTT5_CONNECT, MQTT5_CLIENT, MQTT5_VERSION_UNKNOWN);
    sound = mqtt5_decode(&packet, data, length, length, MQTT5_VERSION_UNKNOWN, &findings) == MQTT5_DECODED;
    mqtt5_check_packet(&packet, MQTT5_CLIENT, &findings);
    sound = sound && mqtt5_findings_worst(&findings) < MQTT5_SEVERITY_WARN && findings.dropped == 0;
    if (sound)
        DEMAND(found);
    for (unsigned i = 0; found && i < findings.count; i++)
        DEMAND(!matters(findings.items[i].rule));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t available = (uint32_t)MIN(size, 65536);
    gboolean found = recognizes(data, available);
    mqtt5_frame frame = mqtt5_frame_read(data, available);
    gboolean shortest = frame.header <= 2 || data[frame.header - 1] != 0;

    if (found) {
        uint32_t level;

        DEMAND(data[0] == MQTT5_SIGNATURE_FIRST && frame.status == MQTT5_FRAME_KNOWN && shortest);
        level = frame.header + 2 + data[frame.header + 1];
        for (uint32_t length = level + 1; length < available; length += 1 + length / 8)
            DEMAND(recognizes(data, length));
        DEMAND(!recognizes(data, level));
    }
    if (available > 0 && data[0] == MQTT5_SIGNATURE_FIRST && frame.status == MQTT5_FRAME_KNOWN && shortest && frame.length <= available)
        demand_agreement(data, frame.length, found);
    return 0;
}
