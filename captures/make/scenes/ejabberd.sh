# The same scenes of the three client libraries with another broker, ejabberd.
needs='mqttjs paho-c trixie-ejabberd'
shows='The captures mqttjs, paho-c and paho-python repeated with ejabberd. MQTT 5 begins in frames {{mqtt.clientid
== "paho-python-v5"}}, {{mqtt.clientid == "paho-c-v5"}} and {{mqtt.clientid == "mqttjs-v5"}}; CONNACK in frame
{{mqtt.connack.reason_code == 0}} lists what the broker supports. Frame {{mqtt.conack.val == 1}}: return code 1
(unacceptable protocol version) for MQTT 3.1.'
made_with='@ejabberd@, @mosquitto_pub@, @paho-python@, @paho-c@, @mqttjs@'

scene() {
    start_ejabberd 127.0.0.1
    export BROKER_USER=demo@localhost NO_MQTT31=1
    pub -i too-old -V mqttv31 -u demo@localhost -P any -t demo/old -m hello || true
    paho_py tour
    paho_c tour
    mqttjs tour
}
