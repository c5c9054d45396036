/* fields.h
 * The fields and expert infos of the protocol, made from the core's tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_FIELDS_H
#define MQTT5_FIELDS_H

#include <epan/packet.h>
#include <epan/expert.h>

#include "core/property.h"
#include "core/rule.h"

/* Header field ids, set by registration. */
typedef struct {
    int analysis, packet_type, sender, version, version_source, evidence;
    int reason_code, reason_code_of[MQTT5_PACKET_TYPES]; /* -1 where the type has no reason codes */
    int return_code_of[MQTT5_PACKET_TYPES];              /* CONNACK and SUBACK before MQTT 5 */
    int meaning;
    int property_id, property_id_of[MQTT5_PACKET_TYPES]; /* -1 where the type has no property list */
    int property[MQTT5_PROPERTY_COUNT], user_property_name, user_property_value;
    int client_id, user_name, connect_in;
    int request_in, response_in, response_time;
    int topic, topic_set_in;
    int subscription_filter, subscription_in, subscriptions_not_shown, granted_qos, suback_filter, unsuback_filter;
    int agreed, agreed_client_id, agreed_clean_start, agreed_session_present, agreed_keep_alive, agreed_session_expiry;
    int agreed_receive_maximum[2], agreed_maximum_packet_size[2], agreed_topic_alias_maximum[2]; /* by sender - 1: what that side takes */
    int agreed_maximum_qos, agreed_retain, agreed_wildcard, agreed_shared, agreed_subscription_identifier;
    int unanswered, unanswered_known_in, unanswered_request, unanswered_count;
    int cause, cause_in, will_in;
    int finding, clause, severity, dropped;
} mqtt5_fields;

extern mqtt5_fields mqtt5_hf;
extern expert_field mqtt5_ei[MQTT5_RULE_COUNT];

/* Subtrees. */
enum { MQTT5_ETT_ANALYSIS, MQTT5_ETT_PROPERTY, MQTT5_ETT_FINDING, MQTT5_ETT_UNANSWERED, MQTT5_ETT_SESSION, MQTT5_ETT_COUNT };
extern int mqtt5_ett[MQTT5_ETT_COUNT];

/* Wireshark's own value for a severity. */
int mqtt5_expert_severity(mqtt5_severity severity);

/* mqtt5_register_fields() is declared in judge.h. */

#endif
