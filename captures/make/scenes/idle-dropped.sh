# A proxy that cuts connections on which nothing is sent: what a NAT, a firewall or a load
# balancer does after minutes, here after seconds.
shows='A subscriber behind a proxy that closes connections on which nothing is sent for 8 seconds. With Keep Alive 60 (CONNECT in frame
{{mqtt.clientid == "display"}}) it is dropped in frame {{tcp.flags.fin == 1 && tcp.srcport == 1883}}, comes back, and is dropped
again; {{#mqtt.clientid == "display"}} connections. A second one with Keep Alive 5 (CONNECT in frame {{mqtt.clientid == "clock"}})
stays.'
made_with='@mosquitto@, @mosquitto_sub@, @haproxy@'

scene() {
    local drop
    start_broker <<< 'listener 1884 127.0.0.1'
    start_proxy 8s <<EOT
listen mqtt
    bind 127.0.0.1:1883
    server broker 127.0.0.1:1884
EOT
    start_sub clock -k 5 -t demo/time
    local clock=$pid
    start_sub display -k 60 -t demo/temperature
    for drop in 1 2 3 4; do wait_log broker.log "Client display closed" $drop; done
    stop $pid
    stop $clock
}
