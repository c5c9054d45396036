# The broker allows less Keep Alive than the client asks for.
shows='CONNECT with Keep Alive 60 in frame {{mqtt.kalive == 60}}, CONNACK with Server Keep Alive 10 in frame
{{mqtt.prop_number == 10}}.'
made_with='@mosquitto@ (max_keepalive 10), @mosquitto_pub@'

scene() {
    start_broker <<< 'max_keepalive 10'
    pub -i long-lived -k 60 -q 1 -t demo/keep-alive -m hello
}
