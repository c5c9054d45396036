"""What stock shows is the same with the plugin as without it: trees, columns, filters, Expert Information. untouched.py says what may differ, and where.

tests/hostile/run compares damaged captures.
"""
import re
from xml.etree import ElementTree

import harness
import pytest

import untouched

PASSES = pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
COLUMNS = 'gui.column.format:"No.","%m","Time","%t","Source","%s","Destination","%d","Protocol","%p","Length","%L","Info","%i"'
# The mark is ours, and so are reason codes, which stock leaves out.
MARK = re.compile(r"(, .* \(0x[0-9a-f]{2}\)|, and \d+ more reason codes)?( \[(Error|Warning|Note): \w+(, \+\d+)?\])?")
AFTER_ALL = re.compile(r"\[(Packet size limited during capture|Malformed Packet)\]")  # Wireshark's own, after the text of the dissectors
# "Unreassembled fragment" is stock's of a CONNECT whose Remaining Length lacks a byte: it does not get what follows.
OURS_IN_STATISTICS = re.compile(r"\[[A-Z0-9a-z.-]+\]$|Not at the start of a control packet|MQTT +Unreassembled fragment")


@pytest.fixture(scope="module")
def captures(tshark, made):
    """All captures in two files: made ones, and real ones one after the other."""
    real = tshark.files / "real-all.pcapng"
    harness.subprocess.run(["mergecap", "-a", "-w", real, *sorted((harness.CAPTURES / "real").glob("*.pcapng"))], check=True)
    real.chmod(0o644)
    return {"made": made.merged, "real": real}


@pytest.fixture(scope="module")
def keys(tshark):
    return ["-o", f"tls.keylog_file:{tshark.visible(harness.CAPTURES / 'real' / 'tls.keys')}"]


@pytest.fixture(scope="module")
def compared(tshark, captures, keys):
    """A function: the comparison of the trees of `made` or `real`; each is done once."""
    done = {}

    def compare(which, passes):
        if (which, bool(passes)) not in done:
            arguments = [captures[which], *passes, *keys, "-T", "pdml"]
            done[which, bool(passes)] = untouched.compare(lambda: tshark.lines(*arguments), lambda: tshark.lines(*arguments, plugin=False), bool(passes))
        return done[which, bool(passes)]
    return compare


def rows(tshark, capture, *arguments, **how):
    text = tshark.read(capture, "-T", "psml", "-o", COLUMNS, *arguments, **how)
    return [[section.text or "" for section in packet] for packet in ElementTree.fromstring(text).iter("packet")]


@PASSES
@pytest.mark.parametrize("which", ["made", "real"])
def test_trees(which, passes, compared):
    found = compared(which, passes)
    assert not found.problems, "\n".join(found.problems[:10])
    print(f"{which}: {found.frames} frames, {len(found.may_differ)} may differ, {len(found.differ)} do")
    assert found.frames > 900 and len(found.differ) < found.frames / 10  # MQTT over WebSocket, mostly


@PASSES
@pytest.mark.parametrize("which", ["made", "real"])
def test_columns(which, passes, tshark, captures, keys, compared):
    """The same except for our mark, and exactly the same with the preference switched off."""
    may_differ = compared(which, passes).may_differ
    stock = rows(tshark, captures[which], *passes, *keys, plugin=False)
    for info_column in (True, False):
        ours = rows(tshark, captures[which], *passes, *keys, "-o", f"mqtt5.info_column:{str(info_column).upper()}")
        for number, (one, other) in enumerate(zip(ours, stock, strict=True), 1):
            if number in may_differ:
                assert one[:4] == other[:4]
                continue
            assert one[:-1] == other[:-1], number
            info, stock_info = AFTER_ALL.sub("", one[-1]), AFTER_ALL.sub("", other[-1])
            assert info.startswith(stock_info), (number, info, stock_info)
            assert (MARK if info_column else re.compile("")).fullmatch(info[len(stock_info):]), (number, info, stock_info)


@PASSES
@pytest.mark.parametrize("which", ["made", "real"])
@pytest.mark.parametrize("display_filter", ["mqtt", "mqtt.msgtype == 3", "mqtt.topic contains \"a\"", "mqtt.len > 20 && !mqtt.prop_number"])
def test_filters(display_filter, which, passes, tshark, captures, keys, compared):
    may_differ = compared(which, passes).may_differ
    arguments = [captures[which], ["frame.number"], *passes, *keys, "-Y", display_filter]
    ours, stock = ({int(row[0]) for row in tshark.fields(*arguments, **how)} for how in ({}, {"plugin": False}))
    assert ours - may_differ == stock - may_differ
    assert stock - may_differ


@PASSES
def test_filter_malformed(passes, tshark, captures, compared):
    """In Wireshark itself, `_ws.malformed` matches every expert info of the group Malformed, such as our Errors."""
    may_differ = compared("made", passes).may_differ

    def matching(display_filter, **how):
        return {int(row[0]) for row in tshark.fields(captures["made"], ["frame.number"], *passes, "-Y", display_filter, **how)} - may_differ
    stock = matching("_ws.malformed", plugin=False)
    assert stock and matching("_ws.malformed") == stock | matching("mqtt5.finding.severity == 0x800000")


def experts_of_others(text):
    """The rows of -z expert that are not ours, without their number (it depends on frames that may differ)."""
    return {tuple(line.split(None, 1)[1].split()) for line in text.splitlines() if re.match(r" +\d+ ", line) and not OURS_IN_STATISTICS.search(line)}


@PASSES
@pytest.mark.parametrize("which", ["made", "real"])
def test_expert_of_others(which, passes, tshark, captures, keys):
    arguments = [captures[which], *passes, *keys, "-q", "-z", "expert"]
    ours, stock = (experts_of_others(tshark.read(*arguments, **how)) for how in ({}, {"plugin": False}))
    assert stock and ours <= stock, ours - stock
    # If stock invents packets, it invents errors, too.
    assert {row for row in stock - ours if "Malformed" not in row[0] and "MQTT" not in row} == set()
