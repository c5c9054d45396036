"""The intake: every carrier, and every way to cut a stream into segments. test_harmless.py shows that stock's output does not change."""
import collections
import itertools
import pathlib
import re
import sys

import harness
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "intake"))

import bulk  # noqa: E402
import made as made_captures  # noqa: E402
import mqtt  # noqa: E402
import websocket as made_websocket  # noqa: E402
from websocket import BINARY, CONTINUE, TEXT, WebSocket  # noqa: E402

HANDSHAKE = 'client CONNECT client-id "client"\nserver CONNACK\n'
TAKEN_OVER = "server DISCONNECT 0x8e [ ]\n"  # a refusal by the server, with a reason code that only MQTT 5 has
CONNECT = mqtt.connect("client")
CONNACK = mqtt.connack()
SUBSCRIBE = mqtt.subscribe(1, [("#", 0)])
SUBACK = mqtt.suback(1, [0])
PASSES = pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
WRAPPER = ['  <proto name="fake-field-wrapper">', "  </proto>"]
OURS = re.compile(r'\s*<field name="mqtt5')


def publish(topic, length=20, text="x"):
    """The text of a PUBLISH of QoS 0 in the notation of made.py."""
    return f'PUBLISH topic "{topic}" "{text}"*{length}'


def message(topic, length=20):
    return mqtt.publish(topic, "x" * length)


SEEN = ["frame.number", "mqtt.msgtype", "mqtt.topic", "mqtt5.packet_type", "mqtt5.continuation", "mqtt5.analysis.framing_lost", "_ws.malformed",
        "mqtt5.finding", "mqtt5.reason_code"]
Seen = collections.namedtuple("Seen", "number types topics judged continuation lost malformed finding reason_code")


def look(tshark, capture, *arguments, **how):
    """All that these tests need of each frame, in one run of tshark; the harness remembers it."""
    seen = []
    for values in tshark.fields(capture, SEEN, "-E", "aggregator=|", *arguments, **how):
        values = [value.split("|") if value else [] for value in values]
        seen.append(Seen(int(values[0][0]), *values[1:]))
    return seen


def shown(tshark, capture, *arguments):
    """What stock shows of MQTT: (frame, type, topic) of each control packet, in order."""
    found = []
    for frame in look(tshark, capture, *arguments):
        topics_left = iter(frame.topics)
        found += [(frame.number, int(kind), next(topics_left) if kind == "3" else "") for kind in frame.types]
    return found


def topics(tshark, capture, *arguments):
    return [topic for _, kind, topic in shown(tshark, capture, *arguments) if kind == 3]


def having(tshark, capture, names, *arguments):
    """Numbers of the frames that have one of these parts of Seen."""
    return [frame.number for frame in look(tshark, capture, *arguments) if any(getattr(frame, name) for name in names.split())]


def taken_over(tshark, capture, *arguments):
    """Numbers of the frames with reason code 0x8E."""
    return [frame.number for frame in look(tshark, capture, *arguments) if any(int(code, 0) == 0x8E for code in frame.reason_code)]


def judged(tshark, capture, *arguments):
    """(frame, number of control packets that were judged), where there are any."""
    return [(frame.number, len(frame.judged)) for frame in look(tshark, capture, *arguments) if frame.judged]


def packets(tshark, capture, *arguments, plugin=True):
    """The packets of a PDML, each as a list of lines, without what is ours; one by one, as tshark writes them."""
    packet, block, inside = [], [], None
    for line in tshark.lines(capture, "-T", "pdml", *arguments, plugin=plugin):
        indent = len(line) - len(line.lstrip())
        if line.startswith("<packet>"):
            packet = []
        elif line.startswith("</packet>"):
            yield packet
        elif inside is not None:  # one of our fields, or any expert info
            block.append(line)
            if indent <= inside and line.lstrip() == "</field>":
                if not any(OURS.match(part) for part in block):
                    packet += block
                inside = None
        elif line.lstrip().startswith(('<field name="mqtt5', '<field name="_ws.expert"')):
            if not line.endswith("/>"):
                inside, block = indent, [line]
        else:
            packet.append(line)
            if packet[-2:] == WRAPPER:  # around fields outside any protocol: it contained only ours
                del packet[-2:]


def tree(*arguments, **how):
    return list(packets(*arguments, **how))


def assert_untouched(tshark, capture, *arguments):
    """Stock shows the same as without the plugin."""
    number = 0
    for number, (ours, stock) in enumerate(zip(packets(tshark, capture, *arguments), packets(tshark, capture, *arguments, plugin=False), strict=True), 1):
        assert ours == stock, f"frame {number} of {capture}"
    assert number > 0


@pytest.fixture
def websocket(tmp_path, tshark):
    """A function: what to say over WebSocket, to a capture."""
    def write(talk, protocol="mqtt", port=8080):
        capture = made_captures.Capture()
        capture.port = port
        talk(WebSocket(capture.connection(), protocol))
        path = tshark.files / f"{tmp_path.name}.pcapng"
        capture.write(path)
        path.chmod(0o644)
        return path
    return write


# --- Where MQTT is found ---------------------------------------------------------------------------------------------

def on_port(port):
    return f"port {port}\n" + HANDSHAKE + TAKEN_OVER


@PASSES
@pytest.mark.parametrize("port, arguments", [
    (1883, []),
    (18830, ["-d", "tcp.port==18830,mqtt"]),
    (18830, ["-o", "mqtt.tcp.port:1883,18830"]),
    (80, ["-d", "tcp.port==80,mqtt"]),
], ids=["default", "decode-as", "preference", "decode-as-over-http"])
def test_is_found_on_port(port, arguments, passes, tshark, made_text):
    capture = made_text(on_port(port))
    assert [kind for _, kind, _ in shown(tshark, capture, *arguments, *passes)] == [1, 2, 14]
    assert taken_over(tshark, capture, *arguments, *passes) == [6]
    assert_untouched(tshark, capture, *arguments, *passes)


def test_not_found_where_the_user_took_it_away(tshark, made_text):
    capture = made_text(on_port(1883))
    for arguments in (["-d", "tcp.port==1883,http"], ["--disable-protocol", "mqtt"]):
        assert not having(tshark, capture, "types judged continuation", *arguments)
        assert_untouched(tshark, capture, *arguments)


def test_decode_as_offers_mqtt_once(tshark, made_text):
    """A second handle with the same name would make -d fail, and confuse users."""
    capture = made_text(on_port(18830))
    assert tshark.read(capture, "-d", "tcp.port==18830,mqtt", "-d", "tcp.port==18831,mqtt")
    offered = tshark.run("-d", "tcp.port==18830,").err
    assert len(re.findall(r"^\tmqtt\b", offered, re.MULTILINE)) == 1


def test_saved_decode_as_needs_no_plugin(tshark, made_text):
    """Decode As saves the description of the dissector; ours has that of stock."""
    capture = made_text(on_port(18830))
    config = tshark.home / "config"
    config.mkdir(exist_ok=True)
    saved = config / "decode_as_entries"
    saved.write_text("decode_as_entry: tcp.port,18830,(none),MQTT\n")
    saved.chmod(0o644)
    try:
        for plugin in (True, False):
            done = tshark.command("tshark", ["-r", capture, "-Y", "mqtt"], plugin)
            lines = harness.subprocess.run(done, capture_output=True, text=True, check=True).stdout.splitlines()
            assert len(lines) == 3
    finally:
        saved.unlink()


@PASSES
def test_disabled_is_absent(passes, tshark, made, made_text):
    off = ["--disable-protocol", "mqtt5"]
    split = made_text(HANDSHAKE + f"split 2\nclient {publish('split', 200)}\nclient lost {publish('lost')}\nclient {publish('after')}\n")
    for capture in (split, made.merged, min((harness.CAPTURES / "real").glob("websocket-*.pcapng"))):
        off_and_stock = zip(packets(tshark, capture, *off, *passes), packets(tshark, capture, *passes, plugin=False), strict=True)
        assert all(ours == stock for ours, stock in off_and_stock)
    assert tshark.read(capture, *off, *passes) == tshark.read(capture, *passes, plugin=False)


# --- Cutting ---------------------------------------------------------------------------------------------------------


@PASSES
def test_several_packets_in_a_segment(passes, tshark, made_text):
    capture = made_text(HANDSHAKE + f"client {publish('a')} {publish('b')} c000 {publish('c')}\n")
    assert shown(tshark, capture, *passes)[2:] == [(6, 3, "a"), (6, 3, "b"), (6, 12, ""), (6, 3, "c")]
    assert judged(tshark, capture, *passes)[-1] == (6, 4)
    assert_untouched(tshark, capture, *passes)


@PASSES
@pytest.mark.parametrize("at", [1, 2, 3, 100])
def test_packet_over_two_segments(at, passes, tshark, made_text):
    """After byte 2, a Remaining Length is split: there stock alone loses sync."""
    capture = made_text(HANDSHAKE + f"split {at}\nclient {publish('split', 200)} {publish('b')}\nclient {publish('c')}\n")
    assert shown(tshark, capture, *passes)[2:] == [(7, 3, "split"), (7, 3, "b"), (8, 3, "c")]
    assert judged(tshark, capture, *passes)[2:] == [(7, 2), (8, 1)]
    assert not having(tshark, capture, "malformed continuation", *passes)
    if at != 2:
        assert_untouched(tshark, capture, *passes)


@PASSES
def test_a_payload_with_a_dissector_is_no_carrier(passes, tshark, made_text):
    """What dissects a payload by its Content Type adds a layer above MQTT; the call after it, in the same frame, still comes from TCP."""
    text = HANDSHAKE + """
client SUBSCRIBE id 1 filter "meters/#"
server SUBACK id 1 0x00
split 20
server PUBLISH topic "meters/1" [ content-type "application/json" ] '{"power":1}' PUBLISH topic "meters/2" "2"
server PUBLISH topic "meters/3" "3"
"""
    capture = made_text(text)
    assert topics(tshark, capture, *passes) == ["meters/1", "meters/2", "meters/3"]
    assert "json" in tshark.read(capture, "-T", "fields", "-e", "frame.protocols")
    assert not tshark.read(capture, *passes, "-Y", "mqtt5.analysis.evidence_missing")
    assert not having(tshark, capture, "finding continuation lost malformed", *passes)


@PASSES
@pytest.mark.parametrize("size", [1, 2, 17])
def test_any_segment_size(size, passes, tshark, tmp_path):
    data = b"".join(message(f"topic/{number}", 10 * number) for number in range(1, 40))
    capture = made_captures.Capture()
    connection = capture.connection()
    connection.client(CONNECT).server(CONNACK)
    for at in range(0, len(data), size):
        connection.client(data[at:at + size])
    path = tshark.files / f"{tmp_path.name}.pcap"
    capture.write_fast(path)
    path.chmod(0o644)
    assert topics(tshark, path, *passes) == [f"topic/{number}" for number in range(1, 40)]
    assert not having(tshark, path, "malformed finding", *passes)


def test_without_desegmentation_nothing_is_made_up(tshark, made_text):
    off = ["-o", "tcp.desegment_tcp_streams:FALSE"]
    capture = made_text(HANDSHAKE + f"split 50\nclient {publish('split', 200)} {publish('b')}\nclient {publish('c')}\n")
    assert topics(tshark, capture, *off)[-1] == "c"
    assert not having(tshark, capture, "malformed finding", *off)


@PASSES
def test_remaining_length_of_five_bytes(passes, tshark, made_text):
    """The plugin uses the length that stock reads, as far as there are bytes; then the stream continues."""
    capture = made_text(HANDSHAKE + f"client c0 80 80 80 80 00 {publish('b')}\nclient {publish('c')}\n")
    assert shown(tshark, capture, *passes)[2:] == [(6, 12, ""), (6, 3, "b"), (7, 3, "c")]
    assert judged(tshark, capture, *passes)[2:] == [(6, 2), (7, 1)]
    endless = made_text(HANDSHAKE + f"client {publish('a')} c0 80 80 80 80 01\nclient {publish('b')}\n", "endless")
    assert judged(tshark, endless, *passes)[2:] == [(6, 2)]
    assert having(tshark, endless, "continuation", *passes) == [7]


@PASSES
def test_unfinished_at_the_end(passes, tshark, made_text):
    rests = ("30", "30 80", "30 7f 0001", "32 80 80")
    ends = ("", "client fin\n", "client rst\n")
    text = "".join(f"connection {number}\n{HANDSHAKE}client {publish('a')}\nclient {publish('b')} {rest}\n{end}"
                   for number, (rest, end) in enumerate(itertools.product(rests, ends), 1))
    capture = made_text(text)
    assert topics(tshark, capture, *passes) == ["a", "b"] * len(rests) * len(ends)
    assert not having(tshark, capture, "malformed", *passes)
    sound = [int(number) for number, malformed in tshark.fields(capture, ["frame.number", "_ws.malformed"], *passes, plugin=False) if not malformed]
    with_plugin, without = tree(tshark, capture, *passes), tree(tshark, capture, *passes, plugin=False)
    assert all(with_plugin[number - 1] == without[number - 1] for number in sound)


def test_5000_packets_in_a_frame(tshark, tmp_path):
    capture = made_captures.Capture()
    capture.connection().client(CONNECT).server(CONNACK).server(message("many", 0) * 5000)
    path = tshark.files / f"{tmp_path.name}.pcap"
    capture.write_fast(path)
    path.chmod(0o644)
    assert judged(tshark, path)[-1] == (6, 5000)
    assert collections.Counter(kind for _, kind, _ in shown(tshark, path))[3] == 5000


@PASSES
def test_bulk_traffic(passes, tshark):
    """60,000 PUBLISH over 14,400 segments: exactly those, and no error. Stock alone loses sync."""
    path = tshark.files / "bulk.pcap"
    if not path.exists():
        bulk.write(path)
        path.chmod(0o644)
    counts = collections.Counter(kind for _, kind, _ in shown(tshark, path, *passes))
    assert counts == {1: 1, 2: 1, 3: bulk.PACKETS}
    assert not having(tshark, path, "malformed continuation finding", *passes)
    if not passes:
        stock = tshark.read(path, "-T", "fields", "-e", "mqtt.msgtype", "-Y", "mqtt.msgtype", plugin=False).replace("\n", ",").split(",")
        print(f"stock alone: {stock.count('3')} PUBLISH and {len(stock) - stock.count('3') - 3} packets of other types")


# --- TLS ---------------------------------------------------------------------------------------------------------

@PASSES
def test_tls(passes, tshark):
    keys = harness.CAPTURES / "real" / "tls.keys"
    capture = harness.CAPTURES / "real" / "tls.pcapng"
    arguments = ["-o", f"tls.keylog_file:{tshark.visible(keys)}", *passes]
    found = shown(tshark, capture, *arguments)
    assert sum(1 for _, kind, _ in found if kind == 1) == 2
    assert sum(count for _, count in judged(tshark, capture, *arguments)) == len(found)
    assert not having(tshark, capture, "judged continuation", *passes)


# --- Loss ------------------------------------------------------------------------------------------------------------

@PASSES
@pytest.mark.parametrize("analysis", ["TRUE", "FALSE"])
def test_the_same_bytes_are_judged_once(analysis, passes, tshark, made_text):
    arguments = ["-o", f"tcp.analyze_sequence_numbers:{analysis}", *passes]
    capture = made_text(HANDSHAKE + f"client {publish('a')}\nclient again\nframe twice\nclient {publish('b')}\nclient {publish('c')}\n")
    assert judged(tshark, capture, *arguments)[2:] == [(6, 1), (8, 1), (10, 1)]


@PASSES
def test_lost_between_packets(passes, tshark, made_text):
    capture = made_text(HANDSHAKE + f"client {publish('a')}\nclient lost {publish('lost')}\nclient {publish('b')}\nclient {publish('c')}\n")
    assert topics(tshark, capture, *passes) == ["a", "b", "c"]
    assert not having(tshark, capture, "continuation", *passes)


@PASSES
def test_lost_within_a_packet(passes, tshark, made_text):
    """The end of the incomplete packet is known, although not all of it was captured."""
    capture = made_text(HANDSHAKE + f"client 30 [ \"a\" [ ] 'x'*300 ]\nclient {publish('b')}\n")
    assert topics(tshark, capture, *passes) == ["a", "b"]
    lost = made_text(HANDSHAKE + "client 30 ac02 0001 'a' 00 'x'*100\nclient lost 'x'*100\nclient 'x'*96 " + publish("b") + f"\nclient {publish('c')}\n", "lost")
    assert topics(tshark, lost, *passes) == ["b", "c"]
    assert not having(tshark, lost, "malformed finding", *passes)


@PASSES
def test_lost_start_of_a_packet(passes, tshark, made_text):
    """Bytes within a packet: one remark, nothing for stock, and judging continues with the next correct packet."""
    capture = made_text(HANDSHAKE + f"client {publish('a')}\nclient lost 30 c801 0001 'l' 00\nclient 'x'*100\nclient 'x'*96\nclient {publish('b')}\n")
    assert topics(tshark, capture, *passes) == ["a", "b"]
    assert having(tshark, capture, "continuation", *passes) == [7, 8]
    assert having(tshark, capture, "lost", *passes) == [7]
    assert not having(tshark, capture, "malformed", *passes)


@PASSES
def test_sound_packets_within_a_segment(passes, tshark, made_text):
    capture = made_text(HANDSHAKE + f"client lost 30 c801 0001 'l' 00\nclient 'x'*196 {publish('b')} {publish('c')}\nclient {publish('d')}\n")
    assert topics(tshark, capture, *passes) == ["b", "c", "d"]
    assert judged(tshark, capture, *passes)[2:] == [(6, 2), (7, 1)]
    assert having(tshark, capture, "continuation", *passes) == having(tshark, capture, "lost", *passes) == [6]


@PASSES
def test_late_start(passes, tshark, made_text):
    sound = made_text(f"no handshake\nclient {publish('a')}\nclient {publish('b')}\n")
    assert topics(tshark, sound, *passes) == ["a", "b"]
    assert not having(tshark, sound, "continuation", *passes)
    within = made_text(f"no handshake\nclient 'temperature 21.5'\nclient {publish('a')}\nclient {publish('b')}\n", "within")
    assert topics(tshark, within, *passes) == ["a", "b"]
    assert having(tshark, within, "continuation", *passes) == [1]


@PASSES
@pytest.mark.parametrize("reassemble", ["TRUE", "FALSE"])
def test_out_of_order(reassemble, passes, tshark, made_text):
    arguments = ["-o", f"tcp.reassemble_out_of_order:{reassemble}", *passes]
    capture = made_text(HANDSHAKE + f"client {publish('a')}\nswap\nclient {publish('b')}\nclient {publish('c')}\nclient {publish('d')}\n")
    seen = topics(tshark, capture, *arguments)
    assert seen == (["a", "b", "c", "d"] if reassemble == "TRUE" else ["a", "c", "d"])
    assert not having(tshark, capture, "malformed finding continuation", *arguments)


@PASSES
def test_loss_in_bulk_traffic(passes, tshark, tmp_path):
    """Every 37th segment is missing: no packet is invented, and few complete ones are missed."""
    capture = made_captures.Capture()
    connection = capture.connection()
    connection.client(CONNECT).server(CONNACK)
    packets = bulk.stream(3000)
    data = b"".join(packets)
    for number, at in enumerate(range(0, len(data), bulk.SEGMENT)):
        connection.client(data[at:at + bulk.SEGMENT], lost=number % 37 == 36)
    path = tshark.files / f"{tmp_path.name}.pcap"
    capture.write_fast(path)
    path.chmod(0o644)
    out = tshark.read(path, "-T", "fields", "-E", "aggregator=|", "-e", "mqtt.msg", "-Y", "mqtt.msg", *passes)
    seen = [bytes.fromhex(text.replace(":", "")) for line in out.splitlines() for text in line.split("|")]
    sent = collections.Counter(seen) - collections.Counter(packet[packet.index(b"\0{") + 1:] for packet in packets)
    assert not sent
    assert len(seen) > 0.94 * len(packets)
    assert not having(tshark, path, "malformed", *passes)


@PASSES
def test_snaplen(passes, tshark, made_text):
    capture = made_text(HANDSHAKE + f"cut 20\nclient {publish('a', 200)} {publish('b')}\nclient {publish('c')}"
                        f"\ncut 60\nclient {publish('d')} {publish('e')} {publish('f')}\n"
                        + f"client {publish('g')}\n")
    assert topics(tshark, capture, *passes)[-1] == "g"
    assert not having(tshark, capture, "malformed finding", *passes)


# --- WebSocket -------------------------------------------------------------------------------------------------------

@PASSES
@pytest.mark.parametrize("protocol", ["mqtt", "mqttv3.1"])
def test_websocket(protocol, passes, tshark, websocket):
    def talk(peer):
        peer.client(CONNECT).server(CONNACK)
        peer.client(message("a") + message("b")).server(message("c") * 3).server(bytes.fromhex("e0 02 8e 00"))

    capture = websocket(talk, protocol)
    assert shown(tshark, capture, *passes) == [(6, 1, ""), (7, 2, ""), (8, 3, "a"), (8, 3, "b"), (9, 3, "c"), (9, 3, "c"), (9, 3, "c"), (10, 14, "")]
    assert judged(tshark, capture, *passes) == [(6, 1), (7, 1), (8, 2), (9, 3), (10, 1)]
    assert taken_over(tshark, capture, *passes) == [10]


@PASSES
@pytest.mark.parametrize("size", [1, 3, 100])
def test_websocket_packets_over_messages(size, passes, tshark, websocket):
    data = b"".join(message(f"topic/{number}", 30 * number) for number in range(1, 8))

    answer = message("answer", 0)

    def talk(peer):
        peer.client(CONNECT).server(CONNACK).client(SUBSCRIBE).server(SUBACK)
        for number, at in enumerate(range(0, len(data), size)):
            peer.client(data[at:at + size]).server(answer[number % len(answer):][:1])

    capture = websocket(talk)
    found = topics(tshark, capture, *passes)
    assert [topic for topic in found if topic != "answer"] == [f"topic/{number}" for number in range(1, 8)]
    assert found.count("answer") == -(-len(data) // size) // len(answer)
    assert not having(tshark, capture, "malformed finding", *passes)


@PASSES
def test_websocket_fragments_and_text(passes, tshark, websocket):
    def talk(peer):
        peer.client(CONNECT).server(CONNACK)
        peer.client(message("a")[:5], fin=False).client(message("a")[5:], CONTINUE)
        peer.client(message("b"), TEXT)

    capture = websocket(talk)
    assert topics(tshark, capture, *passes) == ["a", "b"]
    assert [frame.number for frame in look(tshark, capture, *passes) if "websocket_text_frame" in frame.finding] == [10]


@PASSES
def test_websocket_text_among_others(passes, tshark, websocket):
    """Several messages in one segment, and one over two segments: each has a frame of its own."""
    def talk(peer):
        peer.client(CONNECT).server(CONNACK)
        a, b = (made_websocket.message("client", message(topic), opcode) for topic, opcode in (("a", BINARY), ("b", TEXT)))
        peer.connection.client(a + b + a)
        peer.connection.client(b[:9]).client(b[9:] + a)
        c, d = (made_websocket.message("server", message(topic), opcode) for topic, opcode in (("c", BINARY), ("d", TEXT)))
        peer.connection.server(c + d + c + d[:9]).server(d[9:])

    capture = websocket(talk)
    assert topics(tshark, capture, *passes) == list("ababacdcd")
    found = {frame.number: frame.finding.count("websocket_text_frame") for frame in look(tshark, capture, *passes) if frame.finding}
    assert found == {8: 1, 10: 1, 11: 1, 12: 1}


@PASSES
def test_websocket_found_by_connect(passes, tshark, websocket):
    """Without a sub-protocol of MQTT, and only from the CONNECT on."""
    def talk(peer):
        peer.server(b"hello").client(CONNECT + message("a")).server(CONNACK).client(message("b")[:9]).client(message("b")[9:])

    capture = websocket(talk, "v12.stomp")
    assert judged(tshark, capture, *passes) == [(7, 2), (8, 1), (10, 1)]
    assert [frame.number for frame in look(tshark, capture, *passes) if "websocket_subprotocol" in frame.finding] == [7]
    off = ["--disable-protocol", "mqtt5"]
    assert tree(tshark, capture, *off, *passes) == tree(tshark, capture, *passes, plugin=False)


def test_websocket_of_others_is_left_alone(tshark, websocket):
    def talk(peer):
        peer.client(b"STOMP").server(b"hello")

    capture = websocket(talk, "v12.stomp")
    assert not having(tshark, capture, "types judged continuation")
    assert_untouched(tshark, capture)


@PASSES
def test_websocket_large(passes, tshark, websocket):
    """Over two TCP segments each, and more than 65,535 bytes."""
    def talk(peer):
        peer.client(CONNECT).server(CONNACK)
        data = message("large", 150000)
        peer.client(data[:70000]).client(data[70000:] + message("b"))

    assert topics(tshark, websocket(talk), *passes) == ["large", "b"]
