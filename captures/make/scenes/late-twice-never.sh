# Messages that arrive late, twice, or never: from a sensor over two bridged brokers to
# three subscribers, one of which is slow.
shows='A sensor publishes 9 messages of QoS 1 to a broker, the first in frame {{mqtt.msgtype == 3 && tcp.dstport == 1883 && ip.dst ==
127.0.0.1}}; a bridge takes them to a second one (frame {{mqtt.topic contains "plant" && mqtt.msgtype == 3 && tcp.dstport == 1883 &&
ip.dst == 127.0.0.2}}). There one subscriber gets each of them once, and one with two subscriptions that overlap twice. The third (frame
{{mqtt.clientid == "slow"}}) has Receive Maximum 1 and acknowledges nothing for a second: what its queue takes comes late, and the
rest never.'
made_with='@mosquitto@ (twice), @mosquitto_pub@, @mosquitto_sub@'

scene() {
    start_broker centre <<EOT
listener 1883 127.0.0.2
max_queued_messages 3
EOT
    start_broker edge <<EOT
connection edge
address 127.0.0.2:1883
bridge_protocol_version mqttv50
remote_clientid edge
topic plant/# out 1
keepalive_interval 60
EOT
    local edge=$broker one
    wait_log centre.log "Sending CONNACK to edge"
    start_sub prompt -h 127.0.0.2 -q 1 -t 'plant/#' -C 9
    local prompt=$pid
    start_sub overlapping -h 127.0.0.2 -q 1 -t 'plant/#' -t 'plant/+/temperature' -C 18
    local overlapping=$pid
    start_sub slow -h 127.0.0.2 -q 1 -t 'plant/#' -D connect receive-maximum 1 -C 5
    local slow=$pid
    kill -STOP $slow
    for one in 1 2 3 4 5 6 7 8; do
        echo "reading $one of the boiler: $((60 + one)).5 degrees"
        sleep 0.1
    done | pub -i sensor -q 1 -t plant/boiler/temperature -l
    sleep 0.4
    kill -CONT $slow
    wait_log centre.log "Received PUBACK from slow" 4
    pub -i sensor -q 1 -t plant/boiler/temperature -m 'reading 9 of the boiler: 69.5 degrees'
    wait_end $prompt
    wait_end $slow
    wait_end $overlapping
    stop $edge
}
