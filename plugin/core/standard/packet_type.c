/* packet_type.c
 * The table of control packet types.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/standard/packet_type.h"

#include <stddef.h>

#define YES true
#define NO false

static const mqtt5_packet_type_info packet_types[MQTT5_PACKET_TYPES] = {
    /* name           abbrev        client server flags props reason codes    flags */
    [MQTT5_RESERVED] = {"Reserved (0)", "reserved", NO, NO, 0x0, NO, NULL, "MQTT-2.1.3-1"},
    [MQTT5_CONNECT] = {"CONNECT", "connect", YES, NO, 0x0, YES, NULL, "MQTT-2.1.3-1"},
    [MQTT5_CONNACK] = {"CONNACK", "connack", NO, YES, 0x0, YES, "MQTT-3.2.2-8", "MQTT-2.1.3-1"},
    [MQTT5_PUBLISH] = {"PUBLISH", "publish", YES, YES, 0x0, YES, NULL, NULL},
    [MQTT5_PUBACK] = {"PUBACK", "puback", YES, YES, 0x0, YES, "MQTT-3.4.2-1", "MQTT-2.1.3-1"},
    [MQTT5_PUBREC] = {"PUBREC", "pubrec", YES, YES, 0x0, YES, "MQTT-3.5.2-1", "MQTT-2.1.3-1"},
    [MQTT5_PUBREL] = {"PUBREL", "pubrel", YES, YES, 0x2, YES, "MQTT-3.6.2-1", "MQTT-3.6.1-1"},
    [MQTT5_PUBCOMP] = {"PUBCOMP", "pubcomp", YES, YES, 0x0, YES, "MQTT-3.7.2-1", "MQTT-2.1.3-1"},
    [MQTT5_SUBSCRIBE] = {"SUBSCRIBE", "subscribe", YES, NO, 0x2, YES, NULL, "MQTT-3.8.1-1"},
    [MQTT5_SUBACK] = {"SUBACK", "suback", NO, YES, 0x0, YES, "MQTT-3.9.3-2", "MQTT-2.1.3-1"},
    [MQTT5_UNSUBSCRIBE] = {"UNSUBSCRIBE", "unsubscribe", YES, NO, 0x2, YES, NULL, "MQTT-3.10.1-1"},
    [MQTT5_UNSUBACK] = {"UNSUBACK", "unsuback", NO, YES, 0x0, YES, "MQTT-3.11.3-2", "MQTT-2.1.3-1"},
    [MQTT5_PINGREQ] = {"PINGREQ", "pingreq", YES, NO, 0x0, NO, NULL, "MQTT-2.1.3-1"},
    [MQTT5_PINGRESP] = {"PINGRESP", "pingresp", NO, YES, 0x0, NO, NULL, "MQTT-2.1.3-1"},
    [MQTT5_DISCONNECT] = {"DISCONNECT", "disconnect", YES, YES, 0x0, YES, "MQTT-3.14.2-1", "MQTT-3.14.1-1"},
    [MQTT5_AUTH] = {"AUTH", "auth", YES, YES, 0x0, YES, "MQTT-3.15.2-1", "MQTT-3.15.1-1"},
    [MQTT5_WILL] = {"Will Properties", "will", YES, NO, 0x0, YES, NULL, NULL},
    [MQTT5_CLOSE] = {"Close", "close", YES, YES, 0x0, NO, NULL, NULL},
    [MQTT5_BYTES] = {"Bytes", "bytes", YES, YES, 0x0, NO, NULL, NULL},
};

const mqtt5_packet_type_info *mqtt5_packet_type_get(unsigned type)
{
    return &packet_types[type < MQTT5_PACKET_TYPES ? type : MQTT5_RESERVED];
}

const char *mqtt5_sender_name(mqtt5_sender sender)
{
    switch (sender) {
    case MQTT5_CLIENT: return "client";
    case MQTT5_SERVER: return "server";
    default: return "unknown sender";
    }
}

const char *mqtt5_version_name(unsigned version)
{
    switch (version) {
    case MQTT5_VERSION_3_1: return "MQTT 3.1";
    case MQTT5_VERSION_3_1_1: return "MQTT 3.1.1";
    case MQTT5_VERSION_5: return "MQTT 5.0";
    default: return "unknown version";
    }
}
