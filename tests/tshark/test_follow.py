"""Follow: `tshark -z follow,mqtt5,...` shows a session as a dialogue."""
import re

import harness
import pytest

LIMIT = harness.CAPTURES / "real" / "message-size-limit.pcapng"


@pytest.fixture
def follow(tshark):
    """A function: capture and what to follow to [(0 for the client, 1 for the server, text)], and the lines before."""
    def run(capture, what="ascii,0", *arguments):
        out = tshark.read(capture, "-q", "-z", f"follow,mqtt5,{what}", *arguments)
        head, *rest = re.split(r"^(\t?)\d+$\n", out, flags=re.MULTILINE)
        texts = [text.replace("=" * 67 + "\n", "").strip("\n") for text in rest[1::2]]
        return list(zip([1 if tab else 0 for tab in rest[::2]], texts)), head
    return run


SESSION = """client CONNECT client-id "meter-1" user-name "me" password "secret" will-topic "gone" will-payload "bye"
server CONNACK session-present [ topic-alias-maximum 5 ]
client SUBSCRIBE id 1 filter "a/#" qos 1 filter "b" qos 0
server SUBACK id 1 0x01 0x87 [ reason-string "not b" ]
client PUBLISH topic "a/x" qos 1 id 2 retain [ topic-alias 1 content-type "text/plain" response-topic "answers" ] "one\\x0atwo" PINGREQ
client PUBLISH topic "" qos 1 id 3 [ topic-alias 1 ] "three"
server PUBACK id 2 PUBACK id 3 0x97 PINGRESP
server PUBLISH topic "a/y" "four"
client UNSUBSCRIBE id 4 filter "b"
server UNSUBACK id 4 0x11
client DISCONNECT 0x04
client fin
"""

SAID = [
    (0, 'client: CONNECT "meter-1", MQTT 5.0, starts clean, Keep Alive 60 s, user name "me", with a password, Will "gone" of 3 bytes (frame 4)'),
    (1, "server: CONNACK: Success, the session goes on (frame 5)"),
    (0, 'client: SUBSCRIBE id 1: "a/#" QoS 1, "b" QoS 0 (frame 6)'),
    (1, 'server: SUBACK id 1: Granted QoS 1, Not authorized (0x87), reason "not b" (frame 7)'),
    (0, 'client: PUBLISH "a/x", QoS 1, id 2, retained, type "text/plain", response to "answers", 7 bytes (frame 8)\none\ntwo'),
    (0, "client: PINGREQ (frame 8)"),
    (0, 'client: PUBLISH "a/x", QoS 1, id 3, 5 bytes (frame 9)\nthree'),
    (1, "server: PUBACK id 2 (frame 10)"),
    (1, "server: PUBACK id 3: Quota exceeded (0x97) (frame 10)"),
    (1, "server: PINGRESP (frame 10)"),
    (1, 'server: PUBLISH "a/y", QoS 0, 4 bytes (frame 11)\nfour'),
    (0, 'client: UNSUBSCRIBE id 4: "b" (frame 12)'),
    (1, "server: UNSUBACK id 4: No subscription existed (frame 13)"),
    (0, "client: DISCONNECT: Disconnect with Will Message (frame 14)"),
    (0, "client: closes the connection (frame 15)"),
]


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one-pass", "two-passes"])
def test_session(follow, made_text, passes):
    """A line for each packet, then its payload; who speaks is in the text, too."""
    said, head = follow(made_text(SESSION.replace("session-present ", "acknowledge-flags 1 "), "session"), "ascii,0", *passes)
    # What is found is in lines of its own; this session is no model.
    plain = [(side, "\n".join(re.sub(r"^\d+\.\d{6} ", "", line) for line in text.split("\n") if not line.startswith("    "))) for side, text in said]
    assert plain == SAID
    assert "Follow: mqtt5,ascii\nFilter: tcp.stream eq 0\nNode 0: 10.0.0.1:50000\nNode 1: 10.0.0.2:1883\n" in head
    assert "secret" not in str(said)


def test_findings_and_causes(follow):
    (_, text), = [one for one in follow(LIMIT)[0] if "PUBACK" in one[1].split("(")[0]]
    assert text.split("\n") == [
        "0.012734 server: PUBACK id 1: Packet too large (0x95) (frame 9)",
        "    Warning: PUBACK from server: reason code 0x95 (Packet too large) is not allowed in PUBACK, only in CONNACK and DISCONNECT [MQTT-3.4.2-1]",
        '    Cause: the server refuses the message to "demo/limit" in frame 8']


@pytest.mark.parametrize("what, client", [("ascii,1", "limit-2"), ("ascii,127.0.0.1:50901,127.0.0.1:1883", "limit-2"), ("ascii,0", "limit-1")])
def test_which_session(follow, tshark, what, client):
    ports = [row[0] for row in tshark.fields(LIMIT, ["tcp.srcport"], "-Y", 'mqtt.clientid == "limit-2"')]
    said, _ = follow(LIMIT, what.replace("50901", ports[0]))
    assert f'CONNECT "{client}"' in said[0][1] and sum("CONNECT \"" in text for _, text in said) == 1


def test_server_first(follow, made_text):
    """The client is that of MQTT, although the server is the first who speaks in the capture."""
    said, head = follow(made_text('no handshake\nserver PUBLISH topic "t" "x"\nclient PINGREQ\nserver PINGRESP\n'))
    assert [side for side, _ in said] == [1, 0, 1] and "Node 1: 10.0.0.2:1883" in head


def test_cut(follow, made_text):
    said, _ = follow(made_text('client CONNECT client-id "c"\nserver CONNACK\ncut 12\nclient PUBLISH topic "t" "abcdefghij"\n'))
    assert said[-1][1].split("\n")[0].endswith('PUBLISH "t", QoS 0, 10 bytes (6 captured) (frame 6)') and said[-1][1].endswith("abcdef")


def test_nothing(follow):
    assert follow(LIMIT, "ascii,0", "--disable-protocol", "mqtt5")[0] == []


def test_layers(tshark):
    """Wireshark's window wants us among the layers of a selected packet; what tshark prints of layers stays as it is."""
    both = [tshark.fields(LIMIT, ["frame.protocols"], "-2", plugin=plugin) for plugin in (True, False)]
    assert both[0] == both[1]
