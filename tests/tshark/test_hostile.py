"""Bytes that were changed, cut, lost or never were MQTT: findings or silence, but no crash, no hang, no dissector bug, no broken message."""
import random

import made as made_captures
import pdml
import pytest

CONNECT = made_captures.parse_bytes('10 [ "MQTT" 05 02 003c [ ] "meter-1" ]')


def payloads(captures):
    """The TCP payloads of made captures, to be spoilt."""
    frames = (frame.data[made_captures.ETHERNET_IP_TCP:] for one in captures for frame in one.capture.frames)
    return [data for data in frames if 0 < len(data) < 3000]


def spoil(chance, data):
    """`data`, or some of it, or other bytes altogether."""
    data, way = bytearray(data), chance.random()
    if way < 0.5:
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif way < 0.6:
        data = chance.randbytes(chance.randrange(1, 60))
    elif way < 0.8:
        data = data[:chance.randrange(1, len(data) + 1)]
    return bytes(data)


def hostile(chance, sound):
    """A capture of connections that speak spoilt MQTT, with segments lost, cut and captured twice."""
    capture = made_captures.Capture()
    for number in range(1, 40):
        connection = capture.connection(number)
        if chance.random() < 0.8:
            connection.client(CONNECT)
        for _ in range(chance.randrange(1, 25)):
            capture.cut = chance.randrange(1, 20) if chance.random() < 0.05 else 0
            capture.twice = chance.random() < 0.03
            connection.send(chance.choice(["client", "server"]), spoil(chance, chance.choice(sound)), lost=chance.random() < 0.05)
    return capture


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
def test_spoilt(seed, passes, tshark, made):
    path = tshark.files / f"hostile-{seed}.pcap"
    hostile(random.Random(seed), payloads(made.all)).write_fast(path)
    path.chmod(0o644)
    out = tshark.read(path, *passes, "-T", "pdml")
    assert "Dissector bug" not in out
    for frame in pdml.read(out).values():
        for expert in frame.experts:
            assert expert.message and "\n" not in expert.message and len(expert.message.encode()) < 240
