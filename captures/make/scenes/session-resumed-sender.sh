# A publisher dies with messages in flight; a new process sends them again.
needs=paho-c
shows='Frame {{mqtt.clientid == "persistent"}}: CONNECT with Clean Start 0. The client dies after four PUBLISH that it
never saw acknowledged. Frame {{2: mqtt.clientid == "persistent"}}: a new process resumes the session from its files,
CONNACK in frame {{mqtt.conack.flags.sp == 1}} has Session Present 1, frame {{mqtt.dupflag == 1}} is the first PUBLISH
with DUP 1 and the old identifier.'
made_with='@mosquitto@, @paho-c@ with its file persistence'

scene() {
    start_broker < /dev/null
    # The broker is stopped meanwhile, so that no acknowledgement comes in time.
    mkfifo go
    paho_c dies-sending "$dir" < go > sender.out 2>&1 &
    started+=($!)
    local sender=$!
    exec 3> go
    wait_log sender.out connected
    kill -STOP $broker
    echo >&3
    exec 3>&-
    wait_end $sender
    kill -CONT $broker
    wait_log broker.log "Client persistent disconnected"
    wait_until no_connection
    paho_c resends "$dir"
}
