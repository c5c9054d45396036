# MQTT over WebSocket from Paho's two libraries.
ports=8080
needs=paho-c
shows='Frame {{http.upgrade}}: HTTP upgrade by Paho Python, which then speaks MQTT 5. From frame {{2:
http.request.method == "GET"}} on Paho C: three connections, with MQTT 5, 3.1.1 and 3.1.'
made_with='@mosquitto@ (protocol websockets), @paho-python@, @paho-c@'

scene() {
    # mosquitto 2.0.11 does not start with nothing but WebSocket.
    start_broker <<EOT
listener 1883 127.0.0.1
listener 8080
protocol websockets
EOT
    paho_py websocket
    paho_c tour ws://127.0.0.1:8080/mqtt
}
