# MQTT on port 443, named by ALPN as AWS IoT wants it; the secrets are in alpn.keys.
ports=443
keylog=yes
shows='MQTT over TLS on port 443, with the key log alpn.keys. Frame {{1: tls.handshake.extensions_alpn_str == "mqtt"}}: a ClientHello with the
ALPN mqtt; frame {{1: tls.handshake.extensions_alpn_str == "x-amzn-mqtt-ca"}}: one with that of AWS IoT. In both connections there is one
message of QoS 1.'
made_with='@mosquitto@, @mosquitto_pub@; TLS is ended in front of the broker by the ssl module of Python, which speaks ALPN'

scene() {
    local name
    certificate server
    start_broker < /dev/null
    start tls "$PYTHON" "$here/alpn_server.py" 443 1883 server.crt server.key keys mqtt x-amzn-mqtt-ca
    wait_log tls.out ready
    for name in mqtt x-amzn-mqtt-ca; do
        pub -p 443 --cafile server.crt --tls-alpn $name -i "client-$name" -t demo/alpn -q 1 -m "over $name"
        wait_log tls.out $name
    done
}
