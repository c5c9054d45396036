# A bridge from one mosquitto to another, with mqttv311; both listen on port 1883, the
# second on another loopback address.
shows='Frame {{mqtt.clientid == "bridge"}}: CONNECT of the bridge, protocol level 0x84, which marks
a mosquitto bridge. It publishes its state as a retained message and as its Will, subscribes to demo/down/# and then
carries messages of QoS 0, 1 and 2 both ways: frame {{mqtt.topic == "demo/up/2" && ip.dst == 127.0.0.2}} up, frame
{{mqtt.topic == "demo/down/2" && ip.src == 127.0.0.2 && mqtt.msgtype == 3}} down.'
made_with='@mosquitto@ (twice), @mosquitto_pub@, @mosquitto_sub@'

scene() {
    start_broker upstream <<< 'listener 1883 127.0.0.2'
    start_broker bridge <<EOT
connection bridge
address 127.0.0.2:1883
bridge_protocol_version mqttv311
remote_clientid bridge
topic demo/up/# out 2
topic demo/down/# in 2
keepalive_interval 60
EOT
    local bridge=$broker qos
    wait_log upstream.log "Sending SUBACK to bridge"
    start_sub below -q 2 -C 3 -t 'demo/down/#'
    local below=$pid
    start_sub above -h 127.0.0.2 -q 2 -C 3 -t 'demo/up/#'
    local above=$pid
    for qos in 0 1 2; do
        pub -i sender-below -q $qos -t "demo/up/$qos" -m up
        pub -h 127.0.0.2 -i sender-above -q $qos -t "demo/down/$qos" -m down
    done
    wait_end $below
    wait_end $above
    stop $bridge
}
