/* fields.h
 * The fields and expert infos of the protocol, made from the core's tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_DISPLAY_FIELDS_H
#define MQTT5_DISPLAY_FIELDS_H

#include <epan/packet.h>
#include <epan/expert.h>

#include "core/rules/rule.h"
#include "core/standard/property.h"

/* Header field ids, set by registration. */
typedef struct {
    int analysis, packet_type, sender, version, version_source, evidence;
    int reason_code, reason_code_of[MQTT5_PACKET_TYPES]; /* -1 where the type has no reason codes */
    int return_code_of[MQTT5_PACKET_TYPES];              /* CONNACK and SUBACK before MQTT 5 */
    int meaning;
    int property_id, property_id_of[MQTT5_PACKET_TYPES]; /* -1 where the type has no property
                                                          * list */
    int property[MQTT5_PROPERTY_COUNT], user_property_name, user_property_value;
    int client_id, user_name, connect_in;
    int request_in, response_in, response_time, acknowledged_time, exchange;
    int topic, topic_set_in;
    int rpc_request_in, rpc_response_in, rpc_time, rpc_responder_time, rpc_unanswered, rpc_unanswered_known_in;
    int subscription_filter, subscription_in, subscriptions_not_shown, granted_qos, suback_filter, unsuback_filter;
    int agreed, agreed_client_id, agreed_clean_start, agreed_session_present, agreed_keep_alive, agreed_session_expiry;
    int agreed_receive_maximum[2], agreed_maximum_packet_size[2],
        agreed_topic_alias_maximum[2]; /* by sender - 1: the limits of that side */
    int agreed_maximum_qos, agreed_retain, agreed_wildcard, agreed_shared, agreed_subscription_identifier;
    int published_in, candidates, published_by, published_on_close, delivery_time, retained_copy, retained_for, resent_copy;
    int deliveries, delivered_in, deliveries_missing, missing_to, missing_since;
    int unanswered, unanswered_known_in, unanswered_request, unanswered_count;
    int cause, cause_kind, cause_in, cause_more_in, will_in;
    int finding, clause, severity, dropped;
} mqtt5_fields;

extern mqtt5_fields mqtt5_hf;
extern expert_field mqtt5_ei[MQTT5_RULE_COUNT];

/* Subtrees. */
enum {
    MQTT5_ETT_ANALYSIS,
    MQTT5_ETT_PROPERTY,
    MQTT5_ETT_FINDING,
    MQTT5_ETT_UNANSWERED,
    MQTT5_ETT_RESPONSE_TIME,
    MQTT5_ETT_SESSION,
    MQTT5_ETT_JOURNEY,
    MQTT5_ETT_COUNT
};
extern int mqtt5_ett[MQTT5_ETT_COUNT];

/* Wireshark's value of a severity. */
int mqtt5_expert_severity(mqtt5_severity severity);

/* Registers fields, subtrees and expert infos for the protocol `proto`; called once, from its
 * registration. */
void mqtt5_fields_register(int proto);

#endif
