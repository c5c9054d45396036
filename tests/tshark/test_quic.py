"""Each stream of a QUIC connection is a Network Connection of its own. Nobody has tried this with a real peer: quic_probe.c plays QUIC's part."""
import shutil
import struct

import harness
import notation
import pytest

PASSES = pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
PORT = 14567
FIELDS = ["mqtt5.packet_type", "mqtt5.sender", "mqtt5.client_id", "mqtt5.finding"]


@pytest.fixture(scope="module", autouse=True)
def plugins(tshark):
    """The plugin, and the probe beside it."""
    probes = harness.plugin_folder().parent / "quic-plugins"
    assert list(probes.glob("*/epan/quic_probe.so")), f"no quic_probe.so in {probes}: build all of the project"
    shutil.copytree(harness.plugin_folder(), tshark.room / "with-quic", symlinks=False)
    shutil.copytree(probes, tshark.room / "with-quic", symlinks=False, dirs_exist_ok=True)
    tshark.open_up(tshark.room / "with-quic")


def frame(side, stream, data):
    """A datagram of a stream."""
    ports = (50000, PORT) if side == "client" else (PORT, 50000)
    hosts = [bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])]
    source, target = hosts if side == "client" else hosts[::-1]
    payload = struct.pack(">Q", stream) + data
    udp = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
    return bytes(12) + b"\x08\x00" + struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + source + target + udp


@pytest.fixture
def seen(tshark, tmp_path):
    """A function: what the plugin says of packets, each as (side, stream, text)."""
    def look(*packets, options=()):
        path = tshark.files / f"{tmp_path.name}-quic.pcap"
        frames = [frame(side, stream, notation.parse_bytes(text)) for side, stream, text in packets]
        head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        path.write_bytes(head + b"".join(struct.pack("<IIII", number, 0, len(one), len(one)) + one for number, one in enumerate(frames, 1)))
        path.chmod(0o644)
        return tshark.fields(path, FIELDS, *options, "-Y", "mqtt5.packet_type", plugin="with-quic")
    return look


@PASSES
def test_streams_apart(passes, seen):
    """Two clients in one connection; each has its own version, identifiers and phase."""
    rows = seen(("client", 0, 'CONNECT client-id "one"'), ("client", 4, 'CONNECT v3.1.1 client-id "two"'),
                ("server", 4, "CONNACK v3.1.1"), ("server", 0, "CONNACK"),
                ("client", 0, 'SUBSCRIBE id 1 filter "a"'), ("client", 4, 'SUBSCRIBE v3.1.1 id 1 filter "b"'),
                ("server", 0, "SUBACK id 1 0x00"), ("server", 4, "SUBACK v3.1.1 id 1 0x00"), options=passes)
    assert rows == [["1", "1", "one", ""], ["1", "1", "two", ""], ["2", "2", "two", ""], ["2", "2", "one", ""],
                    ["8", "1", "one", ""], ["8", "1", "two", ""], ["9", "2", "one", ""], ["9", "2", "two", ""]]


@PASSES
def test_faults_in_a_stream(passes, seen):
    """They are found there, and not in the other."""
    rows = seen(("client", 0, 'CONNECT client-id "one"'), ("client", 4, 'CONNECT client-id "two"'), ("server", 0, "CONNACK"), ("server", 4, "CONNACK"),
                ("client", 4, 'CONNECT client-id "two"'), ("client", 0, "PINGREQ"), options=passes)
    assert [row[3] for row in rows] == ["", "", "", "", "connect_repeated", ""]


@PASSES
def test_stream_without_connect(passes, seen):
    """A further stream of the same session, as some clients open: nothing is known of it, and nothing is said."""
    rows = seen(("client", 0, 'CONNECT client-id "one"'), ("server", 0, "CONNACK"), ("client", 4, 'SUBSCRIBE id 1 filter "a"'),
                ("server", 4, "SUBACK id 1 0x00"), ("client", 4, 'PUBLISH topic "a" qos 1 id 7 "x"'), ("server", 4, "PUBACK id 7"), options=passes)
    assert [row[0] for row in rows] == ["1", "2", "8", "9", "3", "4"]
    assert {row[3] for row in rows} == {""}
