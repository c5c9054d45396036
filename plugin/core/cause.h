/* cause.h
 * Why something failed: one sentence and the frame that shows it. At most one for a packet, beside its findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_CAUSE_H
#define MQTT5_CAUSE_H

#include <glib.h>

#include "packet_type.h"

#define MQTT5_CAUSE_SIZE 360

/* The cause of one packet, or of a close. */
typedef struct {
    uint32_t frame;              /* that shows it; 0: it is in no frame, or not in this capture */
    bool will;                   /* the packet is the Will of the connection that ended in `frame` */
    char text[MQTT5_CAUSE_SIZE]; /* empty: there is none */
} mqtt5_cause;

/* No cause. */
static inline void mqtt5_cause_init(mqtt5_cause *cause)
{
    cause->text[0] = '\0';
}

/* True if one was set. */
static inline bool mqtt5_cause_known(const mqtt5_cause *cause)
{
    return cause->text[0] != '\0';
}

/* Sets the cause, in place of any other: "<head>: <text>", valid UTF-8, cut if it is too long. `head` says what is explained ("DISCONNECT 0x8d"), `frame` as
 * above. */
void mqtt5_cause_set(mqtt5_cause *cause, const char *head, uint32_t frame, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Appends to a cause that is set, as far as there is room. */
void mqtt5_cause_add(mqtt5_cause *cause, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
