# A packet above the broker's Maximum Packet Size. Somebody has to break the rule
# for this: Paho Python does not look at the limit in CONNACK.
shows='CONNACK with Maximum Packet Size 1000 in frame {{mqtt.connack.reason_code == 0}}. The PUBLISH in frame
{{mqtt.msgtype == 3}} has exactly 1000 bytes and is acknowledged. Breaks the standard: the PUBLISH in frame {{2:
mqtt.msgtype == 3}} has more (MQTT-3.2.2-15). Frame {{mqtt.disconnect.reason_code == 0x95}}: DISCONNECT 0x95 (Packet
too large) from the broker. Frame {{3: mqtt.msgtype == 3}}: the same with MQTT 3.1.1, where the broker just closes.'
made_with='@mosquitto@ (max_packet_size 1000), @paho-python@'

scene() {
    start_broker <<< 'max_packet_size 1000'
    paho_py too-large
}
