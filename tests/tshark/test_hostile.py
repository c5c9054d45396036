"""Bytes that are changed, cut, lost, or not MQTT at all: findings or silence, but no crash, no hang, no dissector bug, no broken message."""
import random

import made as made_captures
import mqtt
import pdml
import pytest

CONNECT = mqtt.connect("meter-1")


def payloads(captures):
    """The TCP payloads of made captures, to be damaged."""
    frames = (frame.data[made_captures.ETHERNET_IP_TCP:] for one in captures for frame in one.capture.frames)
    return [data for data in frames if 0 < len(data) < 3000]


def spoil(chance, data):
    """`data`, or a part of it, or other bytes."""
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
    """A capture of connections with damaged MQTT, with segments lost, cut and captured twice."""
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


@pytest.fixture(params=range(3))
def spoilt(request, tshark, made):
    """A hostile capture, made once for a seed."""
    path = tshark.files / f"hostile-{request.param}.pcap"
    if not path.exists():
        hostile(random.Random(request.param), payloads(made.all)).write_fast(path)
        path.chmod(0o644)
    return path


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
def test_spoilt(spoilt, passes, tshark):
    out = tshark.read(spoilt, *passes, "-T", "pdml")
    assert "Dissector bug" not in out
    for frame in pdml.read(out).values():
        for expert in frame.experts:
            assert expert.message and "\n" not in expert.message and len(expert.message.encode()) < 240


@pytest.mark.parametrize("order", ["FALSE", "TRUE"], ids=["as-captured", "reassemble-out-of-order"])
def test_passes_agree(spoilt, order, tshark):
    """A frame shows the same on every pass, however damaged the stream is, except for fields about later frames."""
    chosen = ["-o", f"tcp.reassemble_out_of_order:{order}", "-T", "pdml"]
    first, second = pdml.read(tshark.read(spoilt, *chosen)), pdml.read(tshark.read(spoilt, "-2", *chosen))
    assert len(first) == len(second)
    for number, frame in first.items():
        assert frame.experts == second[number].experts, f"frame {number}"
        assert [field for field in frame.fields if field.name not in pdml.FORWARD] == [
            field for field in second[number].fields if field.name not in pdml.FORWARD], f"frame {number}"
