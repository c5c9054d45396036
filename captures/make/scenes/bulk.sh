# Packets that are split over TCP segments of Ethernet size.
needs=mqttjs
shows='240 PUBLISH of 200 to 500 bytes, the first in frame {{mqtt.msgtype == 3}}, in segments of 1448 bytes. Most packets
are split over two segments; 24 segments, the first in frame {{tcp.len == 1448}}, end between the two bytes of a
Remaining Length, where stock Wireshark loses sync.'
made_with='@mosquitto@, @mqttjs@; loopback with an MTU of 1500 and without segmentation offload'

scene() {
    # Each segment as it would be on a wire: neither sent nor captured in one piece of 64 kB.
    ip link set dev lo mtu 1500 gso_max_segs 1
    start_broker < /dev/null
    mqttjs bulk 1448
    ip link set dev lo mtu 65536 gso_max_segs 65535
}
