/* rule_list_flow.h
 * Rules on Packet Identifiers and acknowledgments: session_flow.c. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */
