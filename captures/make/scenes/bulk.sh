# Packets that lie across TCP segments of an Ethernet's size.
needs=mqttjs
shows='{{#mqtt.clientid}} client sends 300 PUBLISH of 200 to 500 bytes without a pause, in segments of 1448 bytes: most
packets lie across two segments, some with a border inside their fixed header.'
made_with='@mosquitto@, @mqttjs@; loopback with an MTU of 1500 and without segmentation offload'

scene() {
    # Each segment as it would be on a wire: neither sent nor captured in one piece of 64 kB.
    ip link set dev lo mtu 1500 gso_max_segs 1
    start_broker < /dev/null
    mqttjs bulk 300
    ip link set dev lo mtu 65536 gso_max_segs 65535
}
