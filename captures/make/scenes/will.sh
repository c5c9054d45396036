# A Will with a delay and with every Will Property, published because its client
# died; one published because the client asked for it with DISCONNECT 0x04; and
# one discarded.
shows='Frame {{mqtt.clientid == "frail"}}: CONNECT with a Will that has Will Delay Interval 1 and six more Will
Properties. That client is killed; the watcher gets the Will in frame {{mqtt.msgtype == 3 && mqtt.topic ==
"demo/will/delayed"}}. Frame {{mqtt.disconnect.reason_code == 4}}: DISCONNECT 0x04 (Disconnect with Will Message) from
the client, Will published in frame {{mqtt.msgtype == 3 && mqtt.topic == "demo/will/asked"}}. The Will of frame
{{mqtt.clientid == "leaves-without-will"}} is deleted at DISCONNECT 0x00. Frame {{mqtt.clientid == "frail-v311"}}:
Will of an MQTT 3.1.1 client, published at once in frame {{mqtt.msgtype == 3 && mqtt.topic == "demo/will/v311"}}.'
made_with='@mosquitto@, @mosquitto_sub@, @paho-python@'

scene() {
    start_broker < /dev/null
    start_sub watcher -q 1 -C 3 -t 'demo/will/#'
    local watcher=$pid
    # The session must outlive the connection, or else the delay would not count.
    start_sub frail -t demo/nothing -x 60 \
        --will-topic demo/will/delayed --will-payload '{"alive": false}' --will-qos 1 \
        -D will will-delay-interval 1 \
        -D will payload-format-indicator 1 \
        -D will message-expiry-interval 30 \
        -D will content-type application/json \
        -D will response-topic demo/will/answer \
        -D will correlation-data 0001 \
        -D will user-property cause killed
    stop $pid KILL
    wait_log broker.log "Sending PUBLISH to watcher"
    paho_py will
    start_sub frail-v311 -V mqttv311 -t demo/nothing --will-topic demo/will/v311 --will-payload gone
    stop $pid KILL
    wait_end $watcher
}
