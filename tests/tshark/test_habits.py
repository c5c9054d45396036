"""The habits of Wireshark: users can change severities and preferences, and nothing is printed on stderr."""
import re

import harness
import pytest

CAPTURE = harness.CAPTURES / "real" / "message-size-limit.pcapng"
RULE = "mqtt5.analysis.reason_code_not_allowed"


def severity(level):
    return "-o", f'uat:expert_severity:"{RULE}","{level}"'


def expert(tshark, *arguments):
    """The sections of `-z expert` that have rows of ours, with their number."""
    found, section = {}, None
    for line in tshark.read(CAPTURE, "-q", "-z", "expert", *arguments).splitlines():
        title = re.fullmatch(r"(\w+) \(\d+\)", line)
        if title:
            section = title[1]
        elif "MQTT5" in line:
            found[section] = found.get(section, 0) + 1
    return found


def test_severity_is_the_users(tshark):
    """As for any expert info: Preferences > Expert, or Severity in the context menu of Expert Information."""
    assert expert(tshark) == {"Warns": 2}
    assert expert(tshark, *severity("Error")) == {"Errors": 2}
    assert expert(tshark, *severity("Chat")) == {"Chats": 2}


def test_the_rule_keeps_its_own(tshark):
    """So that our filters mean the same for everybody; the user's severity is in the expert info."""
    rows = tshark.fields(CAPTURE, ["mqtt5.finding.severity", "_ws.expert.severity"], "-Y", "mqtt5.finding", *severity("Error"))
    assert [[int(value, 0) for value in row] for row in rows] == [[0x600000, 0x800000]] * 2
    assert tshark.fields(CAPTURE, ["frame.number"], "-Y", 'mqtt5.finding.severity == "Warning"', *severity("Error")) == [["9"], ["22"]]


def test_preferences_are_explained(tshark):
    """What Preferences > Protocols > MQTT5 shows."""
    blocks = re.findall(r"((?:^#.*\n)+)^#(mqtt5\.\w+): (\w+)$", tshark.run("-G", "defaultprefs").out, re.MULTILINE)
    assert {name for _, name, _ in blocks} >= {"mqtt5.info_column", "mqtt5.several_connections"}
    for comment, name, default in blocks:
        words = [line.removeprefix("# ") for line in comment.splitlines()]
        assert len(words) >= 2 and len(words[0]) > 40 and words[0][0].isupper(), name
        assert default == {"mqtt5.patience": "30", "mqtt5.export_objects": "published", "mqtt5.security": "FALSE",
                           "mqtt5.journey_memory": "0", "mqtt5.late_delivery": "1", "mqtt5.deliveries_levels": "0"}.get(name, "TRUE")


@pytest.mark.parametrize("how", [[], ["-2"], ["-V"], ["-q", "-z", "expert"], ["-T", "json"], ["-T", "ek"], ["--disable-protocol", "mqtt5"]], ids=" ".join)
def test_nothing_on_stderr(tshark, made, how):
    """tshark.lines fails on any output there."""
    assert sum(1 for _ in tshark.lines(made.merged, *how)) > 0
