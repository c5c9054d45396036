"""The private values of Wireshark's TCP dissector in compat.h mean what the plugin assumes: in every frame of the made captures, they
are compared with TCP's own fields. tcp_probe.c shows them."""
import collections
import shutil

import pytest

import harness

FIELDS = ["frame.number", "tcp.stream", "tcp.seq", "tcp.seq_raw", "tcp.flags.fin", "tcp.flags.reset", "tcp.analysis.lost_segment",
          "tcp.analysis.ack_lost_segment", "tcp.analysis.retransmission", "tcp.analysis.out_of_order", "tcp.flags.syn", "tcp.flags.ack",
          "tcp.analysis.keep_alive", "tcp.analysis.zero_window", "tcp_probe.keep_alive", "tcp_probe.zero_window",
          "tcp_probe.lost", "tcp_probe.ack_lost", "tcp_probe.again", "tcp_probe.base", "tcp_probe.syn", "tcp_probe.syn_ack", "tcp_probe.fin",
          "tcp_probe.rst"]

Frame = collections.namedtuple("Frame", [name.replace(".", "_") for name in FIELDS])


@pytest.fixture(scope="module")
def frames(tshark, made):
    """All TCP frames of the made captures, as TCP and the probe show them."""
    probes = harness.plugin_folder().parent / "test-plugins"
    assert list(probes.glob("*/epan/tcp_probe.so")), f"no tcp_probe.so in {probes}: build all of the project"
    shutil.copytree(probes, tshark.room / "test-plugins", symlinks=False)
    tshark.open_up(tshark.room / "test-plugins")
    return [Frame(*values) for values in tshark.fields(made.merged, FIELDS, "-Y", "tcp", plugin="test-plugins")]


def numbers(frames, name):
    return {int(frame.frame_number) for frame in frames if getattr(frame, name) not in ("", "0", "False")}


@pytest.mark.parametrize("probed, shown", [
    ("tcp_probe_lost", "tcp_analysis_lost_segment"), ("tcp_probe_ack_lost", "tcp_analysis_ack_lost_segment"),
    ("tcp_probe_keep_alive", "tcp_analysis_keep_alive"), ("tcp_probe_zero_window", "tcp_analysis_zero_window")])
def test_analysis(frames, probed, shown):
    assert numbers(frames, shown)
    assert numbers(frames, probed) == numbers(frames, shown)


def test_sent_again(frames):
    shown = numbers(frames, "tcp_analysis_retransmission") | numbers(frames, "tcp_analysis_out_of_order")
    assert shown
    assert numbers(frames, "tcp_probe_again") == shown


def test_syn(frames):
    syns, acks, streams = numbers(frames, "tcp_flags_syn"), numbers(frames, "tcp_flags_ack"), (set(), set())
    first = {}
    for frame in frames:
        if int(frame.frame_number) in syns:
            first.setdefault(frame.tcp_stream, int(frame.frame_number) in acks)
    # Where SYN/ACK was captured before SYN, TCP begins anew with the SYN, under the same number.
    swapped = {frame.tcp_stream for frame in frames if int(frame.frame_number) in syns - acks and first[frame.tcp_stream]}
    for frame in frames:
        if frame.tcp_stream in swapped:
            continue
        if int(frame.frame_number) in syns:
            streams[int(frame.frame_number) in acks].add(frame.tcp_stream)
        assert (frame.tcp_probe_syn == "1") == (frame.tcp_stream in streams[0]), frame
        assert (frame.tcp_probe_syn_ack == "1") == (frame.tcp_stream in streams[1]), frame
    assert streams[0] and streams[1]


@pytest.mark.parametrize("probed, flag", [("tcp_probe_fin", "tcp_flags_fin"), ("tcp_probe_rst", "tcp_flags_reset")])
def test_completeness(frames, probed, flag):
    flagged, streams, begun = numbers(frames, flag), set(), set()
    assert flagged
    for frame in frames:
        if int(frame.frame_number) in flagged:
            # Wireshark 4.0 takes no notice of a FIN with which a conversation begins; later releases do.
            if frame.tcp_stream not in begun:
                begun.add(frame.tcp_stream)
                continue
            streams.add(frame.tcp_stream)
        begun.add(frame.tcp_stream)
        assert (getattr(frame, probed) == "1") == (frame.tcp_stream in streams), frame


def test_base(frames):
    known = [frame for frame in frames if frame.tcp_probe_base]
    assert known
    for frame in known:
        assert (int(frame.tcp_seq_raw) - int(frame.tcp_probe_base)) % 2**32 == int(frame.tcp_seq), frame
