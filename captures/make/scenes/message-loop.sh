# A client that publishes on the topic that it subscribes to gets its own messages back.
shows='Two clients publish what they get to the topic that they have subscribed to: once-client only the first message (SUBSCRIBE in frame
{{mqtt.msgtype == 8}}), which is no loop; loop-client each of them (SUBSCRIBE in frame {{2: mqtt.msgtype == 8}}), so that the one message of a
sensor (frame {{mqtt.msgtype == 3 && mqtt.topic == "demo/loop"}}) comes to it 20 times.'
made_with='@mosquitto@, @mosquitto_pub@, @paho-python@'

scene() {
    start_broker < /dev/null
    handed_on once 1 2
    handed_on loop 20 20
}

# handed_on NAME COUNT END: a client that hands on COUNT messages, and is gone after END of them.
handed_on() {
    start "$1" paho_py hands-on "$1-client" "demo/$1" "$2" "$3"
    local client=$pid
    wait_log broker.log "Sending SUBACK to $1-client"
    pub -i sensor -t "demo/$1" -m 20.5
    wait_end $client
}
