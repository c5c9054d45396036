# Two bridges, each of which hands on all that it has to the other: one message goes round for ever.
shows='Two brokers, each with a bridge that hands on demo/# to the other (CONNECT in frames {{mqtt.clientid == "right"}} and {{mqtt.clientid ==
"left"}}). The message of a sensor (frame {{mqtt.msgtype == 3}}) goes round until one of the brokers is stopped:
{{#mqtt.msgtype == 3}} frames have it.'
made_with='@mosquitto@ (twice, try_private false), @mosquitto_pub@'

scene() {
    # Each broker has an address of its own, from which its bridge comes, too.
    source_of 127.0.0.1 127.0.0.2
    start_looping left 127.0.0.1 127.0.0.2
    local left=$broker
    start_looping right 127.0.0.2 127.0.0.1
    wait_log left.log "Sending CONNACK to right"
    wait_log right.log "Sending CONNACK to left"
    pub -i sensor -t demo/temperature -m 20.5
    sleep 0.05
    stop $left
    source_of 127.0.0.1 127.0.0.1
}

# start_looping NAME ADDRESS OTHER-ADDRESS: a broker that hands on to the other one.
start_looping() {
    start_broker "$1" <<EOT
listener 1883 $2
connection $1
address $3:1883
remote_clientid $1
try_private false
notifications false
topic demo/# out 0
EOT
}

# source_of ADDRESS SOURCE: connections to ADDRESS come from SOURCE.
source_of() { ip route replace table local local "$1" dev lo src "$2"; }
