/* finding.h
 * What the rules have to say of one control packet: a short list of findings, each with its
 * message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_RULES_FINDING_H
#define MQTT5_RULES_FINDING_H

#include <glib.h>

#include "core/rules/cause.h"
#include "core/rules/rule.h"

/* Marks a rarely called function as cold, so that code leading to it stays off the hot path. */
#if defined(__GNUC__)
#define MQTT5_SELDOM __attribute__((cold))
#else
#define MQTT5_SELDOM
#endif

/* Wireshark cuts a label at 240 bytes, and nobody reads more than a handful of findings in one
 * packet. */
#define MQTT5_MESSAGE_SIZE 240
#define MQTT5_FINDINGS_MAX 16

/* Bytes of a packet: an offset from its first byte, and a length. */
typedef struct {
    uint32_t offset, length;
} mqtt5_range;

/* The byte with the packet type and the flags; and none at all. */
#define MQTT5_FIRST_BYTE ((mqtt5_range){0, 1})
#define MQTT5_NO_BYTES ((mqtt5_range){0, 0})

/* One broken rule (or a remark) at some bytes of a packet. */
typedef struct {
    mqtt5_rule_id rule;
    mqtt5_range range;  /* bytes it is about; length 0 where it is about something missing */
    const char *clause; /* static: "MQTT-3.14.2-1", or a section such as "3.2.2.3.4" */
    char text[MQTT5_MESSAGE_SIZE];
} mqtt5_finding;

/* The findings of one packet. Set up with mqtt5_findings_init(); owns no memory. */
typedef struct {
    mqtt5_packet_type type; /* of the packet that all are about */
    mqtt5_sender sender;
    unsigned version; /* of the packet, 0: not known; says by which clauses it is judged */
    unsigned count;   /* entries in use */
    uint32_t dropped; /* findings beyond MQTT5_FINDINGS_MAX */
    mqtt5_cause cause;
    /* the packet is the Will of the connection that ended in this frame; 0: it is none */
    uint32_t will_end_frame;
    mqtt5_finding items[MQTT5_FINDINGS_MAX];
} mqtt5_findings;

/* Empties the list and says whose findings it will hold: of a packet of this type, sender and
 * version (0: not known). */
void mqtt5_findings_init(mqtt5_findings *findings, mqtt5_packet_type type, mqtt5_sender sender, unsigned version);

/* Drops the findings so far, for one that explains them all; the cause stays. */
void mqtt5_findings_empty(mqtt5_findings *findings);

/* Adds a finding about the bytes of `range`. The text says what is wrong and what would have been
 * right; it becomes valid UTF-8, cut where too long. The rule's row must name the packet; if it
 * does not, a critical warning says so, and nothing is added. `findings` NULL: nothing happens (a
 * re-render needs no findings). */
void mqtt5_report(mqtt5_findings *findings, mqtt5_rule_id rule, mqtt5_range range, const char *format, ...)
    G_GNUC_PRINTF(4, 5) MQTT5_SELDOM;

/* The same, for a rule that checks several statements: `clauses` says which of them was broken.
 * NULL, or NULL for the version: that of the row. */
void mqtt5_report_by(mqtt5_findings *findings, mqtt5_rule_id rule, const mqtt5_clauses *clauses, mqtt5_range range, const char *format, ...)
    G_GNUC_PRINTF(5, 6) MQTT5_SELDOM;

/* Clauses for mqtt5_report_by(): of 5.0 alone; of all versions. Valid in the block that they are
 * written in. */
#define MQTT5_CLAUSE(clause) (&(const mqtt5_clauses){(clause), NULL, NULL})
#define MQTT5_CLAUSES(v5, v3_1_1, v3_1) (&(const mqtt5_clauses){(v5), (v3_1_1), (v3_1)})

/* Writes a finding as people read it, "PUBREC from server: <text> [<clause>]", of a packet of this
 * type and sender. After the text comes MQTT5_SUSPECTED where the rule is a suspicion. What is too
 * long is cut in the text. Returns `buffer`. */
const char *mqtt5_finding_message(mqtt5_packet_type type, mqtt5_sender sender, mqtt5_rule_id rule, const char *text, const char *clause,
                                  char buffer[MQTT5_MESSAGE_SIZE]);

/* True if a finding would go nowhere: `findings` is NULL, or full, which counts one more as
 * dropped. For long lists of codes, where messages would be made in vain. */
bool mqtt5_findings_drop(mqtt5_findings *findings);

/* True if some finding is of `rule`. */
bool mqtt5_findings_has(const mqtt5_findings *findings, mqtt5_rule_id rule);

/* The worst severity in the list; MQTT5_SEVERITY_CHAT for an empty one. */
mqtt5_severity mqtt5_findings_worst(const mqtt5_findings *findings);

/* Writes bytes from the wire as a quoted, printable, valid UTF-8 text of at most `size` bytes with
 * its NUL into `buffer`, and returns it. What is not printable is escaped (\x00); a long text ends
 * in "…". */
const char *mqtt5_quote(const uint8_t *data, uint32_t length, char *buffer, size_t size);

#endif
