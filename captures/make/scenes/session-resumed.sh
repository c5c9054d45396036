# A subscriber is killed while messages are on their way, twice, and comes back to
# all of them.
shows='CONNECT with Clean Start 0 and Session Expiry Interval 300 in frame {{mqtt.clientid == "resumer"}}. The client
dies in the middle of QoS 2 flows. It returns in frame {{2: mqtt.clientid == "resumer"}}, CONNACK with Session Present
1 in frame {{mqtt.conack.flags.sp == 1}}, and the flows continue with PUBREL in frame {{mqtt.msgtype == 6 && tcp.srcport
== 1883 && tcp.stream == 2}}, for messages that were published on the earlier connection. It dies again and returns in
frame {{3: mqtt.clientid == "resumer"}} to a message that it had not acknowledged, sent again with DUP 1 in frame
{{mqtt.dupflag == 1 && tcp.stream == 5}}, and gets messages that were published in the meantime. DISCONNECT with Session
Expiry Interval 0 in frame {{mqtt.msgtype == 14 && mqtt.property_id == 17}}.'
made_with='@mosquitto@, @paho-python@'

scene() {
    start_broker < /dev/null
    # Paho delivers QoS 2 at PUBREL: the second of these will lack its PUBCOMP.
    die_receiving demo/resumed/two 2 2222
    # And QoS 1 before PUBACK: already the first of these will lack that.
    die_receiving demo/resumed/one 1 1212
    paho_py burst demo/resumed/later 012
    paho_py resumes resumer
}

# die_receiving TOPIC COUNT LEVELS: messages with these QoS, the client dies at the COUNTth.
die_receiving() {
    rm -f resumer.out
    start resumer paho_py dies-receiving resumer "$1" "$2"
    local resumer=$pid
    wait_log resumer.out ready
    paho_py burst "$1" "$3"
    wait_end $resumer
}
