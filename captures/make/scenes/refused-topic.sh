# Topics that the client may neither publish nor subscribe to.
#
# The ACL file cannot refuse a subscription, so mosquitto's dynamic security
# plugin decides here: everybody may use demo/allowed, nothing else.
shows='Frame {{mqtt.msgtype == 3 && mqtt.qos == 0}}: PUBLISH with QoS 0, refused without an answer. Frame
{{mqtt.puback.reason_code == 0x87}}: PUBACK 0x87 (Not authorized). Frame {{mqtt.pubrec.reason_code == 0x87}}: PUBREC
0x87, after which no PUBREL follows. Frame {{mqtt.suback.reason_code == 0x87}}: SUBACK with 0x87 for the second of two
filters. With MQTT 3.1.1 the PUBACK in frame {{2: mqtt.msgtype == 4}} shows no refusal, the SUBACK in frame
{{mqtt.suback.qos == 0x80}} has 0x80.'
made_with='@mosquitto@ with its dynamic security plugin, @mosquitto_pub@, @mosquitto_sub@'

scene() {
    start_strict_broker
    local qos
    for qos in 0 1 2; do
        pub -i refused-$qos -q $qos -t demo/forbidden -m 'not for you' || true
    done
    sub -i refused-sub -q 1 -E -t demo/allowed -t demo/forbidden || true
    pub -i refused-v311 -V mqttv311 -q 1 -t demo/forbidden -m 'not for you' || true
    sub -i refused-sub-v311 -V mqttv311 -q 1 -E -t demo/allowed -t demo/forbidden || true
}
