# Messages that nobody has subscribed to.
needs=trixie-ejabberd
shows='mosquitto: frame {{mqtt.puback.reason_code == 0x10 && ip.src == 127.0.0.1}} is PUBACK 0x10 (No matching
subscribers); its PUBREC in frame {{mqtt.msgtype == 5 && ip.src == 127.0.0.1}} and the PUBACK of MQTT 3.1.1 after
frame {{mqtt.clientid == "lonely-v311"}} have no code. ejabberd: PUBACK 0x10 in frame {{mqtt.puback.reason_code ==
0x10 && ip.src == 127.0.0.2}}, PUBREC 0x10 in frame {{mqtt.pubrec.reason_code == 0x10 && ip.src == 127.0.0.2}}, after which
PUBREL and PUBCOMP follow as usual.'
made_with='@mosquitto@ at 127.0.0.1, @ejabberd@ at 127.0.0.2, @mosquitto_pub@'

scene() {
    start_broker < /dev/null
    pub -i lonely-1 -q 1 -t demo/nobody -m hello
    pub -i lonely-2 -q 2 -t demo/nobody -m hello
    pub -i lonely-v311 -V mqttv311 -q 1 -t demo/nobody -m hello
    start_ejabberd 127.0.0.2
    pub -h 127.0.0.2 -u demo@localhost -P any -i lonely-3 -q 1 -t demo/nobody -m hello
    pub -h 127.0.0.2 -u demo@localhost -P any -i lonely-4 -q 2 -t demo/nobody -m hello
}
