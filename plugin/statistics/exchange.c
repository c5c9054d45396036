/* exchange.c
 * What takes time between two packets, by kind.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/exchange.h"

/* A kind is 16 x sender of the answer + its packet type, or this and the QoS of the copy. */
#define DELIVERY 48

/* The exchange and who answers, by kind; NULL if this side never answers with this type. */
static const char *const names[MQTT5_EXCHANGES] = {
    /* Requests and responses in messages: inside the responder, and as the requester sees it. */
    [16 * MQTT5_CLIENT + MQTT5_PUBLISH] = "Message to response, responder",
    [16 * MQTT5_CLIENT + MQTT5_PUBACK] = "PUBLISH-PUBACK, client",
    [16 * MQTT5_CLIENT + MQTT5_PUBREC] = "PUBLISH-PUBREC, client",
    [16 * MQTT5_CLIENT + MQTT5_PUBREL] = "PUBREC-PUBREL, client",
    [16 * MQTT5_CLIENT + MQTT5_PUBCOMP] = "PUBREL-PUBCOMP, client",
    [16 * MQTT5_CLIENT + MQTT5_AUTH] = "AUTH-AUTH",
    [16 * MQTT5_SERVER + MQTT5_CONNACK] = "CONNECT-CONNACK",
    [16 * MQTT5_SERVER + MQTT5_PUBLISH] = "Message to response, requester",
    [16 * MQTT5_SERVER + MQTT5_PUBACK] = "PUBLISH-PUBACK, server",
    [16 * MQTT5_SERVER + MQTT5_PUBREC] = "PUBLISH-PUBREC, server",
    [16 * MQTT5_SERVER + MQTT5_PUBREL] = "PUBREC-PUBREL, server",
    [16 * MQTT5_SERVER + MQTT5_PUBCOMP] = "PUBREL-PUBCOMP, server",
    [16 * MQTT5_SERVER + MQTT5_SUBACK] = "SUBSCRIBE-SUBACK",
    [16 * MQTT5_SERVER + MQTT5_UNSUBACK] = "UNSUBSCRIBE-UNSUBACK",
    [16 * MQTT5_SERVER + MQTT5_PINGRESP] = "PINGREQ-PINGRESP",
    [16 * MQTT5_SERVER + MQTT5_AUTH] = "CONNECT/AUTH-AUTH",
    [DELIVERY + 0] = "Message to its copy, QoS 0",
    [DELIVERY + 1] = "Message to its copy, QoS 1",
    [DELIVERY + 2] = "Message to its copy, QoS 2",
};

static const mqtt5_rpc *rpc_of(const mqtt5_facts *facts)
{
    return facts->type == MQTT5_PUBLISH && facts->detail.publication ? facts->detail.publication->rpc : NULL;
}

/* True if the packet is a copy whose way through the server is known. */
static bool is_timed_copy(const mqtt5_facts *facts)
{
    const mqtt5_copy *copy = facts->type == MQTT5_PUBLISH && facts->sender == MQTT5_SERVER ? facts->copy : NULL;

    return copy && copy->waited >= 0 && !copy->retained;
}

unsigned mqtt5_exchanges(const mqtt5_facts *facts, const mqtt5_packet *packet, int64_t now,
                         mqtt5_exchange exchanges[MQTT5_EXCHANGES_OF_PACKET])
{
    const mqtt5_rpc *rpc;
    unsigned kind = 16u * facts->sender + facts->type, count = 0;

    if (facts->is_header || facts->type > MQTT5_AUTH)
        return 0;
    rpc = rpc_of(facts);
    if ((rpc ? rpc->timed : facts->request_frame != 0) && mqtt5_exchange_name(kind))
        exchanges[count++] = (mqtt5_exchange){kind, rpc ? rpc->time : now - facts->request_time};
    if (is_timed_copy(facts) && mqtt5_publish_qos(packet) < 3)
        exchanges[count++] = (mqtt5_exchange){DELIVERY + mqtt5_publish_qos(packet), facts->copy->waited};
    return count;
}

const char *mqtt5_exchange_name(unsigned kind)
{
    return kind < MQTT5_EXCHANGES ? names[kind] : NULL;
}
