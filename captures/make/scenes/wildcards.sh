# Topic filters with + and #, and the broker's own $SYS topics.
shows='Frame {{mqtt.msgtype == 8}}: SUBSCRIBE to demo/+/temperature, demo/kitchen/#, + and $SYS/broker/version in one
packet. Frame {{mqtt.topic == "$SYS/broker/version" && mqtt.msgtype == 3}}: the retained $SYS topic.
demo/kitchen/temperature matches two filters; demo/cellar/humidity in frame {{mqtt.topic == "demo/cellar/humidity"}}
matches none and is not delivered. Frame {{mqtt.topic contains "#" && mqtt.clientid == "" || mqtt.msgtype == 8 &&
mqtt.topic == "#"}}: SUBSCRIBE to # alone, which does not match $SYS.'
made_with='@mosquitto@, @mosquitto_pub@, @mosquitto_sub@'

scene() {
    start_broker < /dev/null
    start_sub filters -q 1 -t 'demo/+/temperature' -t 'demo/kitchen/#' -t + -t '$SYS/broker/version'
    local filters=$pid topic
    start_sub everything -C 4 -t '#'
    local everything=$pid
    for topic in demo/kitchen/temperature demo/kitchen/oven/light demo/cellar/humidity top; do
        pub -i sensor -q 1 -t "$topic" -m 20
    done
    wait_end $everything
    stop $filters
}
