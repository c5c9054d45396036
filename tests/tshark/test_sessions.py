"""Whose packet it is: Client ID, User Name and CONNECT on each packet of a session, against what stock's fields say of the same capture."""
import collections

import harness
import pytest

REAL = sorted(path.stem for path in (harness.CAPTURES / "real").glob("*.pcapng"))
ASSIGNED_CLIENT_IDENTIFIER = "0x12"


def real(name):
    return harness.CAPTURES / "real" / f"{name}.pcapng"


def with_keys(tshark, name):
    keys = harness.CAPTURES / "real" / f"{name}.keys"
    return ["-o", f"tls.keylog_file:{tshark.visible(keys)}"] if keys.exists() else []


def split(value):
    return value.split(",") if value else []


@pytest.mark.parametrize("name", REAL)
def test_every_packet_names_its_client(tshark, name):
    """Every packet from CONNECT on has the names that CONNECT told stock, or that CONNACK assigned."""
    rows = tshark.fields(real(name), ["frame.number", "tcp.stream", "mqtt.msgtype", "mqtt.clientid", "mqtt.username", "mqtt.property_id", "mqtt.prop_string",
                                      "mqtt5.packet_type", "mqtt5.client_id", "mqtt5.user_name", "mqtt5.connect_in"],
                         *with_keys(tshark, name), "-Y", "mqtt && mqtt5.packet_type")
    sessions = {}
    seen = 0
    for frame, stream, types, client_id, user_name, properties, strings, ours, client_ids, user_names, connects in rows:
        types = split(types)
        assert types == split(ours)
        expected = collections.Counter()
        for kind in types:
            if kind == "1":
                sessions[stream] = {"client_id": client_id, "user_name": user_name, "frame": frame}
            elif kind == "2" and ASSIGNED_CLIENT_IDENTIFIER in split(properties):
                sessions[stream]["client_id"] = strings
            expected["client_id"] += bool(sessions[stream]["client_id"])
            expected["user_name"] += bool(sessions[stream]["user_name"])
            expected["connect_in"] += kind != "1"
            seen += 1
        session = sessions[stream]
        assert split(client_ids) == [session["client_id"]] * expected["client_id"]
        assert split(user_names) == [session["user_name"]] * expected["user_name"]
        assert split(connects) == [session["frame"]] * expected["connect_in"]
    assert seen


def test_assigned(tshark):
    """Before CONNACK there is none, from CONNACK on it is the server's."""
    rows = tshark.fields(real("assigned-client-id"), ["mqtt5.packet_type", "mqtt5.client_id", "mqtt5.property.assigned_client_identifier"],
                         "-Y", "tcp.stream == 0 && mqtt5.packet_type")
    assigned = next(row[2] for row in rows if row[2])
    assert rows[0][:2] == ["1", ""]
    assert {row[1] for row in rows[1:]} == {assigned}
    assert "(assigned by the server)" in tshark.read(real("assigned-client-id"), "-V", "-Y", "mqtt5.packet_type == 2 && tcp.stream == 0")


def test_closes_have_it_too(tshark):
    """A close on which something is found says whose it is."""
    rows = tshark.fields(real("will"), ["mqtt5.client_id", "mqtt5.connect_in"], "-Y", "mqtt5.analysis.connection_closed_with_will && !mqtt5.packet_type")
    assert rows and all(client_id and connect for client_id, connect in rows)


def test_in_one_pass_and_two(tshark):
    for name in ("assigned-client-id", "session-takeover", "several-clients"):
        names = ["frame.number", "mqtt5.client_id", "mqtt5.user_name", "mqtt5.connect_in"]
        assert tshark.fields(real(name), names) == tshark.fields(real(name), names, "-2")


def test_the_password_is_not_among_them(tshark, made_text):
    """Nor does an empty Client ID count as one."""
    path = made_text('client 10 [ "MQTT" 04 c2 003c "" "user" "opensesame" ]\nserver 20 [ 00 00 ]\nclient c0 [ ]\n')
    rows = tshark.fields(path, ["mqtt5.client_id", "mqtt5.user_name"], "-Y", "mqtt5.packet_type")
    assert rows == [["", "user"]] * 3
    assert all("opensesame" not in line for line in tshark.read(path, "-V").splitlines() if "mqtt5" in line or "[" in line)


def test_bytes_that_are_no_text(tshark, made_text):
    """Whatever a client calls itself, what we print is UTF-8."""
    path = made_text('client 10 [ "MQTT" 05 80 003c [ ] 0005 61 ff c3 00 7a 0003 c080 21 ]\nserver 20 [ 00 00 [ ] ]\nclient c0 [ ]\n')
    capture = tshark.run("-r", path, "-T", "fields", "-e", "mqtt5.client_id", "-e", "mqtt5.user_name", "-Y", "mqtt5.packet_type == 12")
    assert capture.out == "a\ufffd\ufffd\ufffdz\t\ufffd\ufffd!\n"
