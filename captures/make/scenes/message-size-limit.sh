# mosquitto's message_size_limit, which it does not announce.
shows='Frame {{mqtt.msgtype == 3 && mqtt.qos == 1}}: PUBLISH with a payload of 200 bytes where the broker allows 100;
CONNACK had no Maximum Packet Size. Breaks the standard: the answers of the broker, frame {{mqtt.puback.reason_code ==
0x95}} with PUBACK 0x95 and frame {{mqtt.pubrec.reason_code == 0x95}} with PUBREC 0x95 (Packet too large), a code for
CONNACK and DISCONNECT only (MQTT-3.4.2-1, MQTT-3.5.2-1).'
made_with='@mosquitto@ (message_size_limit 100), @mosquitto_pub@'

scene() {
    local text
    text=$(printf '%200s' x)
    start_broker <<< 'message_size_limit 100'
    # They wait for an answer that their library does not understand.
    start limit-1 pub -i limit-1 -q 1 -t demo/limit -m "$text"
    wait_log broker.log "Sending PUBACK to limit-1"
    sleep 0.2
    stop $pid
    start limit-2 pub -i limit-2 -q 2 -t demo/limit -m "$text"
    wait_log broker.log "Sending PUBREC to limit-2"
    sleep 0.2
    stop $pid
}
