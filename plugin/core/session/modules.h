/* modules.h
 * The list of session modules: each judges a packet against what the connection has said so far,
 * then changes the part of the state that is its own. connection.c walks the list, once for a
 * packet, once for a close, and once at the end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_MODULES_H
#define MQTT5_MODULES_H

#include "core/session/session.h"

/* A module NAME that appears below as SEE(NAME) has a function mqtt5_NAME_see(), which gets each
 * packet whose sender is known; as CLOSED(NAME), mqtt5_NAME_closed(), which gets the close of a
 * connection; as CLEAR(NAME), mqtt5_NAME_clear(), which frees what it keeps of a connection. A
 * module that is left out of this list is never called.
 *
 * The order matters, since a module reads what those before it have noted in the event and in the
 * state:
 *   connect        order of CONNECT, CONNACK, DISCONNECT and the rest. First: it sets the phase.
 *   limits         what CONNECT and CONNACK granted or ruled out, which `connect` has learned
 *   auth           enhanced authentication: the exchange of AUTH packets
 *   keep_alive     silence, by the clock of the capture
 *   ping           PINGREQ and PINGRESP, and how long one waits for the other
 *   nagle          messages that TCP holds back
 *   alias          Topic Aliases: finds the topic of a PUBLISH for all that follow
 *                  (mqtt5_event.topic)
 *   flow           Packet Identifiers, acknowledgments, QoS, Receive Maximum, DUP
 *   hang           requests that have no answer for long
 *   subscription   subscriptions, and what is delivered for them (mqtt5_event.matched, for
 *                  `capture`)
 *   publication    keeps what is told of messages for `alias` and `subscription`
 *   capture        what other connections of the capture have to do with this one
 *   security       what weakens security, if the user wants to know
 *   tolerance      a server that goes on as if nothing had been wrong with the client's packet.
 *                  After all that may find something wrong.
 *   causes         why a request failed or the connection ends: reads what all others know. Last.
 *
 * These modules judge. They see no packet of an unknown version, and of a connection the first
 * close only. */
/* clang-format off */
#define MQTT5_JUDGING_MODULES(SEE, CLOSED, CLEAR)                   \
    SEE(connect)        CLOSED(connect)         CLEAR(connect)      \
    SEE(limits)                                                     \
    SEE(auth)                                   CLEAR(auth)         \
    SEE(keep_alive)     CLOSED(keep_alive)                          \
    SEE(ping)                                   CLEAR(ping)         \
    SEE(nagle)                                                      \
    SEE(alias)                                  CLEAR(alias)        \
    SEE(flow)           CLOSED(flow)            CLEAR(flow)         \
    SEE(hang)                                                       \
    SEE(subscription)                           CLEAR(subscription) \
                                                CLEAR(publication)  \
    SEE(capture)        CLOSED(capture)         CLEAR(capture)      \
    SEE(security)                                                   \
    SEE(tolerance)                                                  \
    SEE(causes)         CLOSED(causes)

/* These modules link packets to each other and find nothing, so that they see all packets and
 * closes, after those above have seen them:
 *   identity       who the client is: CONNECT and CONNACK
 *   request        requests without a Packet Identifier and their answers, and what a close leaves
 *                  open
 *   agreement      what CONNECT and CONNACK agree on. After `request`, which finds the AUTH that
 *                  CONNACK answers.
 *   rpc            requests and responses in messages. After `capture`, which knows the client, and
 *                  `subscription`, which has told what there is to tell of the message. */
#define MQTT5_LINKING_MODULES(SEE, CLOSED, CLEAR)                   \
    SEE(identity)                                                   \
    SEE(request)        CLOSED(request)         CLEAR(request)      \
    SEE(agreement)                                                  \
    SEE(rpc)            CLOSED(rpc)             CLEAR(rpc)
/* clang-format on */

/* For those of SEE, CLOSED and CLEAR that a walk leaves out. */
#define MQTT5_MODULE_SKIP(name)

#define MQTT5_MODULE_DECLARE_SEE(name) void mqtt5_##name##_see(mqtt5_event *event);
#define MQTT5_MODULE_DECLARE_CLOSED(name) void mqtt5_##name##_closed(mqtt5_closing *closing);
#define MQTT5_MODULE_DECLARE_CLEAR(name) void mqtt5_##name##_clear(mqtt5_connection *connection);
MQTT5_JUDGING_MODULES(MQTT5_MODULE_DECLARE_SEE, MQTT5_MODULE_DECLARE_CLOSED, MQTT5_MODULE_DECLARE_CLEAR)
MQTT5_LINKING_MODULES(MQTT5_MODULE_DECLARE_SEE, MQTT5_MODULE_DECLARE_CLOSED, MQTT5_MODULE_DECLARE_CLEAR)

#endif
