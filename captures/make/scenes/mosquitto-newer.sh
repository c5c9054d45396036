# The same scenes of the three client libraries with another broker, a newer mosquitto.
needs='mqttjs paho-c forky-mosquitto'
shows='The captures mqttjs, paho-c and paho-python repeated with a newer mosquitto. MQTT 5 begins in frames
{{mqtt.clientid == "paho-python-v5"}}, {{mqtt.clientid == "paho-c-v5"}} and {{mqtt.clientid == "mqttjs-v5"}}; CONNACK
in frame {{mqtt.connack.reason_code == 0}} lists what the broker supports.'
made_with='@forky-mosquitto@, @paho-python@, @paho-c@, @mqttjs@'

scene() {
    start_newer_broker forky < /dev/null
    paho_py tour
    paho_c tour
    mqttjs tour
}
