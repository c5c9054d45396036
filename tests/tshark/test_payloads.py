"""Payloads by topic: the user's table of payload decoders (captures/made/payloads)."""
import re
import shutil

import harness
import pytest

ALL = (("zigbee2mqtt/+", "", "none", "json", ""), ("+/+/log/gzip", "", "gzip", "json", ""), ("+/+/log/zlib", "", "zlib", "json", ""),
       ("+/+/log/deflate", "", "deflate", "json", ""), ("plant/+/msgpack", "", "none", "msgpack", ""),
       ("plant/line-1/reading", "", "none", "protobuf", "plant.Reading"), ("+/+/note", "", "none", "text", ""),
       ("", "application/xml", "none", "xml", ""))
MISMATCH = "mqtt5.payload.mismatch"


def table(*entries):
    """Options for tshark: entries of topic, Content Type, compression, decoder and message type."""
    return [word for entry in entries for word in ("-o", "uat:mqtt5_payloads:" + ",".join(f'"{value}"' for value in entry))]


def matching(tshark, capture, shown, *arguments):
    return [int(row[0]) for row in tshark.fields(capture, ["frame.number"], "-Y", shown, *arguments)]


@pytest.fixture
def capture(made):
    return made.path("payloads")


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one-pass", "two-passes"])
@pytest.mark.parametrize("shown, frames", [
    ('json.key == "temperature"', [7, 8]),  # the second with a Topic Alias
    ('json.value.string == "warm"', [27, 28, 29]),
    ('msgpack.string == "ok"', [25]),
    ("protobuf.field.number == 3 && !sparkplugb", [26]),
    ("data-text-lines", [30]),
    ('xml.tag contains "part"', [31]),
    ('mqtt5.payload.decoder == "json"', [7, 8, 9, 27, 28, 29]),
    (MISMATCH, [9]),
])
def test_shown(tshark, capture, shown, frames, passes):
    """What the decoder's dissector has can be filtered for."""
    assert matching(tshark, capture, shown, *table(*ALL), *passes) == frames


@pytest.mark.parametrize("how", [(), (*table(*ALL), "--disable-protocol", "mqtt5")], ids=["without the table", "disabled"])
def test_off(tshark, capture, how):
    shown = f"json || msgpack.string || (protobuf && !sparkplugb) || data-text-lines || xml || mqtt5.payload.decoder || {MISMATCH}"
    assert matching(tshark, capture, shown, *how) == []


def test_below_our_subtree(tshark, capture):
    lines = tshark.read(capture, "-V", "-Y", "frame.number == 10", *table(("zigbee2mqtt/#", "", "none", "json", ""))).splitlines()
    at = lines.index("        [Payload decoder: json]")
    assert "    [MQTT 5 Analysis]" in lines[:at] and lines[at + 1] == "            JavaScript Object Notation"


@pytest.mark.parametrize("topic, entry, said", [
    ("zigbee2mqtt/Hall", ("none", "json", ""), "The payload is not decoded: it is not json"),
    ("zigbee2mqtt/Hall", ("gzip", "json", ""), "The payload is not decoded: it is not gzip"),
    ("zigbee2mqtt/Hall", ("zlib", "json", ""), "The payload is not decoded: it is not zlib"),
    ("zigbee2mqtt/Hall", ("deflate", "json", ""), "The payload is not decoded: it is not json"),  # deflate has no mark: what comes out is no JSON
    ("zigbee2mqtt/Hall", ("none", "xml", ""), "The payload is not decoded: it is not xml"),
    ("plant/line-1/log/zlib", ("none", "text", ""), "The payload is not decoded: it is not text"),
    ("plant/line-1/log/zlib", ("gzip", "text", ""), "The payload is not decoded: it is not gzip"),
    ("plant/line-1/note", ("none", "json", ""), "The payload is not decoded: it is not json"),
    ("plant/line-1/note", ("none", "cbor", ""), "The decoder cbor takes 4 of the 15 bytes of the payload"),
    ("plant/line-1/log/zlib", ("none", "cbor", ""), "The payload does not fit the decoder cbor"),
    ("plant/line-1/note", ("none", "mqtt5-none", ""), None),
])
def test_mismatch(tshark, capture, topic, entry, said):
    """One Chat, with a tree and without one; the payload stays where stock shows it. What is no dissector is not taken."""
    options = table((topic, "", *entry))
    if said is None:
        done = tshark.run("-r", tshark.visible(capture), *options)
        assert done.status != 0 and 'Wireshark has no dissector "mqtt5-none"' in done.err
        return
    rows = tshark.fields(capture, ["_ws.expert.message", "mqtt.msg"], "-Y", MISMATCH, *options)
    assert len(rows) == 1 and said in rows[0][0].split(",") and rows[0][1]
    for tree in (), ("-Y", "frame"):
        listed = tshark.read(capture, "-q", "-z", "expert,chat", *tree, *options)
        assert re.findall(r"^ +(\d+) +Undecoded +MQTT5 +(.*)$", listed, re.MULTILINE) == [("1", said)]


@pytest.mark.parametrize("entry, said", [
    (("a/b#", "", "none", "json", ""), "is no Topic Filter"),
    (("a+", "", "none", "json", ""), "is no Topic Filter"),
    (("", "", "none", "json", ""), "an entry needs a Topic Filter or a Content Type"),
    (("a", "", "brotli", "json", ""), "invalid value"),
])
def test_refused_entries(tshark, capture, entry, said):
    done = tshark.run("-r", tshark.visible(capture), *table(entry))
    assert done.status != 0 and said in done.err


def test_first_entry_counts(tshark, capture):
    entries = ("plant/#", "application/xml", "none", "text", ""), ("plant/+/note", "", "none", "json", ""), ("#", "", "none", "text", "")
    assert matching(tshark, capture, 'mqtt5.payload.decoder == "json"', *table(*entries)) == [30]
    assert 31 in matching(tshark, capture, "data-text-lines && !xml", *table(*entries))


def test_not_twice(tshark, capture):
    """Stock has shown it already: by its own table, by Content Type, or as Sparkplug. Its neighbour in the segment is still ours."""
    both = (*table(("#", "", "none", "json", "")), "-o", 'uat:mqtt_message_decoding:"Equal to","zigbee2mqtt/Kitchen","none","json"')
    assert tshark.read(capture, "-V", "-Y", "frame.number == 7", *both).count("JavaScript Object Notation") == 1
    cbor = table(("#", "", "none", "cbor", ""))
    assert tshark.read(capture, "-V", "-Y", "frame.number == 24", *cbor).count("Concise Binary Object Representation") == 1
    # Wireshark 4.6 leaves items out of a tree that is not shown, so that there a filter alone cannot tell.
    sparkplug = tshark.read(capture, "-V", "-Y", "frame.number in {7, 16}", *table(("#", "", "none", "sparkplug", "")))
    assert sparkplug.count("[Group ID: Plant]") == 1 and sparkplug.count("[Payload decoder: sparkplug]") == 1


def test_two_in_a_segment(tshark, made_text):
    capture = made_text('client CONNECT client-id "c"\nserver CONNACK\nclient PUBLISH topic "a" "[1]" '
                        'PUBLISH topic "spBv1.0/g/NDATA/n" (0801) PUBLISH topic "b" "[2]" PUBLISH topic "c" "[3]"\n')
    options = table(("#", "", "none", "json", ""))
    assert tshark.fields(capture, ["json.value.number", "sparkplugb.messagetype"], "-Y", "json", *options) == [["1,2,3", "NDATA"]]


def test_nothing_to_say(tshark, made_text):
    """An empty payload and one that was not captured as a whole."""
    capture = made_text('client CONNECT client-id "c"\nserver CONNACK\nclient PUBLISH topic "a" ""\ncut 8\nclient PUBLISH topic "a" "[1, 2, 3]"\n')
    assert matching(tshark, capture, f"mqtt5.payload.decoder || {MISMATCH}", *table(("#", "", "none", "json", ""))) == []


def test_columns_stay(tshark, capture):
    everything = table(*ALL, ("zigbee2mqtt/#", "", "none", "json", ""))
    assert tshark.read(capture, *everything) == tshark.read(capture)


def test_file(tshark, capture):
    """The table is a file that can be shared."""
    file = tshark.home / "config" / "mqtt5_payloads"
    file.parent.mkdir(exist_ok=True)
    file.write_text('# mine\n"zigbee2mqtt/+","","none","json",""\n', encoding="utf-8")
    tshark.open_up(tshark.home)
    try:
        assert matching(tshark, capture, "json && frame.number > 0") == [7, 8]
    finally:
        file.unlink()


def test_guided_session(tshark, capture, tmp_path):
    """The commands of docs/payloads.md, in a folder with the capture and the schema, print what is there."""
    folder = tshark.files / f"{tmp_path.name}-payloads"
    (folder / "docs").mkdir(parents=True)
    shutil.copy(tshark.visible(capture), folder / "payloads.pcapng")
    shutil.copy(harness.TOP / "docs" / "sparkplug.proto", folder / "docs")
    tshark.open_up(folder)
    text = (harness.TOP / "docs" / "payloads.md").read_text(encoding="utf-8")
    found = re.findall(r"^\$ (tshark .*)\n((?:.+\n)+?)```$", text, re.MULTILINE)
    assert len(found) == 3
    for command, output in found:
        assert tshark.run("-c", f"cd '{folder}' && {command}", program="sh").out == output
