# Filters that were subscribed to, and others that were not.
shows='Frame {{mqtt.unsuback.reason_code == 0}}: UNSUBACK 0x00. Frame {{mqtt.unsuback.reason_code == 0x11}}: UNSUBACK
0x11 (No subscription existed) for the same filter again. Frame {{3: mqtt.msgtype == 11}}: UNSUBACK with both for
two filters. Frame {{4: mqtt.msgtype == 11}}: UNSUBACK of MQTT 3.1.1, which has no codes.'
made_with='@mosquitto@, @paho-python@'

scene() {
    start_broker < /dev/null
    paho_py unsubscribe
}
