/* cause.h
 * Why something failed: one sentence and the frame that shows it. At most one for a packet, beside
 * its findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_RULES_CAUSE_H
#define MQTT5_RULES_CAUSE_H

#include <glib.h>

#include "core/standard/packet_type.h"

#define MQTT5_CAUSE_HEAD 80
#define MQTT5_CAUSE_SIZE 360

/* Of what kind a cause is: few and stable, for colours, filters and counts. The names of
 * mqtt5_cause_kind_name() are released. */
typedef enum {
    MQTT5_CAUSE_OTHER,      /* nothing of the below */
    MQTT5_CAUSE_VIOLATION,  /* a packet broke the standard */
    MQTT5_CAUSE_LIMIT,      /* beyond what the peer takes, or a feature that it does not have */
    MQTT5_CAUSE_REFUSAL,    /* the peer does not want it: credentials, authorization, policy */
    MQTT5_CAUSE_TAKEOVER,   /* another connection with the same Client Identifier */
    MQTT5_CAUSE_KEEP_ALIVE, /* silence, or a PINGREQ without an answer */
    MQTT5_CAUSE_NO_ANSWER,  /* a request had no answer */
    MQTT5_CAUSE_SHUTDOWN,   /* the server goes, is overloaded, or sends its clients elsewhere */
    MQTT5_CAUSE_NETWORK,    /* TCP shows that the way or the peer is gone, or that nobody reads */
    MQTT5_CAUSE_INCOMPLETE, /* a packet never became whole */
    MQTT5_CAUSE_NOT_MQTT,   /* what was sent is another protocol */
    MQTT5_CAUSE_TLS,        /* the TLS session failed, or one side expects TLS and the other does not */
    MQTT5_CAUSE_WILL,       /* a Will, published because its connection ended */
    MQTT5_CAUSE_UNSAID,     /* one side closes, and nothing in the capture says why */
    MQTT5_CAUSE_KINDS
} mqtt5_cause_kind;

/* The cause of one packet, or of a close. It is shown as "<head>: <text>". */
typedef struct {
    uint32_t frame; /* that shows it; 0: none in this capture */
    mqtt5_cause_kind kind;
    /* what is explained: "DISCONNECT 0x8d (Keep Alive timeout)", "FIN from server" */
    char head[MQTT5_CAUSE_HEAD];
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

/* "takeover" and so on; a static string. `kind` must be below MQTT5_CAUSE_KINDS. */
const char *mqtt5_cause_kind_name(mqtt5_cause_kind kind);

/* Sets the cause, in place of any other: `head`, `frame` and text as above, valid UTF-8, cut where
 * too long. Its kind is MQTT5_CAUSE_OTHER until somebody who knows better sets it. */
void mqtt5_cause_set(mqtt5_cause *cause, const char *head, uint32_t frame, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Appends to a cause that is set, as far as there is room. */
void mqtt5_cause_add(mqtt5_cause *cause, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
