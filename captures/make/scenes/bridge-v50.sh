# A bridge from one mosquitto to another, with mqttv50; both listen on port 1883, the
# second on another loopback address.
shows='Frame {{mqtt.clientid == "bridge"}}: CONNECT of the bridge, protocol level 5. It publishes its state as a
retained message and as its Will, subscribes to demo/down/# and then carries messages of QoS 0, 1 and 2 both ways:
frame {{mqtt.topic == "demo/up/2" && ip.dst == 127.0.0.2}} up, frame {{mqtt.topic == "demo/down/2" && ip.src ==
127.0.0.2 && mqtt.msgtype == 3}} down.'
made_with='@mosquitto@ (twice), @mosquitto_pub@, @mosquitto_sub@'

scene() {
    bridge_both_ways mqttv50
}
