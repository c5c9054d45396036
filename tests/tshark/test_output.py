"""What users get from tshark: fields in each output format, filters, the Expert Information, and readable messages."""
import collections
import json
import re

import harness
import pdml
import pytest

TAKEOVER = "reason-codes-takeover-from-client"
MESSAGE = re.compile(r"^(CONNECT|CONNACK|PUBLISH|PUBACK|PUBREC|PUBREL|PUBCOMP|SUBSCRIBE|SUBACK|UNSUBSCRIBE|UNSUBACK|PINGREQ|PINGRESP|DISCONNECT|AUTH"
                     r"|Close|Bytes|Reserved \(0\))( from (client|server))?: \S.*\S \[[A-Z0-9a-z.-]+\]$")


@pytest.fixture(scope="module")
def all_frames(tshark, made):
    return tshark.frames(made.merged)


def test_nothing_of_ours_is_left_out(tshark, made, all_frames):
    """The tests ask tshark for a part of each tree (harness.OF_MQTT): all of the plugin is in it."""
    number = 0
    for number, packet in enumerate(pdml.packets(tshark.lines(made.merged, "-T", "pdml")), 1):
        whole, part = pdml.read_packet(packet), all_frames[number]
        assert (whole.experts, whole.fields) == (part.experts, part.fields), number
    assert number == len(all_frames) > 10000


def frames_matching(tshark, capture, display_filter):
    return [int(row[0]) for row in tshark.fields(capture, ["frame.number"], "-Y", display_filter)]


def find_keys(value, wanted):
    """All values of a key, however deep in a JSON document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == wanted:
                yield inner
            yield from find_keys(inner, wanted)
    elif isinstance(value, list):
        for inner in value:
            yield from find_keys(inner, wanted)


def test_json(tshark, made):
    frames = json.loads(tshark.read(made.path(TAKEOVER), "-T", "json"))
    assert list(find_keys(frames[5], "mqtt5.finding")) == ["reason_code_wrong_sender"]
    assert list(find_keys(frames[5], "mqtt5.finding.clause")) == ["MQTT-3.14.2-1"]
    assert list(find_keys(frames[5], "mqtt5.reason_code")) == ["0x8e"]
    assert list(find_keys(frames[5], "mqtt5.disconnect.reason_code")) == ["0x8e"]
    assert list(find_keys(frames[5], "mqtt5.sender")) == ["1"]
    assert list(find_keys(frames[4], "mqtt5.finding")) == []


def test_fields(tshark, made):
    names = ["mqtt5.packet_type", "mqtt5.sender", "mqtt5.version", "mqtt5.reason_code", "mqtt5.finding", "mqtt5.finding.clause"]
    rows = tshark.fields(made.path(TAKEOVER), names, "-Y", "mqtt5.analysis")
    assert rows == [
        ["1", "1", "5", "", "", ""],
        ["2", "2", "5", "0x00", "", ""],
        ["14", "1", "5", "0x8e", "reason_code_wrong_sender", "MQTT-3.14.2-1"],
        ["", "1", "", "", "", ""],  # the close, which has its cause
    ]


def test_ek(tshark, made):
    lines = [json.loads(line) for line in tshark.read(made.path(TAKEOVER), "-T", "ek").splitlines()]
    assert any("reason_code_wrong_sender" in json.dumps(line) for line in lines)


def test_pdml_marks_the_bytes(tshark, made):
    """A click on a finding selects its byte: in this frame, byte 54 + 2."""
    frame = tshark.frames(made.path(TAKEOVER))[6]
    finding = next(field for field in frame.fields if field.name == "mqtt5.finding")
    assert (finding.position, finding.size) == ("56", "1")


def test_text(tshark, made):
    out = tshark.read(made.path(TAKEOVER), "-V", "-Y", "mqtt5.finding")
    assert "[MQTT 5 Analysis]" in out
    assert "DISCONNECT from client: reason code 0x8e (Session taken over) may only be sent by the server" in out


def test_analysis_stands_below_stock(tshark, made):
    """Our subtree is below stock's item of the same packet."""
    from xml.etree import ElementTree
    packets = ElementTree.fromstring(tshark.read(made.path("segments-many-packets"), "-T", "pdml")).findall("packet")
    stock = packets[6].findall("proto[@name='mqtt']")
    below = [[field.get("show") for field in item.iter("field") if field.get("name") == "mqtt5.reason_code"] for item in stock]
    if len(stock) == 1:  # all packets of a segment below one item
        assert below == [["0x00", "0x05", "0x00", "0x93"]]
    else:
        assert below == [["0x00"], ["0x05"], ["0x00"], ["0x93"]]


def test_property_fields(tshark, made):
    frames = tshark.frames(made.path("properties-legal"))
    connect, connack = frames[4], frames[5]
    assert connect.values("mqtt5.property.session_expiry_interval") == ["3600"]
    assert connect.values("mqtt5.property.will_delay_interval") == ["30"]
    assert connect.values("mqtt5.property.receive_maximum") == ["20"]
    assert connect.values("mqtt5.property.authentication_method") == ["PLAIN"]
    assert connect.values("mqtt5.property.authentication_data") == ["73:65:63:72:65:74"]
    assert connect.values("mqtt5.property.user_property.name") == ["os", "site"]
    assert connect.values("mqtt5.property.user_property.value") == ["linux", "roof"]
    assert len(connect.values("mqtt5.connect.property.id")) == 9
    assert connect.values("mqtt5.will.property.id") == ["0x00000018", "0x00000001", "0x00000002", "0x00000003", "0x00000008", "0x00000009", "0x00000026"]
    assert connack.values("mqtt5.property.assigned_client_identifier") == ["srv-7"]
    assert connack.values("mqtt5.property.server_keep_alive") == ["120"]
    assert connack.values("mqtt5.property.maximum_qos") == ["1"]
    seconds = next(field for field in connect.fields if field.name == "mqtt5.property.session_expiry_interval")
    assert "3600 seconds" in seconds.showname


def test_every_property_is_shown(made, all_frames):
    """Each of the 27 typed properties appears in some capture."""
    import oracle_tables
    seen = {field.name for frame in all_frames.values() for field in frame.fields}
    assert {f"mqtt5.property.{row.abbrev}" for row in oracle_tables.properties()} <= seen


def test_meaning(tshark, made):
    frame = tshark.frames(made.path("reason-codes-takeover"))[10]
    meanings = frame.values("mqtt5.reason_code.meaning")
    assert len(meanings) == 1 and meanings[0].endswith(".")


@pytest.mark.parametrize("display_filter, rule", [
    ('mqtt5.finding == "reason_code_disputed"', "reason_code_disputed"),
    ("mqtt5.analysis.property_value", "property_value"),
    ("mqtt5.analysis.reason_code_wrong_sender", "reason_code_wrong_sender"),
    ("mqtt5.analysis.reason_code_failure", "reason_code_failure"),
])
def test_filters(display_filter, rule, tshark, made):
    expected = sorted({made.offsets[one.name] + frame for one in made.all for frame, name in one.expected if name == rule})
    assert frames_matching(tshark, made.merged, display_filter) == expected


def test_filter_on_findings(tshark, made, all_frames):
    expected = [number for number, frame in all_frames.items() if frame.values("mqtt5.finding")]
    assert frames_matching(tshark, made.merged, "mqtt5.finding") == expected
    for rule in ("reason_code_failure", "version_assumed", "string_control_character"):  # remarks are none
        assert frames_matching(tshark, made.merged, f'mqtt5.finding == "{rule}"') == []


def test_filter_on_clause(tshark, made, all_frames):
    expected = [number for number, frame in all_frames.items() if "MQTT-3.14.2-1" in frame.values("mqtt5.finding.clause")]
    assert len(expected) > 10
    assert frames_matching(tshark, made.merged, 'mqtt5.finding.clause == "MQTT-3.14.2-1"') == expected


def test_filter_on_severity(tshark, made, all_frames):
    assert frames_matching(tshark, made.merged, f"mqtt5.finding.severity == {pdml.ERROR}") == \
        [number for number, frame in all_frames.items() if str(pdml.ERROR) in map(numbered, frame.values("mqtt5.finding.severity"))]


def numbered(text):
    return str(int(text, 0))


def test_finding_agrees_with_expert(all_frames):
    """Name, clause and severity of a finding are those of its expert info."""
    for number, frame in all_frames.items():
        findings = [expert for expert in frame.experts if expert.rule in frame.values("mqtt5.finding")]
        assert [expert.rule for expert in findings] == frame.values("mqtt5.finding"), number
        assert [str(expert.severity) for expert in findings] == list(map(numbered, frame.values("mqtt5.finding.severity"))), number
        for expert, clause in zip(findings, frame.values("mqtt5.finding.clause")):
            assert expert.message.endswith(f"[{clause}]"), number


def test_messages(all_frames):
    messages = {expert.message for frame in all_frames.values() for expert in frame.experts if expert.rule != "framing_lost"}
    assert len(messages) > 150
    for message in messages:
        assert MESSAGE.match(message), message
        assert len(message.encode()) < 240, message
        assert "  " not in message and "(null)" not in message, message


def test_the_message_of_the_contract(tshark, made):
    frame = tshark.frames(made.path("field-01-pubrec-receive-maximum"))[7]
    assert [expert.message for expert in frame.experts] == [
        "PUBREC from server: reason code 0x93 (Receive Maximum exceeded) is not allowed in PUBREC, only in DISCONNECT [MQTT-3.5.2-1]"]


def count_experts(out):
    """Our expert infos in the output of -z expert: those that end with a clause, or report that framing is lost."""
    rows = (line.split(None, 3) for line in out.splitlines() if line.endswith("]") or "Not at the start of a control packet" in line)
    return sum(int(row[0]) for row in rows)


def test_expert_statistics(tshark, made):
    """-z expert lists each finding once, with its severity."""
    out = tshark.read(made.path("reason-codes-not-allowed"), "-q", "-z", "expert")
    warnings = out[out.index("Warns ("):out.index("Notes (")]
    assert count_experts(warnings) == 7


def test_expert_statistics_without_a_tree(tshark, made, all_frames):
    """It has as many in total as the trees."""
    assert count_experts(tshark.read(made.merged, "-q", "-z", "expert")) == sum(len(frame.experts) for frame in all_frames.values())


def test_findings_not_shown(tshark, made):
    frame = tshark.frames(made.path("findings-many"))[7]
    assert frame.values("mqtt5.findings_not_shown") == ["4"]


def test_other_port_by_decode_as(tshark, made):
    capture = made.path("port-other-late")
    assert frames_matching(tshark, capture, "mqtt5.analysis") == []
    rows = tshark.fields(capture, ["frame.number"], "-d", "tcp.port==18830,mqtt", "-Y", "mqtt5.analysis.publish_qos_invalid")
    assert rows == [["4"]]


def test_disabled(tshark, made):
    """With our protocol disabled, tshark prints the same as without the plugin."""
    for name in ("reason-codes-legal", TAKEOVER):
        assert tshark.read(made.path(name), "-V", "--disable-protocol", "mqtt5") == tshark.read(made.path(name), "-V", plugin=False)


def test_null_character_is_seen_in_a_user_property(tshark, made):
    frame = tshark.frames(made.path("strings-every-field"))[13]
    assert [field.showname for field in frame.fields if field.name == "mqtt5.property.user_property"] == [r"User Property: unit\000: C"]


# Where nothing shows the tree, it is only built as far as a filter or a column has asked for it: each field must be there then, for itself.
UNSHOWN = ["subscription-identifiers", "session-takeover"]


def lines_matching(tshark, capture, display_filter):
    """The frames that match a filter, from the packet list, which shows no tree, unlike -T fields."""
    return [int(line) for line in tshark.read(capture, "-Y", display_filter, "-o", 'gui.column.format:"No","%m"').splitlines()]


def test_every_field_is_found_without_a_tree_to_show(tshark):
    capture = tshark.files / "unshown.pcapng"
    harness.subprocess.run(["mergecap", "-a", "-w", capture, *(harness.CAPTURES / "real" / f"{name}.pcapng" for name in UNSHOWN)], check=True)
    capture.chmod(0o644)
    shown = collections.defaultdict(list)
    for number, frame in tshark.frames(capture).items():
        for field in {field.name for field in frame.fields}:
            shown[field].append(number)
    assert len(shown) > 25
    for field, frames in shown.items():  # one by one: a filter that names two would have both filled in
        assert lines_matching(tshark, capture, field) == frames, field


def test_column_without_a_tree_to_show(tshark):
    capture = harness.CAPTURES / "real" / "session-takeover.pcapng"
    columns = tshark.read(capture, "-Y", "mqtt", "-o", 'gui.column.format:"No","%m","Client","%Cus:mqtt5.client_id:0:R"').splitlines()
    expected = tshark.fields(capture, ["frame.number", "mqtt5.client_id"], "-Y", "mqtt")
    assert [tuple(line.split()) for line in columns] == [tuple(row) for row in expected]


@pytest.mark.parametrize("display_filter, severities", [
    ("_ws.expert", {pdml.CHAT, pdml.NOTE, pdml.WARN, pdml.ERROR}), ('_ws.expert.severity == "Warning"', {pdml.WARN})])
def test_expert_infos_without_a_tree_to_show(display_filter, severities, tshark, made, all_frames):
    """Those of other protocols may depend on the tree."""
    ours = {number for number, frame in all_frames.items() if severities & {expert.severity for expert in frame.experts}}
    assert ours and ours <= set(lines_matching(tshark, made.merged, display_filter))


def test_rule_without_a_tree_to_show(tshark, made):
    rule = "mqtt5.analysis.reason_code_not_allowed"
    assert lines_matching(tshark, made.merged, rule) == frames_matching(tshark, made.merged, rule) != []
