# MQTT over WebSocket from JavaScript, as in a browser.
ports=8080
needs=mqttjs
shows='Frame {{http.upgrade}}: HTTP upgrade with Sec-WebSocket-Protocol mqtt. Frame {{websocket.opcode == 2}}: CONNECT
of MQTT 5, masked. From frame {{2: http.request.method == "GET"}} on, the same with MQTT 3.1.1. Each connection sends a
PUBLISH of 10,000 bytes, in frame {{websocket.payload_length_ext_16 > 5000}} for the first.'
made_with='@mosquitto@ (protocol websockets), @mqttjs@'

scene() {
    # mosquitto 2.0.11 does not start with nothing but WebSocket.
    start_broker <<EOT
listener 1883 127.0.0.1
listener 8080
protocol websockets
EOT
    mqttjs websocket
}
