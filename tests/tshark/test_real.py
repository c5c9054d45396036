"""Captures of real peers: nothing found but the faults that the index owns up to, in one pass and in two, and all of it decoded."""
import re

import harness
import made as made_captures
import pdml
import pytest
import rules as rule_table

REAL = sorted((harness.CAPTURES / "real").glob("*.pcapng"))
MADE = made_captures.read_all(harness.CAPTURES / "made")
NAMES = [path.stem for path in REAL]
FAULTS = re.compile(r"Breaks the standard: (.*)")  # the index says so, and which clauses
CLAUSE = re.compile(r"MQTT-[0-9.]+-[0-9]+")


def with_keys(name):
    keys = harness.CAPTURES / "real" / f"{name}.keys"
    return keys if keys.exists() else None


def arguments(tshark, name):
    """Options that the capture needs."""
    keys = with_keys(name)
    return ["-o", f"tls.keylog_file:{tshark.visible(keys)}"] if keys else []


COLUMNS = ["frame.number", "mqtt5.packet_type", "mqtt5.version", "mqtt5.sender", "mqtt5.finding", "mqtt5.finding.clause", "mqtt5.finding.severity",
           "_ws.expert.severity", "mqtt", "_ws.malformed"]


def rows(tshark, name, *more):
    return tshark.fields(harness.CAPTURES / "real" / f"{name}.pcapng", COLUMNS, *arguments(tshark, name), *more, "-Y", "mqtt5.analysis || _ws.malformed")


def test_there_are_captures():
    assert len(REAL) >= 30


def owned_up():
    """The clauses that a capture breaks by its own index line, by name; those that some rule is sure about. A suspicion may be silent."""
    sure = {rule.name for rule in rule_table.read() if rule.severity in ("WARN", "ERROR")}
    claimed = {clause for name, clauses in rule_table.statements(MADE).items() if name in sure for clause in clauses}
    lines = (harness.CAPTURES / "real" / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {name.removesuffix(".pcapng"): claimed & set(CLAUSE.findall(" ".join(FAULTS.findall(shows)))) for name, shows, _ in rows}


OWNED_UP = owned_up()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_wrong(name, tshark):
    """No Warning and no Error but the faults that the index owns up to, and those all."""
    shown = rows(tshark, name)
    broken = set()
    for frame, _, _, _, rules, clauses, severities, _, mqtt, malformed in shown:
        assert rules or not (mqtt and malformed), f"frame {frame} is malformed to stock"
        if not rules:
            continue
        for clause, severity in zip(clauses.split(","), severities.split(",")):
            if int(severity, 0) > pdml.NOTE:
                broken.add(clause)
    assert broken == OWNED_UP.get(name, set()), shown


@pytest.mark.parametrize("name", NAMES)
def test_version_and_sender_known(name, tshark):
    """Every packet has a version and a sender, and the connection was seen from its CONNECT on."""
    packets = 0
    for _, types, versions, senders, *_ in rows(tshark, name):
        if not types:  # not a packet, but the end of a connection
            assert senders and not versions
            continue
        assert types.count(",") == versions.count(",")
        assert senders.count(",") - types.count(",") in (0, 1)  # 1: the connection ends in this frame
        assert versions and senders
        packets += types.count(",") + 1
    assert packets > 0


@pytest.mark.parametrize("name", NAMES)
def test_two_passes(name, tshark):
    assert rows(tshark, name) == rows(tshark, name, "-2")


def packet_types(tshark, name, *more):
    capture = harness.CAPTURES / "real" / f"{name}.pcapng"
    shown = tshark.fields(capture, ["mqtt5.packet_type"], "-Y", "mqtt5.packet_type", *more)
    return [int(one) for row in shown for one in row[0].split(",")]


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("websocket")])
def test_websocket_is_decoded(name, tshark):
    types = packet_types(tshark, name, *arguments(tshark, name))
    assert types[0] == 1 and {1, 2, 3, 14} <= set(types)


@pytest.mark.parametrize("name", [name for name in NAMES if with_keys(name)])
def test_tls_is_decoded_with_its_keys(name, tshark):
    assert {1, 2, 3, 14} <= set(packet_types(tshark, name, *arguments(tshark, name)))
    assert packet_types(tshark, name) == []


def test_takeover(tshark):
    """What MQTT tutorials show: the first client gets e0 02 8e 00."""
    capture = harness.CAPTURES / "real" / "session-takeover.pcapng"
    shown = [tshark.frames(capture, "-Y", "mqtt5.disconnect.reason_code == 0x8e")[1]]
    assert shown[0].values("mqtt5.sender") == ["2"]
    assert shown[0].above_chat() == ["reason_code_failure"]
    assert shown[0].values("mqtt5.finding") == []


@pytest.mark.parametrize("name", ["bridge-loop", "message-loop"])
def test_loops(name, tshark):
    """The loop is told once, with so many rounds as there are PUBLISH since the frame that it names; a message that goes on once is none."""
    capture = harness.CAPTURES / "real" / f"{name}.pcapng"
    (frame, message), = tshark.fields(capture, ["frame.number", "_ws.expert.message"], "-Y", "mqtt5.analysis.message_loop")
    rounds, first = re.search(r"(\d+) times in a row since frame (\d+)", message).groups()
    sender = " && mqtt5.sender == 1" if name == "message-loop" else ""
    published = tshark.lines(capture, "-Y", f"mqtt5.packet_type == 3 && frame.number > {first} && frame.number <= {frame}{sender}")
    assert len(list(published)) == int(rounds) == {"bridge-loop": 16, "message-loop": 8}[name]
