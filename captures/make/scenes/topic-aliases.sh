# Topic Aliases from clients: by hand, and as MQTT.js assigns them by itself.
# mosquitto 2.0 sends none, although the clients would take some.
needs=mqttjs
shows='CONNACK with Topic Alias Maximum 3 in frame {{mqtt.msgtype == 2}}. Frame {{mqtt.property.topic_alias == 1}}:
PUBLISH defines alias 1, frame {{mqtt.property.topic_alias == 1 && mqtt.topic_len == 0}} uses it with an empty topic;
frame {{3: mqtt.property.topic_alias == 1 && mqtt.topic_len == 0}} uses it after it was set to another topic. From
frame {{mqtt.clientid == "alias-mqttjs"}} on MQTT.js assigns aliases to more topics than there
are aliases, and reuses one. The CONNECT of MQTT.js grants the broker Topic Alias Maximum 5, which the broker does not use.'
made_with='@mosquitto@, @paho-python@, @mqttjs@'

scene() {
    start_broker <<< 'max_topic_alias 3'
    start_sub listener -q 1 -C 16 -t 'demo/alias/#' -D connect topic-alias-maximum 5
    local listener=$pid
    paho_py aliases
    mqttjs aliases
    wait_end $listener
}
