# A subscriber that takes one message at a time.
shows='CONNECT with Receive Maximum 1 in frame {{mqtt.clientid == "slow"}}. Ten messages of QoS 1 and QoS 2 are
published, the first in frame {{mqtt.msgtype == 3 && tcp.dstport == 1883}}; the broker sends the next one only after
PUBACK or PUBCOMP for the one before.'
made_with='@mosquitto@, @mosquitto_pub@, @mosquitto_sub@'

scene() {
    start_broker < /dev/null
    start_sub slow -q 2 -C 10 -t demo/slow -D connect receive-maximum 1
    local slow=$pid
    printf '%s\n' 1 2 3 4 5 | pub -i fast-1 -q 1 -t demo/slow -l
    printf '%s\n' 6 7 8 9 10 | pub -i fast-2 -q 2 -t demo/slow -l
    wait_end $slow
}
