# Topics that the client may neither publish nor subscribe to.
#
# The ACL file cannot refuse a subscription, so mosquitto's dynamic security
# plugin decides here: everybody may use demo/allowed, nothing else.
shows='Frame {{mqtt.puback.reason_code == 0x87}}: PUBACK 0x87 (Not authorized), frame {{mqtt.pubrec.reason_code ==
0x87}}: PUBREC 0x87, after which no PUBREL follows. Frame {{mqtt.clientid == "refused-5-0"}}: the same client code with
QoS 0, which is refused in silence. Frame {{mqtt.suback.reason_code == 0x87}}: SUBACK with 0x87 for the second of two
filters. From frame {{mqtt.clientid == "refused-4-1"}} on MQTT 3.1.1: the PUBACK tells nothing, the SUBACK in frame
{{mqtt.suback.qos == 0x80}} has 0x80.'
made_with='@mosquitto@ with its dynamic security plugin, @paho-python@'

scene() {
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
plugin $(find /usr/lib /usr/local/lib -name mosquitto_dynamic_security.so | head -1)
plugin_opt_config_file $dir/security.json
EOT
    local qos
    for qos in 0 1 2; do paho_py refused 5 $qos; done
    paho_py refused 4 1
}
