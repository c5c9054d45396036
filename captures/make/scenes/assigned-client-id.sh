# Clients without a Client ID.
shows='Frame {{mqtt.clientid_len == 0 && mqtt.ver == 5}}: CONNECT with an empty Client ID; CONNACK in frame
{{mqtt.msgtype == 2 && mqtt.properties}} has an Assigned Client Identifier. Frame {{mqtt.clientid_len == 0 && mqtt.ver
== 4}}: an empty one with MQTT 3.1.1.'
made_with='@mosquitto@ (auto_id_prefix demo-), @paho-python@'

scene() {
    start_broker <<< 'auto_id_prefix demo-'
    paho_py nameless
}
