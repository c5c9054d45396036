/* pcap.h
 * A capture file of Ethernet, IPv4 or IPv6 (of half of the worlds, by their number), and TCP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef WORLD_PCAP_H
#define WORLD_PCAP_H

#include <stdio.h>

#include "tap.h"

/* The file's header; `nanoseconds`: the precision of its times. */
void pcap_begin(FILE *file, bool nanoseconds);

/* One frame. */
void pcap_write(FILE *file, const capture *c, bool nanoseconds);

#endif
