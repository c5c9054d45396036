"""tools/mqtt5-check, for pipelines: its lines, its JSON and JUnit, and above all its exit status."""
import functools
import json
from xml.etree import ElementTree

import harness
import pytest

CAPTURE = harness.CAPTURES / "real" / "message-size-limit.pcapng"
CLEAN = harness.CAPTURES / "real" / "ping.pcapng"
PUBACK = ("PUBACK from server: reason code 0x95 (Packet too large) is not allowed in PUBACK, only in CONNACK and DISCONNECT "
          "[MQTT-3.4.2-1]")


@pytest.fixture(scope="module")
def check(tshark):
    """Runs the tool as the user that runs tshark."""
    return functools.partial(tshark.tool, "mqtt5-check")


def test_lines(check, tshark):
    path = tshark.visible(CAPTURE)
    done = check(path)
    assert (done.status, done.err) == (1, "")
    assert done.out.splitlines() == [f"{path}:9: warning: {PUBACK}",
                                     f"{path}:22: warning: " + PUBACK.replace("PUBACK", "PUBREC").replace("3.4.2-1", "3.5.2-1")]


def test_clean_capture(check, tshark):
    assert check(tshark.visible(CLEAN)) == (0, "", "")


def test_json(check, tshark):
    path = tshark.visible(CAPTURE)
    done = check("--json", path)
    assert done.status == 1
    assert json.loads(done.out)[0] == {"file": str(path), "frame": 9, "stream": "0", "severity": "warning",
                                       "rule": "reason_code_not_allowed", "clause": "MQTT-3.4.2-1", "message": PUBACK}
    assert json.loads(check("--json", tshark.visible(CLEAN)).out) == []


def test_junit(check, tshark):
    suite = ElementTree.fromstring(check("--junit", tshark.visible(CLEAN), tshark.visible(CAPTURE)).out)
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert PUBACK in suite.find(".//failure").text


def test_junit_shows_what_was_not_judged(check, tshark):
    """As an error, so that the test case does not pass."""
    done = check("--junit", tshark.visible(CLEAN), tshark.room / "no-such.pcapng")
    suite = ElementTree.fromstring(done.out)
    assert (done.status, suite.get("tests"), suite.get("failures"), suite.get("errors")) == (2, "2", "0", "1")
    assert [case.find("error") is not None for case in suite.iter("testcase")] == [False, True]


def test_fail_on(check, tshark):
    path = tshark.visible(CAPTURE)
    assert [check("--fail-on", severity, path).status for severity in ("note", "warning", "error")] == [1, 1, 0]


def test_fail_on_note(check, made):
    """DISCONNECT 0x8C is a point on which the standard contradicts itself: a note."""
    path = made.path("reason-codes-disputed-server")
    assert ": note: " in check(path).out
    assert [check("--fail-on", severity, path).status for severity in ("note", "error")] == [1, 0]


def test_severity_of_the_user(check, tshark):
    """The user can change the severity of each expert info, as in Wireshark."""
    path = tshark.visible(CAPTURE)
    for severity, said, status in (("Error", "error", 1), ("Note", "note", 0), ("Chat", "chat", 0)):
        done = check("-o", f'uat:expert_severity:"mqtt5.analysis.reason_code_not_allowed","{severity}"', path)
        assert (done.status, done.out.count(f": {said}: ")) == (status, 2)


def test_every_finding_is_there(check, tshark, made):
    """As many as tshark has, in one capture with all of them."""
    listed = json.loads(check("--json", made.merged).out)
    expected = [(int(frame), rule) for frame, rules in tshark.fields(made.merged, ["frame.number", "mqtt5.finding"], "-Y", "mqtt5.finding")
                for rule in rules.split(",")]
    assert [(one["frame"], one["rule"]) for one in listed] == expected
    assert {one["severity"] for one in listed} == {"error", "warning", "note"}
    assert all(one["message"].endswith(f"[{one['clause']}]") for one in listed)


def test_decode_as(check, made):
    path = made.path("port-other-late")
    assert check(path).out == ""
    assert check("-d", "tcp.port==18830,mqtt", path).status == 1


def test_any_port(check, made):
    """A connection that begins with CONNECT needs no Decode As."""
    done = check(made.path("port-other"))
    assert done.status == 1 and ":6: warning: DISCONNECT from client: reason code 0x8e" in done.out and done.out.count("\n") == 1


def test_several_captures_one_missing(check, tshark):
    done = check(tshark.visible(CAPTURE), tshark.room / "no-such.pcapng")
    assert done.status == 2
    assert "no-such.pcapng" in done.err and ":9: warning: " in done.out


@pytest.mark.parametrize("arguments", [[], ["--fail-on", "rain", "a.pcapng"], ["--no-such-option", "a.pcapng"]])
def test_wrong_usage(check, arguments):
    done = check(*arguments)
    assert done.status == 2 and "usage:" in done.err and not done.out


def test_without_the_plugin(check, tshark):
    done = check(tshark.visible(CAPTURE), plugin=False)
    assert done.status == 2 and "has no MQTT 5 plugin" in done.err


def test_without_tshark(check, tshark):
    done = check("--tshark", "/no/such/tshark", tshark.visible(CAPTURE))
    assert done.status == 2 and "does not start" in done.err
