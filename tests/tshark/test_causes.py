"""Causes: mqtt5.cause and mqtt5.cause_in of every failure and every sudden end, in made and real captures, against tests/causes.tsv.

The columns of the table are the capture, the frame, the frame of the cause, the frame of the Will that the end releases (known from the
second pass on), and the cause. Frames that are not in the table have no cause.
"""
import csv
import re

import frames
import harness
import pytest

TABLE = harness.TOP / "tests" / "causes.tsv"
FIELDS = ["frame.number", "mqtt5.cause_in", "mqtt5.will_in", "mqtt5.cause"]


def table():
    with open(TABLE, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == ["capture", "frame", "cause in", "will in", "cause"]
    found = {}
    for capture, *row in rows[1:]:
        found.setdefault(capture, []).append(row)
    return found


EXPECTED = table()
REAL = sorted(f"real/{path.stem}" for path in (harness.CAPTURES / "real").glob("*.pcapng"))
MADE = sorted(f"made/{path.stem}" for path in (harness.CAPTURES / "made").glob("cause-*.txt"))


def causes(tshark, made, capture, *arguments):
    """What tshark shows, in the form of the table; where several packets of a frame have a cause, all of them in one row."""
    folder, name = capture.split("/")
    path = made.path(name) if folder == "made" else harness.CAPTURES / "real" / f"{name}.pcapng"
    keys = path.with_suffix(".keys")
    more = ["-o", f"tls.keylog_file:{tshark.visible(keys)}"] if keys.exists() else []
    shown = tshark.read(path, *more, *arguments, "-Y", "mqtt5.cause", "-T", "fields", "-E", "aggregator=|", *(word for field in FIELDS for word in ("-e", field)))
    return [line.split("\t") for line in shown.splitlines()]


def test_the_table_is_about_captures_that_exist():
    assert set(EXPECTED) <= set(REAL + MADE)
    assert set(MADE) <= set(EXPECTED)


@pytest.mark.parametrize("capture", REAL + MADE)
def test_causes(capture, tshark, made):
    assert causes(tshark, made, capture, "-2") == EXPECTED.get(capture, [])


@pytest.mark.parametrize("capture", MADE + ["real/session-takeover", "real/will"])
def test_one_pass(capture, tshark, made):
    """The same, except for the Will, which comes later."""
    assert causes(tshark, made, capture) == [[frame, cause_in, "", cause] for frame, cause_in, _, cause in EXPECTED[capture]]


def test_will_leads_both_ways(tshark, made):
    rows = {frame: (cause_in, will_in) for frame, cause_in, will_in, _ in causes(tshark, made, "made/cause-will", "-2")}
    linked = {frame: will_in for frame, (_, will_in) in rows.items() if will_in}
    assert len(linked) == 2
    assert all(rows[will_in][0] == frame for frame, will_in in linked.items())


def test_frames_in_the_text_are_before(tshark, made):
    """A cause names the frame that it links to, and no frame later than its own."""
    for rows in EXPECTED.values():
        for frame, cause_in, _, cause in rows:
            named = [int(number) for number in re.findall(r"frame (\d+)", cause)]
            assert all(number <= int(frame) for number in named)
            assert not cause_in or int(cause_in) in named


def test_every_failure_of_the_contract(tshark, made):
    """Each code that can have a cause has one here."""
    shown = {re.match(r"([A-Z]+ (?:0x[0-9a-f]{2}|\d))", cause)[1] for rows in EXPECTED.values() for _, _, _, cause in rows if re.match("[A-Z]+ [0-9]", cause)}
    wanted = {f"CONNACK 0x{code}" for code in "82 84 85 86 87 8c 90 95 99 9a 9b 9d".split()} | {f"CONNACK {code}" for code in (1, 2, 4, 5)}
    wanted |= {f"DISCONNECT 0x{code}" for code in "04 81 82 87 8d 8e 8f 90 93 94 95 96 99 9a 9b 9c 9e a0 a1 a2".split()}
    wanted |= {"PUBACK 0x87", "PUBREC 0x97", "SUBACK 0x87", "UNSUBACK 0x83", "SUBACK 0x80", "PUBREL 0x92"}
    assert wanted - shown == set()


KINDS = {
    "CONNACK 0x84 ": "refusal", "CONNACK 0x87 ": "refusal", "CONNACK 2 ": "refusal", "DISCONNECT 0x81 ": "violation", "DISCONNECT 0x82 ": "violation",
    "DISCONNECT 0x8d ": "keep-alive", "DISCONNECT 0x8e ": "takeover", "DISCONNECT 0x93 ": "limit", "DISCONNECT 0x95 ": "limit", "DISCONNECT 0x9c ": "server-gone",
    "DISCONNECT 0x04 ": "will", "PUBACK 0x87 ": "refusal", "PUBREC 0x97 ": "limit", "SUBACK 0x80 ": "refusal", "PUBLISH: ": "will",
    "FIN from server: the client was silent": "keep-alive", "FIN from client: the client gives up": "no-answer", "FIN from server: the server closes; the last": "unsaid",
    "FIN from server: PUBLISH in frame": "violation", "FIN from server: the CONNACK in frame": "refusal", "FIN from server: the CONNECT in frame": "takeover",
}


def test_kinds(tshark, made):
    """Each cause has one kind, which filters find; the same in one pass and two."""
    def shown(*passes):
        rows = tshark.read(made.merged, *passes, "-Y", "mqtt5.cause", "-T", "fields", "-E", "aggregator=|", "-e", "mqtt5.cause", "-e", "mqtt5.cause.kind").splitlines()
        return [pair for causes, kinds in (row.split("\t") for row in rows) for pair in zip(causes.split("|"), kinds.split("|"), strict=True)]

    pairs = shown()
    assert pairs == shown("-2")
    for start, kind in KINDS.items():
        kinds = {other for cause, other in pairs if cause.startswith(start)}
        assert kinds <= {kind}, start
    assert {"violation", "limit", "refusal", "takeover", "keep-alive", "no-answer", "server-gone", "will", "unsaid"} <= {kind for _, kind in pairs}
    assert any(tshark.lines(made.merged, "-Y", 'mqtt5.cause.kind == "takeover"'))


def test_more_of_the_cause(tshark, made):
    """From the second pass on, ends at one instant lead to the last frame that shows what they have in common."""
    def shown(name, *passes):
        fields = "-T", "fields", "-e", "frame.number", "-e", "mqtt5.cause.more_in"
        return tshark.read(made.path(name), *passes, "-Y", "mqtt5.cause.more_in", *fields).splitlines()

    assert shown("cause-unreached", "-2") == ["35\t44", "36\t44", "37\t44"]
    assert shown("cause-unreached-legal", "-2") == ["36\t38", "37\t38"]


def test_refused_syn(tshark, tmp_path):
    """A RST that answers the SYN; one that acknowledges something else, and one on another port, say nothing."""
    capture = frames.Capture()
    for number, port, acknowledged in ((1, 1883, 1), (2, 1883, 9), (3, 1884, 1)):
        capture.port, capture.handshake = port, False
        connection = capture.connection(number)
        syn = connection.ends["client"].next
        capture.add(connection._build("client", frames.SYN, b"", syn, 0))
        capture.add(connection._build("server", frames.RST | frames.ACK, b"", 0, syn + acknowledged))
    capture.write(tmp_path / "refused.pcap")
    shown = tshark.read(tmp_path / "refused.pcap", "-Y", "mqtt5.cause", "-T", "fields", "-e", "frame.number", "-e", "mqtt5.cause_in", "-e", "mqtt5.cause.kind")
    assert shown.splitlines() == ["2\t1\tnetwork"]
