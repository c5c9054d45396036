# Overlapping subscriptions with identifiers of one, two and three bytes.
shows='Frames {{mqtt.msgtype == 8}}, {{2: mqtt.msgtype == 8}} and {{3: mqtt.msgtype == 8}}: SUBSCRIBE with
Subscription Identifier 1, 300 and 200000; frame {{4: mqtt.msgtype == 8}} without. Frame {{mqtt.msgtype == 3 &&
tcp.srcport == 1883}}: first PUBLISH with identifiers.'
made_with='@mosquitto@, @paho-python@'

scene() {
    start_broker < /dev/null
    paho_py identifiers
}
