"""Requests and responses in messages. The oracle are the payloads: "please X" asks, "done X" answers it, and what is "unclear" must not be linked."""
import decimal
import re

import harness
import made as made_captures
import pdml
import pytest

MADE = harness.CAPTURES / "made"
PUBLISH = "3"
CLIENT, SERVER = "1", "2"


class Message:
    """One PUBLISH: what it asks and answers, and what is shown of it."""

    def __init__(self, packet):
        self.frame, self.time, self.stream, self.ours = packet.frame, decimal.Decimal(packet.time), packet.stream, packet.ours
        text = bytes.fromhex(packet.stock["mqtt.msg"][0].replace(":", "")).decode()
        self.by_client = packet.ours["mqtt5.sender"] == [CLIENT]
        self.client = packet.ours["mqtt5.client_id"][0]
        self.clear = not text.startswith("unclear")
        self.asks = (re.findall(r"please (\w+(?: \w+)?)", text) or [None])[0] if self.clear else None
        self.answers = (re.findall(r"done (\w+(?: on)?)", text) or [None])[0] if self.clear else None
        self.in_vain = "in vain" in text

    def __repr__(self):
        return f"frame {self.frame}: asks {self.asks}, answers {self.answers}"


def messages(tshark, path, *arguments):
    return [Message(packet) for packet in pdml.control_packets(tshark.read(path, "-T", "pdml", *harness.OF_CONTROL_PACKETS, "-Y", "mqtt", *arguments))
            if packet.ours["mqtt5.packet_type"] == [PUBLISH]]


def request_of(seen, response):
    """What a response on its way must lead to: on the responder's connection what it got, on the requester's what it has published."""
    if not response.answers:
        return None
    asked = [message for message in seen[:seen.index(response)] if message.asks == response.answers]
    delivered = [message for message in asked if not message.by_client and message.stream == response.stream]
    published = [message for message in asked if message.by_client]
    return (delivered or [None])[0] if response.by_client else (published or [None])[0]


def check(seen):
    first = {}
    for message in seen:
        request = request_of(seen, message)
        if request:
            first.setdefault(id(request), message)
        assert message.ours["mqtt5.rpc.request_in"] == ([str(request.frame)] if request else []), message
    for message in seen:
        request = request_of(seen, message)
        times = message.ours["mqtt5.rpc.responder_time" if message.by_client else "mqtt5.rpc.time"]
        timed = request and first[id(request)] is message
        assert [decimal.Decimal(time) for time in times] == ([message.time - request.time] if timed else []), message
        assert not message.ours["mqtt5.rpc.time" if message.by_client else "mqtt5.rpc.responder_time"], message
        response = first.get(id(message))
        assert message.ours["mqtt5.rpc.response_in"] == ([str(response.frame)] if response else []), message
        assert bool(message.ours["mqtt5.rpc.unanswered"]) == (message.in_vain and message.by_client), message
    return len(first)


@pytest.fixture(scope="module")
def capture(tshark):
    def write(name):
        path = tshark.files / f"{name}.pcapng"
        made_captures.Made(MADE / f"{name}.txt").capture.write(path)
        path.chmod(0o644)
        return path
    return write


@pytest.mark.parametrize("name, pairs", [("rpc", 6), ("rpc-legal", 14)])
def test_links(tshark, capture, name, pairs):
    assert check(messages(tshark, capture(name), "-2")) == pairs


def test_one_pass(tshark, capture):
    """Only what is about later frames needs the second pass."""
    for one, both in zip(messages(tshark, capture("rpc")), messages(tshark, capture("rpc"), "-2"), strict=True):
        for field in ("mqtt5.rpc.request_in", "mqtt5.rpc.time", "mqtt5.rpc.responder_time"):
            assert one.ours[field] == both.ours[field], one
        assert not one.ours["mqtt5.rpc.response_in"]


def test_text(tshark, capture):
    text = tshark.read(capture("rpc"), "-2", "-V", "-Y", "mqtt5.rpc.time || mqtt5.rpc.unanswered")
    assert "of which 0.081000000 seconds inside the responder, from frame 17 to frame 19]" in text
    assert "[No response: the server has no subscriber for the request, as frame 34 says]" in text
    assert "[No response: none came to this client before its session ended in frame 40; the request was delivered in frame 37]" in text


def test_response_times(tshark, capture):
    """The rows of the table, and the filter that selects the frames of a row."""
    path = capture("rpc")
    table = tshark.read(path, "-q", "-z", "mqtt5,srt")
    for row, field, name in ((19, "mqtt5.rpc.responder_time", "responder"), (35, "mqtt5.rpc.time", "requester")):
        times = [decimal.Decimal(value) for line in tshark.fields(path, (field,), "-Y", field) for value in line[0].split(",")]
        numbers = re.search(rf"^ +{row}  Message to response, {name} (.*)$", table, re.MULTILINE).group(1).split()
        calls, least, most, average, total = map(decimal.Decimal, numbers)
        assert (calls, least, most, total) == (len(times), min(times), max(times), sum(times))
        assert abs(average - sum(times) / len(times)) < decimal.Decimal("0.000001")
        start = re.search("^Filter: (.*)$", table, re.MULTILINE).group(1)
        chosen = tshark.fields(path, ("frame.number",), "-Y", f"{start} == {row}")
        assert chosen == tshark.fields(path, ("frame.number",), "-Y", field)
