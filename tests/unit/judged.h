/* judged.h
 * Decodes and checks one control packet, whose bytes end just before memory that cannot be read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef JUDGED_H
#define JUDGED_H

#include "core/packet/check.h"
#include "core/packet/decode.h"
#include "notation.h"

typedef struct {
    mqtt5_packet packet; /* points into memory that the next packet overwrites */
    mqtt5_findings findings;
} judged;

/* Decodes `captured` of `length` bytes as `version`, and checks the packet as sent by `sender`.
 * Reading beyond the captured bytes crashes. */
void judge_bytes(judged *result, unsigned version, mqtt5_sender sender, const guint8 *data, guint32 captured, guint32 length);

/* The same for a whole packet in the notation of notation.h. */
void judge(judged *result, unsigned version, mqtt5_sender sender, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* The rules of all findings and remarks above Chat whose names begin with `prefix`, sorted,
 * separated by spaces. To be freed. */
char *judged_rules(const judged *result, const char *prefix);

/* Judges a whole packet and asserts that it breaks exactly these rules (sorted, separated by
 * spaces). */
#define assert_rules(version, sender, expected, ...)                                                                                       \
    G_STMT_START                                                                                                                           \
    {                                                                                                                                      \
        const char *expected_ = (expected);                                                                                                \
        judged result_;                                                                                                                    \
        char *rules_;                                                                                                                      \
        judge(&result_, version, sender, __VA_ARGS__);                                                                                     \
        rules_ = judged_rules(&result_, "");                                                                                               \
        g_assert_cmpstr(rules_, ==, expected_);                                                                                            \
        g_free(rules_);                                                                                                                    \
    }                                                                                                                                      \
    G_STMT_END

/* Asserts that a range of the packet contains exactly this text. */
#define assert_range(packet, range, text) g_assert_cmpmem((packet)->data + (range).offset, (range).length, (text), strlen(text))

#endif
