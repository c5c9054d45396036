# MQTT 3.1, 3.1.1 and 5.0 at one broker at the same time.
shows='Subscribers with MQTT 3.1 (frame {{mqtt.ver == 3}}), 3.1.1 (frame {{mqtt.ver == 4}}) and 5.0 (frame {{mqtt.ver
== 5}}) are connected at the same time; each of them gets one message from a publisher of each version. The User
Property of the MQTT 5 publisher (frame {{mqtt.msgtype == 3 && tcp.dstport == 1883 && mqtt.prop_key}}) reaches only the
MQTT 5 subscriber (frame {{mqtt.msgtype == 3 && tcp.srcport == 1883 && mqtt.prop_key}}).'
made_with='@mosquitto@, @mosquitto_pub@, @mosquitto_sub@'

scene() {
    start_broker < /dev/null
    local version waiting=()
    for version in mqttv31 mqttv311 mqttv5; do
        start_sub "sub-$version" -V $version -q 2 -C 3 -t 'demo/versions/+'
        waiting+=($pid)
    done
    pub -i pub-mqttv31 -V mqttv31 -q 1 -t demo/versions/3.1 -m old
    pub -i pub-mqttv311 -V mqttv311 -q 2 -t demo/versions/3.1.1 -m common
    pub -i pub-mqttv5 -q 2 -t demo/versions/5.0 -m new -D publish user-property only 'for version 5'
    local one
    for one in "${waiting[@]}"; do wait_end "$one"; done
}
