"""The Wireshark profile "MQTT 5": tshark takes it without a word, and every filter in it compiles and finds what its name says."""
import csv
import json
import re
import shutil

import harness
import make_coloring_rules
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
    assert [[value.strip() for value in row[2:7]] for row in rows] == [["limit-1", "Server", "PUBACK", "", "reason_code_not_allowed"],
                                                                       ["limit-2", "Server", "PUBREC", "", "reason_code_not_allowed"]]


def test_columns_fit_a_laptop():
    """Those that are not hidden have a width, and together fit into a window of 1,280 pixels but for the end of Info."""
    preferences = (PROFILE / "preferences").read_text(encoding="utf-8")
    shown = [form for form in re.findall(r'^\t"[^"]*", "([^"]+)"', preferences, re.MULTILINE)
             if form not in re.search(r"^gui.column.hidden: (.*)$", preferences, re.MULTILINE)[1].split(",")]
    fields = re.search(r"^column.width: (.*)$", (PROFILE / "recent").read_text(encoding="utf-8"), re.MULTILINE)[1].split(", ")
    widths = dict(zip(fields[::2], map(int, fields[1::2])))
    assert len(shown) == 8 and shown[-1] == "%i"
    assert sum(widths[form.removesuffix(":0:R")] for form in shown[:-1]) <= 1280 - 500


def test_colours_for_later_releases():
    """After 4.6 Wireshark reads them from another file, which says the same."""
    assert make_coloring_rules.TARGET.read_text(encoding="utf-8") == make_coloring_rules.wanted(), "run tests/make_coloring_rules.py"


def luminance(colour):
    """As the guidelines for accessible pages (WCAG 2) define it, from 0 for black to 1 for white."""
    shares = [int(value) / 65535 for value in colour.split(",")]
    return sum(weight * (share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4)
               for weight, share in zip((0.2126, 0.7152, 0.0722), shares))


@pytest.mark.parametrize("name, background, text", [(rule[0], *rule[2:]) for rule in colour_rules()])
def test_colours_can_be_read(name, background, text):
    """The contrast that these guidelines ask for; each rule has both colours, so it is the same in a dark window."""
    dark, light = sorted((luminance(background), luminance(text)))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_colours_are_converted():
    text = make_coloring_rules.converted('# a comment\n@A "b"@mqtt@[65535,32768,0][0,257,65280]\n!@C@tcp@[0,0,0][0,0,0]\n')
    assert json.loads(text.partition("\n")[2]) == [
        {'A "b"': {"filter": "mqtt", "foreground": "#0001ff", "background": "#ff8000", "enabled": True}},
        {"C": {"filter": "tcp", "foreground": "#000000", "background": "#000000", "enabled": False}}]


def test_filters_compile(tshark):
    """A statistic for each of them; tshark says which filter is none."""
    tshark.read(CAPTURE, "-q", *(word for display_filter in FILTERS for word in ("-z", f"io,phs,{display_filter}")))


def test_fields_exist(tshark):
    """Columns and graphs of fields that do not exist are silently empty."""
    preferences = (PROFILE / "preferences").read_text(encoding="utf-8")
    names = set(re.findall(r"%Cus:([a-z0-9_.]+):", preferences)) | {row[6] for row in table("io_graphs") if row[6]}
    known = {line.split("\t")[2] for line in tshark.stream("-G", "fields") if line.startswith("F\t")}
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


def test_buttons_have_questions():
    rows = table("dfilter_buttons")
    assert len(rows) >= 10 and all(len(row) == 4 and row[3].endswith("?") for row in rows)


def test_buttons_are_grouped():
    """At most eleven in the row, which fit into a window of 1,280 pixels (tests/gui); those of one group follow each other."""
    groups = [row[1].split("//")[0] for row in table("dfilter_buttons")]
    row = [group for at, group in enumerate(groups) if at == 0 or groups[at - 1] != group]
    assert len(row) <= 11 and len(set(row)) == len(row)
