# The same takeover as other brokers do it.
needs='forky-mosquitto trixie-ejabberd'
shows='A second client with the Client ID of the first, with three brokers. mosquitto 2.0.11: CONNECT in frame {{2:
mqtt.clientid == "twin-old"}}, the first connection is closed without DISCONNECT. mosquitto 2.1: frame {{tcp.payload
== e0:01:8e}} is the short form e0 01 8e of DISCONNECT 0x8E. ejabberd: frame {{mqtt.disconnect.reason_code == 0x8e &&
mqtt.prop_string}} has 0x8E with a Reason String.'
made_with='@mosquitto@ at 127.0.0.1, @forky-mosquitto@ at 127.0.0.2, @ejabberd@ at 127.0.0.3, @mosquitto_sub@'

scene() {
    start_broker < /dev/null
    takeover 127.0.0.1 twin-old
    start_newer_broker forky newer <<< 'listener 1883 127.0.0.2'
    takeover 127.0.0.2 twin-new
    start_ejabberd 127.0.0.3
    takeover 127.0.0.3 twin-ejabberd -u demo@localhost -P any
}
