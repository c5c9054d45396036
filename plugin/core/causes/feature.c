/* feature.c
 * DISCONNECT of a server that does not support what the client used: RETAIN, a QoS, or a kind of
 * subscription.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/causes/causes.h"
#include "core/session/evidence.h"
#include "core/standard/reason_code.h"
#include "core/subscription/subscription.h"

#include <stdio.h>
#include <string.h>

/* What the client used. */
typedef struct {
    const char *what; /* "RETAIN 1" */
    const char *packet;
    uint32_t frame;       /* of its last packet with it; 0: none */
    const char *property; /* of CONNACK, which rules it out */
    bool ruled_out;
    unsigned value;   /* of that property, where it is ruled out */
    char buffer[140]; /* for `what` */
} feature;

static void learn_retain(const mqtt5_connection *connection, feature *used)
{
    used->property = "Retain Available";
    used->ruled_out = !connection->connack.retain_available;
    used->what = "RETAIN 1";
    used->packet = "PUBLISH";
    used->frame = connection->uses.retain_frame;
    if (used->frame == 0 && connection->connect.will && connection->connect.will_retain) {
        used->what = "Will Retain 1";
        used->packet = "CONNECT";
        used->frame = connection->connect.frame;
    }
}

/* The highest QoS that was used, above Maximum QoS if there is one. */
static void learn_qos(const mqtt5_connection *connection, feature *used)
{
    const mqtt5_connect_state *connect = &connection->connect;
    unsigned maximum = connection->connack.maximum_qos;

    used->property = "Maximum QoS";
    used->ruled_out = maximum < 2;
    used->value = maximum;
    used->what = used->buffer;
    used->packet = "PUBLISH";
    for (unsigned qos = 2; qos > (used->ruled_out ? maximum : 0); qos--) {
        bool will = connect->will && connect->will_qos == qos;

        if (connection->uses.qos_frame[qos] == 0 && !will)
            continue;
        used->frame = connection->uses.qos_frame[qos];
        snprintf(used->buffer, sizeof used->buffer, "%sQoS %u", used->frame == 0 ? "Will " : "", qos);
        if (used->frame == 0) {
            used->packet = "CONNECT";
            used->frame = connect->frame;
        }
        return;
    }
}

static void learn_identifier(const mqtt5_connection *connection, feature *used)
{
    used->property = "Subscription Identifier Available";
    used->ruled_out = !connection->connack.subscription_identifier_available;
    used->what = "a Subscription Identifier";
    used->packet = "SUBSCRIBE";
    used->frame = connection->uses.identifier_frame;
}

static void learn_filter(const mqtt5_connection *connection, bool shared, feature *used)
{
    const struct mqtt5_subscriptions *subscriptions = connection->subscriptions;
    char quoted[80];

    used->property = shared ? "Shared Subscription Available" : "Wildcard Subscription Available";
    used->ruled_out = shared ? !connection->connack.shared_available : !connection->connack.wildcard_available;
    used->packet = "SUBSCRIBE";
    used->what = shared ? "a shared subscription" : "a Topic Filter with a wildcard";
    used->frame = shared ? connection->uses.shared_frame : connection->uses.wildcard_frame;
    for (unsigned i = 0; subscriptions && i < subscriptions->listed_count; i++) {
        const mqtt5_subscription *filter = subscriptions->listed[i];

        if ((shared && !filter->shared) || filter->frame <= used->frame)
            continue;
        if (!shared && !memchr(filter->text + filter->body, '+', filter->length - filter->body) &&
            !memchr(filter->text + filter->body, '#', filter->length - filter->body))
            continue;
        used->frame = filter->frame;
        used->what = used->buffer;
        snprintf(used->buffer, sizeof used->buffer, "the Topic Filter %s",
                 mqtt5_quote(filter->text, filter->length, quoted, sizeof quoted));
    }
}

/* True if the client cannot have used the feature unseen. */
static bool unused_for_sure(const mqtt5_event *event)
{
    return mqtt5_cause_certain(event) && mqtt5_evidence_fresh(event->connection) &&
           !(event->connection->subscriptions && event->connection->subscriptions->unknown);
}

void mqtt5_cause_of_feature(const mqtt5_event *event)
{
    const mqtt5_connection *connection = event->connection;
    uint8_t code = event->packet->reason_code;
    feature used = {0};

    if (event->sender != MQTT5_SERVER || !connection->connack.known)
        return;
    switch (code) {
    case MQTT5_CODE_RETAIN_NOT_SUPPORTED: learn_retain(connection, &used); break;
    case MQTT5_CODE_QOS_NOT_SUPPORTED: learn_qos(connection, &used); break;
    case MQTT5_CODE_SHARED_SUBSCRIPTIONS_NOT_SUPPORTED: learn_filter(connection, true, &used); break;
    case MQTT5_CODE_SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED: learn_identifier(connection, &used); break;
    default: learn_filter(connection, false, &used); break;
    }
    if (used.frame != 0 && used.ruled_out)
        mqtt5_cause_report(event, code, used.frame, "the %s in frame %u has %s, but %s of the server is %u (CONNACK in frame %u)",
                           used.packet, used.frame, used.what, used.property, used.value, connection->connack.frame);
    else if (used.frame != 0)
        mqtt5_cause_report(event, code, used.frame, "the %s in frame %u has %s, which the CONNACK in frame %u does not rule out",
                           used.packet, used.frame, used.what, connection->connack.frame);
    else if (unused_for_sure(event))
        mqtt5_report(event->findings, MQTT5_RULE_feature_refused_unfounded, mqtt5_reason_code_range(event->packet),
                     "0x%02x (%s), but the client has used nothing of the kind on this connection", code,
                     mqtt5_reason_code_name(MQTT5_DISCONNECT, code));
}
