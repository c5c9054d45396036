/* finding.h
 * What the rules have to say of one control packet: a short list of findings, each with its message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FINDING_H
#define MQTT5_FINDING_H

#include <glib.h>

#include "cause.h"
#include "rule.h"

/* Of a function that few packets need: what leads to it is laid out of the way of the others. */
#define MQTT5_SELDOM __attribute__((cold))

/* Wireshark cuts a label at 240 bytes; a person does not read on after a handful of findings in one packet. */
#define MQTT5_MESSAGE_SIZE 240
#define MQTT5_FINDINGS_MAX 16

/* One broken rule (or a remark) at some bytes of a packet. */
typedef struct {
    mqtt5_rule_id rule;
    uint32_t offset, length; /* bytes it is about, counted from the packet's first byte; length 0 where it is about something missing */
    const char *clause;      /* static: "MQTT-3.14.2-1", or a section such as "3.2.2.3.4" */
    char message[MQTT5_MESSAGE_SIZE];
} mqtt5_finding;

/* The findings of one packet. Set up with mqtt5_findings_init(); no memory behind it. */
typedef struct {
    mqtt5_packet_type type; /* of the packet, for the start of each message */
    mqtt5_sender sender;
    unsigned count;   /* entries in use */
    uint32_t dropped; /* findings beyond MQTT5_FINDINGS_MAX */
    mqtt5_cause cause;
    mqtt5_finding items[MQTT5_FINDINGS_MAX];
} mqtt5_findings;

/* Empties the list and says whose findings it will hold. */
void mqtt5_findings_init(mqtt5_findings *findings, mqtt5_packet_type type, mqtt5_sender sender);

/* Adds a finding. The message becomes "PUBREC from server: <text> [clause]", valid UTF-8, cut in the text if it is too long.
 * `clause` NULL means the first clause of the rule. `findings` NULL: nothing happens (a re-render needs no findings). */
void mqtt5_report(mqtt5_findings *findings, mqtt5_rule_id rule, uint32_t offset, uint32_t length, const char *clause, const char *format,
                  ...) G_GNUC_PRINTF(6, 7) MQTT5_SELDOM;

/* True if a finding would go nowhere: `findings` is NULL, or full, which counts one more as dropped. For long lists of codes, where messages would be made
 * in vain. */
bool mqtt5_findings_drop(mqtt5_findings *findings);

/* True if some finding is of `rule`. */
bool mqtt5_findings_has(const mqtt5_findings *findings, mqtt5_rule_id rule);

/* The worst severity in the list; MQTT5_SEVERITY_CHAT for an empty one. */
mqtt5_severity mqtt5_findings_worst(const mqtt5_findings *findings);

/* Writes bytes from the wire as a quoted, printable, valid UTF-8 text of at most `size` bytes with its NUL into `buffer`, and returns
 * it. What is not printable is escaped (\x00); a long text ends in "…". */
const char *mqtt5_quote(const uint8_t *data, uint32_t length, char *buffer, size_t size);

#endif
