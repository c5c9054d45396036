# Many QoS 2 flows at once, in both directions of one connection.
needs=paho-c
shows='One client sends 250 messages of QoS 2 without waiting and gets them all back with QoS 2: up to 250 flows are
open at the same time in each direction, and both directions use the same Packet Identifiers. Frame {{mqtt.msgtype ==
3 && tcp.dstport == 1883}}: first PUBLISH, frame {{mqtt.msgtype == 5 && tcp.srcport == 1883}}: first PUBREC from the
broker, frame {{mqtt.msgtype == 3 && tcp.srcport == 1883}}: first PUBLISH back.'
made_with='@mosquitto@ (max_inflight_messages 0), @paho-c@'

scene() {
    start_broker <<EOT
max_inflight_messages 0
max_queued_messages 0
EOT
    paho_c interleave 250
}
