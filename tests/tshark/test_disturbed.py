"""No Warning, no Error and no Note on conforming traffic of real programs, however badly it was captured (tests/disturb.py)."""
import bisect

import disturb
import harness
import pytest

REAL = sorted((harness.CAPTURES / "real").glob("*.pcapng"))
LARGE = 1500  # frames; such a capture would be most of what is read
TIMES = 6
ORDERS = {"as captured": "FALSE", "in order": "TRUE"}
# A burst can take away a whole connection in which the client gave up its session: nothing in the capture shows that. The finding is a
# Note, and says that it is suspected.
UNKNOWABLE = {("burst", "session_lost"), ("mix", "session_lost")}


@pytest.fixture(scope="module")
def keys(tshark):
    """The secrets of all captures over TLS."""
    path = tshark.files / "disturbed.keys"
    path.write_text("".join(each.read_text(encoding="utf-8") for each in sorted((harness.CAPTURES / "real").glob("*.keys"))), encoding="utf-8")
    tshark.open_up(tshark.files)
    return path


@pytest.fixture
def found(tshark, keys, tmp_path):
    """Finds what is said of variants: (capture, frame in its variant, findings), for each frame with one."""
    def find(kind, captures, times, *arguments):
        path = tshark.files / f"disturbed-{tmp_path.name}.pcap"
        variants = disturb.write(kind, path, captures, times, seed=1)
        path.chmod(0o644)
        rows = tshark.fields(path, ["frame.number", "mqtt5.finding"], "-Y", "mqtt5.finding", "-o", f"tls.keylog_file:{keys}", *arguments)
        path.unlink()
        firsts = [variant.first for variant in variants]
        homes = [(variants[bisect.bisect_right(firsts, int(frame)) - 1], int(frame), names) for frame, names in rows]
        return [(variant.capture.name, frame - variant.first + 1, names) for variant, frame, names in homes]
    return find


@pytest.fixture(scope="module")
def conforming(tshark, keys):
    """The captures in which nothing is found."""
    return [path for path in REAL if len(disturb.read(path)) < LARGE
            and not tshark.fields(path, ["mqtt5.finding"], "-Y", "mqtt5.finding", "-o", f"tls.keylog_file:{keys}")]


def test_there_are_enough(conforming):
    assert len(conforming) > 30


def test_finds_what_is_there(found):
    """So that this test cannot pass because nothing is read."""
    broken = harness.CAPTURES / "real" / "message-size-limit.pcapng"
    assert found("nothing", [broken], 1) == [(broken.name, 9, "reason_code_not_allowed"), (broken.name, 22, "reason_code_not_allowed")]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", disturb.KINDS)
def test_nothing_is_found(kind, order, conforming, found):
    said = found(kind, conforming, TIMES, "-o", f"tcp.reassemble_out_of_order:{ORDERS[order]}")
    assert [finding for finding in said if (kind, finding[2]) not in UNKNOWABLE] == []
