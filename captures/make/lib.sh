# What every scene uses: clients, capture, waiting, and cleaning up.
# Sourced by make-real, which sets $here, $real, $work, $packages, $PYTHON and $MQTTJS.
#
# A scene is scenes/NAME.sh. It sets
#   shows       what the capture shows; {{FILTER}} becomes the number of the
#               first frame that the display filter matches, {{N: FILTER}} of
#               the Nth, {{#FILTER}} how many there are (see write-index)
#   made_with   the peers; @mosquitto@ and similar names become names with versions
#   ports       what to capture, "1883" unless set
#   needs       those of its peers that make-real has to fetch or build: mqttjs,
#               paho-c, forky-mosquitto, trixie-rabbitmq, trixie-ejabberd
#   keylog      yes, when the scene writes TLS secrets to the file keys
# and defines scene(), which starts a broker, runs clients and ends them.

. "$here/brokers.sh"

# All of them, one after the other; this shell is the namespace's first process.
run_scenes() {
    local name file failed=
    trap 'exit 130' INT TERM
    ip link set lo up
    for file in $buffers; do cp "/proc/sys/net/ipv4/$file" "$work/$file"; done
    # Client ports far from every port that Wireshark knows a protocol for.
    echo 50000 50999 > /proc/sys/net/ipv4/ip_local_port_range
    for name; do
        echo "$name"
        # Not in a condition, where "set -e" has no effect.
        set +e
        (set -e; run_scene "$name")
        [ $? = 0 ] || failed="$failed $name"
        set -e
    done
    "$here/write-index" --prune "$real"
    if [ -n "$failed" ]; then
        echo "make-real: failed:$failed" >&2
        return 1
    fi
}

run_scene() {
    scene_name=$1
    dir=$work/$scene_name
    mkdir -p "$dir"
    cd "$dir"
    started=()
    trap end_scene EXIT

    shows= made_with= ports=1883 needs= keylog=
    . "$here/scenes/$scene_name.sh"
    case $needs in *paho-c*) build_paho_c ;; esac

    start_capture
    # Some peers print a lot if the broker refuses something, as it should.
    scene > scene.out 2>&1
    stop_capture
    stop_all

    "$here/to-pcapng" capture.pcap "$real/$scene_name.pcapng"
    rm -f "$real/$scene_name.keys"
    if [ "$keylog" = yes ]; then install -m 644 keys "$real/$scene_name.keys"; fi
    versions > versions
    "$here/check-capture" "$real/$scene_name.pcapng"
    "$here/write-index" "$real" "$scene_name" "$shows" "$made_with" versions
}

# However the scene ends, its peers end, too; and if it fails, their output is printed.
end_scene() {
    local status=$?
    stop_all
    usual_buffers
    if [ $status != 0 ] && [ -e scene.out ]; then tail -n 20 scene.out >&2; fi
}

# --- waiting

# Waits until COMMAND is true; ten seconds are enough for anything here.
wait_until() {
    local tries=200
    until "$@"; do
        tries=$((tries - 1))
        if [ $tries = 0 ]; then
            echo "  waited without success: $*" >&2
            return 1
        fi
        sleep 0.05
    done
}

# Waits until LOG has a line with TEXT, or COUNT such lines.
wait_log() {
    wait_until log_has "$1" "$2" "${3-1}"
}

log_has() {
    [ "$(grep -cF -- "$2" "$1" 2> /dev/null)" -ge "$3" ] 2> /dev/null
}

# --- processes

# start NAME COMMAND...: in the background, output in NAME.out; its pid in $pid. The
# functions that run a client do it with $become, so that the pid is the client's.
start() {
    local name=$1
    shift
    become=exec "$@" < /dev/null > "$name.out" 2>&1 &
    pid=$!
    started+=($pid)
}

# The end of a process must not print or fail anything, whatever the reason is.
wait_end() {
    wait "$1" 2> /dev/null || true
}

stop() {
    kill "-${2-TERM}" "$1" 2> /dev/null || true
    kill -CONT "$1" 2> /dev/null || true
    wait_end "$1"
}

stop_all() {
    local one
    for one in "${started[@]}"; do stop "$one"; done
    started=()
}

# --- the clients

become=

# mosquitto's clients, with MQTT 5 unless a later -V says otherwise.
pub() { $become mosquitto_pub -h 127.0.0.1 -V mqttv5 "$@"; }
# What they report comes line by line, although it goes to a file.
sub() { $become stdbuf -oL mosquitto_sub -h 127.0.0.1 -V mqttv5 "$@"; }

# start_sub NAME OPTIONS...: a subscriber with that Client ID, up when this returns.
start_sub() {
    local name=$1
    shift
    start "$name" sub -d -i "$name" "$@"
    wait_log "$name.out" "Subscribed (mid"
}

# takeover ADDRESS CLIENT-ID OPTIONS...: two subscribers with one Client ID.
takeover() {
    local address=$1 name=$2 first
    shift 2
    start_sub "$name" -h "$address" -t demo/twin "$@"
    first=$pid
    start_sub second -h "$address" -t demo/twin "$@" -i "$name"
    # The first client would soon come back and take over itself.
    stop $first KILL
    stop $pid
}

paho_py() { $become "$PYTHON" "$here/paho_peer.py" "$@"; }
paho_c() { $become "$work/paho_peer" "$@"; }
mqttjs() { NODE_NO_WARNINGS=1 NODE_PATH=$MQTTJS/node_modules $become node "$here/mqttjs_peer.js" "$@"; }

build_paho_c() {
    [ -x "$work/paho_peer" ] ||
        gcc -std=gnu11 -Wall -Wextra -O1 -o "$work/paho_peer" "$here/paho_peer.c" -lpaho-mqtt3c
}

# certificate NAME: a certificate for localhost and its key, in NAME.crt and NAME.key.
certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout "$1.key" -out "$1.crt" 2> /dev/null
}

# --- TCP

buffers='tcp_rmem tcp_wmem'

# From now on a receiver that does not read is soon full, so that the capture stays small.
small_buffers() {
    local file
    ip link set lo mtu 1500
    for file in $buffers; do echo 4096 8192 8192 > "/proc/sys/net/ipv4/$file"; done
}

usual_buffers() {
    local file
    ip link set lo mtu 65536
    for file in $buffers; do cat "$work/$file" > "/proc/sys/net/ipv4/$file"; done
}

# --- the capture

start_capture() {
    local port
    filter=
    for port in $ports; do filter="${filter:+$filter or }tcp port $port"; done
    start dumpcap dumpcap -i lo -P -B 16 -f "$filter" -w capture.pcap
    capture=$pid
    wait_log dumpcap.out "File: "
}

# Only after the last connection is closed, so that every capture has its close.
stop_capture() {
    wait_until no_connection
    sleep 0.3
    stop $capture INT
}

no_connection() {
    ! ss -Htn state connected exclude time-wait "( ${filter//tcp port /sport = :} )" | grep -q .
}

# --- versions, for the index

versions() {
    local v module=$MQTTJS/node_modules/mqtt/package.json
    v=$(mosquitto -h | sed -n '1s/.* //p') || true
    echo "mosquitto=mosquitto $v"
    v=$(mosquitto_pub --help | sed -n 's/.* running on libmosquitto \(.*\)\.$/\1/p') || true
    echo "mosquitto_pub=mosquitto_pub $v"
    echo "mosquitto_sub=mosquitto_sub $v"
    echo "haproxy=HAProxy $(haproxy -v | sed -n '1s/.*version \([0-9.]*\).*/\1/p')"
    echo "paho-python=Paho Python $("$PYTHON" -c 'import paho.mqtt as p; print(p.__version__)')"
    for v in forky-mosquitto trixie-rabbitmq trixie-ejabberd; do
        if [ -e "$packages/$v/.complete" ]; then newer_version $v; fi
    done
    if [ -x "$work/paho_peer" ]; then echo "paho-c=Paho C $(paho_c version)"; fi
    if [ -f "$module" ]; then
        echo "mqttjs=MQTT.js $(sed -n 's/^ *"version": "\(.*\)".*/\1/p' "$module")"
    fi
}
