/* oracle.h
 * What the standard says, read from tests/oracle. It was written apart from the plugin's tables, to
 * test them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef ORACLE_H
#define ORACLE_H

#include <glib.h>

#include "core/standard/property.h"
#include "core/standard/reason_code.h"

typedef struct {
    guint code;
    const char *name;
    mqtt5_packet_type packet;
    const char *sender;   /* "client", "server", "both", or "-" where the packet's own table has no
                           * such row */
    const char *disputed; /* "client", "server", "both" or "-" */
} oracle_code;

typedef struct {
    guint id;
    const char *name, *abbrev, *type;
    mqtt5_packet_type list;
    const char *sender;      /* "client", "server" or "both" */
    const char *repeatable;  /* "yes", "no" or "unstated" */
    gint64 minimum, maximum; /* of a number; -1 in other types */
    gboolean soft;           /* other values are not classified */
} oracle_property;

/* All rows. They end the test program if the file cannot be read. */
GPtrArray *oracle_codes(void);
GPtrArray *oracle_properties(void);

/* The rows of one packet type or list, or NULL. */
const oracle_code *oracle_code_find(mqtt5_packet_type packet, guint code);
const oracle_property *oracle_property_find(mqtt5_packet_type list, guint id);

/* What the standard says about a reason code or a property in that packet or list. */
mqtt5_reason_code_verdict oracle_code_verdict(mqtt5_packet_type packet, guint code, mqtt5_sender sender);
mqtt5_property_verdict oracle_property_verdict(mqtt5_packet_type list, guint id, mqtt5_sender sender);

/* True for packets and lists that only one side sends. */
gboolean oracle_one_sided(mqtt5_packet_type type);

#endif
