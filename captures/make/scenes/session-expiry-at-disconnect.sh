# The Session Expiry Interval is changed when the client leaves.
shows='CONNECT with Session Expiry Interval 5 in frame {{mqtt.clientid == "expiry"}}, DISCONNECT with 120 in frame
{{mqtt.msgtype == 14}}. CONNACK with Session Present 1 in frame {{mqtt.conack.flags.sp == 1}}, then DISCONNECT with
Session Expiry Interval 0 in frame {{2: mqtt.msgtype == 14}}; so Session Present is 0 in frame {{3: mqtt.msgtype ==
2}} although Clean Start was 0.'
made_with='@mosquitto@, @paho-python@'

scene() {
    start_broker < /dev/null
    paho_py expiry-at-disconnect
}
