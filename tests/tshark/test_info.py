"""The Info column: reason codes of refusals, nothing for success, a mark for findings, and the preference that switches it off."""
import made as made_captures
import mqtt
import pytest
import websocket as made_websocket

OFF = ("-o", "mqtt5.info_column:FALSE")


def info(tshark, made, name, *arguments):
    return tshark.info(made.path(name), *arguments)


def test_takeover(tshark, made):
    assert info(tshark, made, "reason-codes-takeover")[10] == "Disconnect Req, Session taken over (0x8e)"


def test_success_is_quiet(tshark, made):
    shown = info(tshark, made, "field-11-puback-all-forms")
    assert shown == info(tshark, made, "field-11-puback-all-forms", *OFF)
    assert shown[7] == shown[9] == shown[11] == "Publish Ack (id=42)"


def test_connack(tshark, made):
    shown = info(tshark, made, "reason-codes-connack-every")
    assert shown[5] == "Connect Ack, Unspecified error (0x80)"
    assert shown[47] == "Connect Ack, Use another server (0x9c)"


def test_refusal_by_a_server_of_3_1_1(tshark, made_text):
    path = made_text('client CONNECT client-id "c"\nserver 20 02 00 01\nexpect none\n')
    assert tshark.info(path)[5].endswith("Connection refused, unacceptable protocol version (0x01)")


def test_legal_codes_that_stock_does_not_name(tshark, made):
    shown = info(tshark, made, "reason-codes-legal")
    assert shown[5] == "Connect Ack, Payload format invalid (0x99)"
    assert shown[18] == "Publish Ack (id=3), No matching subscribers (0x10)"


def test_auth(tshark, made):
    shown = info(tshark, made, "auth-legal")
    assert shown[5] == "Authentication Exchange, Continue authentication (0x18)"
    assert shown[11] == "Authentication Exchange"


def test_mark(tshark, made):
    shown = info(tshark, made, "reason-codes-takeover-from-client")
    assert shown[6] == "Disconnect Req, Session taken over (0x8e) [Warning: reason_code_wrong_sender]"


def test_mark_without_a_code(tshark, made):
    shown = info(tshark, made, "field-26-connack-maximum-qos-2")
    assert shown[5] == "Connect Ack [Warning: property_value]"
    assert shown[4] == "Connect Command"


def test_worst_finding_leads(tshark, made):
    shown = info(tshark, made, "field-55-connack-not-minimal")
    assert "[Error: packet_malformed, +1]" in shown[5]


def test_several_packets_in_a_frame(tshark, made):
    shown = info(tshark, made, "segments-many-packets")
    assert "Publish Ack (id=1), Publish Ack (id=2), Publish Ack (id=3), Publish Ack (id=4)" in shown[7]
    assert "PUBACK (id=4) Receive Maximum exceeded (0x93)" in shown[7]
    assert shown[7].endswith("[Warning: reason_code_unknown, +1]")


def test_remarks_have_no_mark(tshark, made):
    for name in ("reason-codes-connack-every", "strings-control", "capture-starts-late-inferred"):
        one = made.all[made.names.index(name)]
        findings = {frame for frame, rule in one.expected if rule not in ("reason_code_failure", "version_assumed")}
        assert {frame for frame, text in info(tshark, made, name).items() if "[Warning" in text or "[Note" in text or "[Error" in text} == findings


def test_preference(tshark, made):
    on, off = tshark.info(made.merged), tshark.info(made.merged, *OFF)
    assert on != off
    for text in off.values():
        for word in ("[Warning: ", "[Note: ", "[Error: ", "(0x8e)"):
            assert word not in text


def test_stock_part_is_untouched(tshark, made):
    """With the preference off, rows are stock's own, on a capture that stock frames correctly."""
    for name in ("reason-codes-legal", "properties-legal-qos-2", "auth-legal"):
        assert info(tshark, made, name, *OFF) == tshark.info(made.path(name), plugin=False)


@pytest.mark.parametrize("passes", [[], ["-2"]])
def test_several_websocket_messages_in_a_segment(passes, tshark):
    """Stock clears the column for each message; nevertheless all of them appear, with their marks."""
    capture = made_captures.Capture()
    capture.port = 8080
    connection = capture.connection()
    made_websocket.upgrade(connection, "mqtt")
    connection.send("client", made_websocket.message("client", mqtt.connect("c")))
    connection.send("server", made_websocket.message("server", mqtt.connack()))
    packets = [mqtt.publish(f"meters/{number}", b"1") for number in (1, 2)] + [mqtt.disconnect([0x8E])]
    connection.send("client", b"".join(made_websocket.message("client", packet) for packet in packets))
    path = tshark.files / "websocket-several-messages.pcapng"
    capture.write(path)
    path.chmod(0o644)
    assert tshark.info(path, *passes)[8] == ("Publish Message [meters/1], Publish Message [meters/2], Disconnect Req, Session taken over (0x8e) "
                                             "[Warning: reason_code_wrong_sender]")
