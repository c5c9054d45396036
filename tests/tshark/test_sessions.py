"""The session of a packet: Client ID, User Name and CONNECT of each packet, against stock's fields of the same capture."""
import collections
import json
import re

import harness
import made as made_captures
import mqtt
import pdml
import pytest

REAL = sorted(path.stem for path in (harness.CAPTURES / "real").glob("*.pcapng"))
ASSIGNED_CLIENT_IDENTIFIER = "0x12"


def real(name):
    return harness.CAPTURES / "real" / f"{name}.pcapng"


def with_keys(tshark, name):
    keys = harness.CAPTURES / "real" / f"{name}.keys"
    return ["-o", f"tls.keylog_file:{tshark.visible(keys)}"] if keys.exists() else []


def split(value):
    return value.split(",") if value else []


@pytest.mark.parametrize("name", REAL)
def test_every_packet_names_its_client(tshark, name):
    """Every packet from CONNECT on has the names that stock shows in CONNECT, or that CONNACK assigned."""
    rows = tshark.fields(real(name), ["frame.number", "tcp.stream", "mqtt.msgtype", "mqtt.clientid", "mqtt.username", "mqtt.property_id", "mqtt.prop_string",
                                      "mqtt5.packet_type", "mqtt5.sender", "mqtt5.client_id", "mqtt5.user_name", "mqtt5.connect_in"],
                         *with_keys(tshark, name), "-Y", "mqtt && mqtt5.packet_type")
    sessions = {}
    seen = 0
    for frame, stream, types, client_id, user_name, properties, strings, ours, senders, client_ids, user_names, connects in rows:
        types = split(types)
        assert types == split(ours)
        expected = collections.Counter()
        for kind in types:
            if kind == "1":
                sessions[stream] = {"client_id": client_id, "user_name": user_name, "frame": frame}
            elif kind == "2" and ASSIGNED_CLIENT_IDENTIFIER in split(properties):
                sessions[stream]["client_id"] = strings
            expected["client_id"] += bool(sessions[stream]["client_id"])
            expected["user_name"] += bool(sessions[stream]["user_name"])
            expected["connect_in"] += kind != "1"
            seen += 1
        session = sessions[stream]
        if len(split(senders)) > len(types):  # the connection ends in this frame, which has its own item
            expected.update({name: bool(session[name]) for name in ("client_id", "user_name")}, connect_in=1)
        assert split(client_ids) == [session["client_id"]] * expected["client_id"]
        assert split(user_names) == [session["user_name"]] * expected["user_name"]
        assert split(connects) == [session["frame"]] * expected["connect_in"]
    assert seen


def test_assigned(tshark):
    """Before CONNACK there is none; from CONNACK on it is the one that the server assigned."""
    rows = tshark.fields(real("assigned-client-id"), ["mqtt5.packet_type", "mqtt5.client_id", "mqtt5.property.assigned_client_identifier"],
                         "-Y", "tcp.stream == 0 && mqtt5.packet_type")
    assigned = next(row[2] for row in rows if row[2])
    assert rows[0][:2] == ["1", ""]
    assert {row[1] for row in rows[1:]} == {assigned}
    assert "(assigned by the server)" in tshark.read(real("assigned-client-id"), "-V", "-Y", "mqtt5.packet_type == 2 && tcp.stream == 0")


def test_closes_have_it_too(tshark):
    """A close with a finding has the names, too."""
    rows = tshark.fields(real("will"), ["mqtt5.client_id", "mqtt5.connect_in"], "-Y", "mqtt5.analysis.connection_closed_with_will && !mqtt5.packet_type")
    assert rows and all(client_id and connect for client_id, connect in rows)


def test_in_one_pass_and_two(tshark):
    for name in ("assigned-client-id", "session-takeover", "several-clients"):
        names = ["frame.number", "mqtt5.client_id", "mqtt5.user_name", "mqtt5.connect_in"]
        assert tshark.fields(real(name), names) == tshark.fields(real(name), names, "-2")


def test_the_password_is_not_among_them(tshark, made_text):
    """And an empty Client ID is none."""
    path = made_text('client CONNECT v3.1.1 client-id "" user-name "user" password "opensesame"\nserver CONNACK\nclient PINGREQ\n')
    rows = tshark.fields(path, ["mqtt5.client_id", "mqtt5.user_name"], "-Y", "mqtt5.packet_type")
    assert rows == [["", "user"]] * 3
    assert all("opensesame" not in line for line in tshark.read(path, "-V").splitlines() if "mqtt5" in line or "[" in line)


def test_bytes_that_are_no_text(tshark, made_text):
    """Whatever its name is, what we print is UTF-8."""
    path = made_text('client CONNECT client-id "a\\xff\\xc3\\x00z" clean-start 0 user-name "\\xc0\\x80!"\nserver CONNACK\nclient PINGREQ\n')
    capture = tshark.run("-r", path, "-T", "fields", "-e", "mqtt5.client_id", "-e", "mqtt5.user_name", "-Y", "mqtt5.packet_type == 12")
    assert capture.out == "a\ufffd\ufffd\ufffdz\t\ufffd\ufffd!\n"


# --- Topics and subscriptions ---

V5 = 'client CONNECT client-id "c" [ topic-alias-maximum 10 ]\nserver CONNACK [ topic-alias-maximum 10 ]\n'  # frames 4 and 5
TOLD = ["mqtt5.topic", "mqtt5.topic.set_in", "mqtt5.subscription.topic_filter", "mqtt5.granted_qos", "mqtt5.subscription.in"]


def told(tshark, path, *more):
    """What each frame with PUBLISH shows; the same in one pass and in two."""
    names = ["frame.number", *TOLD]
    rows = tshark.fields(path, names, "-Y", "mqtt5.packet_type == 3", *more)
    assert tshark.fields(path, names, "-2", "-Y", "mqtt5.packet_type == 3", *more) == rows
    return rows


def filter_matches(pattern, topic):
    """4.7, with $share/ShareName/ left out."""
    levels = pattern.split("/")
    levels, given = levels[2:] if levels[0] == "$share" else levels, topic.split("/")
    if given[0].startswith("$") and levels[0] in "+#":
        return False
    for at, level in enumerate(levels):
        if level == "#":
            return True
        if at >= len(given) or level not in ("+", given[at]):
            return False
    return len(levels) == len(given)


@pytest.mark.parametrize("name", REAL)
def test_topics_and_subscriptions(tshark, name):
    """Topics by direction and alias, and subscriptions by SUBSCRIBE and SUBACK, computed again from stock's fields."""
    text = tshark.read(real(name), "-T", "pdml", *harness.OF_CONTROL_PACKETS, "-Y", "mqtt5.packet_type", *with_keys(tshark, name))
    aliases, asked, granted, clients, latest = {}, {}, {}, {}, {}
    for packet in pdml.control_packets(text):
        stock, ours, kind = packet.stock, packet.ours, packet.stock["mqtt.msgtype"][0]
        identifier = (packet.stream, stock["mqtt.msgid"][0] if stock["mqtt.msgid"] else None)
        if kind == "1":
            granted[packet.stream], clients[packet.stream] = {}, stock["mqtt.clientid"][0]
        elif kind == "2":
            if stock["mqtt.conack.flags.sp"][:1] in (["1"], ["True"]):  # the session goes on
                granted[packet.stream] = dict(latest.get(clients[packet.stream], {}))
            latest[clients[packet.stream]] = granted[packet.stream]
        elif kind == "8":
            asked[identifier] = packet.frame, stock["mqtt.topic"]
        elif kind == "9":
            frame, filters = asked[identifier]
            codes = [int(code, 0) for code in stock["mqtt.suback.reason_code"] or stock["mqtt.suback.qos"]]
            assert ours["mqtt5.suback.topic_filter"] == filters
            assert ours["mqtt5.granted_qos"] == [str(code) for code in codes if code <= 2]
            granted[packet.stream] |= {filter_: (frame, code) for filter_, code in zip(filters, codes) if code <= 2}
        elif kind == "10":
            asked[identifier] = packet.frame, stock["mqtt.topic"]
        elif kind == "11":
            if stock["mqtt.unsuback.reason_code"]:
                assert ours["mqtt5.unsuback.topic_filter"] == asked[identifier][1]
            for filter_ in asked[identifier][1]:
                granted[packet.stream].pop(filter_, None)
        elif kind == "3":
            check_publish(packet, aliases, granted[packet.stream])


def check_publish(packet, aliases, granted):
    stock, ours = packet.stock, packet.ours
    topic, set_in = stock["mqtt.topic"][0], []
    if stock["mqtt.property.topic_alias"]:
        key = packet.stream, packet.source, stock["mqtt.property.topic_alias"][0]
        if ours["mqtt5.property.topic_alias"] and not int(stock["mqtt.topic_len"][0]):  # stock shows the topic that it assumes for the alias
            topic, frame = aliases[key]
            set_in = [str(frame)]
        elif aliases.get(key, ("",))[0] != topic:
            aliases[key] = topic, packet.frame
    assert ours["mqtt5.topic"] == [topic]
    assert ours["mqtt5.topic.set_in"] == set_in
    if ours["mqtt5.sender"] == ["2"]:
        expected = {(filter_, str(frame), str(qos)) for filter_, (frame, qos) in granted.items() if filter_matches(filter_, topic)}
        assert set(zip(ours["mqtt5.subscription.topic_filter"], ours["mqtt5.subscription.in"], ours["mqtt5.granted_qos"])) == expected
    else:
        assert not ours["mqtt5.subscription.topic_filter"]


def test_aliases_in_both_directions(tshark, made_text):
    """The same number is one topic from the client and another one from the server; an alias that is set again to the same topic keeps its frame."""
    path = made_text(V5 + 'client SUBSCRIBE id 1 filter "#" qos 1\nserver SUBACK id 1 0x01\n'
                     'client PUBLISH topic "a" [ topic-alias 1 ]\nserver PUBLISH topic "b" [ topic-alias 1 ]\n'
                     'client PUBLISH topic "" [ topic-alias 1 ]\nserver PUBLISH topic "" [ topic-alias 1 ]\n'
                     'client PUBLISH topic "a" [ topic-alias 1 ]\nclient PUBLISH topic "" [ topic-alias 1 ]\n'
                     'client PUBLISH topic "c" [ topic-alias 1 ]\nclient PUBLISH topic "" [ topic-alias 1 ]\n'
                     'client PUBLISH topic "" [ topic-alias 9 ]\n')
    subscription = ["#", "1", "6"]
    assert told(tshark, path) == [
        ["8", "a", "", "", "", ""], ["9", "b", "", *subscription], ["10", "a", "8", "", "", ""], ["11", "b", "9", *subscription],
        ["12", "a", "", "", "", ""], ["13", "a", "8", "", "", ""], ["14", "c", "", "", "", ""], ["15", "c", "14", "", "", ""],
        ["16", "", "", "", "", ""]]
    assert "Topic: c (Topic Alias 1, set in frame 14)" in tshark.read(path, "-V", "-Y", "frame.number == 15")


def test_aliases_where_bytes_are_missing(tshark, made_text):
    """Aliases that were set before are unknown."""
    path = made_text(V5 + 'client PUBLISH topic "a" [ topic-alias 1 ]\nclient lost PUBLISH topic "b" [ topic-alias 1 ]\n'
                          'client PUBLISH topic "" [ topic-alias 1 ]\n')
    assert [row[1] for row in told(tshark, path)] == ["a", ""]


def test_topic_is_no_text(tshark, made_text):
    path = made_text(V5 + 'client PUBLISH topic "a\\xffb" [ topic-alias 1 ]\nclient PUBLISH topic "" [ topic-alias 1 ]\n')
    assert [row[1] for row in told(tshark, path)] == ["a\ufffdb", "a\ufffdb"]


@pytest.mark.parametrize("version, blank", [("05", "[ ]"), ("04", ""), ("03", "")])
def test_filters_of_suback(tshark, made_text, version, blank):
    name = "MQIsdp" if version == "03" else "MQTT"
    path = made_text(f'client 10 [ "{name}" {version} 02 003c {blank} "c" ]\nserver 20 [ 00 00 {blank} ]\n'
                     f'client 82 [ 0001 {blank} "a/b" 01 "c" 02 "d" 00 ]\nserver 90 [ 0001 {blank} 01 80 00 ]\nclient a2 [ 0002 {blank} "a/b" "x" ]\n'
                     + (f"server b0 [ 0002 {blank} 00 11 ]\n" if version == "05" else "server b0 [ 0002 ]\n"), version)
    suback, = tshark.fields(path, ["mqtt5.suback.topic_filter", "mqtt5.granted_qos"], "-Y", "mqtt5.packet_type == 9")
    unsuback, = tshark.fields(path, ["mqtt5.unsuback.topic_filter"], "-Y", "mqtt5.packet_type == 11")
    assert suback == ["a/b,c,d", "1,0"] and unsuback == ["a/b,x"]
    shown = tshark.read(path, "-V", "-Y", "mqtt5.packet_type == 9")
    assert ('Granted QoS 1 (0x01) for "a/b"' if version == "05" else 'for "a/b"') in shown


def test_filters_that_cannot_be_told(tshark, made_text):
    """A SUBACK without one code for each filter, and one whose SUBSCRIBE was not captured."""
    path = made_text(V5 + 'client SUBSCRIBE id 1 filter "a" qos 1 filter "b" qos 1\nserver SUBACK id 1 0x01\nserver SUBACK id 7 0x01\n')
    assert tshark.fields(path, ["mqtt5.suback.topic_filter"], "-Y", "mqtt5.packet_type == 9") == [[""], [""]]


def test_subscriptions_that_match(tshark, made_text):
    """All that match, with their QoS; one that is requested and not yet granted; none that has ended, or may have."""
    path = made_text(V5 + 'client SUBSCRIBE id 1 filter "a/+" filter "a/#" qos 2 filter "b" qos 1\n'
                          'server SUBACK id 1 0x00 0x02 0x01\nserver PUBLISH topic "a/x"\n'
                     'client SUBSCRIBE id 2 filter "a/x" qos 1\nserver PUBLISH topic "a/x"\n'
                     'client UNSUBSCRIBE id 3 filter "a/+" filter "a/#"\nserver UNSUBACK id 3 0x00 0x00\n'
                     'server SUBACK id 2 0x01\nserver PUBLISH topic "a/x"\nclient lost UNSUBSCRIBE id 4 filter "a/x"\n'
                     'server PUBLISH topic "a/x"\n')
    assert told(tshark, path) == [
        ["8", "a/x", "", "a/+,a/#", "0,2", "6,6"], ["10", "a/x", "", "a/x,a/+,a/#", "0,2", "9,6,6"], ["14", "a/x", "", "a/x", "1", "9"],
        ["15", "a/x", "", "", "", ""]]


def test_many_subscriptions(tshark, made_text):
    filters = ["/".join("+" if number >> bit & 1 else "x" for bit in range(5)) for number in range(32)]
    path = made_text(V5 + "client 82 [ 0001 [ ] " + " ".join(f'"{one}" 00' for one in filters) + " ]\nserver SUBACK id 1 0x00 *32\n"
                     'server PUBLISH topic "x/x/x/x/x"\n')
    (shown, more), = tshark.fields(path, ["mqtt5.subscription.topic_filter", "mqtt5.subscription.not_shown"], "-Y", "mqtt5.packet_type == 3")
    assert len(shown.split(",")) == 16 and more == "16"


def test_one_alias_for_a_long_topic(tshark):
    """10,000 PUBLISH with one alias for a topic of 60 kB do not take 600 MB, and a SUBSCRIBE of 20,000 filters takes no time."""
    capture = made_captures.Capture()
    connection = capture.connection()
    alias = mqtt.encode_property("topic_alias", 1)
    connection.client(mqtt.connect("c")).server(mqtt.connack(properties=mqtt.encode_property("topic_alias_maximum", 1)))
    connection.client(mqtt.publish("t" * 60000, properties=alias))
    for _ in range(100):
        connection.client(mqtt.publish("", properties=alias) * 100)
    connection.client(mqtt.subscribe(1, [(f"f/{number}", 0) for number in range(20000)])).server(mqtt.suback(1, bytes(20000)))
    path = tshark.files / "long-topic.pcap"
    capture.write_fast(path)
    path.chmod(0o644)
    limited = tshark.run("-c", f"ulimit -v 700000 && tshark -2 -r '{path}' | tail -1", program="sh")
    assert limited.status == 0 and "Subscribe Ack" in limited.out, limited.err
    (shown,), = tshark.fields(path, ["mqtt5.suback.topic_filter"], "-Y", "mqtt5.packet_type == 9")
    assert shown.split(",") == [f"f/{number}" for number in range(1000)]


# --- What was agreed ---

def agreed(tshark, path):
    """The items of the CONNACK, as text."""
    text = tshark.read(path, "-T", "pdml", "-Y", "mqtt5.agreed")
    return {field.name.removeprefix("mqtt5.agreed."): field.showname.strip("[]").partition(": ")[2]
            for frame in pdml.read(text).values() for field in frame.fields if field.name.startswith("mqtt5.agreed.")}


UNLIMITED = "268435460 bytes (default: the protocol's own limit)"


def test_agreed_by_default(tshark, made_text):
    path = made_text('client CONNECT client-id "c"\nserver CONNACK\n')
    assert agreed(tshark, path) == {
        "client_id": "c (CONNECT)", "clean_start": "True (CONNECT)", "session_present": "False (CONNACK)", "keep_alive": "60 seconds (CONNECT)",
        "session_expiry_interval": "0 seconds: the session ends with the connection (default)",
        "client.receive_maximum": "65535 (default)", "client.maximum_packet_size": UNLIMITED, "client.topic_alias_maximum": "0 (default)",
        "server.receive_maximum": "65535 (default)", "server.maximum_packet_size": UNLIMITED, "server.topic_alias_maximum": "0 (default)",
        "maximum_qos": "2 (default)", "retain_available": "True (default)", "wildcard_subscription_available": "True (default)",
        "shared_subscription_available": "True (default)", "subscription_identifiers_available": "True (default)"}


def test_agreed_by_both(tshark, made_text):
    path = made_text('client CONNECT client-id "" clean-start 0 [ session-expiry-interval 0xffffffff receive-maximum 5 '
                     'maximum-packet-size 4096 topic-alias-maximum 3 ]\n'
                     'server CONNACK session-present [ session-expiry-interval 3600 server-keep-alive 30 '
                     'assigned-client-identifier "given" receive-maximum 6 maximum-packet-size 8192 topic-alias-maximum 4 '
                     'maximum-qos 1 retain-available 0 wildcard-subscription-available 0 subscription-identifier-available 0 shared-subscription-available 0 ]\n')
    assert agreed(tshark, path) == {
        "client_id": "given (assigned in CONNACK)", "clean_start": "False (CONNECT)", "session_present": "True (CONNACK)",
        "keep_alive": "30 seconds (Server Keep Alive in CONNACK)", "session_expiry_interval": "3600 seconds (CONNACK)",
        "client.receive_maximum": "5 (CONNECT)", "client.maximum_packet_size": "4096 bytes (CONNECT)", "client.topic_alias_maximum": "3 (CONNECT)",
        "server.receive_maximum": "6 (CONNACK)", "server.maximum_packet_size": "8192 bytes (CONNACK)", "server.topic_alias_maximum": "4 (CONNACK)",
        "maximum_qos": "1 (CONNACK)", "retain_available": "False (CONNACK)", "wildcard_subscription_available": "False (CONNACK)",
        "shared_subscription_available": "False (CONNACK)", "subscription_identifiers_available": "False (CONNACK)"}


def test_agreed_before_mqtt_5(tshark, made_text):
    path = made_text('client CONNECT v3.1.1 client-id "c" clean-start 0 keep-alive 0\nserver CONNACK session-present\n')
    assert agreed(tshark, path) == {"client_id": "c (CONNECT)", "clean_start": "False (CONNECT)", "session_present": "True (CONNACK)",
                                    "keep_alive": "0 seconds: off (CONNECT)"}


def test_nothing_is_agreed_by_a_refusal(tshark, made_text):
    assert not agreed(tshark, made_text('client CONNECT client-id "c"\nserver CONNACK 0x87\n'))
    assert not agreed(tshark, made_text("no handshake\nserver CONNACK\n", "unseen"))


# --- Wireshark's own server ---



def sharkd_frames(tshark, path, requests):
    """What sharkd answers to requests on a loaded file."""
    lines = [{"jsonrpc": "2.0", "id": 1, "method": "load", "params": {"file": str(path)}}]
    lines += [{"jsonrpc": "2.0", "id": number, "method": method, "params": more} for number, (method, more) in enumerate(requests, 2)]
    commands = "\n".join(json.dumps(line) for line in lines)
    done = tshark.run("-c", f"printf '%s\\n' '{commands}' | sharkd -", program="sh")
    answers = [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]
    assert len(answers) == len(lines), done
    return [answer["result"] for answer in answers[1:]]


def labels(nodes):
    """Our items, as tshark prints them."""
    for node in nodes:
        if node.get("f", "").startswith("mqtt5."):
            yield f"[{node['l']}]"
        yield from labels(node.get("n", []))


@pytest.mark.parametrize("name", ["session-takeover", "topic-aliases-both", "packet-too-large", "unsubscribe"])
def test_sharkd(tshark, name):
    """The same trees and Info columns as tshark's, whichever frame is asked for first."""
    path = tshark.visible(real(name))
    info = tshark.info(path, "-2")
    numbers = [int(number) for number, in tshark.fields(path, ["frame.number"], "-Y", "mqtt5.analysis")]
    rows = {row["num"]: row["c"] for row in sharkd_frames(tshark, path, [("frames", {})])[0]}
    assert {number: rows[number][-1] for number in rows} == info
    trees = sharkd_frames(tshark, path, [("frame", {"frame": number, "proto": True}) for number in reversed(numbers)])
    printed = dict(re.findall(r"^Frame (\d+): (.*?)(?=^Frame \d+: |\Z)", tshark.read(path, "-2", "-V"), re.MULTILINE | re.DOTALL))
    for number, tree in zip(reversed(numbers), trees):
        verbose = {line.strip() for line in printed[str(number)].splitlines()}
        ours = list(labels(tree["tree"]))
        assert len(ours) > 3 and [label for label in ours if label not in verbose] == []
