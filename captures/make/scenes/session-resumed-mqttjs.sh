# A publisher's connection breaks in the middle of its QoS 1 and 2 flows.
needs=mqttjs
shows='MQTT.js, Clean Start 0: CONNECT in frame {{mqtt.msgtype == 1}}; the connection breaks after the PUBREL in frame
{{mqtt.msgtype == 6}}. On the next one CONNACK in frame {{mqtt.conack.flags.sp == 1}} has Session Present 1, and MQTT.js
continues with that PUBREL in frame {{2: mqtt.msgtype == 6}}. Breaks the standard: the messages that it sends
again, the first in frame {{2: mqtt.msgtype == 3}}, have their old identifiers but DUP 0, against MQTT-3.3.1-1.'
made_with='@mosquitto@, @mqttjs@'

scene() {
    start_broker < /dev/null
    mqttjs resends
}
