# A broker on a port of its own, as behind Docker's port mapping.
ports=49153
shows='A broker on port 49153, which no dissector has. Frame {{tcp.len > 0 && tcp.seq == 1}}: CONNECT of a subscriber, by which the
plugin knows that this is MQTT; {{#tcp.flags.syn == 1 && tcp.flags.ack == 0}} connections. Wireshark alone shows bytes only.'
made_with='@mosquitto@, @mosquitto_pub@, @mosquitto_sub@'

scene() {
    start_broker <<< 'listener 49153 127.0.0.1'
    start_sub kitchen -p 49153 -t 'demo/#' -q 1 -C 2
    pub -p 49153 -i sensor-1 -t demo/temperature -q 1 -m 20.5
    pub -p 49153 -i sensor-2 -t demo/humidity -q 0 -m 40
    wait_end $pid
}
