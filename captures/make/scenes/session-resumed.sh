# A subscriber is killed while messages are on their way, more wait for it, and
# it comes back to all of them.
shows='Frame {{mqtt.clientid == "resumer"}}: CONNECT with Clean Start 0 and Session Expiry Interval 300. The client dies with
QoS 1 and QoS 2 messages in flight. Frame {{2: mqtt.clientid == "resumer"}}: it returns, without a SUBSCRIBE; CONNACK with
Session Present 1 in frame {{mqtt.conack.flags.sp == 1}}. Frame {{mqtt.dupflag == 1}}: first PUBLISH with DUP 1. Some of the
QoS 2 flows go on with PUBREL. The session ends with DISCONNECT and Session Expiry Interval 0 in frame
{{mqtt.msgtype == 14 && mqtt.property_id == 17}}.'
made_with='@mosquitto@, @paho-python@'

scene() {
    start_broker < /dev/null
    start resumer paho_py dies-receiving resumer 3
    local resumer=$pid
    wait_log resumer.out ready
    paho_py burst demo/resumed/burst 2121221212
    wait_end $resumer
    paho_py burst demo/resumed/later 012
    paho_py resumes resumer
}
