# Clients and listeners that do not fit: each expects something else of the port.
ports='1883 8883'
shows='Five clients that never connect, and one that does (CONNECT in frame {{mqtt.clientid == "fits"}}). Plain MQTT to a listener with
TLS: SYN in frame {{tcp.dstport == 8883 && tcp.flags.syn == 1}}. TLS to a listener for plain MQTT: ClientHello in frame
{{tcp.dstport == 1883 && tcp.payload[0] == 16}}. A certificate whose issuer the client does not know: ClientHello in frame
{{tls.handshake.type == 1 && tcp.dstport == 8883}}. A proxy that sends a PROXY protocol header to a broker that expects none: frame
{{tcp.payload[0:5] == 50:52:4f:58:59}}. A port on which nothing listens: SYN in frame {{ip.dst == 127.0.0.2 && tcp.flags.syn == 1}}.'
made_with='@mosquitto@, @mosquitto_pub@, @paho-python@, @haproxy@'

scene() {
    certificate server
    certificate other
    start_broker <<EOT
listener 1883 127.0.0.1
listener 8883 127.0.0.1
certfile $dir/server.crt
keyfile $dir/server.key
EOT
    start_proxy 6s <<EOT
listen mqtt
    bind 127.0.0.1:1884
    server broker 127.0.0.1:1883 send-proxy
EOT
    try -i fits -p 1883
    paho_py unwelcome plain 8883
    try -i secure -p 1883 --cafile server.crt
    try -i stranger -p 8883 --cafile other.crt
    try -i behind-proxy -p 1884
    try -i nobody-there -h 127.0.0.2
}

# A message, which may fail.
try() {
    pub -t demo/temperature -q 1 -m 20.5 "$@" || true
}
