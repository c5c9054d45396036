#!/usr/bin/python3
"""Made captures: readable text with directions and comments, turned into pcapng by text2pcap.

    made.py NAME.txt OUT.pcapng

One file is one capture. Its first comment line says what the capture shows. Then one directive a line:

    expect FRAME RULE      what the plugin finds or remarks in that frame (severity above Chat), one line each
    expect none            it finds nothing in the whole file
    chat FRAME RULE        what it says there in passing (severity Chat); unlike `expect`, not a full list
    near RULE...           rules that this capture comes close to without breaking them
    client BYTES           one TCP segment from the client, which acknowledges all that the client has received
    server BYTES           the same from the server

BYTES are hexadecimal digits; 'text' for plain text; "text" for a UTF-8 Encoded String (two bytes of length, then
the text; \\xNN for any byte); [ ... ] for a Variable Byte Integer with the length of what stands between the brackets,
followed by just that; ( ... ) to group; *N behind any of these to repeat it. A CONNECT is

    client 10 [ "MQTT" 05 02 003c [ ] "client" ]

An indented line continues the one above; # starts a comment. Further directives:

    port N                 the server's port in connections made from here on (1883)
    connection N           goes on with connection N; the first mention opens it, with a TCP handshake of three frames
    reopen                 the selected connection is opened anew from the same port, with a TCP handshake
    no handshake           the next connection that is opened was there before the capture began
    wait SECONDS           pause before the next segment (0.001)
    client lost BYTES      sent and received, but not captured
    client early BYTES     sent before what the server sent last had arrived
    client again           TCP retransmission of the last segment
    client fin, client rst closes the connection
    cut N                  the capture keeps only the first N bytes of the next segment
    split N                the next segment goes out as two, cut behind byte N
    swap                   the next two segments are captured in the wrong order
    frame twice            the next frame is captured twice
    websocket NAME         the connection upgrades to WebSocket with this sub-protocol ("none": without one); what follows goes in
                           binary frames. `port` must be one of HTTP's, such as 8080
    client text BYTES      in a text frame

Generators of big captures use the classes: Capture().connection().client(bytes) ... write_fast(path).
"""
import datetime
import os
import pathlib
import re
import struct
import subprocess
import sys

import websocket

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
ETHERNET_IP_TCP = 14 + 20 + 20
MAX_SEGMENT = 65535 - 20 - 20
EPOCH = 1767268800  # 2026-01-01 12:00:00 UTC


class MadeError(Exception):
    """A made capture that cannot be read; the message names file and line."""


def variable_byte_integer(value):
    """`value` as the standard encodes lengths (1.5.5)."""
    if not 0 <= value <= 268435455:
        raise ValueError(f"{value} does not fit a Variable Byte Integer")
    out = bytearray()
    while True:
        value, low = divmod(value, 128)
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def utf8_string(text):
    """A UTF-8 Encoded String (1.5.4) from str or bytes."""
    data = text.encode() if isinstance(text, str) else text
    return struct.pack(">H", len(data)) + data


# --- BYTES -----------------------------------------------------------------------------------------------------------

TOKEN = re.compile(r"""\s*(?: (?P<comment>\#.*) | (?P<open>[\[(]) | (?P<close>[\])]) | (?P<hex>(?:[0-9a-fA-F]{2})+)(?![0-9a-zA-Z])
                   | '(?P<raw>(?:[^'\\]|\\.)*)' | "(?P<string>(?:[^"\\]|\\.)*)" | \*(?P<times>\d+) )""", re.VERBOSE)


def unescape(text):
    return re.sub(rb"\\(x[0-9a-fA-F]{2}|.)",
                  lambda match: bytes.fromhex(match[1][1:].decode()) if len(match[1]) == 3 else match[1], text.encode())


def parse_bytes(text):
    """The bytes that the notation BYTES of the module's comment stands for."""
    levels = [("", [])]  # open brackets, each with the items seen in it
    at = 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if not match:
            raise MadeError(f"not understood: {text[at:].strip()}")
        at = match.end()
        items = levels[-1][1]
        if match["comment"]:
            break
        if match["open"]:
            levels.append((match["open"], []))
        elif match["close"]:
            bracket, inner = levels.pop()
            if bracket + match["close"] not in ("[]", "()"):
                raise MadeError(f"stray {match['close']}")
            data = b"".join(inner)
            levels[-1][1].append(variable_byte_integer(len(data)) + data if bracket == "[" else data)
        elif match["times"]:
            if not items:
                raise MadeError("nothing to repeat")
            items.append(items.pop() * int(match["times"]))
        elif match["hex"]:
            items.append(bytes.fromhex(match["hex"]))
        elif match["raw"] is not None:
            items.append(unescape(match["raw"]))
        else:
            items.append(utf8_string(unescape(match["string"])))
    if len(levels) != 1:
        raise MadeError(f"{levels[-1][0]} is not closed")
    return b"".join(levels[0][1])


# --- frames ----------------------------------------------------------------------------------------------------------

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


class Connection:
    """One TCP connection; the methods send segments and return self."""

    def __init__(self, capture, number, port, handshake, opened=0):
        network = capture.network
        start = 1000 * number + 7000000 * opened
        self.capture = capture
        self.websocket = False
        self.opened = opened
        self.ends = {
            "client": End(1, [10, network >> 8, network & 255, 1], 49999 + number, start),
            "server": End(2, [10, network >> 8, network & 255, 2], port, 500000 + start),
        }
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

    def again(self, side):
        if not self.ends[side].last:
            raise MadeError(f"nothing sent by the {side} yet")
        self.capture.add(self._build(side, *self.ends[side].last))
        return self

    def upgrade(self, protocol):
        """Goes on over WebSocket."""
        websocket.upgrade(self, protocol)
        self.websocket = True

    def close(self, side, flag=FIN):
        self._control(side, flag | ACK)
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
        tcp = struct.pack(">HHIIBBHHH", source.port, target.port, sequence, acknowledgment, 0x50, flags, 64240, 0, 0) + data
        pseudo = source.address + target.address + struct.pack(">BBH", 0, 6, len(tcp))
        tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
        source.identification = source.identification % 65535 + 1
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), source.identification, 0x4000, 64, 6, 0) + source.address + target.address
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        return target.mac + source.mac + b"\x08\x00" + ip + tcp


class Capture:
    """Frames in the order of the capture. `network` tells the addresses of merged captures apart."""

    def __init__(self, network=0):
        self.network = network
        self.frames = []
        self.time = 0.0
        self.pause = None
        self.cut = self.split = 0
        self.swap = 0      # 2: the next frame waits, 1: one is waiting
        self.twice = False
        self.waiting = None
        self.connections = {}
        self.port = 1883
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
        self.connections[number] = Connection(self, number, old.ends["server"].port, True, old.opened + 1)

    def add(self, data):
        """Captures one frame, with whatever was asked for it."""
        kept = None
        if len(data) > ETHERNET_IP_TCP and self.cut:
            kept, self.cut = min(len(data), ETHERNET_IP_TCP + self.cut), 0
        frame = Frame(data, kept)
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
    """text2pcap has no snaplen: cuts the Enhanced Packet Blocks of frames of which the capture keeps less."""
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


# --- files -----------------------------------------------------------------------------------------------------------

class Made:
    """One captures/made/NAME.txt: what it shows, what is expected of it, and the capture."""

    def __init__(self, path, network=0):
        self.path = pathlib.Path(path)
        self.name = self.path.stem
        self.shows = ""
        self.expected = []       # (frame, rule), sorted
        self.expects_none = False
        self.chats = []
        self.near = []
        self.capture = Capture(network)
        self.selected = 1
        for number, line in self._lines():
            try:
                self._directive(*re.fullmatch(r"(\S+)\s*(.*)", line, re.DOTALL).groups())
            except (MadeError, ValueError) as problem:
                raise MadeError(f"{self.path}:{number}: {problem}") from None
        self.expected.sort()
        if self.expects_none == bool(self.expected):
            raise MadeError(f"{self.path}: say either 'expect none' or what to expect")
        if not self.shows:
            raise MadeError(f"{self.path}: the first line is a comment that says what the capture shows")

    def _lines(self):
        """Logical lines with their numbers, continuations joined."""
        pending, start = "", 0
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            if number == 1 and line.startswith("#"):
                self.shows = line.lstrip("# ").rstrip()
            bare = "" if line.lstrip().startswith("#") else line.rstrip()
            if bare[:1].isspace() and pending:
                pending += "\n" + bare
                continue
            if bare.strip():
                if pending:
                    yield start, pending
                pending, start = bare.strip(), number
        if pending:
            yield start, pending

    def _directive(self, word, rest):
        capture = self.capture
        plain = rest.split("#")[0].strip()
        if word == "expect":
            if plain == "none":
                self.expects_none = True
            else:
                frame, rule = plain.split()
                self.expected.append((int(frame), rule))
        elif word == "chat":
            frame, rule = plain.split()
            self.chats.append((int(frame), rule))
        elif word == "near":
            self.near += plain.split()
        elif word in ("client", "server"):
            self._segment(word, rest, plain)
        elif word == "connection":
            self.selected = int(plain)
            capture.connection(self.selected)
        elif word == "port":
            capture.port = int(plain)
        elif word == "wait":
            capture.pause = float(plain)
        elif word == "reopen" and not plain:
            capture.connection(self.selected)
            capture.reopen(self.selected)
        elif word == "websocket":
            connection = capture.connection(self.selected)
            connection.upgrade("" if plain == "none" else plain)
        elif word == "cut":
            capture.cut = int(plain)
        elif word == "split":
            capture.split = int(plain)
        elif (word, plain) == ("no", "handshake"):
            capture.handshake = False
        elif (word, plain) == ("frame", "twice"):
            capture.twice = True
        elif word == "swap" and not plain:
            capture.swap = 2
        else:
            raise MadeError(f"not understood: {word} {rest}")

    def _segment(self, side, rest, plain):
        connection = self.capture.connection(self.selected)
        first, _, others = rest.partition(" ")
        if plain == "again":
            connection.again(side)
        elif plain in ("fin", "rst"):
            connection.close(side, FIN if plain == "fin" else RST)
        else:
            how = {first: True} if first in ("lost", "early", "text") else {}
            # A continuation may follow a comment, so each line is read by itself and the brackets are matched over all.
            text = " ".join(strip_comment(line) for line in (others if how else rest).splitlines())
            data = parse_bytes(text)
            if not data:
                raise MadeError("no bytes to send")
            connection.send(side, data, **how)

    def write(self, path):
        self.capture.write(path)


def strip_comment(line):
    """`line` without a # comment; a # in quotes is none."""
    match = re.match(r"""(?:[^#'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*""", line)
    return match[0]


def read_all(folder):
    """All made captures of a folder, by name, each in a network of its own."""
    paths = sorted(pathlib.Path(folder).glob("*.txt"))
    return [Made(path, network) for network, path in enumerate(paths, 1)]


def write_merged(made, path):
    """Writes many made captures into one pcapng, an hour apart. Returns the number of frames before each, by name."""
    offsets, count = {}, 0
    for one in made:
        offsets[one.name] = count
        count += len(one.capture.frames)
    write([(one.capture, EPOCH + 3600 * number) for number, one in enumerate(made)], path)
    return offsets


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    try:
        Made(arguments[0]).write(arguments[1])
    except MadeError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main(sys.argv[1:])
