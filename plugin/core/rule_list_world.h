/* rule_list_world.h
 * Rules on several connections: session_world.c. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */
