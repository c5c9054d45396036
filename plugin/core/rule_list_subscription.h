/* rule_list_subscription.h
 * Rules on subscriptions and Topic Aliases: session_subscription.c, session_alias.c. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */
