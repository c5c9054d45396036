# Wrong user names and passwords, as MQTT 5 and as 3.1.1.
needs=trixie-rabbitmq
shows='mosquitto: frame {{mqtt.connack.reason_code == 0x87}} is CONNACK 0x87 (Not authorized) for a wrong password,
and frame {{2: mqtt.connack.reason_code == 0x87}} for a missing user name. Frame {{mqtt.conack.val == 5}}: return code
5 for a wrong password in MQTT 3.1.1, frame {{2: mqtt.conack.val == 5}} the same in MQTT 3.1. Frame
{{mqtt.connack.reason_code == 0}}: 0x00 for the right password. RabbitMQ: frame {{mqtt.connack.reason_code == 0x86}}
is CONNACK 0x86 (Bad User Name or Password), frame {{mqtt.conack.val == 4}} return code 4.'
made_with='@mosquitto@ at 127.0.0.1, @rabbitmq@ at 127.0.0.2, @mosquitto_pub@'

scene() {
    mosquitto_passwd -c -b passwords demo demo-secret
    start_broker <<EOT
allow_anonymous false
password_file $dir/passwords
EOT
    pub -i wrong-v5 -t demo/login -m hello -u demo -P wrong || true
    pub -i nobody-v5 -t demo/login -m hello || true
    pub -i wrong-v311 -V mqttv311 -t demo/login -m hello -u demo -P wrong || true
    pub -i wrong-v31 -V mqttv31 -t demo/login -m hello -u demo -P wrong || true
    pub -i right-v5 -t demo/login -m hello -u demo -P demo-secret
    start_rabbitmq 127.0.0.2
    pub -h 127.0.0.2 -i wrong-v5 -t demo/login -m hello -u demo -P wrong || true
    pub -h 127.0.0.2 -i wrong-v311 -V mqttv311 -t demo/login -m hello -u demo -P wrong || true
}
