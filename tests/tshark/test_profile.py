"""The Wireshark profile "MQTT 5": tshark takes it without a word, and every filter in it compiles and finds what its name says."""
import csv
import re
import shutil

import harness
import pytest

NAME = "MQTT 5"
PROFILE = harness.TOP / "plugin" / "profile" / NAME
CAPTURE = harness.CAPTURES / "real" / "message-size-limit.pcapng"


def table(name):
    """The rows of one of Wireshark's tables: CSV with \\xNN for what needs it."""
    lines = [line for line in (PROFILE / name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [[re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), value) for value in row]
            for row in csv.reader(lines)]


def colour_rules():
    lines = [line for line in (PROFILE / "colorfilters").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    matches = [re.fullmatch(r"@([^@]+)@([^@]+)@\[(\d+,\d+,\d+)\]\[(\d+,\d+,\d+)\]", line) for line in lines]
    assert all(matches), "a line that Wireshark would not read"
    return [match.groups() for match in matches]


FILTERS = sorted({row[2] for name in ("dfilter_buttons", "io_graphs") for row in table(name)} | {rule[1] for rule in colour_rules()})


@pytest.fixture(scope="module")
def profile(tshark):
    """The profile, installed for the user who runs tshark."""
    folder = tshark.home / "config" / "profiles" / NAME
    if not folder.exists():
        shutil.copytree(PROFILE, folder)
        tshark.open_up()
    return "-C", NAME


def test_loads_in_silence(tshark, profile):
    """tshark.read fails on any word on stderr."""
    assert len(tshark.read(CAPTURE, *profile).splitlines()) == 26


def test_columns(tshark, profile):
    rows = [line.split("\t") for line in tshark.read(CAPTURE, *profile, "-T", "tabs", "-Y", "mqtt5.finding").splitlines()]
    assert [[value.strip() for value in row[5:11]] for row in rows] == [["limit-1", "PUBACK", "Server", "1", "", "Packet too large"],
                                                                        ["limit-2", "PUBREC", "Server", "1", "", "Packet too large"]]


@pytest.mark.parametrize("display_filter", FILTERS)
def test_filters_compile(tshark, display_filter):
    tshark.read(CAPTURE, "-Y", display_filter)


def test_fields_exist(tshark):
    """Columns and graphs of fields that do not exist are silently empty."""
    preferences = (PROFILE / "preferences").read_text(encoding="utf-8")
    names = set(re.findall(r"%Cus:([a-z0-9_.]+):", preferences)) | {row[6] for row in table("io_graphs") if row[6]}
    known = {line.split("\t")[2] for line in tshark.run("-G", "fields").out.splitlines() if line.startswith("F\t")}
    assert names and names <= known


def test_preferences_take_effect(tshark, profile):
    preferences = dict(re.findall(r"^([a-z0-9_.]+): (\S+)$", (PROFILE / "preferences").read_text(encoding="utf-8"), re.MULTILINE))
    known = set(re.findall(r"^#?([a-z0-9_.]+):", tshark.run("-G", "defaultprefs").out, re.MULTILINE))
    assert preferences["gui.max_tree_depth"] == "20000" and preferences["tcp.reassemble_out_of_order"] == "TRUE"
    assert set(preferences) <= known


def test_coloured(tshark, profile):
    """The rule that colours a frame is a field of it."""
    rows = tshark.fields(CAPTURE, ["frame.number", "frame.coloring_rule.name"], *profile, "--color")
    names = {int(re.sub(r"\x1b\[[0-9;]*[mK]", "", number)): re.sub(r"\x1b\[[0-9;]*[mK]", "", name) for number, name in rows}
    assert names[9] == names[22] == "MQTT: warning"
    assert names[4] == names[6] == "MQTT: connection begins"
    assert names[10] == "MQTT: connection ends" and names[8] == "MQTT" and names[3] == "TCP"


def test_ten_buttons_have_questions():
    rows = table("dfilter_buttons")
    assert len(rows) >= 10 and all(len(row) == 4 and row[3].endswith("?") for row in rows)
