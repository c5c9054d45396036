# Topic Aliases in both directions of one connection: the same numbers mean
# different topics.
needs='mqttjs forky-mosquitto trixie-rabbitmq'
shows='MQTT.js with a newer mosquitto, then with RabbitMQ. Frame {{mqtt.property.topic_alias && tcp.dstport == 1883}}:
first alias of the client; frame {{mqtt.property.topic_alias && tcp.srcport == 1883}}: first alias of the broker,
which may use two, as the CONNECT says. Frame {{mqtt.topic_len == 0 && mqtt.property.topic_alias && tcp.srcport ==
1883}}: PUBLISH from the broker with an empty topic; its alias 2 is demo/alias/one, while that of the client is
demo/alias/two, which stock Wireshark shows here, too, because it has one map for both directions.'
made_with='@forky-mosquitto@ (max_topic_alias_broker 10) at 127.0.0.1, @rabbitmq@ at 127.0.0.2, @mqttjs@'

scene() {
    start_newer_broker forky <<< 'max_topic_alias_broker 10'
    mqttjs aliases-both
    start_rabbitmq 127.0.0.2
    BROKER=127.0.0.2 mqttjs aliases-both
}
