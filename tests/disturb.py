#!/usr/bin/python3
"""Captures as a bad tap would have taken them: `disturb.py KIND OUT.pcap CAPTURE... [--times N] [--seed N]` writes N variants of each, one after the other.

Frames are lost, swapped, late, doubled or cut, or the capture starts late or ends early; KIND is one of KINDS below. Each variant has hosts of its own and
begins ten minutes after the one before, so that they are connections that have nothing to do with each other. Only Ethernet with IPv4, which the captures in
captures/real are. The same arguments give the same bytes.

tests/tshark/test_disturbed.py runs it. By hand, with more of them:

    tests/disturb.py mix /tmp/mix.pcap captures/real/*.pcapng --times 60 --seed 7
    tshark -r /tmp/mix.pcap -Y mqtt5.finding
"""
import argparse
import collections
import pathlib
import random
import struct
import subprocess
import tempfile

Frame = collections.namedtuple("Frame", "time data length")  # nanoseconds, captured bytes, length on the wire
Variant = collections.namedtuple("Variant", "first last capture")  # frames, from 1 on; which capture it was

HEADER = struct.Struct("<IHHiIII")
RECORD = struct.Struct("<IIII")
NANOSECOND_MAGIC, ETHERNET, SNAPLEN = 0xA1B23C4D, 1, 262144
EPOCH, PAUSE = 1_700_000_000 * 10**9, 600 * 10**9
ADDRESSES = (14 + 12, 14 + 16)  # of IPv4's source and destination, after Ethernet's header
LEAST_CAPTURED = 54  # Ethernet, IPv4 and TCP without options
SWAPPED_WITHIN = 10**8  # nanoseconds: no tap holds a frame back for longer


def read(path):
    """The frames of a capture."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as converted:
        subprocess.run(["editcap", "-F", "nsecpcap", path, converted.name], check=True, stderr=subprocess.DEVNULL)
        data = pathlib.Path(converted.name).read_bytes()
    at, frames = HEADER.size, []
    while at < len(data):
        seconds, nanoseconds, captured, length = RECORD.unpack_from(data, at)
        at += RECORD.size
        frames.append(Frame(seconds * 10**9 + nanoseconds, data[at:at + captured], length))
        at += captured
    return frames


def drop(chance, frames):
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        del frames[chance.randrange(len(frames))]


def burst(chance, frames):
    first = chance.randrange(len(frames))
    del frames[first:first + chance.randrange(1, 12)]


def swap(chance, frames):
    """Two frames change places, but not their times."""
    at = chance.randrange(len(frames) - 1)
    move(frames, at, at + 1)


def late(chance, frames):
    at = chance.randrange(len(frames) - 1)
    move(frames, at, min(len(frames) - 1, at + chance.randrange(1, 6)))


def move(frames, at, to):
    if frames[to].time - frames[at].time > SWAPPED_WITHIN:
        return
    times = [frame.time for frame in frames]
    frames.insert(to, frames.pop(at))
    frames[:] = [frame._replace(time=time) for frame, time in zip(frames, times)]


def start(chance, frames):
    del frames[:chance.randrange(len(frames) - 2)]


def end(chance, frames):
    del frames[chance.randrange(2, len(frames)):]


def cut(chance, frames):
    """One frame is captured in part."""
    at = chance.randrange(len(frames))
    frames[at] = frames[at]._replace(data=frames[at].data[:chance.randrange(LEAST_CAPTURED, 100)])


def snaplen(chance, frames):
    """All frames are cut at the same length."""
    length = chance.randrange(LEAST_CAPTURED, 160)
    frames[:] = [frame._replace(data=frame.data[:length]) for frame in frames]


def double(chance, frames):
    at = chance.randrange(len(frames))
    frames.insert(at + 1, frames[at])


def mix(chance, frames):
    if chance.random() < 0.5:
        start(chance, frames)
    for _ in range(chance.randrange(1, 4)):
        if len(frames) > 3:
            chance.choice([drop_one, burst, swap, cut])(chance, frames)


def drop_one(chance, frames):
    del frames[chance.randrange(len(frames))]


def nothing(_chance, _frames):
    pass


KINDS = {disturb.__name__: disturb for disturb in (nothing, drop, burst, swap, late, start, end, cut, snaplen, double, mix)}


def moved(data, number):
    """The bytes of a frame, between hosts that only variant `number` has; None if it is not IPv4."""
    if len(data) < 34 or data[14] >> 4 != 4:
        return None
    changed = bytearray(data)
    for at in ADDRESSES:
        changed[at:at + 3] = bytes((10, number >> 8 & 0xFF, number & 0xFF))
    return bytes(changed)


def write(kind, path, captures, times, seed):
    """Writes `times` variants of each capture; returns what is where."""
    chance, variants, now, written = random.Random(f"{kind} {seed}"), [], EPOCH, 0
    with open(path, "wb") as out:
        out.write(HEADER.pack(NANOSECOND_MAGIC, 2, 4, 0, 0, SNAPLEN, ETHERNET))
        for capture in captures:
            whole = read(capture)
            for _ in range(times):
                frames, first = list(whole), written + 1
                KINDS[kind](chance, frames)
                for frame in frames:
                    data = moved(frame.data, len(variants))
                    if data:
                        time = now + frame.time - whole[0].time
                        out.write(RECORD.pack(time // 10**9, time % 10**9, len(data), frame.length) + data)
                        written += 1
                now += whole[-1].time - whole[0].time + PAUSE
                variants.append(Variant(first, written, capture))
    return variants


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("out")
    parser.add_argument("captures", nargs="+", type=pathlib.Path)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for variant in write(options.kind, options.out, options.captures, options.times, options.seed):
        print(f"{variant.first}-{variant.last} {variant.capture.name}")


if __name__ == "__main__":
    main()
