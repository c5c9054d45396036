# A message is retained, handed to subscribers as they ask for it, cleared.
shows='Frame {{mqtt.msgtype == 3 && tcp.dstport == 1883 && mqtt.retain == 1}}: PUBLISH with RETAIN 1 from the client.
One subscriber subscribes four times to the topic: Retain Handling 0 (frame {{mqtt.msgtype == 8}}) gets the retained
message in frame {{mqtt.msgtype == 3 && tcp.srcport == 1883}}; 1 (frame {{2: mqtt.msgtype == 8}}) and 2 (frame {{3:
mqtt.msgtype == 8}}) get nothing, because the subscription exists; 0 with Retain As Published (frame {{4: mqtt.msgtype ==
8}}) gets it again. The next message then comes with RETAIN 1 in frame {{3: mqtt.msgtype == 3 && tcp.srcport ==
1883}}. Frame {{mqtt.msgtype == 3 && tcp.dstport == 1883 && mqtt.retain == 1 && mqtt.len == 18}}: empty retained
message, after which the subscriber of frame {{mqtt.clientid == "late"}} gets nothing.'
made_with='@mosquitto@, @mosquitto_pub@, @mosquitto_sub@, @paho-python@'

scene() {
    start_broker < /dev/null
    pub -i keeper -q 1 -r -t demo/retained -m 'kept by the broker'
    paho_py retained
    pub -i keeper -q 1 -r -n -t demo/retained
    start late sub -i late -W 1 -t demo/retained
    wait_end $pid
}
