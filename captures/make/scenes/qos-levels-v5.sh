# One message with each QoS, to the broker and from it.
shows='QoS 0, 1 and 2 in both directions. Frame {{mqtt.msgtype == 3 && tcp.dstport == 1883 && mqtt.qos == 0}}: QoS 0
from the client, without an answer. Frame {{mqtt.msgtype == 3 && tcp.dstport == 1883 && mqtt.qos == 1}}: QoS 1 from the
client, PUBACK in frame {{mqtt.msgtype == 4 && tcp.srcport == 1883}}. Frame {{mqtt.msgtype == 3 && tcp.dstport == 1883
&& mqtt.qos == 2}}: QoS 2 from the client, PUBREC in frame {{mqtt.msgtype == 5 && tcp.srcport == 1883}}, PUBREL in
frame {{mqtt.msgtype == 6 && tcp.dstport == 1883}}, PUBCOMP in frame {{mqtt.msgtype == 7 && tcp.srcport == 1883}}. The
subscriber gets the same three, that of QoS 2 in frame {{mqtt.msgtype == 3 && tcp.srcport == 1883 && mqtt.qos == 2}}.'
made_with='@mosquitto@, @mosquitto_pub@, @mosquitto_sub@'

scene() {
    start_broker < /dev/null
    start_sub listener -q 2 -C 3 -t 'demo/qos/#'
    local listener=$pid qos
    for qos in 0 1 2; do
        pub -i "sender-$qos" -q $qos -t "demo/qos/$qos" -m "with QoS $qos"
    done
    wait_end $listener
}
