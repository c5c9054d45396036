"""Simulated worlds (tests/world): clients and a server that keep to the standard, through a disturbed tap. Longer: tests/world/run."""
import os
import pathlib
import subprocess
import sys

import harness
import pytest

import untouched

WORLD = pathlib.Path(__file__).resolve().parent.parent / "world"
sys.path.insert(0, str(WORLD))

import worlds  # noqa: E402

KINDS = ["none", "loss", "swap", "ack", "lost", "outage", "doubled", "late", "cut", "oneway", "start", "end", "taps", "jump", "syn", "mix"]
EACH = 13  # worlds of a kind


@pytest.fixture(scope="module")
def make():
    """The program that makes worlds."""
    build = pathlib.Path(os.environ.get("MQTT5_BUILD", harness.TOP / "build"))
    subprocess.run(["ninja", "-C", build, "tests/world/make-world"], check=True, stdout=subprocess.DEVNULL)
    return build / "tests" / "world" / "make-world"


def text(found):
    return "\n".join(f"seed {one.seed}, frame {one.frame}: {one.severity} {one.rule}: {one.message}" for one in found[:10])


def test_kinds(make):
    listed = subprocess.run([make, "--list"], check=True, capture_output=True, text=True).stdout.split()
    assert {*listed, worlds.LOSSY} == set(KINDS)


@pytest.mark.parametrize("number, kind", enumerate(KINDS), ids=KINDS)
def test_conforming(number, kind, tshark, make):
    """Nothing above a Chat, but for the Notes that are allowed by name."""
    pcap, truth = worlds.make(make, tshark.files, 6001 + number * EACH, EACH, kind)
    found = worlds.unexpected(worlds.findings(tshark, pcap, truth, *(worlds.OUT_OF_ORDER if kind in ("loss", "late", "taps") else ())))
    assert not found, text(found)
    assert len(truth.worlds) == EACH and sum(map(len, truth.packets.values())) > 1000


def test_every_packet_is_seen(tshark, make):
    pcap, truth = worlds.make(make, tshark.files, 1, EACH, "none")
    assert worlds.unseen(tshark, pcap, truth) == []


def test_faults(tshark, make):
    """One rule is broken in each world: it is found on that frame, and nothing else is said."""
    pcap, truth = worlds.make(make, tshark.files, 301, 150, "none", "--fault", "all")
    found = worlds.findings(tshark, pcap, truth)
    assert len(truth.faults) > 70
    assert not worlds.unexpected(found, truth.faults), text(worlds.unexpected(found, truth.faults))
    assert worlds.missed(found, truth) == []


@pytest.mark.parametrize("kind", ["swap", "lost"])
def test_faults_disturbed(kind, tshark, make):
    """They may be missed, but nothing else is said."""
    pcap, truth = worlds.make(make, tshark.files, 1, 40, kind, "--fault", "all")
    found = worlds.unexpected(worlds.findings(tshark, pcap, truth), truth.faults)
    assert not found, text(found)


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
def test_untouched(passes, tshark, make):
    """What stock shows stays as it is, also where the capture ends within a control packet."""
    pcap, _truth = worlds.make(make, tshark.files, 1, 12, "end")
    arguments = [pcap, *worlds.PORTS, *passes, "-T", "pdml"]
    # Line by line: the whole of it took a worker of the tests to the limit of its memory.
    found = untouched.compare(lambda: tshark.lines(*arguments), lambda: tshark.lines(*arguments, plugin=False), bool(passes))
    assert not found.problems, "\n".join(found.problems[:10])
    assert found.may_differ and len(found.may_differ) < found.frames / 2
