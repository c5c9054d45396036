# What Paho Python does when a message with QoS 2 is refused.
shows='Frame {{mqtt.pubrec.reason_code == 0x87}}: PUBREC 0x87 (Not authorized) from the broker, which ends
the flow. Breaks the standard: Paho Python sends PUBREL anyway, in frame {{mqtt.msgtype == 6}}, against
MQTT-4.3.3-4; the broker answers with PUBCOMP 0x00 in frame {{mqtt.msgtype == 7}}.'
made_with='@mosquitto@ with its dynamic security plugin, @paho-python@'

scene() {
    start_strict_broker
    paho_py refused
}
