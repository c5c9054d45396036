"""The captures of conforming traffic that stress the state are there. test_real.py and test_made.py show that they have nothing above a Note."""
import harness
import pytest

CONFORMING = {
    "sessions resumed with messages in flight": ["real/session-resumed", "real/session-resumed-sender", "real/session-resumed-mqttjs"],
    "QoS 2 flows interleaved over 1,000 identifiers with wrap-around": ["real/wrap-around", "real/qos2-interleaved"],
    "Topic Aliases in both directions": ["real/topic-aliases-both"],
    "enhanced authentication": ["made/auth-legal", "made/auth-traffic-legal"],
    "shared subscriptions": ["real/shared-subscription", "made/shared-subscriptions"],
    "Receive Maximum 1": ["real/receive-maximum-1"],
    "Session Expiry Interval changed at DISCONNECT": ["real/session-expiry-at-disconnect"],
    "bridges": ["real/bridge-v311", "real/bridge-v50"],
    "3.1, 3.1.1 and 5.0 clients at once": ["real/several-clients"],
}


@pytest.mark.parametrize("what", CONFORMING)
def test_has_captures(what):
    for name in CONFORMING[what]:
        assert (harness.CAPTURES / f"{name}.{'txt' if name.startswith('made') else 'pcapng'}").exists(), name


def test_three_versions_at_once(tshark):
    """Levels of the CONNECTs, and their connections are open together."""
    levels = {values[0] for values in tshark.fields(harness.CAPTURES / "real" / "several-clients.pcapng", ["mqtt.ver"], "-Y", "mqtt.ver")}
    assert {"3", "4", "5"} <= levels
