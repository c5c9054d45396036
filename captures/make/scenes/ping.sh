# Idle connections that are kept alive.
shows='Keep Alive 1 and no other traffic: frame {{mqtt.msgtype == 12}} is the first of {{#mqtt.msgtype == 12}} PINGREQ,
frame {{mqtt.msgtype == 13}} the first PINGRESP.'
made_with='@mosquitto@, @paho-python@'

scene() {
    start_broker < /dev/null
    paho_py idle pings-v5 5 1 4
    paho_py idle pings-v311 4 1 3
}
