"""Captures of real peers conform to the standard: nothing above a remark, in one pass and in two, and all of it decoded."""
import harness
import pdml
import pytest

REAL = sorted((harness.CAPTURES / "real").glob("*.pcapng"))
NAMES = [path.stem for path in REAL]
REMARKS = {"reason_code_failure", "reason_code_disputed"}


def with_keys(name):
    keys = harness.CAPTURES / "real" / f"{name}.keys"
    return keys if keys.exists() else None


def arguments(tshark, name):
    """Options that the capture needs."""
    keys = with_keys(name)
    return ["-o", f"tls.keylog_file:{tshark.visible(keys)}"] if keys else []


COLUMNS = ["frame.number", "mqtt5.packet_type", "mqtt5.version", "mqtt5.sender", "mqtt5.finding", "_ws.expert.severity", "_ws.malformed"]


def rows(tshark, name, *more):
    return tshark.fields(harness.CAPTURES / "real" / f"{name}.pcapng", COLUMNS, *arguments(tshark, name), *more, "-Y", "mqtt5 || _ws.malformed")


def test_there_are_captures():
    assert len(REAL) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_nothing_wrong(name, tshark):
    capture = harness.CAPTURES / "real" / f"{name}.pcapng"
    shown = tshark.read(capture, *arguments(tshark, name), "-Y", "mqtt5.finding || (mqtt && _ws.malformed)", "-T", "fields", "-e", "frame.number",
                        "-e", "mqtt5.finding", "-e", "mqtt5.finding.clause")
    remarks = {rule for line in shown.splitlines() for rule in line.split("\t")[1].split(",")}
    assert remarks <= {"reason_code_disputed"}, shown


@pytest.mark.parametrize("name", NAMES)
def test_version_and_sender_known(name, tshark):
    """Every packet has a version and a sender, and the connection was seen from its CONNECT on."""
    packets = 0
    for _, types, versions, senders, *_ in rows(tshark, name):
        assert types.count(",") == versions.count(",") == senders.count(",")
        assert types and versions and senders
        packets += types.count(",") + 1
    assert packets > 0


@pytest.mark.parametrize("name", NAMES)
def test_two_passes(name, tshark):
    assert rows(tshark, name) == rows(tshark, name, "-2")


def packet_types(tshark, name, *more):
    capture = harness.CAPTURES / "real" / f"{name}.pcapng"
    shown = tshark.fields(capture, ["mqtt5.packet_type"], "-Y", "mqtt5.packet_type", *more)
    return [int(one) for row in shown for one in row[0].split(",")]


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("websocket")])
def test_websocket_is_decoded(name, tshark):
    types = packet_types(tshark, name, *arguments(tshark, name))
    assert types[0] == 1 and {1, 2, 3, 14} <= set(types)


@pytest.mark.parametrize("name", [name for name in NAMES if with_keys(name)])
def test_tls_is_decoded_with_its_keys(name, tshark):
    assert {1, 2, 3, 14} <= set(packet_types(tshark, name, *arguments(tshark, name)))
    assert packet_types(tshark, name) == []


def test_takeover(tshark):
    """What MQTT tutorials show: the first client gets e0 02 8e 00."""
    capture = harness.CAPTURES / "real" / "session-takeover.pcapng"
    shown = [pdml.read(tshark.read(capture, "-T", "pdml", "-Y", "mqtt5.disconnect.reason_code == 0x8e"))[1]]
    assert shown[0].values("mqtt5.sender") == ["2"]
    assert shown[0].above_chat() == ["reason_code_failure"]
    assert shown[0].values("mqtt5.finding") == []
