"""Requests and their answers: links both ways, the time between them, and what is never answered. The oracle is stock's decoding, put together anew here."""
import decimal
import zlib

import harness
import made as made_captures
import mqtt
import pdml
import pytest

REAL = sorted(path.stem for path in (harness.CAPTURES / "real").glob("*.pcapng"))
CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = range(1, 16)
ANSWERS = {CONNACK: CONNECT, PUBACK: PUBLISH, PUBREC: PUBLISH, PUBREL: PUBREC, PUBCOMP: PUBREL, SUBACK: SUBSCRIBE, UNSUBACK: UNSUBSCRIBE,
           PINGRESP: PINGREQ}


def with_keys(tshark, name):
    keys = harness.CAPTURES / "real" / f"{name}.keys"
    return ["-o", f"tls.keylog_file:{tshark.visible(keys)}"] if keys.exists() else []


def packets(tshark, capture, *arguments):
    """All control packets of a capture, with what two passes know of them."""
    return list(pdml.control_packets(tshark.read(capture, "-2", "-T", "pdml", *harness.OF_CONTROL_PACKETS, "-Y", "mqtt5.packet_type", *arguments)))


def pairs(seen):
    """(request, answer) by what stock decodes: the same stream, the other direction, the same identifier; pings in their order."""
    waiting = {}
    for packet in seen:
        kind = int(packet.stock["mqtt.msgtype"][0])
        identifier = packet.stock["mqtt.msgid"][0] if packet.stock["mqtt.msgid"] else None
        wanted = ANSWERS.get(kind)
        if wanted:
            queue = next((queue for (stream, source, type_, id_), queue in waiting.items()
                          if (stream, type_, id_) == (packet.stream, wanted, identifier) and source != packet.source), None)
            if queue:
                yield queue.pop(0), packet
        refused = kind == PUBREC and any(int(code, 0) >= 0x80 for code in packet.stock["mqtt.pubrec.reason_code"])
        if (kind != PUBLISH or identifier) and not refused:  # nothing is to follow a refusal
            queue = waiting.setdefault((packet.stream, packet.source, kind, identifier), [])
            if kind != PUBLISH or not queue:  # sent again: the first one is answered
                queue.append(packet)


def check_links(seen):
    """Each pair is linked both ways with its time, and nothing else is linked. Returns how many pairs there are."""
    expected = list(pairs(seen))
    back = {id(answer): request for request, answer in expected}
    forth = {id(request): answer for request, answer in expected}
    for packet in seen:
        request, answer = back.get(id(packet)), forth.get(id(packet))
        assert packet.ours["mqtt5.request_in"] == ([str(request.frame)] if request else []), packet
        assert packet.ours["mqtt5.response_in"] == ([str(answer.frame)] if answer else []), packet
        times = [decimal.Decimal(time) for time in packet.ours["mqtt5.response_time"]]
        assert times == ([decimal.Decimal(packet.time) - decimal.Decimal(request.time)] if request else []), packet
    return len(expected)


@pytest.mark.parametrize("name", REAL)
def test_real(tshark, name):
    assert check_links(packets(tshark, harness.CAPTURES / "real" / f"{name}.pcapng", *with_keys(tshark, name))) > 0


def sessions(path, build):
    """A capture of one connection: build(connection, capture) sends any packets after CONNECT and CONNACK."""
    capture = made_captures.Capture()
    connection = capture.connection()
    connection.client(mqtt.connect("c")).server(mqtt.connack())
    build(connection, capture)
    capture.write_fast(path)
    path.chmod(0o644)
    return path


def test_identifiers_used_again(tshark):
    """All identifiers of a small range, again and again, with the answers out of order and in flight while others are used."""
    def build(connection, _):
        for turn in range(40):
            for first in range(1, 31, 3):
                ids = [first, first + 1, first + 2]
                for number in ids:
                    connection.client(mqtt.publish("t", str(turn), 1, number))
                for number in ids[1:] + ids[:1]:
                    connection.server(mqtt.puback(number))
    seen = packets(tshark, sessions(tshark.files / "used-again.pcap", build))
    assert check_links(seen) == 1 + 40 * 30


def test_frame_of_thousands(tshark):
    """10,000 PUBLISH in a few frames, all answered in one: each link is right."""
    def build(connection, _):
        connection.client(b"".join(mqtt.publish("t", qos=1, id=number) for number in range(1, 10001)))
        connection.server(b"".join(mqtt.puback(number) for number in range(10000, 0, -1)))
    rows = tshark.fields(sessions(tshark.files / "thousands.pcap", build), ["frame.number", "mqtt5.packet_type", "mqtt5.request_in", "mqtt5.response_in"],
                         "-2", "-Y", "mqtt5.packet_type", "-o", "gui.max_tree_depth:20000")
    requests = [(frame, answer) for frame, types, _, answers in rows if "3" in types.split(",") for answer in answers.split(",")]
    answers = [(request, frame) for frame, types, requests_, _ in rows if "4" in types.split(",") for request in requests_.split(",")]
    assert len(requests) == 10000
    assert sorted(requests) == sorted(answers)


def links(tshark, path):
    """(frame, type, requests, responses, never, frames left open) of each packet and close, as two passes know them."""
    names = ["frame.number", "mqtt5.packet_type", "mqtt5.request_in", "mqtt5.response_in", "mqtt5.unanswered.known_in", "mqtt5.unanswered.request"]
    rows = tshark.fields(path, names, "-2", "-Y", "mqtt5.analysis")
    # Whatever does not look ahead is the same in one pass.
    known = [row[:3] + row[5:] for row in rows]
    assert [row[:3] + row[5:] for row in tshark.fields(path, names, "-Y", "mqtt5.analysis")] == known
    return rows


OPEN = 'client CONNECT client-id "c"\nserver CONNACK\n'  # frames 4 and 5


def test_pings(tshark, made_text):
    """Several at once are answered in their order; one more answer than there were requests links to nothing."""
    path = made_text(OPEN + "client PINGREQ\nclient PINGREQ\nserver PINGRESP\nclient PINGREQ PINGREQ\nserver PINGRESP PINGRESP\nserver PINGRESP\n")
    assert [row[:4] for row in links(tshark, path)[2:]] == [
        ["6", "12", "", "8"], ["7", "12", "", "10"], ["8", "13", "6", ""], ["9", "12,12", "", "10,11"], ["10", "13,13", "7,9", ""], ["11", "13", "9", ""]]


def test_many_pings(tshark, made_text):
    """Those beyond what is kept are not linked; and then all goes on."""
    path = made_text(OPEN + "client " + "c000 " * 70 + "\nserver " + "d000 " * 70 + "\nclient PINGREQ\nserver PINGRESP\n")
    rows = links(tshark, path)
    assert rows[2][3] == ",".join(["7"] * 64) and rows[3][2] == ",".join(["6"] * 64)
    assert [row[:4] for row in rows[4:]] == [["8", "12", "", "9"], ["9", "13", "8", ""]]


def test_pings_where_bytes_are_missing(tshark, made_text):
    """A PINGREQ may be among them, and the next PINGRESP its answer."""
    path = made_text(OPEN + "client lost PINGREQ\nclient PINGREQ\nserver PINGRESP\nserver PINGRESP\nwait 30\nclient PINGREQ\nserver PINGRESP\n")
    assert [row[2:4] for row in links(tshark, path)[2:]] == [["", ""], ["", ""], ["", ""], ["", "10"], ["9", ""]]


def test_pings_of_a_connection_that_began_before(tshark, made_text):
    path = made_text("no handshake\nclient PINGREQ\nserver PINGRESP\nwait 30\nclient PINGREQ\nserver PINGRESP\n")
    assert [row[2:4] for row in links(tshark, path)] == [["", ""], ["", ""], ["", "4"], ["3", ""]]


METHOD = '15 "m" '
AUTHENTICATE = f'client 10 [ "MQTT" 05 02 003c [ {METHOD} ] "c" ]\n'


def test_authentication(tshark, made_text):
    """CONNECT, AUTH, AUTH, CONNACK: each answers the one before, and CONNACK the CONNECT too; then the client begins anew."""
    path = made_text(AUTHENTICATE + f"server f0 [ 18 [ {METHOD} ] ]\nclient f0 [ 18 [ {METHOD} ] ]\nserver 20 [ 00 00 [ {METHOD} ] ]\n"
                     f"client f0 [ 19 [ {METHOD} ] ]\nserver f0 [ 18 [ {METHOD} ] ]\nclient f0 [ 18 [ {METHOD} ] ]\nserver f0 [ 00 [ {METHOD} ] ]\n")
    assert [row[:4] for row in links(tshark, path)] == [
        ["4", "1", "", "5,7"], ["5", "15", "4", "6"], ["6", "15", "5", "7"], ["7", "2", "4,6", ""],
        ["8", "15", "", "9"], ["9", "15", "8", "10"], ["10", "15", "9", "11"], ["11", "15", "10", ""]]


def test_authentication_is_not_guessed(tshark, made_text):
    """An AUTH that was missed leaves the next ones without links, but CONNACK still answers CONNECT."""
    path = made_text(AUTHENTICATE + f"server f0 [ 18 [ {METHOD} ] ]\nclient lost f0 [ 18 [ {METHOD} ] ]\nserver 20 [ 00 00 [ {METHOD} ] ]\n")
    assert [row[:4] for row in links(tshark, path)] == [["4", "1", "", "5,6"], ["5", "15", "4", ""], ["6", "2", "4", ""]]


def test_quality_of_service_2_resumed(tshark, made_text):
    """What an earlier connection began goes on from where this one sees it."""
    path = made_text('client CONNECT client-id "c" clean-start 0 [ session-expiry-interval 0xffffffff ]\n'
                     'server CONNACK session-present\nclient PUBREL id 7\nserver PUBCOMP id 7\n'
                     'server PUBREC id 9\nclient PUBREL id 9\nserver PUBCOMP id 9\nclient PUBLISH qos 2 id 10 dup topic "t"\n'
                     'server PUBREC id 10\n')
    assert [row[:4] for row in links(tshark, path)[2:]] == [
        ["6", "6", "", "7"], ["7", "7", "6", ""], ["8", "5", "", "9"], ["9", "6", "8", "10"], ["10", "7", "9", ""], ["11", "3", "", "12"],
        ["12", "5", "11", ""]]


def test_sent_again(tshark, made_text):
    """Before MQTT 5 a PUBLISH may be sent again, so that two answers come: the second must not pass for that of the next message."""
    text = 'client CONNECT v3.1.1 client-id "c"\nserver CONNACK\nclient PUBLISH qos 1 id 1 topic "t"\nclient PUBLISH qos 1 id 1 dup topic "t"\nserver PUBACK id 1\n'
    text += 'client PUBLISH qos 1 id 1 topic "t"\nserver PUBACK id 1\nserver PUBACK id 1\nclient PUBLISH qos 1 id 1 topic "t"\nserver PUBACK id 1\n'
    assert [row[:4] for row in links(tshark, made_text(text))[2:]] == [
        ["6", "3", "", "8"], ["7", "3", "", ""], ["8", "4", "6", ""], ["9", "3", "", ""], ["10", "4", "", ""], ["11", "4", "", ""],
        ["12", "3", "", "13"], ["13", "4", "12", ""]]


PUBLISH_1, PUBLISH_2 = 'client PUBLISH qos 1 id 1 topic "t"\n', 'client PUBLISH qos 2 id 2 topic "u"\n'


def ends(tshark, made_text, text):
    """{request: frame that shows it}, {close: requests}."""
    rows = links(tshark, made_text(text, f"ends-{zlib.crc32(text.encode()):08x}"))
    never = {row[0]: row[4] for row in rows if row[4]}
    assert [row[0] for row in rows if row[3] and row[4]] == []
    return never, {row[0]: row[5] for row in rows if row[5]}


@pytest.mark.parametrize("text, never, left", [
    pytest.param("server fin\n", {"6": "8", "7": "8"}, {"8": "6,7"}, id="the server closes"),
    pytest.param("client fin\n", {}, {}, id="the client closes, and the server may still answer"),
    pytest.param("client fin\nserver PUBACK id 1\nserver fin\n", {"7": "10"}, {"10": "7"}, id="until it closes too"),
    pytest.param("client rst\n", {"6": "8", "7": "8"}, {"8": "6,7"}, id="the client breaks off"),
    pytest.param("server rst\n", {"6": "8", "7": "8"}, {"8": "6,7"}, id="the server breaks off"),
    pytest.param("", {}, {}, id="the capture ends"),
    pytest.param("server lost PUBACK id 1\nserver fin\n", {}, {}, id="an answer may be missing"),
    pytest.param('server lost PUBACK id 1\nclient PUBLISH topic "t"\nserver fin\n', {}, {}, id="one is, as the client tells"),
    pytest.param("server PUBREC id 2\nserver fin\n", {"6": "9"}, {"9": "6"}, id="PUBREC answers, and waits itself for one who may still write"),
    pytest.param("server PUBREC id 2\nclient PUBREL id 2\nserver fin\n", {"6": "10", "9": "10"}, {"10": "6,9"}, id="PUBREL in the PUBLISH's place"),
    pytest.param("server PUBACK id 1\nserver PUBREC id 2\nclient fin\n", {"9": "10"}, {"10": "9"}, id="the client owes PUBREL"),
    pytest.param('client PINGREQ\nclient SUBSCRIBE id 3 filter "t"\nclient UNSUBSCRIBE id 4 filter "t"\nserver fin\n',
                 dict.fromkeys("6789", "11") | {"10": "11"}, {"11": "6,7,8,9,10"}, id="all kinds"),
    pytest.param("split 3\nserver PUBACK id 1\nserver fin\n", {"7": "10"}, {"10": "7"}, id="an answer in two segments"),
])
def test_unanswered(tshark, made_text, text, never, left):
    assert ends(tshark, made_text, OPEN + PUBLISH_1 + PUBLISH_2 + text) == (never, left)


def test_unanswered_connect(tshark, made_text):
    connect = 'client CONNECT client-id "c"\n'
    assert ends(tshark, made_text, connect + "server fin\n") == ({"4": "5"}, {"5": "4"})
    assert ends(tshark, made_text, connect + "client fin\n") == ({}, {})
    assert ends(tshark, made_text, connect + "client rst\n") == ({}, {})
    assert ends(tshark, made_text, AUTHENTICATE + f"server f0 [ 18 [ {METHOD} ] ]\nclient f0 [ 18 [ {METHOD} ] ]\nserver fin\n") == ({"6": "7"}, {"7": "6"})


def test_identifier_given_up(tshark, made_text):
    """Another message with the identifier of one that waits: that is given up; and if both are answered after all, it was not."""
    rows = links(tshark, made_text(OPEN + PUBLISH_1 + PUBLISH_1 + "server PUBACK id 1\n"))
    assert [row[3:5] for row in rows[2:]] == [["", "7"], ["", ""], ["", ""]]
    rows = links(tshark, made_text(OPEN + PUBLISH_1 + PUBLISH_1 + "server PUBACK id 1\nserver PUBACK id 1\n", "both"))
    assert [row[3:5] for row in rows[2:]] == [["", ""]] * 4


def test_many_left_open(tshark, made_text):
    """A close shows the first hundred and counts all."""
    text = OPEN + "client " + " ".join(f'32 [ "t" {number:04x} [ ] ]' for number in range(1, 201)) + "\nserver fin\n"
    path = made_text(text)
    (frames, count), = tshark.fields(path, ["mqtt5.unanswered.request", "mqtt5.unanswered.count"], "-Y", "mqtt5.unanswered.request")
    assert frames == ",".join(["6"] * 100) and count == "200"
    assert "the first 100 are below" in tshark.read(path, "-V", "-Y", "mqtt5.unanswered.request")


def test_acknowledged_by_tcp(tshark, tmp_path):
    """The part of the response time until TCP acknowledged the request: known only if its side has sent nothing since, and the answer was not what acknowledged it."""
    def build(connection, capture):
        def publish(identifier):
            connection.client(mqtt.publish("t", qos=1, id=identifier))

        def answer(identifier, after=0.1):
            capture.pause = after
            connection.server(mqtt.puback(identifier))

        publish(1)
        capture.pause = 0.02
        connection.acknowledge("server")
        answer(1)
        publish(2)
        answer(2)            # it acknowledges, too
        publish(3)
        publish(4)
        connection.acknowledge("server")
        answer(3)            # of which of both?
        answer(4, 0.2)       # of the last one
        publish(5)
        capture.pause = 0.3
        connection.again("client")
        connection.acknowledge("server")
        answer(5)            # of the first or of the second?
        connection.server(mqtt.publish("t", qos=1, id=9))
        capture.pause = 0.05
        connection.acknowledge("client")
        capture.pause = 1
        connection.client(mqtt.puback(9))

    shown = tshark.read(sessions(tmp_path / "acknowledged.pcap", build), "-Y", "mqtt5.packet_type == 4", "-T", "fields",
                        "-e", "mqtt5.sender", "-e", "mqtt5.response_time", "-e", "mqtt5.response_time.acknowledged")
    assert [line.split("\t") for line in shown.splitlines()] == [
        ["2", "0.120000000", "0.020000000"], ["2", "0.100000000", ""], ["2", "0.102000000", ""], ["2", "0.301000000", "0.001000000"],
        ["2", "0.401000000", ""], ["1", "1.050000000", "0.050000000"]]
