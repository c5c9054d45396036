# A bit of everything that Paho Python can do.
shows='Paho Python with MQTT 5 (frame {{mqtt.ver == 5}}), 3.1.1 (frame {{mqtt.ver == 4}}) and 3.1 (frame {{mqtt.ver ==
3}}), one after the other: CONNECT, SUBSCRIBE with several filters and options, one message
of each QoS to the broker and back, UNSUBSCRIBE, DISCONNECT. With MQTT 5 CONNECT, SUBSCRIBE, PUBLISH
and DISCONNECT carry properties; UNSUBACK in
frame {{mqtt.unsuback.reason_code == 0x11}} has 0x11 for a filter that was never subscribed to.'
made_with='@mosquitto@, @paho-python@'

scene() {
    start_broker < /dev/null
    paho_py tour
}
