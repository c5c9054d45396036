# Clients that fall silent: they are stopped, so that their pings cease.
needs='trixie-rabbitmq trixie-ejabberd'
shows='CONNECT with Keep Alive 2, after which the client is stopped; with three brokers. RabbitMQ: CONNECT in frame
{{mqtt.clientid == "silent-rabbitmq"}}, frame {{mqtt.disconnect.reason_code == 0x8d && ip.src == 127.0.0.2}} is
DISCONNECT 0x8D (Keep Alive timeout). ejabberd: CONNECT in frame {{mqtt.clientid == "silent-ejabberd"}}, DISCONNECT
0x8D in frame {{mqtt.disconnect.reason_code == 0x8d && ip.src == 127.0.0.3}}. mosquitto: CONNECT in frame
{{mqtt.clientid == "silent-mosquitto"}}, and as MQTT 3.1.1 in frame {{mqtt.clientid == "silent-v311"}}; both are
closed without DISCONNECT.'
made_with='@mosquitto@ at 127.0.0.1, @rabbitmq@ at 127.0.0.2, @ejabberd@ at 127.0.0.3, @paho-python@'

scene() {
    start_broker < /dev/null
    start_rabbitmq 127.0.0.2
    start_ejabberd 127.0.0.3
    local all=() one
    silence 127.0.0.1 silent-mosquitto 5
    silence 127.0.0.1 silent-v311 4
    silence 127.0.0.2 silent-rabbitmq 5
    BROKER_USER=demo@localhost silence 127.0.0.3 silent-ejabberd 5
    wait_log broker.log "exceeded timeout" 2
    for one in "${all[@]}"; do stop "$one" KILL; done
}

# silence BROKER CLIENT VERSION: connected and then stopped.
silence() {
    BROKER=$1 start "$2" paho_py idle "$2" "$3" 2 60
    all+=($pid)
    wait_log "$2.out" connected
    kill -STOP $pid
}
