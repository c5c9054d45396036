# MQTT over TLS 1.3 and 1.2; the secrets are in tls.keys.
ports=8883
needs=mqttjs
keylog=yes
shows='With the key log tls.keys: frame {{mqtt.clientid == "tls-1.3"}} is CONNECT in TLS 1.3, frame {{mqtt.clientid ==
"tls-1.2"}} in TLS 1.2, each followed by one message of every QoS. Without the keys Wireshark shows only TLS.'
made_with='@mosquitto@ (TLS listener, self-made certificate), @mqttjs@ on Node.js with --tls-keylog'

scene() {
    certificate server
    start_broker <<EOT
listener 8883 127.0.0.1
certfile $dir/server.crt
keyfile $dir/server.key
EOT
    NODE_OPTIONS="--tls-keylog=$dir/keys" mqttjs tls server.crt tls-1.3
    NODE_OPTIONS="--tls-keylog=$dir/keys --tls-max-v1.2" mqttjs tls server.crt tls-1.2
}
