"""Clocks of capture files: before 1970, after 2262 (the end of 64 bits of nanoseconds), all frames at 0, too many microseconds. Whatever the clock is,
each run succeeds, both passes agree, and rules that need no clock find the same as with a normal clock.
"""
import struct

import pytest

YEAR = 31556952
OPTION_TSRESOL, OPTION_TSOFFSET = 9, 14
STARTS = {"1970": 0, "1969": -1, "1901": -2**31 - 1, "1678": -292 * YEAR, "year 0": -1970 * YEAR, "2038": 2**31 - 2, "2106": 2**32 - 2, "2116": 2**62 // 10**9 - 2,
          "2262": 2**63 // 10**9 - 2, "2263": 293 * YEAR, "2554": 2**64 // 10**9 - 2, "9999": 8029 * YEAR, "far": 2**55, "last": 2**63 - 100}


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def option(number, data):
    return struct.pack("<HH", number, len(data)) + data + b"\0" * (-len(data) % 4)


def write(path, frames, start, pause):
    """A pcapng that counts seconds from `start`, `pause` of them between frames."""
    options = option(OPTION_TSRESOL, b"\0") + option(OPTION_TSOFFSET, struct.pack("<q", start)) + bytes(4)
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 262144) + options)
    for number, frame in enumerate(frames):
        time = number * pause
        out += block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, frame.kept, len(frame.data)) + frame.data[:frame.kept])
    path.write_bytes(out)
    path.chmod(0o644)


@pytest.fixture(scope="module")
def frames(made):
    """The made captures about time (Wills, Keep Alive, expiry, takeover), and some others with findings."""
    wanted = ("will", "keep-alive", "session", "message-expiry", "takeover", "reason-codes-takeover", "requests", "world")
    chosen = [one for one in made.all if one.name.startswith(wanted)]
    assert len(chosen) > 15
    return [frame for one in chosen for frame in one.capture.frames]


def seen(tshark, path, *arguments):
    return {number: [(expert.rule, expert.message) for expert in frame.experts]
            for number, frame in tshark.frames(path, *arguments).items()}


@pytest.fixture(scope="module")
def without_time(tshark, frames):
    """The findings if the clock does not move, on a normal day."""
    path = tshark.files / "clock-ordinary.pcapng"
    write(path, frames, 1767268800, 0)
    return seen(tshark, path)


@pytest.mark.parametrize("start", STARTS)
def test_start(start, tshark, frames, without_time):
    path = tshark.files / f"clock-{start.replace(' ', '-')}.pcapng"
    write(path, frames, STARTS[start], 0)
    once = seen(tshark, path)
    assert once == seen(tshark, path, "-2")
    assert once == without_time
    # What there is of time in statistics.
    tshark.read(path, "-q", "-z", "mqtt5,sessions", "-z", "mqtt5,srt")


@pytest.mark.parametrize("pause", [1, 3600, 10**9, 2**40])
def test_pauses(pause, tshark, frames):
    path = tshark.files / f"clock-pause-{pause}.pcapng"
    write(path, frames, 0, pause)
    assert seen(tshark, path) == seen(tshark, path, "-2")


def test_microseconds_that_are_none(tshark, frames):
    """A pcap may claim four thousand million microseconds in one second."""
    path = tshark.files / "clock-microseconds.pcap"
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for number, frame in enumerate(frames):
            out.write(struct.pack("<IIII", number % 3, 0xFFFFFFFF - number, frame.kept, len(frame.data)) + frame.data[:frame.kept])
    path.chmod(0o644)
    assert seen(tshark, path) == seen(tshark, path, "-2")
