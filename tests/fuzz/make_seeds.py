#!/usr/bin/python3
"""Seeds for the fuzz targets, from the made captures: `make_seeds.py FOLDER` writes FOLDER/decode/*, FOLDER/session/*, FOLDER/framing/* and
FOLDER/heuristic/*.

The formats are those of fuzz_decode.c, records.h, fuzz_framing.c and fuzz_heuristic.c. A session seed follows one capture frame by frame; if it
has more than two connections, the third replaces the first, and so on.
"""
import hashlib
import pathlib
import struct
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

import made  # noqa: E402

VERSIONS = {None: 0, 3: 1, 4: 2, 5: 3}
STEPS = [0.001, 0.01, 0.1, 1, 4, 15, 60, 600, 3600, 86400, 30 * 86400, 3000 * 86400, -0.001, -1, -86400, -3000 * 86400]  # records.c


def packet_length(data):
    """The length of the packet at the start of `data` by its fixed header; None if the header is incomplete or wrong."""
    value = 0
    for place, byte in enumerate(data[1:5]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return 2 + place + value
    return None


def is_tcp(frame):
    """False for the ARP frames of `others`."""
    return frame.data[12:14] == b"\x08\x00" and frame.data[23] == 6


def pause(seconds):
    """The byte of the record that comes nearest to a pause."""
    choices = ((abs(step * count - seconds), which << 4 | count) for which, step in enumerate(STEPS) for count in range(16)
               if which << 4 | count != 0xFF)
    return min(choices)[1]


class Stream:
    """One direction of a connection, with the bytes of an incomplete packet."""

    def __init__(self):
        self.next = None     # sequence number
        self.waiting = b""
        self.gap = False

    def take(self, sequence, data):
        """Adds a segment; what was sent before is dropped, what is missing makes a gap."""
        if self.next is not None:
            old = self.next - sequence
            if old > 0:
                data = data[old:]
                sequence = self.next
            elif old < 0:
                self.gap, self.waiting = True, b""
        self.next = sequence + len(data)
        self.waiting += data

    def packets(self, cut):
        """The whole packets so far; with `cut`, also the rest."""
        while self.waiting:
            length = packet_length(self.waiting)
            if length is None and len(self.waiting) > 4:
                length = len(self.waiting)
            if (length is None or length > len(self.waiting)) and not cut:
                return
            length = length or len(self.waiting)
            packet, self.waiting = self.waiting[:length], self.waiting[length:]
            yield packet, self.gap
            self.gap = False


class Session:
    """Follows a capture and collects its packets, and all of it as one session."""

    def __init__(self):
        self.decode = set()
        self.records = bytearray([0b00101000])  # judged twice, the server's port at the end that sends direction 1
        self.slots = [None, None]
        self.streams = {}
        self.versions = {}
        self.time = 0.0

    def frame(self, frame):
        sport, dport, sequence, acks = struct.unpack_from(">HHII", frame.data, 34)
        flags = frame.data[47]
        client = min(sport, dport) != sport or sport >= 49999
        name = (sport, dport) if client else (dport, sport)
        slot = self.slot_of(name)
        direction = 0 if client else 1
        stream = self.streams.setdefault((name, direction), Stream())
        head = slot | direction << 1
        stream.take(sequence, frame.data[54:frame.kept])
        peer = self.streams.get((name, 1 - direction))
        if peer and peer.next is not None and acks < peer.next:
            head |= 0x40
        if peer and peer.next is not None and acks > peer.next + 1 and flags & made.ACK:
            head |= 0x08
        first = True
        for packet, gap in stream.packets(frame.kept < len(frame.data)):
            self.record(head | (0x04 if gap else 0), frame.time if first else None, packet)
            first = False
            self.packet(name, direction, packet)
        if flags & made.SYN:
            stream.next = sequence + 1
        elif flags & (made.FIN | made.RST):
            stream.next = sequence + 1
            self.record((head & 3) | 0x20 | (0x40 if flags & made.RST else 0), frame.time)

    def slot_of(self, name):
        if name not in self.slots:
            slot = len(self.versions) % 2
            if self.slots[slot] is not None:
                self.records += bytes([slot | 0x30, 0])
            self.slots[slot] = name
            self.versions[name] = None
        return self.slots.index(name)

    def record(self, head, time, packet=b""):
        if time is None:
            step = 0xFF
        else:
            step, self.time = pause(time - self.time), time
        self.records += bytes([head, step]) + packet

    def packet(self, name, direction, packet):
        at = packet.find(b"MQTT") if packet[0] >> 4 == 1 else -1
        if at >= 0 and at + 4 < len(packet) and packet[at + 4] in VERSIONS:
            self.versions[name] = packet[at + 4]
        elif packet[0] >> 4 == 1 and b"MQIsdp\x03" in packet:
            self.versions[name] = 3
        for version in {0, VERSIONS[self.versions.get(name)]}:
            self.decode.add(bytes([version | (direction + 1) << 2]) + packet)


def framing_seeds(frames):
    """Each direction of each connection, segment by segment."""
    seeds, expected = {}, {}
    for frame in frames:
        sport, dport, sequence = struct.unpack_from(">HHI", frame.data, 34)
        data, name = frame.data[54:frame.kept][:255], (sport, dport)
        if frame.data[47] & made.SYN or not data:
            continue
        ahead = max(-15, min(15, sequence - expected.get(name, sequence)))
        seed = seeds.setdefault(name, bytearray([1]))
        seed += bytes([(1 if ahead < 0 else 2 if ahead > 0 else 0) | abs(ahead) << 4, len(data)]) + data
        expected[name] = max(expected.get(name, 0), sequence + len(data))
    return [bytes(seed) for seed in seeds.values()]


def save(folder, seeds):
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (folder / hashlib.sha1(seed, usedforsecurity=False).hexdigest()[:16]).write_bytes(seed)


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    target = pathlib.Path(arguments[0])
    packets, sessions, streams = set(), [], []
    for one in made.read_all(TESTS.parent / "captures" / "made"):
        session = Session()
        frames = [frame for frame in one.capture.frames if is_tcp(frame)]
        for frame in frames:
            session.frame(frame)
        packets |= session.decode
        sessions.append(bytes(session.records))
        streams += framing_seeds(frames)
    save(target / "decode", packets)
    save(target / "session", sessions)
    save(target / "framing", streams)
    save(target / "heuristic", {packet[1:] for packet in packets if packet[1] == 0x10})
    print(f"{len(packets)} packets, {len(sessions)} sessions, {len(streams)} streams")


if __name__ == "__main__":
    main(sys.argv[1:])
