"""The plugin finds in each made capture what the capture expects, neither more nor less, in one pass and in two."""
import pathlib
import re

import harness
import made as made_captures
import make_rules
import pdml
import pytest

ALL = made_captures.read_all(harness.CAPTURES / "made")
NAMES = [one.name for one in ALL]


@pytest.fixture(scope="module")
def one_pass(tshark, made):
    return make_rules.frames(tshark, made)


@pytest.fixture(scope="module")
def two_passes(tshark, made):
    return make_rules.frames(tshark, made, "-2")


def frames_of(made, name, frames):
    """The frames of one capture in the merged file, by their numbers in the capture."""
    one = made.all[NAMES.index(name)]
    offset = made.offsets[name]
    return {number: frames[offset + number] for number in range(1, len(one.capture.frames) + 1)}


def found(frames):
    return sorted((number, rule) for number, frame in frames.items() for rule in frame.above_chat())


@pytest.mark.parametrize("name", NAMES)
def test_finds_what_it_says(name, made, one_pass):
    one = made.all[NAMES.index(name)]
    frames = frames_of(made, name, one_pass)
    assert found(frames) == one.expected
    for number, rule in one.chats:
        assert rule in [expert.rule for expert in frames[number].experts if expert.severity == pdml.CHAT]


def known_at_once(frame):
    """All fields except those about a later frame."""
    return [field for field in frame.fields if field.name not in pdml.FORWARD]


@pytest.mark.parametrize("name", NAMES)
def test_two_passes(name, made, one_pass, two_passes):
    first, second = frames_of(made, name, one_pass), frames_of(made, name, two_passes)
    assert {number: frame.experts for number, frame in first.items()} == {number: frame.experts for number, frame in second.items()}
    assert {number: known_at_once(frame) for number, frame in first.items()} == {number: known_at_once(frame) for number, frame in second.items()}


def added_to_info(tshark, capture, *arguments):
    """What the plugin adds to the Info column, by frame; stock's part differs between passes by itself."""
    cut = re.compile(r"\[(Packet size limited during capture|BoundErrorUnreassembled Packet)\]")  # come after everything else
    without = tshark.info(capture, "-o", "mqtt5.info_column:FALSE", *arguments)
    added = {}
    for number, text in tshark.info(capture, *arguments).items():
        assert text.startswith(cut.sub("", without[number]))
        added[number] = text[len(cut.sub("", without[number])):]
    return added


def test_info_in_two_passes(tshark, made):
    assert added_to_info(tshark, made.merged) == added_to_info(tshark, made.merged, "-2")


@pytest.mark.parametrize("name", ["reason-codes-legal", "segments-lost-middle", "properties-malformed"])
def test_alone_as_among_all(name, tshark, made, one_pass):
    alone = tshark.frames(made.path(name))
    among = frames_of(made, name, one_pass)
    assert {number: frame.experts for number, frame in alone.items()} == {number: frame.experts for number, frame in among.items()}


def test_each_rule_has_a_capture(tshark):
    """Every rule that the plugin registers has a finding or a Chat in some made capture."""
    fields = (line.split("\t") for line in tshark.stream("-G", "fields"))
    rules = {field[2][len(pdml.PREFIX):] for field in fields if field[0] == "F" and field[2].startswith(pdml.PREFIX)}
    shown = {rule for one in ALL for _, rule in one.expected + one.chats}
    assert rules - shown == set()
    assert shown - rules == set()


def test_command_line(tmp_path):
    """tests/made.py by itself."""
    source = harness.CAPTURES / "made" / f"{NAMES[0]}.txt"
    made_captures.main([str(source), str(tmp_path / "out.pcapng")])
    assert pathlib.Path(tmp_path / "out.pcapng").read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
