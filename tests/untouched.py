"""Compares what stock shows with the plugin and without it: two PDMLs of a capture, frame by frame and protocol by protocol.

The plugin may change what stock shows of a TCP connection only after the point where stock alone can no longer know where a control
packet starts, and only what follows from that. This finds that point from stock's output and the bytes alone:

* bytes are missing, come again or out of order (TCP's own analysis says so), their sequence numbers do not fit, or they were not captured,
* the capture begins within the connection, lacks the SYN of a side, or has the SYNs in the wrong order:
  bytes are then not known to be a control packet's first,
* a fixed header is split over two segments, or its Remaining Length has no end,
* the first bytes of a side are of another protocol (TLS, HTTP, PROXY, SSH, AMQP), or a CONNECT whose Remaining Length lacks a byte, and
  stock makes up packets from them,
* a CONNECT comes on a port for which stock has no dissector: the plugin finds it there, and stock shows bytes only,
* a control packet is cut off by the end of the connection, or of the capture: with two passes from the frame on in which it begins,
  since on the second stock knows that it never ends.

With two passes stock also knows at the start of a connection what a Topic Alias means at its end: on a connection on which it loses its
way later, the topic that it shows for an alias may differ before that, too.

Stock does not decode MQTT over WebSocket at all, so there everything above WebSocket may differ.
"""
import collections
import itertools
import re

OURS = re.compile(r'\s*<field name="mqtt5')
FAKE = ['  <proto name="fake-field-wrapper">', "  </proto>"]  # around fields outside any protocol: it contained only ours
NAME = re.compile(r'  <proto name="([^"]*)"')
FIELD = re.compile(r'<field name="(tcp\.(?:stream|srcport|dstport|payload|len|seq_raw|ack_raw|flags\.(?:syn|ack|fin|reset)|analysis\.flags)|frame\.(?:len|cap_len))"'
                   r'(?: showname="[^"]*")?(?: hide="yes")? size="\d+" pos="\d+"(?: show="([^"]*)")?(?: value="([^"]*)")?')
# What depends on where packets are assumed to start: the layers, and the segments that TCP reassembles.
FOLLOWS = re.compile(r'\s*(?:<field name="(?:frame\.protocols|tcp\.(?:segment\S*|reassembled\S*|pdu\.\S*))"|</field>)')
ALIAS = re.compile(r'\s*<field name="mqtt\.topic" [^>]*size="0"')
CONNECT = re.compile(rb"\x10[\x80-\xff]{0,3}[\x00-\x7f](\x00\x04MQTT|\x00\x06MQIsdp)", re.DOTALL)
# Bytes that are no control packet, and a Remaining Length above 127 in one byte, which stock reads together with the byte after it.
NOT_MQTT = re.compile(rb"[\x15\x16]\x03[\x00-\x04]|GET |HEAD |POST |PUT |DELETE |OPTIONS |CONNECT |PATCH |TRACE |HTTP/1\.|PROXY |\r\n\r\n\0\r\nQUIT\n|SSH-|AMQP"
                      rb"|\x10[\x80-\xff]\x00(\x04MQTT|\x06MQIsdp)", re.DOTALL)
YES = ("1", "True")
# What may be above MQTT, such as the payload by its Content Type.
ABOVE = {"mqtt", "_ws.malformed", "_ws.short", "fake-field-wrapper", "_ws.unreassembled", "data-text-lines", "data", "json"}

Comparison = collections.namedtuple("Comparison", "problems frames may_differ differ")


def packets(source):
    """The frames of a PDML, each as its text. `source`: the text of all, or a function that gives its lines."""
    lines = None
    for line in source.split("\n") if isinstance(source, str) else source():
        if line == "<packet>":
            lines = []
        elif line == "</packet>":
            yield "\n".join(lines).rstrip()
            lines = None
        elif lines is not None:
            lines.append(line)


def without_ours(packet):
    """The lines of a frame, without our fields and expert infos."""
    lines, block, inside = [], [], None
    for line in packet.split("\n"):
        indent = len(line) - len(line.lstrip())
        if inside is not None:  # one of our fields, or any expert info
            block.append(line)
            if indent <= inside and line.lstrip() == "</field>":
                if not any(OURS.match(part) for part in block):
                    lines += block
                inside = None
        elif line.lstrip().startswith(('<field name="mqtt5', '<field name="_ws.expert"')):
            if not line.endswith("/>"):
                inside, block = indent, [line]
        else:
            lines.append(line)
            if lines[-2:] == FAKE:
                del lines[-2:]
    return lines


def protocols(lines):
    """The lines of a frame, by protocol, in their order."""
    found = []
    for line in lines:
        match = NAME.match(line)
        if match or not found:
            found.append((match[1] if match else "", []))
        found[-1][1].append(line)
    return found


def facts_of(packet):
    """The facts about a frame that Lines needs."""
    found = {"bytes only": '<field name="data" ' in packet and '<proto name="mqtt"' not in packet}
    for name, show, value in FIELD.findall(packet):
        found.setdefault(name, value if name == "tcp.payload" else show)
    return found


class Side:
    """One direction of a TCP connection: are its bytes control packets, one after the other, each with its header in one segment?"""

    def __init__(self):
        self.started = False
        self.next = None  # sequence number
        self.left = 0  # missing bytes of an incomplete packet
        self.begun = None  # the frame in which that packet begins

    def take(self, data, number):
        """Adds a segment, of frame `number`. True while stock can follow."""
        at = min(self.left, len(data))
        self.left -= at
        if at < len(data):
            self.begun = number
        while at < len(data):
            value = shift = 0
            for place in range(at + 1, at + 6):
                if place == len(data) or place == at + 5:
                    return False
                value |= (data[place] & 0x7F) << shift
                shift += 7
                if data[place] < 0x80:
                    break
            end = place + 1 + value
            self.left = max(0, end - len(data))
            at = min(end, len(data))
        return True


class Lines:
    """Which TCP connections stock can follow, frame by frame."""

    def __init__(self):
        self.lost = {}   # the frame with which it was, by tcp.stream
        self.sides = {}
        self.first = {}  # sequence number of the first byte that a SYN announces, by tcp.stream and port
        self.handshakes = {}  # whether the first SYN that was captured is the client's, by tcp.stream
        self.ended = {}  # the frame in which the packet begins that its end cuts off, by tcp.stream

    def see(self, number, facts):
        stream = facts.get("tcp.stream")
        if stream is None or stream in self.lost:
            return
        sender = (stream, facts.get("tcp.srcport"))
        side = self.sides.setdefault(sender, Side())
        begins = facts.get("tcp.flags.syn") in YES
        payload = bytes.fromhex(facts.get("tcp.payload") or "")
        at = int(facts.get("tcp.seq_raw") or 0)
        expected, side.next = side.next, (at + int(facts.get("tcp.len") or 0) + begins) % 2**32
        if begins:
            self.handshakes.setdefault(stream, facts.get("tcp.flags.ack") not in YES)
            if self.handshakes[stream]:
                self.first.setdefault(sender, side.next)
        sound = "tcp.analysis.flags" not in facts and facts.get("frame.len") == facts.get("frame.cap_len")
        # TCP's analysis does not notice damaged headers, and does not pass on the bytes of a RST.
        sound = sound and expected in (None, at) and not (payload and begins) and bool(payload) == (int(facts.get("tcp.len") or 0) > 0)
        if payload and not side.started:
            side.started = True
            connect = CONNECT.match(payload) is not None
            sound = sound and not NOT_MQTT.match(payload) and not (connect and facts["bytes only"]) and (self.first.get(sender) == at or connect)
        if not (sound and side.take(payload, number)):
            self.lost[stream] = number
        elif (facts.get("tcp.flags.fin") in YES or facts.get("tcp.flags.reset") in YES) and side.left:
            self.lost[stream] = number
            self.ended[stream] = side.begun

    def since(self, two_passes):
        """The frame from which on stock cannot follow, by tcp.stream: with two passes after the last frame, with one as it becomes known."""
        if not two_passes:
            return self.lost
        cut = {stream: side.begun for (stream, _port), side in self.sides.items() if side.left and stream not in self.lost}
        return {**self.lost, **cut, **self.ended}


def without_aliases(found):
    """A frame by protocol without the topics that stock has from a Topic Alias."""
    return [(name, [line for line in lines if not ALIAS.match(line)]) for name, lines in found]


def plain(found):
    """A frame by protocol, without everything that depends on where packets are assumed to start."""
    left = []
    for name, lines in found:
        if name == "websocket":
            lines = list(itertools.takewhile(lambda line: 'name="websocket.payload"' not in line, lines))
        if name not in ABOVE:
            left.append((name, [line for line in lines if not FOLLOWS.match(line)]))
    return left


def compare(ours, stock, two_passes=False):
    """Compares two PDMLs, each as for `packets`: what must not differ and does, as lines of text; the number of frames; those that may differ, and those that do.

    `two_passes`: the trees are those of the second.
    """
    found, lines, count = Comparison([], 0, set(), set()), Lines(), [0, 0]
    if two_passes:
        for number, packet in enumerate(packets(stock), 1):
            lines.see(number, facts_of(packet))
    lost = lines.since(two_passes)
    for number, (one, other) in enumerate(itertools.zip_longest(packets(ours), packets(stock)), 1):
        count = [count[0] + (one is not None), count[1] + (other is not None)]
        if None in (one, other):
            continue
        fact = facts_of(other)
        if not two_passes:
            lines.see(number, fact)
        since = lost.get(fact.get("tcp.stream"))
        if (since is not None and number >= since) or '<proto name="websocket"' in other:
            found.may_differ.add(number)
        if one == other:
            continue
        one, other = protocols(without_ours(one)), protocols(without_ours(other))
        if two_passes and since is not None and number < since:
            one, other = without_aliases(one), without_aliases(other)
        if one == other:
            continue
        if number not in found.may_differ:
            found.problems.append(f"frame {number}, where stock can follow: {difference(one, other)}")
        elif plain(one) != plain(other):
            found.problems.append(f"frame {number}, not followed since {since}: {difference(plain(one), plain(other))}")
        else:
            found.differ.add(number)
    if count[0] != count[1]:
        found.problems.append(f"{count[0]} frames with the plugin, {count[1]} without")
    return found._replace(frames=count[1])


def difference(one, other):
    a = [line for _, lines in one for line in lines]
    b = [line for _, lines in other for line in lines]
    for x, y in zip(a, b):
        if x != y:
            return f"{x.strip()[:160]} with the plugin, {y.strip()[:160]} without"
    return f"{len(a)} lines with the plugin, {len(b)} without"
