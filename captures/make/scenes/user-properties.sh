# The properties that applications set, from one client to another.
shows='Frame {{mqtt.clientid == "asker"}}: CONNECT with two User Properties of the same name. Frame {{mqtt.msgtype == 8 &&
mqtt.prop_key}}: SUBSCRIBE with a User Property. Frame {{mqtt.msgtype == 3 && tcp.dstport == 1883}}: PUBLISH with
Payload Format Indicator, Message Expiry Interval, Content Type, Response Topic, Correlation Data and two User
Properties, which frame {{mqtt.msgtype == 3 && tcp.srcport == 1883}} forwards. Frame {{mqtt.msgtype == 14 &&
mqtt.prop_key}}: DISCONNECT with a User Property. Frame {{mqtt.msgtype == 3 && mqtt.topic == "demo/properties/offline"
&& tcp.srcport == 1883}}: a message that waited for its subscriber, with a
Message Expiry Interval below the original 60.'
made_with='@mosquitto@, @mosquitto_pub@, @mosquitto_sub@'

scene() {
    start_broker < /dev/null
    start_sub answerer -q 1 -C 1 -t demo/properties/request \
        -D subscribe user-property filter exact
    local answerer=$pid
    pub -i asker -q 1 -t demo/properties/request -m '{"grüße": "aus Köln"}' \
        -D connect user-property colour red -D connect user-property colour blue \
        -D publish payload-format-indicator 1 \
        -D publish message-expiry-interval 60 \
        -D publish content-type application/json \
        -D publish response-topic demo/properties/answer \
        -D publish correlation-data request-1 \
        -D publish user-property trace 0af7651916cd43dd -D publish user-property größe klein \
        -D disconnect user-property mood good
    wait_end $answerer
    start_sub away -q 1 -x 60 -E -t demo/properties/offline
    wait_end $pid
    pub -i asker -q 1 -t demo/properties/offline -m later -D publish message-expiry-interval 60
    sleep 2.2
    start away sub -i away -c -x 0 -q 1 -C 1 -t demo/properties/offline
    wait_end $pid
}
