"""Deliveries that take long: where the time was spent, as far as the capture shows it."""
import re

import pytest

ON = ("-o", "mqtt5.journey_memory:64")
TEXT = "_ws.expert.message"
WHERE = {
    "late-server": "; the server has had it since frame 22, and the subscriber was connected, and had room",
    "late-receive-maximum": "; the subscriber's Receive Maximum 1 was used up for 3.0 s of that, until frame 24",
    "late-window": "; the subscriber's TCP took no bytes for 3.0 s of that (window 0, frames 15 to 20)",
    "late-unacknowledged": "; for 3.0 s of that, until frame 18, the subscriber's TCP acknowledged nothing of what was on its way to it",
    "late-slow": "; the subscriber acknowledged an earlier message only in frame 20, 3.0 s after it was sent in frame 15: perhaps the server has waited for that",
}
# The subscriber had no room for a while, but that is not why the message is late: the server waits for seconds after that.
BRIEFLY = """
client CONNECT client-id "reader" keep-alive 0 [ receive-maximum 1 ]
server CONNACK
client SUBSCRIBE id 1 filter "rooms/1" qos 1
server SUBACK id 1 0x01
wait 1
connection 2
client CONNECT client-id "switch" keep-alive 0
server CONNACK
client PUBLISH qos 1 id 1 topic "rooms/1" "lamp is on"
server PUBACK id 1
connection 1
server PUBLISH qos 1 id 1 topic "rooms/1" "lamp is on"
SHUT
connection 2
client PUBLISH qos 1 id 2 topic "rooms/1" "lamp is off"
server PUBACK id 2
others 1
connection 1
OPEN
others 4
connection 1
server PUBLISH qos 1 id 1 topic "rooms/1" "lamp is off"
"""


def texts(tshark, capture, *options):
    return [text for text, in tshark.fields(capture, [TEXT], *ON, *options, "-Y", "mqtt5.analysis.delivery_late")]


@pytest.mark.parametrize("name", WHERE)
def test_where(tshark, made, name):
    text = texts(tshark, made.path(name))[0]
    assert "delivered 3.0 s after its publication in frame " in text and text.split(" [")[0].endswith(WHERE[name])


@pytest.mark.parametrize("shut, opened", [("client ack", "client PUBACK id 1"), ("client PUBACK id 1\nclient ack window 0", "client ack window 65535"),
                                          ("", "client PUBACK id 1")])
def test_no_untrue_reason(tshark, made_text, shut, opened):
    text, = texts(tshark, made_text(BRIEFLY.replace("SHUT", shut).replace("OPEN", opened)))
    assert re.search(r"delivered 5.0 s after its publication in frame \d+; the server has had it since frame \d+( \[|$)", text)


def test_pause(tshark, made_text):
    """Where the capture has nothing meanwhile, the clock may have been set: so the text says it."""
    start = BRIEFLY.split("SHUT")[0] + 'client PUBACK id 1\nconnection 2\nclient PUBLISH topic "rooms/1" "lamp is off"\nwait 3\nconnection 1\n'
    text, = texts(tshark, made_text(start + 'server PUBLISH topic "rooms/1" "lamp is off"\n'))
    assert " (the capture has no frame at all for 3.0 s of that); the subscriber was connected" in text


def test_threshold(tshark, made):
    """The preference says how long is late."""
    capture = made.path("late-server")
    assert len(texts(tshark, capture)) == len(texts(tshark, capture, "-o", "mqtt5.late_delivery:2")) == 2
    for seconds in (0, 4):
        assert texts(tshark, capture, "-o", f"mqtt5.late_delivery:{seconds}") == []
    assert tshark.fields(capture, [TEXT], "-Y", "mqtt5.analysis.delivery_late") == []


def test_count(tshark, made_text):
    """Of many in a row, the first, the tenth and so on."""
    published = "".join(f'client PUBLISH qos 1 id {i} topic "rooms/1" "{i}"\nserver PUBACK id {i}\n' for i in range(2, 18))
    delivered = "".join(f'server PUBLISH qos 1 id 1 topic "rooms/1" "{i}"\nclient PUBACK id 1\n' for i in range(2, 18))
    start = BRIEFLY.split("SHUT")[0] + "client PUBACK id 1\nconnection 2\n"
    first, tenth = texts(tshark, made_text(start + published + "others 3\nconnection 1\n" + delivered))
    assert "in a row" not in first and "; 10 messages in a row have come late, since frame " in tenth
