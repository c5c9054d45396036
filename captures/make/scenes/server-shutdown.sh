# The broker ends while clients are connected.
needs='forky-mosquitto trixie-rabbitmq trixie-ejabberd'
shows='DISCONNECT 0x8B (Server shutting down) to a client of MQTT 5: frame {{mqtt.disconnect.reason_code == 0x8b}}'
made_with='@mosquitto@, @forky-mosquitto@ at 127.0.0.2, @rabbitmq@ at 127.0.0.3, @ejabberd@ at 127.0.0.4, @mosquitto_sub@'

scene() {
    start_broker < /dev/null
    shut_down 127.0.0.1
    start_newer_broker forky newer <<< 'listener 1883 127.0.0.2'
    shut_down 127.0.0.2
    start_rabbitmq 127.0.0.3
    shut_down 127.0.0.3
    start_ejabberd 127.0.0.4
    shut_down 127.0.0.4 -u demo@localhost -P any
}

shut_down() {
    local address=$1 v5 v311
    shift
    start_sub stays-v5 -h $address -t demo/stays "$@"
    v5=$pid
    start_sub stays-v311 -h $address -V mqttv311 -t demo/stays "$@"
    v311=$pid
    kill $broker
    wait_until no_connection
    # Before they try to come back.
    stop $v5 KILL
    stop $v311 KILL
}
