"""A capture of a server's port, and what it says of each PUBLISH, read without Wireshark; and the same capture without the serial numbers of the messages."""
import bisect
import collections
import contextlib
import re
import shutil
import signal
import struct
import subprocess
import time

import brokers

SERIAL = re.compile(rb"([~!])(\d{7})")
HIDDEN = b"~"  # before a serial number that is taken out
PUBLISH = 3

# `stream` as tshark numbers it; `frame`: the one with its last byte; `serial` of the message
Publish = collections.namedtuple("Publish", "stream to_client frame topic qos dup serial")


@contextlib.contextmanager
def recorded(port, path):
    """dumpcap writes what goes over this port of the loopback interface. It must have lost nothing."""
    program = shutil.which("dumpcap", path=brokers.SYSTEM)
    process = subprocess.Popen([program, "-q", "-P", "-B", "64", "-i", "lo", "-f", f"tcp port {port}", "-w", path], stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(2)
        if process.poll() is not None:
            raise RuntimeError(f"dumpcap: {process.stderr.read()}")
        yield
        time.sleep(1)
    finally:
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[1]
    lost = re.search(r"received/dropped on interface.*?: \d+/(\d+)", said)
    if not lost or int(lost[1]):
        raise RuntimeError(f"dumpcap has lost frames: {said}")


class Direction:
    """What one end of a connection has sent: bytes, and where each piece of them is in the file."""

    def __init__(self):
        self.data, self.next = bytearray(), None
        self.starts, self.pieces = [], []  # of each segment: where it starts in `data`; its place in the file and its frame

    def add(self, sequence, payload, place, frame):
        if self.next is None:
            self.next = sequence
        if payload and sequence != self.next:
            ahead = (sequence - self.next) % 2**32
            if ahead < 2**31:
                raise RuntimeError(f"frame {frame}: bytes are missing, or out of order")
            return  # sent again
        if payload:
            self.starts.append(len(self.data))
            self.pieces.append((place, frame))
            self.data += payload
            self.next = (self.next + len(payload)) % 2**32

    def piece_at(self, offset):
        """The number of the piece with this byte."""
        return bisect.bisect_right(self.starts, offset) - 1


class Capture:
    """A pcap of Ethernet, IPv4 and TCP."""

    def __init__(self, path, port):
        self.raw, self.streams, numbers, at, frame = bytearray(path.read_bytes()), [], {}, 24, 0
        while at < len(self.raw):
            length, frame = struct.unpack_from("<I", self.raw, at + 8)[0], frame + 1
            at += 16
            ip = at + 14
            tcp = ip + (self.raw[ip] & 15) * 4
            data, end = tcp + (self.raw[tcp + 12] >> 4) * 4, ip + struct.unpack_from(">H", self.raw, ip + 2)[0]
            source, target, sequence = struct.unpack_from(">HHI", self.raw, tcp)
            syn, to_client = self.raw[tcp + 13] & 2, source == port
            client = target if to_client else source
            if (syn and not to_client) or client not in numbers:
                numbers[client] = len(self.streams)
                self.streams.append((Direction(), Direction()))
            self.streams[numbers[client]][to_client].add(sequence + bool(syn), self.raw[data:end], data, frame)
            at += length

    def clients(self):
        """The Client ID of each stream."""
        return [client_id(both[0].data) for both in self.streams]

    def publishes(self):
        """Each PUBLISH: of one direction of a connection after the other. Their serial numbers are hidden on the way."""
        for number, both in enumerate(self.streams):
            version = 0
            for to_client, direction in enumerate(both):
                for first, start, end in packets(direction.data):
                    if first >> 4 == 1:
                        version = direction.data[start + 6]
                    if first >> 4 == PUBLISH:
                        yield self.publish(number, direction, to_client, first, start, end, version)

    def publish(self, number, direction, to_client, first, start, end, version):
        data, length = direction.data, struct.unpack_from(">H", direction.data, start)[0]
        topic = bytes(data[start + 2:start + 2 + length]).decode()
        payload = start + 2 + length + 2 * bool(first & 6)
        if version == 5:
            size, payload = variable(data, payload)
            payload += size
        found = SERIAL.search(data, payload, end)
        if found and found[1] == HIDDEN:
            self.hide(direction, *found.span(2))
        frame = direction.pieces[direction.piece_at(end - 1)][1]
        return Publish(number, bool(to_client), frame, topic, first >> 1 & 3, bool(first & 8), int(found[2]) if found else None)

    def hide(self, direction, start, end):
        for at in range(start, end):
            piece = direction.piece_at(at)
            self.raw[direction.pieces[piece][0] + at - direction.starts[piece]] = ord("#")


def client_id(data):
    """Of the CONNECT at the start of `data`; of nothing, nothing."""
    if not data:
        return ""
    at = variable(data, 1)[1]
    version, at = data[at + 6], at + 10
    if version == 5:
        size, at = variable(data, at)
        at += size
    return bytes(data[at + 2:at + 2 + struct.unpack_from(">H", data, at)[0]]).decode()


def variable(data, at):
    """A Variable Byte Integer, and where it ends."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


def packets(data):
    """The first byte of each control packet, and where what follows its Remaining Length begins and ends."""
    at = 0
    while at < len(data):
        size, start = variable(data, at + 1)
        yield data[at], start, start + size
        at = start + size
