/* rule_list_keep_alive.h
 * Rules on silence: session_keep_alive.c. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */
