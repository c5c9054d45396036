#!/usr/bin/python3
"""Made captures: readable text with directions and comments, turned into pcapng by text2pcap.

    made.py NAME.txt OUT.pcapng    writes the capture
    made.py NAME.txt               shows the text with the numbers of the frames that each line makes

One file is one capture. The comment at its top says what the capture shows. Then one directive a line:

    client PACKETS         one TCP segment from the client, which acknowledges all that the client has received
    server PACKETS         the same from the server
        expect RULE...     what the plugin finds in the segment on the line above (severity above Chat); *N repeats a rule
        chat RULE...       what it remarks there with severity Chat; unlike `expect`, not a full list
    expect none            it finds nothing in the whole file
    near RULE...           rules that this capture comes close to without breaking them

A file has to say all that the plugin finds. Where a finding belongs to a frame that no line makes, such as the second copy of
`frame twice`, `expect FRAME RULE` and `chat FRAME RULE` name the frame by its number.

PACKETS are control packets by name, bytes, or both in turn:

    client CONNECT client-id "meter-1" will-topic "meters/1/state" will-payload "gone" will-qos 2
    server CONNACK [ receive-maximum 10 session-expiry-interval 60 ]
    client SUBSCRIBE id 1 filter "meters/#" qos 1 no-local PINGREQ
    server SUBACK id 1 0x01
    client PUBLISH qos 1 id 5 topic "meters/1" "20.5"
    server PUBACK id 5 0x10 [ reason-string "nobody there" ]
    server 40 [ 0005 10 [ 1f "nobody there" ] ]

The fields of a packet come in any order. The defaults are in parentheses:

    CONNECT                v3.1, v3.1.1 or v5 (v5), client-id TEXT (""), clean-start N (1), keep-alive N (60), user-name TEXT,
                           password TEXT, will-topic TEXT, will-payload TEXT, will-qos N, will-retain, will-properties [ ... ];
                           name TEXT, level N and connect-flags N replace what follows from these
    CONNACK                session-present, the code (0x00); acknowledge-flags N adds bits
    PUBLISH                topic TEXT, qos N, id N (none), dup, retain, and the payload in quotes or ( BYTES )
    SUBSCRIBE, UNSUBSCRIBE id N, filter TEXT, each with qos N, no-local, retain-as-published, retain-handling N or options N
    SUBACK, UNSUBACK       id N and codes
    PUBACK to PUBCOMP      id N, and a code if it is sent
    DISCONNECT, AUTH       a code if it is sent
    PINGREQ, PINGRESP      nothing
    all but PUBLISH        flags N: the lower four bits of the first byte
    all                    rest TEXT: bytes after the last field

N is a decimal number, or hexadecimal after 0x; a code is written as 0x and its digits. TEXT is quoted, or a word, or ( BYTES ).
[ ... ] are the properties, by name or as bytes; packets that must have a property list have an empty one without it. The packets
of a connection are those of the version of its CONNECT (of 5.0 before one); `v3.1.1` in the packet says otherwise.

BYTES are hexadecimal digits; 'text' for plain text; "text" for a UTF-8 Encoded String (two bytes of length, then the text);
[ ... ] for a Variable Byte Integer with the length of what is between the brackets, followed by just that; ( ... ) to group;
a property by its name and value. In quotes, \\xNN is any byte. *N after any of these repeats it; so it does after a code, and
after a filter with its options. ( PACKET )*N repeats a packet.

An indented line continues the one above; # starts a comment. Further directives:

    preference NAME:VALUE  the plugin finds what is expected only with this preference
    port N                 the server's port in new connections (1883)
    address N              the last byte of the client's address in new connections (1)
    connection N           goes on with connection N; the first mention opens it, with a TCP handshake of three frames
    reopen                 opens a new connection from the port of the selected one, with a TCP handshake
    no handshake           the next connection was opened before the capture began; before `reopen`: its handshake is not captured
    wait SECONDS           pause before the next segment (0.001)
    others SECONDS         the same, but the capture holds frames of other hosts meanwhile, one a second
    client lost PACKETS    sent and received, but not captured
    client early PACKETS   sent before what the server sent last had arrived
    client again           TCP retransmission of the last segment
    client ack             a segment without data, which acknowledges all that the client has received; with `window N`, the
                           client takes N bytes from now on
    client fin, client rst closes the connection
    client rst before N    a RST whose sequence number is N too low (below 0: too high), which closes nothing
    client syn             asks again for a connection that is `not open`
    server refuse          answers that with a RST
    not open               the next connection consists of its first SYN
    client probe           TCP's keep-alive probe
    client hops N          what the client sends from now on has a Time to Live of N (64)
    client deaf            nothing arrives at the client from here on, so it acknowledges no more
    cut N                  the capture keeps only the first N bytes of the next segment
    split N                the next segment goes out as two, cut after byte N
    swap                   the next two segments are captured in the wrong order
    frame twice            the next frame is captured twice
    websocket NAME         the connection upgrades to WebSocket with this sub-protocol ("none": without one); what follows goes in
                           binary frames. `port` must be one of HTTP's, such as 8080. With two names, the client offers the first,
                           and the server selects the other
    client text PACKETS    in a text frame

mqtt.py encodes packets, notation.py reads PACKETS, frames.py makes frames; their names can be imported from here, too.
"""
import pathlib
import re
import sys

import mqtt
from frames import ACK, EPOCH, ETHERNET_IP_TCP, FIN, PSH, RST, SYN, Capture, Connection, Frame, write
from mqtt import utf8_string, variable_byte_integer
from notation import MadeError, Reader, parse_bytes

__all__ = ["ACK", "EPOCH", "ETHERNET_IP_TCP", "FIN", "PSH", "RST", "SYN", "Capture", "Connection", "Frame", "Made", "MadeError", "Reader",
           "mqtt", "parse_bytes", "read_all", "utf8_string", "variable_byte_integer", "write", "write_merged"]


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
        self.preferences = []  # options of tshark
        self.capture = Capture(network)
        self.selected = 1
        self.about = None        # the frame of the line above, which `expect RULE` is about
        self.versions = {}       # of MQTT, by connection
        self.frames_of_line = {}
        for number, line in self._lines():
            try:
                self._line(number, *re.fullmatch(r"(\S+)\s*(.*)", line, re.DOTALL).groups())
            except (MadeError, ValueError) as problem:
                raise MadeError(f"{self.path}:{number}: {problem}") from None
        self._number()
        if self.expects_none == bool(self.expected):
            raise MadeError(f"{self.path}: say either 'expect none' or what to expect")
        if not self.shows:
            raise MadeError(f"{self.path}: the text begins with a comment that says what the capture shows")

    def _lines(self):
        """Logical lines with their numbers, continuations joined."""
        pending, start, heading = "", 0, 0
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("#") and number == heading + 1:
                heading = number
                self.shows = f"{self.shows} {line.lstrip('# ').rstrip()}".strip()
            bare = "" if line.lstrip().startswith("#") else line.rstrip()
            if bare[:1].isspace() and pending and bare.split()[0] not in ("expect", "chat"):
                pending += "\n" + bare
                continue
            if bare.strip():
                if pending:
                    yield start, pending
                pending, start = bare.strip(), number
        if pending:
            yield start, pending

    def _line(self, number, word, rest):
        """Carries out one line."""
        plain = rest.split("#")[0].strip()
        if word in ("expect", "chat"):
            self._expect(self.expected if word == "expect" else self.chats, plain.split())
            return
        self.capture.last, before = None, len(self.capture.frames)
        if word in ("client", "server"):
            self._segment(word, rest, plain)
        elif word == "near":
            self.near += plain.split()
        else:
            self._directive(word, plain)
        if word in ("client", "server") or self.capture.last:
            self.about = self.capture.last
        self.frames_of_line[number] = self.capture.frames[before:]

    def _expect(self, rules, words):
        if words == ["none"]:
            self.expects_none = True
        elif words and words[0].isdigit():
            rules += ((int(words[0]), rule) for rule in words[1:])
        elif self.about:
            for word in words:
                rules += [rules[-1]] * (int(word[1:]) - 1) if word[0] == "*" else [(self.about, word)]
        else:
            raise MadeError("the line above puts no segment into the capture")

    def _number(self):
        """Puts numbers in place of frames, now that the order of the capture is known."""
        numbers = {id(frame): number for number, frame in enumerate(self.capture.frames, 1)}
        for rules in (self.expected, self.chats):
            rules[:] = sorted((frame if isinstance(frame, int) else numbers[id(frame)], rule) for frame, rule in rules)

    def _directive(self, word, plain):
        capture = self.capture
        if word == "connection":
            self.selected = int(plain)
            capture.connection(self.selected)
        elif word == "port":
            capture.port = int(plain)
        elif word == "preference":
            self.preferences += ["-o", plain]
        elif word == "address":
            capture.host = int(plain)
        elif word == "wait":
            capture.pause = float(plain)
        elif word == "others":
            capture.others(float(plain))
        elif word == "reopen" and not plain:
            capture.connection(self.selected)
            capture.reopen(self.selected)
        elif word == "websocket":
            capture.connection(self.selected).upgrade(*("" if name == "none" else name for name in plain.split()))
        elif word == "cut":
            capture.cut = int(plain)
        elif word == "split":
            capture.split = int(plain)
        elif (word, plain) == ("no", "handshake"):
            capture.handshake = False
        elif (word, plain) == ("not", "open"):
            capture.handshake = None
        elif (word, plain) == ("frame", "twice"):
            capture.twice = True
        elif word == "swap" and not plain:
            capture.swap = 2
        else:
            raise MadeError(f"not understood: {word} {plain}")

    def _segment(self, side, rest, plain):
        connection = self.capture.connection(self.selected)
        self.capture.last = None  # whatever opened it is no segment of this line
        first, _, others = rest.partition(" ")
        if plain == "again":
            connection.again(side)
        elif plain in ("probe", "deaf"):
            (connection.probe if plain == "probe" else connection.go_deaf)(side)
        elif plain == "ack" or plain.startswith("ack window "):
            connection.acknowledge(side, int(plain.split()[-1]) if plain != "ack" else None)
        elif first == "hops":
            connection.ends[side].hops = int(others)
        elif plain in ("syn", "refuse"):
            connection.knock() if plain == "syn" else connection.refuse()
        elif plain.startswith("rst before "):
            connection.reset_stale(side, int(plain.split()[-1]))
        elif plain in ("fin", "rst"):
            connection.close(side, FIN if plain == "fin" else RST)
        else:
            how = {first: True} if first in ("lost", "early", "text") else {}
            reader = Reader(others if how else rest, self.versions.get(connection, mqtt.V5))
            data = reader.bytes()
            if not data:
                raise MadeError("no bytes to send")
            self.versions[connection] = mqtt.version_of(data) or reader.version
            connection.send(side, data, **how)

    def numbered(self):
        """The text, each line after the numbers of the frames that it makes."""
        numbers = {id(frame): number for number, frame in enumerate(self.capture.frames, 1)}
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            frames = [numbers[id(frame)] for frame in self.frames_of_line.get(number, ())]
            yield f"{'-'.join(map(str, sorted({min(frames), max(frames)}))) if frames else '':>9}  {line}\n"

    def write(self, path):
        self.capture.write(path)


def read_all(folder):
    """All made captures of a folder, by name, each in a network of its own."""
    paths = sorted(pathlib.Path(folder).glob("*.txt"))
    return [Made(path, network) for network, path in enumerate(paths, 1)]


def sets_clock_back(one):
    """True if the clock of the capture is set back within it."""
    times = [frame.time for frame in one.capture.frames]
    return any(later < earlier - 1 for earlier, later in zip(times, times[1:]))


def write_merged(made, path):
    """Writes many made captures into one pcapng, each at the next full hour. Returns the number of frames before each, by name.

    Those that set the clock back come last: after them nobody believes the clock.
    """
    offsets, count, captures, start = {}, 0, [], EPOCH
    for one in sorted(made, key=sets_clock_back):
        offsets[one.name] = count
        count += len(one.capture.frames)
        captures.append((one.capture, start))
        start += 3600 * (1 + int(max((frame.time for frame in one.capture.frames), default=0)) // 3600)
    write(captures, path)
    return offsets


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    try:
        one = Made(arguments[0])
        if len(arguments) == 2:
            one.write(arguments[1])
        else:
            sys.stdout.writelines(one.numbered())
    except (MadeError, OSError) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main(sys.argv[1:])
