# Two consumers share a subscription; a third client subscribes as usual.
shows='Frames {{mqtt.topic == "$share/group/demo/work"}} and {{2: mqtt.topic == "$share/group/demo/work"}}: SUBSCRIBE
to $share/group/demo/work from two clients. Of six messages from frame {{mqtt.msgtype == 3 && tcp.dstport == 1883}} on, each
of them gets three; the client of frame {{mqtt.clientid == "observer"}}, which subscribed to demo/work, gets
all.'
made_with='@mosquitto@, @mosquitto_pub@, @mosquitto_sub@'

scene() {
    start_broker < /dev/null
    start_sub worker-1 -q 1 -C 3 -t '$share/group/demo/work'
    local one=$pid
    start_sub worker-2 -q 1 -C 3 -t '$share/group/demo/work'
    local two=$pid
    start_sub observer -q 1 -C 6 -t demo/work
    printf '%s\n' 1 2 3 4 5 6 | pub -i boss -q 1 -t demo/work -l
    wait_end $one
    wait_end $two
    wait_end $pid
}
