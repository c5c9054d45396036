"""tools/mqtt5-messages: each PUBLISH once, with the values of tshark's pdml; and it follows a capture that is still being written."""
import argparse
import base64
import importlib.machinery
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import threading

import harness
import pdml
import pytest

sys.path.insert(0, str(harness.TOP / "tools"))

REAL = harness.CAPTURES / "real"


@pytest.fixture(scope="module")
def messages(tshark):
    """What the tool prints of captures, as objects."""
    def run(*arguments):
        done = tshark.tool("mqtt5-messages", *arguments)
        assert (done.status, done.err) == (0, "")
        return [json.loads(line, object_pairs_hook=once) for line in done.out.splitlines()]
    return run


def once(pairs):
    assert len({key for key, _ in pairs}) == len(pairs), pairs
    return dict(pairs)


def payload(message):
    return message["payload"].encode() if message["payload_encoding"] == "text" else base64.b64decode(message["payload"])


SET = ("1", "True")  # what a flag is in pdml; "True" in newer releases


def expected(tshark, path):
    """The same from tshark's pdml, in which each field is where it belongs."""
    text = tshark.read(path, "-T", "pdml", *harness.OF_CONTROL_PACKETS, "-Y", "mqtt5.packet_type == 3", "-o", "mqtt.show_msg_as_text:FALSE")
    for packet in pdml.control_packets(text):
        if packet.ours["mqtt5.packet_type"] != ["3"]:
            continue
        first = {name: values[0] for name, values in {**packet.stock, **packet.ours}.items()}
        yield {"frame": packet.frame, "stream": int(packet.stream), "topic": first.get("mqtt5.topic") or first.get("mqtt.topic") or None,
               "qos": int(first["mqtt.qos"]), "retain": first["mqtt.retain"] in SET, "dup": first["mqtt.dupflag"] in SET,
               "packet_identifier": int(first["mqtt.msgid"]) if "mqtt.msgid" in first else None, "client_id": first.get("mqtt5.client_id"),
               "connect_in": int(first["mqtt5.connect_in"]) if "mqtt5.connect_in" in first else None,
               "direction": {"1": "to_server", "2": "to_client"}.get(first.get("mqtt5.sender")), "findings": packet.ours["mqtt5.finding"],
               "payload": bytes.fromhex(first.get("mqtt.msg", "").replace(":", "")),
               "user": list(zip(packet.ours["mqtt5.property.user_property.name"], packet.ours["mqtt5.property.user_property.value"])),
               "identifiers": [int(value) for value in packet.ours["mqtt5.property.subscription_identifier"]],
               "content_type": first.get("mqtt5.property.content_type"), "correlation": first.get("mqtt5.property.correlation_data")}


def comparable(message):
    """A printed message as `expected` has it."""
    told = message["properties"]
    data = told.get("correlation_data")
    return {**{key: message[key] for key in ("frame", "stream", "topic", "qos", "retain", "dup", "packet_identifier", "client_id", "connect_in", "direction",
                                             "findings")},
            "payload": payload(message), "user": [(one["name"], one["value"]) for one in told.get("user_property", [])],
            "identifiers": told.get("subscription_identifier", []), "content_type": told.get("content_type"),
            "correlation": None if data is None else ":".join(data[at:at + 2] for at in range(0, len(data), 2))}


def without_controls(value):
    """pdml.py has "?" for what XML cannot hold, and XML a space for the end of a line."""
    if isinstance(value, str):
        return re.sub("[\t\n\r]", " ", pdml.NOT_XML.sub("?", value))
    return type(value)(without_controls(one) for one in value) if isinstance(value, (list, tuple)) else value


def test_every_made_message(tshark, made, messages):
    """The captures of all rules: several packets in a frame, malformed packets, aliases that were never set."""
    found = messages(made.merged)
    want = list(expected(tshark, made.merged))
    assert [{key: without_controls(value) for key, value in comparable(one).items()} for one in found] == want and len(found) > 500
    assert {"to_server", "to_client"} <= {one["direction"] for one in found}
    assert any(one["findings"] for one in found) and any(one["payload_encoding"] == "base64" for one in found)


@pytest.mark.parametrize("name", ["bulk", "topic-aliases-both", "user-properties", "subscription-identifiers", "websocket-mqttjs", "will"])
def test_real_messages(tshark, messages, name):
    """Many in a segment, WebSocket, payloads of 10,000 bytes, every property."""
    path = tshark.visible(REAL / f"{name}.pcapng")
    found = messages(path)
    assert [comparable(one) for one in found] == list(expected(tshark, path)) and found
    assert {one["file"] for one in found} == {str(path)}


def test_one_message(tshark, messages):
    """A whole line: other programs rely on its form."""
    path = tshark.visible(REAL / "user-properties.pcapng")
    assert messages("-Y", "frame.number == 18", path) == [{
        "file": str(path), "frame": 18, "time": "2026-11-22T01:20:29.010630000Z", "stream": 1, "source": "127.0.0.1:50682",
        "destination": "127.0.0.1:1883", "client_id": "asker", "connect_in": 14, "direction": "to_server", "topic": "demo/properties/request",
        "qos": 1, "retain": False, "dup": False, "packet_identifier": 1, "properties": {
            "payload_format_indicator": 1, "message_expiry_interval": 60, "content_type": "application/json", "response_topic": "demo/properties/answer",
            "correlation_data": "726571756573742d31", "user_property": [{"name": "trace", "value": "0af7651916cd43dd"}, {"name": "größe", "value": "klein"}]},
        "payload_length": 24, "payload_encoding": "text", "payload": '{"grüße": "aus Köln"}', **newer(tshark), "findings": []}]


def newer(tshark):
    """Keys of fields that not every plugin has."""
    known = {line.split("\t")[2] for line in tshark.stream("-G", "fields") if "\tmqtt5." in line}
    return {name: None for name in ("published_in", "published_by", "delivery_time") if f"mqtt5.{name}" in known}


def test_quick_way_has_no_doubt(tshark, made, messages):
    """tshark -T fields does not tell which value belongs to which packet: a row is taken only where that is sure, and then says the same."""
    loader = importlib.machinery.SourceFileLoader("mqtt5_messages", str(harness.TOP / "tools" / "mqtt5-messages"))
    tool = importlib.util.module_from_spec(importlib.util.spec_from_loader("mqtt5_messages", loader))
    loader.exec_module(tool)
    fields = (line.split("\t") for line in tshark.stream("-G", "fields"))
    known = {row[2]: row[3] for row in fields if row[0] == "F"}
    rows, options = tool.Rows(known), argparse.Namespace(interface=str(made.merged), topic=[], payload="auto")
    quick, doubtful, found = {}, 0, tool.Messages(options, known)
    for line in tshark.read(made.merged, *rows.arguments("mqtt5.packet_type == 3")).split("\n")[1:-1]:
        read = rows.read(line)
        doubtful += read is None
        quick.update({one["frame"]: one for one in found.of(*read)} if read else {})
    thorough = {one["frame"]: one for one in messages(made.merged)}
    assert len(quick) > 300 and doubtful > 30
    assert {frame: (one, thorough[frame]) for frame, one in quick.items() if one != thorough[frame]} == {}


def test_same_keys_in_every_line(made, messages):
    assert len({tuple(key for key in one) for one in messages(made.merged)}) == 1


@pytest.mark.parametrize("wanted, topics", [
    (["demo/+/temperature"], {"demo/kitchen/temperature"}), (["demo/kitchen/#"], {"demo/kitchen/temperature", "demo/kitchen/oven/light"}),
    (["$SYS/#"], {"$SYS/broker/version"}), (["demo/cellar/humidity", "$SYS/broker/+"], {"demo/cellar/humidity", "$SYS/broker/version"}),
    (["+/broker/#"], set()), (["demo/kitchen/temperature/#"], {"demo/kitchen/temperature"}), (["demo/+"], set())])
def test_topic_filters(tshark, wanted, topics):
    """By MQTT-4.7.1-2, -3 and MQTT-4.7.2-1, "#" also matches the parent level, and wildcards do not match "$SYS"."""
    path = tshark.visible(REAL / "wildcards.pcapng")
    done = tshark.tool("mqtt5-messages", *[word for one in wanted for word in ("-t", one)], path)
    found = {json.loads(line)["topic"] for line in done.out.splitlines()}
    assert found == topics
    assert done.status == (0 if found else 1)


def test_alias_is_resolved(tshark, messages):
    path = tshark.visible(REAL / "topic-aliases-both.pcapng")
    assert messages("-Y", "frame.number == 23", path)[0]["topic"] == "demo/alias/one"


BINARY = """client 10 [ "MQTT" 05 02 003c [ ] "client" ]
server 20 [ 00 00 [ ] ]
client 30 [ "demo" [ ] 00ff ]
"""


@pytest.mark.parametrize("form, encoding, text", [("auto", "base64", "AP8="), ("base64", "base64", "AP8="), ("text", "text", "\0\ufffd"), ("none", None, None)])
def test_payload_forms(made_text, messages, form, encoding, text):
    (one,) = messages("--payload", form, made_text(BINARY))
    assert (one.get("payload_encoding"), one.get("payload")) == (encoding, text)


def test_settings_of_the_user_do_not_hide_the_payload(tshark, messages):
    path = tshark.visible(REAL / "user-properties.pcapng")
    assert messages("-o", "mqtt.show_msg_as_text:TRUE", path) == messages(path)


def test_nothing_found(made_text, tshark):
    """On a port that is not MQTT's, and without the CONNECT: no message, and the status of grep."""
    path = made_text("port 18830\nno handshake\n" + BINARY.split("\n", 1)[1])
    assert tshark.tool("mqtt5-messages", path)[:2] == (1, "")
    assert tshark.tool("mqtt5-messages", "-d", "tcp.port==18830,mqtt", path).status == 0


@pytest.mark.parametrize("kind", ["pcapng", "pcap"])
def test_follows_a_growing_capture(tshark, messages, kind):
    """Each message is printed while the capture is still being written, long before it ends."""
    whole = tshark.files / f"whole.{kind}"
    assert subprocess.run(["editcap", "-F", kind, REAL / "receive-maximum-1.pcapng", whole], check=False).returncode == 0
    whole.chmod(0o644)
    expects = [comparable(one) for one in messages(whole)]
    data, path = whole.read_bytes(), tshark.files / f"growing.{kind}"
    path.write_bytes(data[:len(data) // 2])
    path.chmod(0o644)
    tshark.copy_tools_once()
    command = tshark.command(str(tshark.room / "tools" / "mqtt5-messages"), ["--follow", path])
    # A job in the background of a shell ignores SIGINT, and so would what it starts.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as process:
        watchdog = threading.Timer(120, process.kill)
        watchdog.start()
        try:
            found = [comparable(json.loads(process.stdout.readline()))]
            assert path.stat().st_size < len(data)
            with open(path, "ab") as file:
                for at in range(len(data) // 2, len(data), 1000):
                    file.write(data[at:at + 1000])
                    file.flush()
            found += [comparable(json.loads(process.stdout.readline())) for _ in expects[1:]]
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
            watchdog.cancel()
        assert found == expects
        assert process.wait(20) == 130 and process.stderr.read() == b""


def test_reads_an_interface(tshark, messages):
    """A pipe is an interface that needs no rights; a network interface goes the same way."""
    pipe, source = tshark.files / "interface", tshark.files / "interface.pcap"
    assert subprocess.run(["editcap", "-F", "pcap", REAL / "receive-maximum-1.pcapng", source], check=False).returncode == 0
    source.chmod(0o644)
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    tshark.copy_tools_once()
    command = tshark.command(str(tshark.room / "tools" / "mqtt5-messages"), ["-i", pipe])
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        pipe.write_bytes(source.read_bytes())  # and its end ends the capture
        out, _ = process.communicate(timeout=60)
    assert [comparable(json.loads(line)) for line in out.splitlines()] == [comparable(one) for one in messages(source)]
    assert process.returncode == 0


@pytest.mark.parametrize("arguments", [[], ["-i", "lo", "a.pcap"], ["--follow", "a.pcap", "b.pcap"], ["-f", "port 1883", "a.pcap"], ["--payload", "hex", "a.pcap"]])
def test_wrong_usage(tshark, arguments):
    done = tshark.tool("mqtt5-messages", *arguments)
    assert done.status == 2 and "usage:" in done.err and not done.out
