# The brokers. Sourced by lib.sh.
#
# All of them write their configuration to $dir, and their output to NAME.log or
# NAME.out there. make-real has unpacked those from another Debian suite below
# $packages/SUITE-PROGRAM.

# start_broker [NAME]: mosquitto; standard input is added to its configuration.
# Without a listener there it listens on 127.0.0.1:1883. Its log is NAME.log.
start_broker() { start_mosquitto "${1-broker}" mosquitto; }

# start_newer_broker SUITE [NAME]: the same with the mosquitto of that suite.
start_newer_broker() {
    local root=$packages/$1-mosquitto
    # On its own libraries, libc and its loader included.
    start_mosquitto "${2-broker}" "$root/lib64/ld-linux-x86-64.so.2" \
        --library-path "$root/usr/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu/systemd" \
        "$root/usr/sbin/mosquitto"
}

start_mosquitto() {
    local name=$1 extra
    shift
    extra=$(cat)
    {
        echo "log_dest file $dir/$name.log"
        echo "log_type all"
        echo "log_timestamp false"
        echo "persistence false"
        echo "user root"
        grep -q '^listener' <<< "$extra" || echo "listener 1883 127.0.0.1"
        grep -q '^allow_anonymous' <<< "$extra" || echo "allow_anonymous true"
        echo "$extra"
    } > "$name.conf"
    start "$name" "$@" -c "$name.conf"
    broker=$pid
    wait_log "$name.log" " running"
}

# start_strict_broker: mosquitto where everybody may use demo/allowed and nothing else.
start_strict_broker() {
    cat > security.json <<'EOT'
{
  "defaultACLAccess": {"publishClientSend": false, "publishClientReceive": true, "subscribe": false, "unsubscribe": true},
  "clients": [],
  "groups": [{"groupname": "anybody", "roles": [{"rolename": "guest"}]}],
  "roles": [{"rolename": "guest", "acls": [
    {"acltype": "publishClientSend", "topic": "demo/allowed", "allow": true},
    {"acltype": "subscribeLiteral", "topic": "demo/allowed", "allow": true}]}],
  "anonymousGroup": "anybody"
}
EOT
    start_broker <<EOT
plugin $(find /usr/lib /usr/local/lib -name mosquitto_dynamic_security.so | sed 1q)
plugin_opt_config_file $dir/security.json
EOT
}

# start_rabbitmq ADDRESS: RabbitMQ with its MQTT plugin, port 1883.
start_rabbitmq() {
    enter_root trixie-rabbitmq
    echo '[rabbitmq_mqtt].' > "$root/scene/plugins"
    cat > "$root/scene/rabbitmq.conf" <<EOT
listeners.tcp = none
mqtt.listeners.tcp.1 = $1:1883
EOT
    start rabbitmq env -i HOME=/scene PATH=/usr/sbin:/usr/bin \
        RABBITMQ_NODENAME=rabbit@localhost RABBITMQ_CONFIG_FILE=/scene/rabbitmq.conf \
        RABBITMQ_ENABLED_PLUGINS_FILE=/scene/plugins RABBITMQ_MNESIA_BASE=/scene/mnesia \
        RABBITMQ_LOG_BASE=/scene/log RABBITMQ_PID_FILE=/scene/pid \
        chroot "$root" /usr/lib/rabbitmq/bin/rabbitmq-server
    broker=$pid
    wait_log rabbitmq.out "completed with 1 plugins"
}

# start_ejabberd ADDRESS: the MQTT part of ejabberd, port 1883. Every client needs
# a user name like demo@localhost; any password will do.
start_ejabberd() {
    local ebin
    enter_root trixie-ejabberd
    ebin=$(cd "$root" && echo usr/lib/*/ejabberd-[0-9]*/ebin | sed 's/ .*//')
    cat > "$root/scene/ejabberd.yml" <<EOT
hosts: [localhost]
loglevel: debug
listen:
  - port: 1883
    ip: $1
    module: mod_mqtt
auth_method: anonymous
anonymous_protocol: login_anon
allow_multiple_connections: true
modules:
  mod_mqtt: {}
EOT
    start ejabberd env -i HOME=/scene PATH=/usr/sbin:/usr/bin ERL_LIBS=/usr/lib/x86_64-linux-gnu \
        EJABBERD_CONFIG_PATH=/scene/ejabberd.yml EJABBERD_LOG_PATH=/scene/ejabberd.log \
        chroot "$root" /usr/lib/erlang/bin/erl -noinput -mnesia dir '"/scene/mnesia"' -pa "/$ebin" -s ejabberd
    broker=$pid
    wait_until listens "$1"
}

listens() { ss -Hltn "src $1:1883" | grep -q .; }

# start_proxy TIME: HAProxy, which closes connections on which nothing is sent for TIME;
# standard input says what it listens on and passes on.
start_proxy() {
    {
        printf '%s\n' defaults '    mode tcp' '    timeout connect 2s' "    timeout client $1" "    timeout server $1"
        cat
    } > proxy.cfg
    start proxy haproxy -db -f "$dir/proxy.cfg"
    wait_until haproxy_listens
}

haproxy_listens() { ss -Hltnp | grep -q haproxy; }

# Sets $root, prepared to be the root of a process; what it writes goes to memory.
enter_root() {
    root=$packages/$1
    mountpoint -q "$root/dev" || mount --rbind /dev "$root/dev"
    mountpoint -q "$root/proc" || mount -t proc proc "$root/proc" || mount --rbind /proc "$root/proc"
    mountpoint -q "$root/scene" && umount "$root/scene"
    mount -t tmpfs work "$root/scene"
}

# A line of versions for what make-real has fetched.
newer_version() {
    local root=$packages/$1
    local version
    version=$(sed 's/-.*//' "$root/.version")
    case $1 in
    forky-mosquitto) echo "$1=mosquitto $version" ;;
    trixie-rabbitmq) echo "rabbitmq=RabbitMQ $version" ;;
    trixie-ejabberd) echo "ejabberd=ejabberd $version" ;;
    esac
}

# bridge_both_ways VERSION: a bridge from one mosquitto to another, with that
# bridge_protocol_version, and messages of each QoS both ways. Both brokers listen
# on port 1883, the second on another loopback address.
bridge_both_ways() {
    start_broker upstream <<< 'listener 1883 127.0.0.2'
    start_broker bridge <<EOT
connection bridge
address 127.0.0.2:1883
bridge_protocol_version $1
remote_clientid bridge
topic demo/up/# out 2
topic demo/down/# in 2
keepalive_interval 60
EOT
    local bridge=$broker qos
    wait_log upstream.log "Sending SUBACK to bridge"
    start_sub below -q 2 -C 3 -t 'demo/down/#'
    local below=$pid
    start_sub above -h 127.0.0.2 -q 2 -C 3 -t 'demo/up/#'
    local above=$pid
    for qos in 0 1 2; do
        pub -i sender-below -q $qos -t "demo/up/$qos" -m up
        pub -h 127.0.0.2 -i sender-above -q $qos -t "demo/down/$qos" -m down
    done
    wait_end $below
    wait_end $above
    stop $bridge
}
