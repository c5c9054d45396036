/* rule_list_auth.h
 * Rules on enhanced authentication: session_auth.c. A part of rule_list.h, in its form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format off */
