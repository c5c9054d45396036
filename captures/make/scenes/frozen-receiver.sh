# Subscribers that are stopped while messages come: they do not read, so that TCP takes no more.
shows='Readings of 1,000 bytes and QoS 0, ten a second, for three subscribers: prompt reads all the time (CONNECT in frame
{{mqtt.clientid == "prompt"}}). The program frozen (CONNECT in frame {{mqtt.clientid == "frozen"}}) is stopped for six seconds: its TCP
announces a window of 0 in frame {{1: tcp.analysis.zero_window}}, and what waits comes late. The program dead
(CONNECT in frame {{mqtt.clientid == "dead"}}) is stopped, too, and does not come back.'
made_with='@mosquitto@, @mosquitto_pub@, @mosquitto_sub@; small buffers of TCP'

scene() {
    small_buffers
    start_broker < /dev/null
    start_sub prompt -t 'demo/#'
    local prompt=$pid
    start_sub frozen -t 'demo/#'
    local frozen=$pid
    start_sub dead -t 'demo/#' -k 5
    local dead=$pid
    start sensor readings
    local sensor=$pid
    sleep 1
    kill -STOP $frozen $dead
    sleep 6
    kill -CONT $frozen
    wait_log broker.log "Client dead has exceeded timeout"
    sleep 1
    stop $dead KILL
    wait_end $sensor
    stop $frozen
    stop $prompt
}

# Ten a second, for seven seconds.
readings() {
    local one text
    text=$(printf '%0990d' 0)
    for one in $(seq 10 79); do
        echo "reading $one$text"
        sleep 0.1
    done | pub -i sensor -t demo/readings -l
}
