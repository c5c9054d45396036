# The same scenes of the three client libraries with another broker, RabbitMQ.
needs='mqttjs paho-c trixie-rabbitmq'
shows='The captures mqttjs, paho-c and paho-python repeated with RabbitMQ. MQTT 5 begins in frames {{mqtt.clientid
== "paho-python-v5"}}, {{mqtt.clientid == "paho-c-v5"}} and {{mqtt.clientid == "mqttjs-v5"}}; CONNACK in frame
{{mqtt.connack.reason_code == 0}} lists what the broker supports.'
made_with='@rabbitmq@, @paho-python@, @paho-c@, @mqttjs@'

scene() {
    start_rabbitmq 127.0.0.1
    export MAX_QOS=1
    paho_py tour
    paho_c tour
    mqttjs tour
}
