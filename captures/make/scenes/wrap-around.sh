# Packet Identifiers pass 65,535. A client that counts from 1 would need a capture
# of many megabytes to get there; this one is made to start at 65,001.
shows='1000 messages of QoS 2 in flight together, identifiers 65001 (frame {{mqtt.msgtype == 3 && mqtt.msgid ==
65001}}) to 65535 (frame {{mqtt.msgtype == 3 && mqtt.msgid == 65535}}), then 1 (frame {{mqtt.msgtype == 3 &&
mqtt.msgid == 1}}) to 465 (frame {{mqtt.msgtype == 3 && mqtt.msgid == 465}}). All of them end with PUBCOMP.'
made_with='@mosquitto@ (max_inflight_messages 0), @paho-python@ whose counter was set'

scene() {
    start_broker <<EOT
max_inflight_messages 0
max_queued_messages 0
EOT
    paho_py wrap-around 1000
}
