"""MQTT where nothing says that it is there: any TCP port, any TLS connection, known by the CONNECT with which it begins (intake/claim.c); and ALPN.

tests/unit/intake/test_signature.c has what a CONNECT is, and a million segments of others.
"""
import csv
import random
import struct

import harness
import made as made_captures
import notation
import pytest

PASSES = pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
HANDSHAKE = 'client CONNECT client-id "meter-7"\nserver CONNACK\n'
PACKETS = ["1", "2", "12", "13"]
SESSION = HANDSHAKE + "client PINGREQ\nserver PINGRESP\n"
OFF = [["--disable-protocol", "mqtt5"], ["--disable-protocol", "mqtt"], ["--disable-heuristic", "mqtt5_tcp"]]
OTHERS = 20_000
CONNECT = notation.parse_bytes('CONNECT client-id "meter-7"')


def types(tshark, capture, *arguments):
    return [row[0] for row in tshark.fields(capture, ["mqtt5.packet_type"], "-Y", "mqtt5.packet_type", *arguments)]


# --- TCP -------------------------------------------------------------------------------------------------------------

@PASSES
@pytest.mark.parametrize("before", ["", "no handshake\n"], ids=["handshake", "no-handshake"])
@pytest.mark.parametrize("port", [18830, 65000])
def test_any_port(port, before, passes, tshark, made_text):
    """Who sends CONNECT is the client, on whichever side the lower port is."""
    capture = made_text(f"port {port}\n{before}" + SESSION)
    rows = tshark.fields(capture, ["mqtt5.packet_type", "mqtt5.sender", "mqtt5.finding"], "-Y", "mqtt5.packet_type", *passes)
    assert rows == [[kind, sender, ""] for kind, sender in zip(PACKETS, ["1", "2", "1", "2"])]


@PASSES
def test_with_raw_sequence_numbers(passes, tshark, made_text):
    capture = made_text("port 18830\n" + SESSION)
    assert types(tshark, capture, *passes, "-o", "tcp.relative_sequence_numbers:FALSE") == PACKETS
    assert types(tshark, capture, *passes, "-o", "tcp.analyze_sequence_numbers:FALSE") == PACKETS


@PASSES
@pytest.mark.parametrize("version", ["v3.1", "v3.1.1", "v5"])
def test_each_version(version, passes, tshark, made_text):
    capture = made_text(f'port 18830\nclient CONNECT {version} client-id "meter-7"\nserver CONNACK\nclient PINGREQ\nserver PINGRESP\n')
    assert types(tshark, capture, *passes) == PACKETS


@PASSES
@pytest.mark.parametrize("at, found", [(8, False), (9, True), (15, True)])
def test_split_connect(at, found, passes, tshark, made_text):
    """The first segment must have the level."""
    capture = made_text(f"port 18830\nsplit {at}\n" + SESSION)
    assert types(tshark, capture, *passes) == (PACKETS if found else [])


@PASSES
def test_not_in_the_middle(passes, tshark, made_text):
    """A connection that the capture does not show from its start is not claimed, nor one that carries a CONNECT after other bytes."""
    late = "port 18830\nno handshake\nclient PINGREQ\nserver PINGRESP\n"
    assert not types(tshark, made_text(late), *passes)
    assert not types(tshark, made_text(late + HANDSHAKE), *passes)
    assert not types(tshark, made_text("port 18830\nclient 00000016\n" + SESSION), *passes)


@pytest.mark.parametrize("off", OFF, ids=lambda off: off[1])
def test_off(off, tshark, made_text):
    capture = made_text("port 18830\n" + SESSION)
    assert tshark.read(capture, "-V", *off) == tshark.read(capture, "-V", plugin=False)


@PASSES
@pytest.mark.parametrize("arguments, port", [([], 80), ([], 5672), (["-d", "tcp.port==18830,http"], 18830), (["-d", "tcp.port==18830,data"], 18830)])
def test_other_dissectors_come_first(arguments, port, passes, tshark, made_text):
    """By its port, or because the user says so. HTTP's and AMQP's dissectors take any bytes."""
    capture = made_text(f"port {port}\n" + SESSION)
    assert tshark.read(capture, "-V", *passes, *arguments) == tshark.read(capture, "-V", *passes, *arguments, plugin=False)


@PASSES
def test_in_a_tunnel(passes, tshark, made_text):
    """What HTTP's CONNECT opens, and what a PROXY header begins."""
    tunnel = "client 'CONNECT broker:18830 HTTP/1.1\\x0d\\x0aHost: broker\\x0d\\x0a\\x0d\\x0a'\nserver 'HTTP/1.1 200 OK\\x0d\\x0a\\x0d\\x0a'\n"
    assert types(tshark, made_text("port 8080\n" + tunnel + SESSION), *passes) == PACKETS
    proxied = "port 18830\nclient 'PROXY TCP4 10.0.0.1 10.0.0.2 50000 1883\\x0d\\x0a' " + SESSION.removeprefix("client ")
    assert types(tshark, made_text(proxied), *passes) == PACKETS


def test_listed_with_mqtt(tshark):
    listed = [line.split("\t") for line in tshark.run("-G", "heuristic-decodes").out.splitlines()]
    assert {row[0] for row in listed if row[1:3] == ["mqtt", "T"]} >= {"tcp", "tls", "ws"}


def write_others(path):
    """Segments of random bytes and of other protocols, each the first of a connection, and one CONNECT."""
    chance = random.Random(15)
    with (harness.TOP / "tests" / "oracle" / "other_protocols.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
        known = [notation.parse_bytes(row["bytes"]) for row in rows]
    capture = made_captures.Capture()
    for number in range(1, OTHERS + 1):
        capture.network, capture.port, capture.handshake = number, chance.randrange(10_000, 40_000), False
        data = chance.choice(known) + chance.randbytes(chance.randrange(64)) if number % 2 else chance.randbytes(chance.randrange(1, 500))
        capture.connections.clear()
        capture.connection().client(CONNECT if number == OTHERS // 2 else data)
    made_captures.write([(capture, made_captures.EPOCH)], path)


def test_takes_nothing_else(tshark):
    path = tshark.files / "others.pcapng"
    write_others(path)
    path.chmod(0o644)
    assert tshark.fields(path, ["frame.number"], "-Y", "mqtt or mqtt5") == [[str(OTHERS // 2)]]


# --- TLS -------------------------------------------------------------------------------------------------------------

TLS_PORT, OTHER_PORT = 8883, 4443


def on_other_port(source, target):
    """Copies a capture of TCP over IPv4, with the server's port changed; nobody checks the checksums."""
    harness.subprocess.run(["editcap", "-F", "pcap", source, target], check=True)
    data = bytearray(target.read_bytes())
    at = 24
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        for place in (at + 16 + 34, at + 16 + 36):
            if struct.unpack_from(">H", data, place)[0] == TLS_PORT:
                struct.pack_into(">H", data, place, OTHER_PORT)
        at += 16 + length
    target.write_bytes(data)
    target.chmod(0o644)
    return target


@pytest.fixture(scope="module")
def tls(tshark):
    """A function: the Client Identifiers and the number of control packets in captures/real/tls.pcapng, on this port."""
    source = tshark.visible(harness.CAPTURES / "real" / "tls.pcapng")
    captures = {TLS_PORT: source, OTHER_PORT: on_other_port(source, tshark.files / "tls-other-port.pcap")}
    keys = ["-o", f"tls.keylog_file:{tshark.visible(harness.CAPTURES / 'real' / 'tls.keys')}"]

    def read(port, *arguments):
        rows = tshark.fields(captures[port], ["mqtt.clientid", "mqtt5.packet_type"], *keys, "-Y", "mqtt5.packet_type", *arguments)
        return [row[0] for row in rows if row[0]], sum(len(row[1].split(",")) for row in rows)
    return read


@PASSES
def test_tls_on_any_port(passes, tls):
    expected = tls(TLS_PORT, *passes, "--disable-heuristic", "mqtt5_tls")
    assert expected[0] == ["tls-1.3", "tls-1.2"] and expected[1] > 20
    assert tls(TLS_PORT, *passes) == tls(OTHER_PORT, *passes) == expected
    assert tls(OTHER_PORT, *passes, "--disable-heuristic", "mqtt5_tls") == ([], 0)


@PASSES
def test_tls_as_the_user_says(passes, tls):
    assert tls(OTHER_PORT, *passes, "-d", f"tls.port=={OTHER_PORT},http") == ([], 0)


@PASSES
def test_alpn(passes, tshark):
    """By both names, on the port of HTTPS, without a look at the CONNECT."""
    keys = tshark.visible(harness.CAPTURES / "real" / "alpn.keys")
    arguments = [harness.CAPTURES / "real" / "alpn.pcapng", ["mqtt5.client_id"], "-o", f"tls.keylog_file:{keys}", "--disable-heuristic", "mqtt5_tls", *passes]
    found = [row[0] for row in tshark.fields(*arguments, "-Y", "mqtt5.packet_type")]
    assert found == ["client-mqtt"] * 5 + ["client-x-amzn-mqtt-ca"] * 5
    for off in ("mqtt5", "mqtt"):
        assert not tshark.fields(*arguments[:1], ["frame.number"], *arguments[2:], "-Y", "mqtt", "--disable-protocol", off)
