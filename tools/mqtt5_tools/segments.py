"""Where in a packet what is: addresses, the TCP segment, its payload. And the bytes of one direction of a TCP connection by their sequence number."""
import collections
import struct

from mqtt5_tools import captures
from mqtt5_tools.program import ToolError

TCP, UDP = 6, 17
SYN = 0x02
BLANK = b"x"  # no control packet begins with two of them
HALF, WHOLE = 1 << 31, 1 << 32

# network: where the IP header begins, or None. segment: where TCP's begins, or None. payload, end: of TCP, as far as captured. cut: where what can be
# read ends, if it is not TCP. total: how long the segment was on the wire.
Place = collections.namedtuple("Place", "network version segment payload end total cut")


def locate(link, data):
    """The Place of a packet. Extension headers of IPv6 may hold addresses, so nothing is looked for after them."""
    try:
        at = captures.network(link, data)
    except ToolError:
        return Place(None, 0, None, 0, 0, 0, 0)
    if at is None or len(data) < at + 20:
        return Place(None, 0, None, 0, 0, 0, min(14, len(data)) if link == captures.ETHERNET else 0)
    version = data[at] >> 4
    if version == 4:
        header = (data[at] & 15) * 4
        length = int.from_bytes(data[at + 2:at + 4], "big")
        fragment = int.from_bytes(data[at + 6:at + 8], "big") & 0x3FFF
        return transport(data, at, 4, at + header, data[at + 9], at + length if length else len(data), fragment or header < 20)
    if version == 6 and len(data) >= at + 40:
        length = int.from_bytes(data[at + 4:at + 6], "big")
        return transport(data, at, 6, at + 40, data[at + 6], at + 40 + length if length else len(data), False)
    return Place(None, 0, None, 0, 0, 0, at)


def transport(data, network, version, at, protocol, wire_end, fragment):
    """wire_end: where the packet ended on the wire, which may be after what was captured."""
    end = min(wire_end, len(data))
    if protocol == TCP and not fragment and end >= at + 20:
        payload = at + (data[at + 12] >> 4) * 4
        if at + 20 <= payload <= end:
            return Place(network, version, at, payload, end, wire_end - at, None)
    return Place(network, version, None, 0, 0, 0, min(at + 8, end) if protocol == UDP and not fragment else min(at, end))


class Run:
    """A stretch of a direction without a gap: its position, its bytes, and what they become: blanks, until somebody reads them."""

    def __init__(self, start, data):
        self.start, self.data = start, data
        self.end = start + len(data)
        self.begin = start  # where MQTT begins
        self.in_step = False  # a control packet must begin there
        self.is_other = False  # no MQTT, or not without a WebSocket around it
        self.out = bytearray(BLANK * len(data))


class Direction:
    """One direction of a TCP connection: its segments, then its runs. Positions are sequence numbers that do not wrap around."""

    def __init__(self, sequence):
        self.first = sequence  # of the SYN, or of the first segment seen
        self.has_start = False
        self.last = 0
        self.segments = []
        self.runs, self.starts = [], []
        self.peer = None
        # (start, end, [(first byte, Remaining Length or None where it is not whole, version)]) of each frame in which tshark found control packets
        self.frames = []

    def position(self, sequence):
        """Of a sequence number: the one closest to the segment before."""
        self.last += (sequence - self.first - self.last + HALF) % WHOLE - HALF
        return self.last

    def add(self, sequence, data):
        """Takes a segment; returns its position."""
        position = self.position(sequence)
        if data:
            self.segments.append((position, data))
        return position

    def join(self):
        """Makes runs of the segments. What was captured first of the same bytes counts, as for tshark."""
        start, joined = None, bytearray()
        for position, data in sorted(self.segments, key=lambda segment: segment[0]):
            if start is not None and position <= start + len(joined):
                joined += data[start + len(joined) - position:]
                continue
            if start is not None:
                self.runs.append(Run(start, joined))
            start, joined = position, bytearray(data)
        if start is not None:
            self.runs.append(Run(start, joined))
        self.starts = sorted({position for position, _ in self.segments})
        self.segments = []


class Connections:
    """The directions of all connections; a SYN with another sequence number begins a new one between the same ports."""

    def __init__(self):
        self.open = {}
        self.all = []

    def direction(self, source, destination, sequence, flags):
        """source, destination: address and port, as bytes."""
        key = (source, destination)
        known = self.open.get(key)
        if known is None or flags & SYN and known.has_start and known.first != sequence % WHOLE:
            known = self.begin(key, sequence)
        if flags & SYN:
            known.has_start = True
        return known

    def begin(self, key, sequence):
        direction = self.open[key] = Direction(sequence)
        self.all.append(direction)
        other = self.open.get(key[::-1])
        if other is not None and other.peer is None:
            direction.peer, other.peer = other, direction
        return direction


def ends(data, place):
    """Source and destination of a TCP segment, each address and port."""
    at, ports = place.network, place.segment
    size, source = (4, at + 12) if place.version == 4 else (16, at + 8)
    return data[source:source + size] + data[ports:ports + 2], data[source + size:source + 2 * size] + data[ports + 2:ports + 4]


def sequence_and_flags(data, place):
    return struct.unpack_from(">I", data, place.segment + 4)[0], data[place.segment + 13]
