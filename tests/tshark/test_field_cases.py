"""Faults from the field, and what stock shows wrongly: each has a capture or a test. The plugin finds the faults, and nothing in the legal cases."""
import pathlib
import re

import harness
import made as made_captures
import pytest

FOLDER = pathlib.Path(__file__).resolve().parent
MADE = {one.name: one for one in made_captures.read_all(harness.CAPTURES / "made")}

# Cases that share the capture of another case or of a rule: number to capture and rule. All others have a capture field-NN-*.
ELSEWHERE = {
    13: ("field-12-disconnect-short", None),
    27: ("field-26-connack-maximum-qos-2", "property_value"),
    28: ("field-26-connack-maximum-qos-2", "property_value"),
    29: ("field-26-connack-maximum-qos-2", "property_value"),
    47: ("auth-method-changed", "connack_authentication_method_missing"),
    49: ("flows-subscribe", "suback_count"),
    50: ("topic-aliases", "topic_alias_above_maximum"),
    51: ("flows-receive-maximum", "receive_maximum_exceeded"),
    52: ("flows-qos-2", "pubrel_after_error"),
    53: ("client-id-in-use", "client_id_in_use"),
}
# Legal, although often taken for faults: short forms, 0x10, Wills with properties, codes that are missing in some table, and a takeover without
# DISCONNECT 0x8E, because only the close is a MUST (3.1.4).
LEGAL = {7, 8, 9, 10, 11, 12, 14, 15, 17, 18, 19, 24, 25, 41}

# What stock shows wrongly (L1 to L14), and the tests that the plugin does better, or does no harm.
STOCK = {
    1: "test_fields.py::test_reason_codes_of_packet", 2: "test_fields.py::test_reason_codes_of_packet",
    3: "made:reason-codes-not-allowed", 4: "made:properties-not-allowed",
    5: "made:topic-aliases-legal", 6: "test_made.py::test_info_in_two_passes", 7: "test_intake.py::test_packet_over_two_segments",
    8: "test_intake.py::test_remaining_length_of_five_bytes", 9: "made:field-55-connack-not-minimal", 10: "made:capture-starts-late-inferred",
    11: "test_intake.py::test_websocket", 12: "test_intake.py::test_websocket_packets_over_messages",
    13: "test_intake.py::test_several_packets_in_a_segment", 14: "made:reason-codes-disputed-server",
}


def captures_of(number):
    return [one for name, one in MADE.items() if name.startswith(f"field-{number:02}-")]


@pytest.mark.parametrize("number", range(1, 56))
def test_case(number):
    """test_made.py shows that the findings are there, and no others."""
    if number in ELSEWHERE:
        name, rule = ELSEWHERE[number]
        assert not captures_of(number) and (rule in [found for _, found in MADE[name].expected] or rule is None)
        return
    assert captures_of(number)
    found = {rule for one in captures_of(number) for _, rule in one.expected}
    assert (found <= {"reason_code_failure"}) == (number in LEGAL)


@pytest.mark.parametrize("number", range(1, 15))
def test_stock(number):
    kind, _, name = STOCK[number].partition(":")
    if kind == "made":
        assert name in MADE
    else:
        text = (FOLDER / kind).read_text(encoding="utf-8")
        assert re.search(rf"\b{name.lstrip(':')}", text)
