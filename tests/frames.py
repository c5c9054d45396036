"""TCP connections as captured Ethernet frames, and capture files of them.

Generators of big captures use the classes: Capture().connection().client(bytes) ... write_fast(path).
"""
import datetime
import os
import pathlib
import struct
import subprocess

import websocket
from notation import MadeError

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
ETHERNET_IP_TCP = 14 + 20 + 20
MAX_SEGMENT = 65535 - 20 - 20
EPOCH = 1767268800  # 2026-01-01 12:00:00 UTC


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Frame:
    """One captured frame: its bytes, when, and how many of them the capture kept."""

    def __init__(self, data, kept=None):
        self.data, self.kept, self.time = data, len(data) if kept is None else kept, 0


class End:
    """One end of a connection, and what it has sent and received."""

    def __init__(self, number, address, port, start):
        self.mac = bytes([2, 0, 0, 0, 0, number])
        self.address, self.port = bytes(address), port
        self.next = start        # sequence number of its next byte
        self.before = start      # ... before its last segment
        self.last = None         # its last segment, as build() wants it
        self.identification = 0
        self.window = 64240      # what it takes at a time
        self.hops = 64           # Time to Live of what it sends
        self.heard = None        # all that it acknowledges; None: whatever the other has sent


class Connection:
    """One TCP connection; the methods send segments and return self."""

    def __init__(self, capture, number, port, handshake, opened=0):
        network = capture.network
        start = 1000 * number + 7000000 * opened
        self.capture = capture
        self.websocket = False
        self.opened = opened
        self.ends = {
            "client": End(1, [10, network >> 8, network & 255, capture.host], 49999 + number, start),
            "server": End(2, [10, network >> 8, network & 255, 2], port, 500000 + start),
        }
        if handshake is None:
            self.knock()
        if handshake:
            self._control("client", SYN, acknowledge=False)
            self._control("server", SYN | ACK)
            self._frame("client", ACK, b"")

    def client(self, data, **how):
        return self.send("client", data, **how)

    def server(self, data, **how):
        return self.send("server", data, **how)

    def send(self, side, data, lost=False, early=False, text=False):
        """Sends `data` as one segment, or as many as it needs."""
        if self.websocket:
            data = websocket.message(side, data, websocket.TEXT if text else websocket.BINARY)
        for at in range(0, len(data), MAX_SEGMENT):
            self._segment(side, data[at:at + MAX_SEGMENT], lost, early)
        return self

    def knock(self):
        """A SYN, which may come again."""
        self._frame("client", SYN, b"", acknowledge=False)
        return self

    def refuse(self):
        """The server answers a SYN with a RST."""
        self.capture.add(self._build("server", RST | ACK, b"", 0, self.ends["client"].next + 1))
        return self

    def again(self, side):
        if not self.ends[side].last:
            raise MadeError(f"nothing sent by the {side} yet")
        self.capture.add(self._build(side, *self.ends[side].last))
        return self

    def acknowledge(self, side, window=None):
        """Sends a segment without bytes, which acknowledges all; with a window, that is what the side takes from now on."""
        if window is not None:
            self.ends[side].window = window
        self._frame(side, ACK, b"")
        return self

    def go_deaf(self, side):
        """Nothing arrives there from now on."""
        self.ends[side].heard = self._acknowledged(side)
        return self

    def probe(self, side):
        """Sends what TCP asks with whether the other side still lives: the number of the last byte, without it."""
        self.capture.add(self._build(side, ACK, b"", self.ends[side].next - 1, self._acknowledged(side)))
        return self

    def upgrade(self, protocol, selected=None):
        """Switches to WebSocket."""
        websocket.upgrade(self, protocol, protocol if selected is None else selected)
        self.websocket = True

    def close(self, side, flag=FIN):
        self._control(side, flag | ACK)
        return self

    def reset_stale(self, side, before):
        """A RST whose sequence number is so much too low."""
        self.capture.add(self._build(side, RST | ACK, b"", (self.ends[side].next - before) & 0xFFFFFFFF, self._acknowledged(side)))
        return self

    def _segment(self, side, data, lost, early):
        capture, end = self.capture, self.ends[side]
        pieces = [data]
        if capture.split:
            pieces = [data[:capture.split], data[capture.split:]]
            capture.split = 0
        for piece in pieces:
            end.before = end.next
            end.last = (PSH | ACK, piece, end.next, self._acknowledged(side, early))
            if not lost:
                capture.add(self._build(side, *end.last))
            end.next = (end.next + len(piece)) & 0xFFFFFFFF

    def _acknowledged(self, side, early=False):
        peer = self.ends["server" if side == "client" else "client"]
        if self.ends[side].heard is not None:
            return self.ends[side].heard
        return peer.before if early else peer.next

    def _control(self, side, flags, acknowledge=True):
        end = self.ends[side]
        self._frame(side, flags, b"", acknowledge)
        end.before = end.next
        end.next += 1

    def _frame(self, side, flags, data, acknowledge=True):
        self.capture.add(self._build(side, flags, data, self.ends[side].next, self._acknowledged(side) if acknowledge else 0))

    def _build(self, side, flags, data, sequence, acknowledgment):
        source, target = self.ends[side], self.ends["server" if side == "client" else "client"]
        tcp = struct.pack(">HHIIBBHHH", source.port, target.port, sequence, acknowledgment, 0x50, flags, source.window, 0, 0) + data
        pseudo = source.address + target.address + struct.pack(">BBH", 0, 6, len(tcp))
        tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
        source.identification = source.identification % 65535 + 1
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), source.identification, 0x4000, source.hops, 6, 0) + source.address + target.address
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        return target.mac + source.mac + b"\x08\x00" + ip + tcp


class Capture:
    """Frames in the order of the capture. `network` makes the addresses of merged captures different."""

    def __init__(self, network=0):
        self.network = network
        self.frames = []
        self.time = 0.0
        self.pause = None
        self.cut = self.split = 0
        self.swap = 0      # 2: the next frame waits, 1: one is waiting
        self.twice = False
        self.waiting = None
        self.last = None   # the frame that add() made last
        self.connections = {}
        self.port = 1883
        self.host = 1      # the last byte of the client's address
        self.handshake = True

    def connection(self, number=1):
        """Connection `number`, opened on the first call."""
        if number not in self.connections:
            self.connections[number] = Connection(self, number, self.port, self.handshake)
            self.handshake = True
        return self.connections[number]

    def reopen(self, number):
        """The same addresses and ports, another connection."""
        old = self.connections[number]
        self.connections[number] = Connection(self, number, old.ends["server"].port, self.handshake, old.opened + 1)
        self.handshake = True

    def others(self, seconds):
        """Time passes while other hosts are captured: one of them asks for an address each second."""
        asking = bytes([2, 0, 0, 0, 0, 9])
        for at in range(1, int(seconds) + 1):
            address = bytes([10, self.network >> 8, self.network & 255, 9])
            arp = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + asking + address + bytes(6) + address[:3] + bytes([at % 200 + 20])
            self.pause = 1
            self._append(Frame(b"\xff" * 6 + asking + b"\x08\x06" + arp))
        self.pause = seconds % 1 or None

    def add(self, data):
        """Captures one frame, and applies the directives that are waiting for it."""
        kept = None
        if len(data) > ETHERNET_IP_TCP and self.cut:
            kept, self.cut = min(len(data), ETHERNET_IP_TCP + self.cut), 0
        frame = self.last = Frame(data, kept)
        if self.swap == 2:
            self.waiting, self.swap = frame, 1
            return
        self._append(frame)
        if self.swap == 1:
            self._append(self.waiting)
            self.swap = 0
        if self.twice:
            self.twice = False
            self._append(Frame(data, kept))

    def _append(self, frame):
        self.time += 0.001 if self.pause is None else self.pause
        self.pause = None
        frame.time = self.time
        self.frames.append(frame)

    def write(self, path, start=EPOCH):
        write([(self, start)], path)

    def write_fast(self, path):
        """A pcap without text2pcap, for captures of many thousand frames."""
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for frame in self.frames:
                seconds, micro = divmod(round(frame.time * 1000000), 1000000)
                out.write(struct.pack("<IIII", EPOCH + seconds, micro, frame.kept, len(frame.data)) + frame.data[:frame.kept])


def write(captures, path):
    """Writes captures, each with its start time, into one pcapng by text2pcap."""
    text, frames = [], []
    for capture, start in captures:
        if capture.swap or capture.waiting is not None and capture.waiting not in capture.frames:
            raise MadeError("swap: there are no two segments to swap")
        for frame in capture.frames:
            when = datetime.timedelta(microseconds=round((start + frame.time) * 1000000))
            text.append(f"{datetime.datetime(1970, 1, 1) + when:%Y-%m-%d %H:%M:%S.%f}\n")
            text += (f"{at:06x} {frame.data[at:at + 16].hex(' ')}\n" for at in range(0, len(frame.data), 16))
            frames.append(frame)
    done = subprocess.run(["text2pcap", "-q", "-t", "%Y-%m-%d %H:%M:%S.%f", "-", os.fspath(path)], input="".join(text), capture_output=True,
                          text=True, env={**os.environ, "TZ": "UTC", "LC_ALL": "C"}, check=False)
    if done.returncode:
        raise MadeError(f"text2pcap: {done.stderr.strip()}")
    if any(frame.kept < len(frame.data) for frame in frames):
        shorten(pathlib.Path(path), frames)


def shorten(path, frames):
    """text2pcap has no snaplen: cuts the Enhanced Packet Blocks of frames that the capture does not keep whole."""
    data, out, at, number = path.read_bytes(), [], 0, 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        block = data[at:at + length]
        if kind == 6:
            kept, number = frames[number].kept, number + 1
            packet = block[28:28 + kept] + b"\0" * (-kept % 4)
            total = 32 + len(packet)
            block = struct.pack("<II", kind, total) + block[8:20] + struct.pack("<I", kept) + block[24:28] + packet + struct.pack("<I", total)
        out.append(block)
        at += length
    path.write_bytes(b"".join(out))
