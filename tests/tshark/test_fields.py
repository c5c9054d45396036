"""The registered fields, with their types, value strings and units, against the oracle."""
import collections
import re

import harness
import make_docs
import oracle_tables
import pytest

REASON_CODES = oracle_tables.reason_codes()
PROPERTIES = oracle_tables.properties()

TYPES = {"byte": "FT_UINT8", "two_byte": "FT_UINT16", "four_byte": "FT_UINT32", "variable_byte": "FT_UINT32", "string": "FT_STRING",
         "binary": "FT_BYTES", "string_pair": "FT_STRING"}

CONTRACT = {
    "mqtt5.analysis": "FT_NONE",
    "mqtt5.packet_type": "FT_UINT8",
    "mqtt5.sender": "FT_UINT8",
    "mqtt5.version": "FT_UINT8",
    "mqtt5.reason_code": "FT_UINT8",
    "mqtt5.reason_code.meaning": "FT_STRING",
    "mqtt5.property.id": "FT_UINT32",
    "mqtt5.finding": "FT_STRING",
    "mqtt5.finding.clause": "FT_STRING",
    "mqtt5.finding.severity": "FT_UINT32",
}


@pytest.fixture(scope="module")
def fields(tshark):
    """Columns of `tshark -G fields` by abbreviation."""
    rows = (line.split("\t") for line in tshark.stream("-G", "fields"))
    return {row[2]: row for row in rows if row[0] == "F" and row[2].startswith("mqtt5")}


@pytest.fixture(scope="module")
def values(tshark):
    """Value strings by field: {number: text}."""
    found = collections.defaultdict(dict)
    for line in tshark.stream("-G", "values"):
        row = line.split("\t")
        if row[0] == "V" and row[1].startswith("mqtt5"):
            assert int(row[2], 0) not in found[row[1]], f"{row[1]}: two strings for {row[2]}"
            found[row[1]][int(row[2], 0)] = row[3]
    return found


@pytest.mark.parametrize("path", sorted((harness.TOP / "tests" / "released").glob("*.tsv")), ids=lambda path: path.stem)
def test_released_names_still_exist(path, fields):
    """Each field and rule of an earlier release, of the same kind: people have them in filters, columns and scripts."""
    released = dict(line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    assert len(released) > 200
    assert {name: make_docs.TYPES[fields[name][3]] if name in fields else None for name in released} == released


def test_protocol(tshark):
    assert "MQTT 5 Analysis\tMQTT5\tmqtt5" in "\n".join("\t".join(line.split("\t")[:3]) for line in tshark.run("-G", "protocols").out.splitlines())


@pytest.mark.parametrize("abbrev", CONTRACT)
def test_contract(abbrev, fields):
    assert fields[abbrev][3] == CONTRACT[abbrev]


def test_senders(values):
    assert values["mqtt5.sender"] == {1: "Client", 2: "Server"}


def test_packet_types(values):
    names = ["CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK",
             "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"]
    assert values["mqtt5.packet_type"] == dict(enumerate(names, 1))


@pytest.mark.parametrize("packet", oracle_tables.REASON_CODE_PACKETS)
def test_reason_codes_of_packet(packet, fields, values):
    abbrev = f"mqtt5.{packet.lower()}.reason_code"
    assert fields[abbrev][3] == "FT_UINT8"
    assert values[abbrev] == {row.code: row.name for row in REASON_CODES if row.packet == packet}


def test_no_other_reason_code_fields(fields):
    expected = {f"mqtt5.{packet.lower()}.reason_code" for packet in oracle_tables.REASON_CODE_PACKETS} | {"mqtt5.reason_code"}
    assert {abbrev for abbrev in fields if re.fullmatch(r"mqtt5\.([a-z]+\.)?reason_code", abbrev)} - {"mqtt5.close.reason_code"} == expected


def test_all_reason_codes(values):
    codes = {row.code for row in REASON_CODES}
    assert len(codes) == 43
    assert set(values["mqtt5.reason_code"]) == codes
    for code, name in values["mqtt5.reason_code"].items():
        assert name in {row.name for row in REASON_CODES if row.code == code}


@pytest.mark.parametrize("property_list", oracle_tables.PROPERTY_LISTS)
def test_properties_of_list(property_list, fields, values):
    abbrev = f"mqtt5.{property_list.lower()}.property.id"
    assert fields[abbrev][3] == "FT_UINT32"
    assert values[abbrev] == {row.id: row.name for row in PROPERTIES if row.packet == property_list}


def test_all_properties(values):
    assert values["mqtt5.property.id"] == {row.id: row.name for row in PROPERTIES}
    assert len(values["mqtt5.property.id"]) == 27


def test_typed_properties(fields):
    for row in PROPERTIES:
        field = fields[f"mqtt5.property.{row.abbrev}"]
        assert field[1] == row.name
        assert field[3] == TYPES[row.type]


def test_expert_infos_are_rules(fields):
    """Each expert info has a rule's name, and no two are the same."""
    experts = {abbrev: row[1] for abbrev, row in fields.items() if abbrev.startswith("mqtt5.analysis.")}
    assert len(experts) > 40
    assert len(set(experts.values())) == len(experts)
    for abbrev in experts:
        assert abbrev.removeprefix("mqtt5.analysis.").replace("_", "").isalnum()


def test_nothing_of_ours_elsewhere(tshark):
    """All our fields start with our own prefix, and none of stock's is gone or changed."""
    ours = {line for line in tshark.stream("-G", "fields") if "\tmqtt5" not in line}
    stock = set(tshark.stream("-G", "fields", plugin=False))
    assert ours - stock == set()
    assert {line for line in stock - ours if "\tmqtt" in line} == set()
