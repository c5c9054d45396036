# Two clients with one Client ID: the second takes over.
#
# With RabbitMQ, because mosquitto 2.0.11 just closes the connection; see
# session-takeover-others.
needs=trixie-rabbitmq
shows='Frames {{mqtt.clientid == "twin"}} and {{2: mqtt.clientid == "twin"}}: CONNECT with the same Client ID, twin,
on two connections. Frame {{tcp.payload == e0:02:8e:00}}: the four bytes e0 02 8e 00, DISCONNECT 0x8E (Session taken
over), from the broker to the first client. From frame {{mqtt.clientid == "twin-v311"}} on, the same with MQTT 3.1.1,
where the broker just closes the first connection.'
made_with='@rabbitmq@, @mosquitto_sub@'

scene() {
    start_rabbitmq 127.0.0.1
    takeover 127.0.0.1 twin -V mqttv5
    takeover 127.0.0.1 twin-v311 -V mqttv311
}
