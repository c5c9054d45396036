"""Bytes that are missing, captured twice or late prove nothing: there is no false finding, the gap is reported once, and judging continues where it can."""
import subprocess

import made as made_captures
import pytest

# What can happen to a capture: the made capture that shows it, the frames that report what is missing, and the finding that shows that judging has continued.
EVIDENCE = {
    "TCP retransmissions": ("evidence-retransmitted", [], (19, "packet_identifier_in_use")),
    "twice-captured frames": ("evidence-captured-twice", [], (19, "packet_identifier_in_use")),
    "out-of-order segments": ("evidence-out-of-order", [6, 11], (14, "packet_identifier_in_use")),
    "lost segments": ("evidence-lost", [6, 9], (13, "packet_identifier_in_use")),
    "acknowledged but unseen segments": ("evidence-acked-unseen", [7], (10, "packet_identifier_in_use")),
    "start in the middle": ("evidence-late-start", [2], (8, "packet_identifier_in_use")),
    "one direction only": ("evidence-one-direction", [5], (9, "reason_code_not_allowed")),
    "snaplen": ("evidence-snaplen", [6, 9], (15, "packet_identifier_in_use")),
    "port reuse": ("evidence-port-reused", [], (26, "packet_identifier_in_use")),
    "FIN or RST": ("evidence-closed", [], (34, "packet_identifier_in_use")),
    "half-open connection": ("evidence-half-open", [], (22, "packet_identifier_in_use")),
    "limits of CONNACK": ("evidence-limits-acknowledged", [], (9, "publish_retain_unavailable")),
}
LEGAL = {"framing_lost", "version_assumed", "reason_code_failure", "sent_before_connack"}  # remarks, with nobody at fault
ANEW = {"evidence-port-reused": (18, "topic_alias_unknown")}  # judging goes on twice


@pytest.fixture(scope="module")
def said(tshark, made):
    """By capture, the frames with mqtt5.evidence."""
    path = tshark.files / "evidence.pcapng"
    chosen = [one for one in made.all if one.name in [row[0] for row in EVIDENCE.values()]]
    offsets = made_captures.write_merged(chosen, path)
    path.chmod(0o644)
    frames = [int(number) for number, evidence in tshark.fields(path, ["frame.number", "mqtt5.evidence"]) if evidence]
    return {one.name: [number - offsets[one.name] for number in frames if 0 < number - offsets[one.name] <= len(one.capture.frames)] for one in chosen}


@pytest.mark.parametrize("what", EVIDENCE)
def test_evidence(what, made, said):
    """test_made.py shows that each finding is really there."""
    name, frames, resumed = EVIDENCE[what]
    one = next(one for one in made.all if one.name == name)
    assert [found for found in one.expected if found[1] not in LEGAL] == ([ANEW[name]] if name in ANEW else []) + [resumed]
    assert one.near
    assert said[name] == frames


def test_said_once(tshark, made):
    """Once for each side of a connection, and never if everything was captured."""
    seen = set()
    for stream, evidence in tshark.fields(made.merged, ["tcp.stream", "mqtt5.evidence"], "-Y", "mqtt5.evidence"):
        assert (stream, evidence) not in seen
        seen.add((stream, evidence))
    assert seen


def test_server_alone_from_its_syn(tshark, made_text):
    """Where the capture has only the server's packets, they begin after its SYN, however few bytes come first."""
    both = made_text('client CONNECT client-id "a"\nsplit 1\nserver CONNACK [ receive-maximum 10 ]\nserver PINGRESP\n')
    alone = both.with_suffix(".alone.pcapng")
    subprocess.run(["editcap", "-r", both, alone, "2", "5-7"], check=True)  # its SYN, and what follows the CONNECT
    alone.chmod(0o644)
    rows = tshark.fields(alone, ["mqtt5.packet_type", "mqtt5.version"], "-Y", "mqtt5")
    assert rows == [["2", "5"], ["13", "5"]]
