/* rule_list.h
 * The rules, one row each: all that a rule is, but for the check itself. To be included with
 * MQTT5_RULE defined:
 *
 *     MQTT5_RULE(name, severity, group, certainty, at fault, packets, clauses, summary, advice)
 *
 *   name       "<area>_<condition>". The enumerator is MQTT5_RULE_<name>, the filter
 *              mqtt5.analysis.<name>. Once released, a name never changes its meaning.
 *   certainty  CERTAIN, or SUSPECTED: then summary and messages end in "(suspected)" by themselves
 *   at fault   CLIENT, SERVER, SENDER (of the packet, on either side) or NOBODY
 *   packets    the packet types that a finding can be about: PUBACK | PUBREC, ANY & ~PUBLISH,
 *              CLOSE, BYTES, NONE. Where CLIENT or SERVER is at fault, the packet is from that side.
 *   clauses    the statement that a finding cites, by version: EVERY(c), SINCE_5(c), or
 *              CLAUSES(5.0, 3.1.1, 3.1), in which SAME stands for the one before, and NONE for a
 *              version in which the rule does not exist. A check can name a finer statement
 *              (mqtt5_report_by()).
 *   summary    one line, the stable text of the expert info
 *   advice     what to do about it
 *
 * tests/coverage lists all statements that a rule checks. MQTT5_RULE_SECTION(heading) groups the
 * rows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */
#ifndef MQTT5_RULE_SECTION
#define MQTT5_RULE_SECTION(heading)
#endif
#include "core/rules/list/packet.h"
#include "core/rules/list/session.h"
#include "core/rules/list/auth.h"
#include "core/rules/list/flow.h"
#include "core/rules/list/keep_alive.h"
#include "core/rules/list/subscription.h"
#include "core/rules/list/capture.h"
#include "core/rules/list/cause.h"
#include "core/rules/list/bytes.h"
#include "core/rules/list/security.h"
#undef MQTT5_RULE_SECTION
#undef MQTT5_RULE
/* clang-format on */
