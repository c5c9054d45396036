"""A message's journey: from a copy to the message as it was published, and from there to all its copies."""
import re

import pytest

import harness

COPY = ["frame.number", "mqtt5.published_in", "mqtt5.published_by", "mqtt5.published_in.candidates", "mqtt5.delivery_time"]
ON = ("-o", "mqtt5.journey_memory:64")
MISSING = ["frame.number", "mqtt5.deliveries", "mqtt5.deliveries.missing", "mqtt5.deliveries.missing_to", "mqtt5.deliveries.missing_since"]
# Three subscribers; of four messages one gets all, one lacks two in the middle, one lacks the first. Two messages are in one frame.
THREE = """
client CONNECT client-id "all" keep-alive 0
server CONNACK
client SUBSCRIBE id 1 filter "rooms/1" qos 1
server SUBACK id 1 0x01
connection 2
client CONNECT client-id "middle" keep-alive 0
server CONNACK
client SUBSCRIBE id 1 filter "rooms/1" qos 1
server SUBACK id 1 0x01
connection 3
client CONNECT v3.1.1 client-id "" keep-alive 0
server CONNACK
client SUBSCRIBE id 1 filter "rooms/1" qos 1
server SUBACK id 1 0x01
wait 1
connection 4
client CONNECT client-id "switch" keep-alive 0
server CONNACK
client PUBLISH qos 1 id 1 topic "rooms/1" "lamp is on"
server PUBACK id 1
client PUBLISH qos 1 id 2 topic "rooms/1" "lamp is off" PUBLISH qos 1 id 3 topic "rooms/1" "lamp is dim"
server PUBACK id 2 PUBACK id 3
client PUBLISH qos 1 id 4 topic "rooms/1" "lamp is red"
server PUBACK id 4
connection 1
server PUBLISH qos 1 id 1 topic "rooms/1" "lamp is on" PUBLISH qos 1 id 2 topic "rooms/1" "lamp is off"
client PUBACK id 1 PUBACK id 2
server PUBLISH qos 1 id 3 topic "rooms/1" "lamp is dim" PUBLISH qos 1 id 4 topic "rooms/1" "lamp is red"
client PUBACK id 3 PUBACK id 4
connection 2
server PUBLISH qos 1 id 1 topic "rooms/1" "lamp is on"
server PUBLISH qos 1 id 2 topic "rooms/1" "lamp is red"
client PUBACK id 1 PUBACK id 2
connection 3
server PUBLISH qos 1 id 1 topic "rooms/1" "lamp is off" PUBLISH qos 1 id 2 topic "rooms/1" "lamp is dim"
server PUBLISH qos 1 id 3 topic "rooms/1" "lamp is red"
client PUBACK id 1 PUBACK id 2 PUBACK id 3
"""
# A publisher, which goes on below, and a subscriber whose two subscriptions overlap.
OVERLAPPING = """
client CONNECT client-id "both" keep-alive 0
server CONNACK
client SUBSCRIBE id 1 filter "rooms/#" qos {first} filter "+/1" qos {second}
server SUBACK id 1 {first:#04x} {second:#04x}
wait 1
connection 2
client CONNECT client-id "switch" keep-alive 0
server CONNACK
"""
# Two members of a share, which take turns.
SHARED = """
client CONNECT {version} client-id "one" keep-alive 0
server CONNACK
client SUBSCRIBE id 1 filter "$share/crew/rooms/1" qos 0
server SUBACK id 1 0x00
connection 2
client CONNECT {version} client-id "other" keep-alive 0
server CONNACK
client SUBSCRIBE id 1 filter "$share/crew/rooms/1" qos 0
server SUBACK id 1 0x00
wait 1
connection 3
client CONNECT client-id "switch" keep-alive 0
server CONNACK
connection 4
client CONNECT client-id "button" keep-alive 0
server CONNACK
"""


def published(payload, to, connection=2):
    """A PUBLISH, and its copies: the connection that each goes to, and its packet."""
    return (f'connection {connection}\nclient PUBLISH topic "rooms/1" "{payload}"\n' + delivered(payload, to))


def delivered(payload, to):
    return "".join(f'connection {number}\nserver PUBLISH topic "rooms/1" "{payload}"\n' for number in to)


def links(tshark, capture):
    """Of each copy: which of the published messages it is said to be of, from 0 on, and the number of candidates."""
    frames = [row[0] for row in fields(tshark, capture, ["frame.number"], "-Y", "mqtt.msgtype == 3 && mqtt5.sender == 1")]
    rows = fields(tshark, capture, COPY, "-Y", "mqtt.msgtype == 3 && mqtt5.sender == 2")
    return [(frames.index(to) if to else None, candidates) for _frame, to, _by, candidates, _time in rows]

DROPPED = """connection 1
client CONNECT client-id "reader" keep-alive 0
server CONNACK
client SUBSCRIBE id 1 filter "rooms/1"
server SUBACK id 1 0x00
wait 1
connection 2
client CONNECT client-id "switch" keep-alive 0
server CONNACK
"""


def fields(tshark, *arguments):
    return tshark.fields(*arguments, *ON)


def test_copies(tshark, made):
    """Each copy leads to its message; of what may be either, the number of candidates is told and nothing else."""
    rows = fields(tshark, made.path("journey"), [*COPY, "mqtt5.client_id"], "-Y", "mqtt5.published_in")
    told = [(client, by, candidates, bool(time)) for _frame, _to, by, candidates, time, client in rows]
    assert told == [("reader", "switch", "", True)] * 3 + [("keeper", "switch", "", True), ("keeper", "switch", "", False),
                                                          ("reader", "switch", "", True), ("visitor", "switch", "", False),
                                                          ("reader", "switch", "", False), ("reader", "", "2", False)]
    published = [int(row[1]) for row in rows]
    assert published[0] < published[1] < published[2] and published[3] == published[4] == published[0]
    assert published[5] == published[6]


def test_delivery_time(tshark, made):
    """From the last byte of the message to the first of the copy."""
    times = dict(fields(tshark, made.path("journey"), ["frame.number", "frame.time_epoch"]))
    for frame, published, _by, _candidates, time in fields(tshark, made.path("journey"), COPY, "-Y", "mqtt5.delivery_time"):
        assert abs(float(times[frame]) - float(times[published]) - float(time)) < 0.000002


def test_evidence(tshark, made):
    """No more is claimed than the capture shows: of a short message that may have been published unseen, one candidate is told."""
    rows = fields(tshark, made.path("journey-lost"), ["mqtt5.published_in.candidates", "mqtt5.delivery_time"], "-Y", "mqtt5.published_in")
    assert [(candidates, bool(time)) for candidates, time in rows] == [("1", False), ("", True), ("", True), ("", True), ("1", False)]


def test_kinds(tshark, made):
    """What was retained, sent again, or is a Will says so."""
    def found(display_filter):
        return fields(tshark, made.path("journey"), ["mqtt5.client_id", "mqtt5.retained_for", "mqtt5.published_on_close"], "-Y", display_filter)

    assert [row[0] for row in found("mqtt5.resent_copy")] == ["keeper"]
    (client, retained_for, _close), = found("mqtt5.retained_copy")
    assert client == "visitor" and 5 < float(retained_for) < 6
    (client, _retained, close), = found("mqtt5.published_on_close")
    assert client == "reader" and fields(tshark, made.path("journey"), ["tcp.flags.reset"], "-Y", f"frame.number == {close}")[0][0] in ("1", "True")
    assert "CONNECT with the Will" in tshark.run("-r", made.path("journey"), "-V", *ON, "-Y", "mqtt5.published_on_close").out


def test_deliveries(tshark, made):
    """The way back, on the second pass; what is sent again and what is not certain does not count."""
    rows = fields(tshark, made.path("journey"), ["frame.number", "mqtt5.deliveries", "mqtt5.delivered_in"], "-2", "-Y", "mqtt5.deliveries")
    assert [row[1] for row in rows] == ["2", "1", "1", "2"]
    back = {frame: published for frame, published, *_ in fields(tshark, made.path("journey"), COPY, "-Y", "mqtt5.published_in && !mqtt5.resent_copy")}
    for frame, _count, copies in rows:
        assert all(back[copy] == frame for copy in copies.split(","))


def found_missing(tshark, capture):
    """What fields of the originals say is missing: as many as the findings of the later messages say, in the frames of these."""
    rows = fields(tshark, capture, MISSING, "-2", "-Y", "mqtt5.deliveries.missing")
    told = {}
    for _frame, _deliveries, _missing, _to, since in rows:
        for frame in since.split(","):
            told[frame] = told.get(frame, 0) + 1
    texts = fields(tshark, capture, ["frame.number", "_ws.expert.message"], "-2", "-Y", "mqtt5.analysis.delivery_missing")
    assert told == {frame: int(re.search(r"(\d+) messages? that the same client published", text)[1]) for frame, text in texts}
    assert not fields(tshark, capture, MISSING[:1], "-2", "-Y", "mqtt5.deliveries.missing && mqtt5.sender == 2")
    return rows


def test_missing(tshark, made):
    """A message that comes no more says to whom, and since when that is certain: from the second pass on."""
    capture = made.path("delivery-missing")
    (frame, deliveries, missing, to, since), = found_missing(tshark, capture)
    assert (deliveries, missing, to) == ("", "1", "reader") and int(since) > int(frame)
    assert fields(tshark, capture, ["mqtt.msg"], "-Y", f"frame.number == {frame}")[0][0] == b"lamp is off".hex()
    assert "Missing deliveries: 1 (suspected)" in tshark.run("-2", "-r", capture, "-V", *ON, "-Y", "mqtt5.deliveries.missing_to == \"reader\"").out
    assert not fields(tshark, capture, MISSING, "-Y", "mqtt5.deliveries.missing")
    assert not tshark.fields(capture, MISSING, "-2", "-Y", "mqtt5.deliveries.missing")


def test_missing_to_several(tshark, made_text):
    """Several in one frame, to several; a subscriber without a Client ID is counted, and has no name."""
    rows = found_missing(tshark, made_text(THREE))
    assert [row[1:4] for row in rows] == [["2", "1", ""], ["2,2", "1,1", "middle,middle"]]


def test_missing_with_qos_2(tshark, made):
    (_frame, deliveries, missing, to, _since), = found_missing(tshark, made.path("delivery-missing-qos-2"))
    assert (deliveries, missing, to) == ("", "1", "reader")


def test_dropped(tshark, made_text):
    """With QoS 0, each message says that it is missing; of the later ones, the first, the tenth and so on have a Chat."""
    published = "".join(f'client PUBLISH topic "rooms/1" "{i}"\n' for i in range(51))
    delivered = "".join(f'server PUBLISH topic "rooms/1" "{i}"\n' for i in range(0, 51, 2))
    path = made_text(DROPPED + published + "connection 1\n" + delivered)
    rows = fields(tshark, path, MISSING, "-2", "-Y", "mqtt5.deliveries.missing")
    assert len(rows) == 25 and {row[2] for row in rows} == {"1"}
    chats = fields(tshark, path, ["frame.number", "_ws.expert.message"], "-2", "-Y", "mqtt5.analysis.delivery_dropped")
    since = [row[4] for row in rows]
    assert [frame for frame, _text in chats] == [since[0], since[9]]
    assert "so far" not in chats[0][1] and "with these, 10 did not come to this subscriber" in chats[1][1]


def test_nothing_is_missing(tshark, made):
    """Where the rule is silent, so are the fields."""
    for name in ("delivery-missing-legal", "delivery-missing-qos-2-legal", "delivery-dropped-legal", "journey", "journey-lost", "retained-legal", "redelivery-legal"):
        assert found_missing(tshark, made.path(name)) == []


CHANGED = """client CONNECT client-id "reader" keep-alive 0
server CONNACK
client SUBSCRIBE id 1 filter "rooms/1"
server SUBACK id 1 0x00
wait 1
connection 2
client CONNECT client-id "switch" keep-alive 0
server CONNACK
"""
QUEUED = [
    # It was queued for a subscription that another with the same filter has replaced.
    CHANGED + """client PUBLISH topic "rooms/1" "off"
others 4
connection 1
client SUBSCRIBE id 2 filter "rooms/1"
server SUBACK id 2 0x00
connection 2
client PUBLISH topic "rooms/1" "off"
connection 1
server PUBLISH topic "rooms/1" "off"
""",
    # It was queued with the QoS of that.
    CHANGED + """client PUBLISH topic "rooms/1" "off" PUBLISH qos 1 id 1 topic "rooms/1" "off"
server PUBACK id 1
connection 1
client SUBSCRIBE id 2 filter "rooms/1" qos 1
server SUBACK id 2 0x01
server PUBLISH topic "rooms/1" "off"
""",
    # It was published before the subscription, and released after it.
    """connection 2
client CONNECT client-id "switch" keep-alive 0
server CONNACK
client PUBLISH qos 2 id 1 topic "rooms/1" "off"
server PUBREC id 1
others 4
connection 1
client CONNECT client-id "reader" keep-alive 0
server CONNACK
client SUBSCRIBE id 1 filter "rooms/1" qos 2
server SUBACK id 1 0x02
wait 1
connection 2
client PUBLISH qos 2 id 2 topic "rooms/1" "off"
server PUBREC id 2
client PUBREL id 1
server PUBCOMP id 1
connection 1
server PUBLISH qos 2 id 1 topic "rooms/1" "off"
"""]


@pytest.mark.parametrize("text", QUEUED)
def test_older_message_stays_possible(tshark, made_text, text):
    """What was published before a change of subscriptions may be delivered after it, as it was then."""
    (candidates,), = fields(tshark, made_text(text), ["mqtt5.published_in.candidates"], "-Y", "mqtt5.published_in")
    assert candidates == "2"


def test_one_pass_is_as_two(tshark, made):
    for capture in (made.path("journey"), harness.CAPTURES / "real" / "several-clients.pcapng"):
        one = fields(tshark, capture, COPY)
        assert one == fields(tshark, capture, COPY, "-2") and any(row[1] for row in one)


def test_no_memory_no_journey(tshark, made):
    assert not tshark.fields(made.path("journey"), COPY, "-Y", "mqtt5.published_in && !mqtt5.published_on_close")


def test_copy_for_each_subscription(tshark, made_text):
    """A server may send a copy for each of two subscriptions, and need not send those for the one in step with those for the other: what comes late for one
    subscription is neither without a source, nor for certain of a later message that is the same."""
    late = made_text(OVERLAPPING.format(first=0, second=0) + published("on", [1]) + published("off", [1]) + published("on", [1]) + delivered("off", [1])
                     + delivered("on", [1]))
    assert links(tshark, late) == [(0, ""), (1, ""), (2, "2"), (1, ""), (2, "")]
    both = made_text(OVERLAPPING.format(first=0, second=0) + published("on", [1, 1]) + published("off", [1, 1]) + published("on", [1, 1]), "both")
    assert links(tshark, both) == [(0, ""), (0, ""), (1, ""), (1, ""), (2, ""), (2, "")]


def test_copy_for_one_subscription_by_qos(tshark, made_text):
    """With different QoS, each copy tells which subscription it is for."""
    def on(id):
        return (f'connection 2\nclient PUBLISH qos 1 id {id} topic "rooms/1" "on"\nserver PUBACK id {id}\n'
                f'connection 1\nserver PUBLISH qos 1 id {id} topic "rooms/1" "on"\nclient PUBACK id {id}\nserver PUBLISH topic "rooms/1" "on"\n')
    assert links(tshark, made_text(OVERLAPPING.format(first=0, second=1) + on(1) + on(2) + on(3))) == [(n, "") for n in (0, 0, 1, 1, 2, 2)]


def test_copy_of_a_share(tshark, made_text):
    """What another member of the share has probably got is not the likeliest; before MQTT 5, too."""
    for version in ("v5", "v3.1.1"):
        turns = ((1, 3), (2, 4), (1, 3), (1, 4), (2, 3))  # who gets it, from whom
        capture = made_text(SHARED.format(version=version.replace("v5", "")) + "".join(published("on", [to], by) for to, by in turns), version)
        assert [to for to, _candidates in links(tshark, capture)] == [0, 1, 2, 3, 4]
