/* fault_row.h
 * Short forms for the functions of a row of faults. Each has `s` and `p`; not each needs both.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_FAULT_ROW_H
#define WORLD_FAULT_ROW_H

#include "fault.h"

/* A change of the meaning of a packet. */
#define CHANGE(name, what)                                                                                                                 \
    static void name(side *s, packet *p)                                                                                                   \
    {                                                                                                                                      \
        (void)s;                                                                                                                           \
        what;                                                                                                                              \
    }

/* What must hold of a packet, or of the side that sends it. */
#define FITS(name, what)                                                                                                                   \
    static bool name(side *s, const packet *p)                                                                                             \
    {                                                                                                                                      \
        (void)s;                                                                                                                           \
        (void)p;                                                                                                                           \
        return what;                                                                                                                       \
    }

/* A packet beside the one that is sent. */
#define EXTRA(name, made)                                                                                                                  \
    static packet *name(side *s, packet *p)                                                                                                \
    {                                                                                                                                      \
        (void)p;                                                                                                                           \
        return made;                                                                                                                       \
    }

#endif
