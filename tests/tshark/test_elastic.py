"""tools/mqtt5-elastic: Elasticsearch and OpenSearch accept what it prints, and it says what tshark says."""
import collections
import functools
import json
import math

import harness
import pytest

CAPTURE = harness.CAPTURES / "real" / "message-size-limit.pcapng"
OURS = "mqtt5_"
RANGES = {"byte": 7, "short": 15, "integer": 31, "long": 63}
# What a field of this type may be mapped to, so that no value is refused or loses its meaning.
SENSIBLE = {"FT_UINT8": {"short"}, "FT_UINT16": {"integer"}, "FT_UINT32": {"long"}, "FT_FRAMENUM": {"long"}, "FT_STRING": {"keyword"},
            "FT_BYTES": {"keyword"}, "FT_RELATIVE_TIME": {"double"}, "FT_NONE": {"boolean"}, "FT_BOOLEAN": {"boolean"}, "FT_DOUBLE": {"double"},
            "FT_INT32": {"integer"}, "FT_UINT64": {"long", "unsigned_long"}, "FT_INT64": {"long"}, "FT_FLOAT": {"double"}}


@pytest.fixture(scope="module")
def elastic(tshark):
    """Runs the tool as the user that runs tshark."""
    return functools.partial(tshark.tool, "mqtt5-elastic")


@pytest.fixture(scope="module")
def layers(elastic):
    """The mapping of each layer."""
    done = elastic("mapping")
    assert (done.status, done.err) == (0, "")
    template = json.loads(done.out)
    assert template["index_patterns"] == ["packets-*"]
    return {name: layer["properties"] for name, layer in template["template"]["mappings"]["properties"]["layers"]["properties"].items()}


def once(pairs):
    """Both refuse an object with a duplicate key."""
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), keys
    return dict(pairs)


def documents(elastic, path, *arguments):
    done = elastic("bulk", *arguments, path)
    assert (done.status, done.err) == (0, "")
    lines = [json.loads(line, object_pairs_hook=once) for line in done.out.splitlines()]
    assert all(set(line) == {"index"} and set(line["index"]) == {"_index"} for line in lines[::2])
    return lines[1::2]


def leaves(node, path=()):
    """(path, value) of all that is not an object; lists are many values."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for value in node:
            yield from leaves(value, path)
    else:
        yield path, node


def kind_of(layers, path):
    kinds = layers
    for at, key in enumerate(path):
        kind = kinds.get(key)
        if kind is None:
            return None
        if at == 0:
            kinds = kind
        elif "properties" in kind:
            kinds = kind["properties"]
        else:
            return kind["type"] if at == len(path) - 1 else None
    return "object"


def taken(kind, value):
    """Whether a field of that type takes the value, as their documentation says."""
    if value is None:
        return True
    if kind in RANGES:
        return not isinstance(value, bool) and -2 ** RANGES[kind] <= int(value, 10) < 2 ** RANGES[kind]
    if kind == "boolean":
        return value in (True, False, "true", "false", "")
    if kind == "double":
        return math.isfinite(float(value))
    return isinstance(value, (str, bool))  # keyword and text take a boolean as its name


def test_every_field_is_mapped(tshark, layers):
    """With a type that holds its values; rules are in the object of the expert info."""
    rows = (line.split("\t") for line in tshark.stream("-G", "fields"))
    fields = {row[2]: row[3] for row in rows if row[0] == "F" and row[4] == "mqtt5"}
    assert len(fields) > 200
    for abbrev, kind in fields.items():
        place = layers["mqtt5"]["_ws_expert"]["properties"] if abbrev.startswith("mqtt5.analysis.") else layers["mqtt5"]
        found = place[f"mqtt5_{abbrev.replace('.', '_')}"]["type"]
        assert found in SENSIBLE[kind], abbrev


def test_every_value_fits(elastic, layers, made):
    """In the captures of all rules, with their unusual values: each value is where the mapping expects it, and of its type."""
    seen = collections.Counter()
    for document in documents(elastic, made.merged):
        assert set(document) == {"timestamp", "layers"} and document["timestamp"].isdigit()
        for path, value in leaves(document["layers"]):
            kind = kind_of(layers, path)
            if path[0] == "mqtt5":
                assert kind and kind != "object", path
                seen[path[-1]] += 1
            else:
                assert not any(key.startswith("mqtt5") or key == "mqtt5" for key in path), path
            if kind:
                try:
                    assert taken(kind, value), (path, kind, value)
                except (TypeError, ValueError):
                    pytest.fail(f"{path}: {kind} does not take {value!r}")
    assert len(seen) > 150


def test_findings_are_those_of_tshark(elastic, tshark, made):
    """With frame, rule and message; several packets of a frame are a list."""
    found = []
    for document in documents(elastic, made.merged, "-Y", "mqtt5.finding"):
        number = document["layers"]["frame"]["frame_frame_number"]
        ours = document["layers"]["mqtt5"]
        for packet in ours if isinstance(ours, list) else [ours]:
            found += [(number, value) for path, value in leaves(packet) if path[-1] == "mqtt5_mqtt5_finding"]
    expected = [(frame, rule) for frame, rules in tshark.fields(made.merged, ["frame.number", "mqtt5.finding"], "-Y", "mqtt5.finding")
                for rule in rules.split(",")]
    assert found == expected and len(found) > 200


def test_one_finding(elastic, tshark):
    (document,) = documents(elastic, tshark.visible(CAPTURE), "-Y", "frame.number == 9")
    ours = document["layers"]["mqtt5"]
    assert {name: ours[f"mqtt5_mqtt5_{name}"] for name in ("finding", "finding_clause", "reason_code", "packet_type", "sender", "response_time")} == {
        "finding": "reason_code_not_allowed", "finding_clause": "MQTT-3.4.2-1", "reason_code": "149", "packet_type": "4", "sender": "2",
        "response_time": "0.000043000"}
    expert = ours["_ws_expert"]
    assert expert["_ws_expert__ws_expert_message"].startswith("PUBACK from server: reason code 0x95 (Packet too large)")
    assert expert["mqtt5_mqtt5_analysis_reason_code_not_allowed"] is True
    assert document["layers"]["mqtt"]["mqtt_mqtt_msgid"] == "1"


def test_decode_as(elastic, made):
    path = made.path("port-other-late")
    assert elastic("bulk", path).out == ""
    assert documents(elastic, path, "-d", "tcp.port==18830,mqtt")


def test_without_the_plugin(elastic, tshark):
    for arguments in (["mapping"], ["bulk", tshark.visible(CAPTURE)]):
        done = elastic(*arguments, plugin=False)
        assert done.status == 2 and "has no MQTT 5 plugin" in done.err and not done.out


def test_errors(elastic, tshark):
    done = elastic("bulk", tshark.room / "no-such.pcapng")
    assert done.status == 2 and "no-such.pcapng" in done.err
    done = elastic("--tshark", "/no/such/tshark", "mapping")
    assert done.status == 2 and "does not start" in done.err
    assert elastic().status == 2
