"""What stock shows, with the plugin and without it: two PDMLs of a capture, compared frame by frame and protocol by protocol.

The plugin may change what stock shows of a TCP connection only from the point on where stock by itself can no longer know where a
control packet starts, and there only what follows from that. This is that point, told from stock's own output and the bytes alone:

* bytes are missing, come again or out of order (TCP's own analysis says so), their sequence numbers do not fit, or they were not captured,
* the capture begins within the connection, at bytes that are not known to be a control packet's first,
* a fixed header is split over two segments, or its Remaining Length has no end,
* a control packet is cut off by the end of the connection.

MQTT over WebSocket, which stock does not decode at all, is the plugin's from the start: there only what stands above WebSocket differs.
"""
import collections
import itertools
import re

OURS = re.compile(r'\s*<field name="mqtt5')
FAKE = ['  <proto name="fake-field-wrapper">', "  </proto>"]  # around fields outside any protocol: it held ours only
NAME = re.compile(r'  <proto name="([^"]*)"')
FIELD = re.compile(r'<field name="(tcp\.(?:stream|srcport|dstport|payload|len|seq_raw|ack_raw|flags\.(?:syn|ack|fin|reset)|analysis\.flags)|frame\.(?:len|cap_len))"'
                   r'(?: showname="[^"]*")?(?: hide="yes")? size="\d+" pos="\d+"(?: show="([^"]*)")?(?: value="([^"]*)")?')
# What follows from where packets are thought to start: which layers there are, and which segments TCP puts together for them.
FOLLOWS = re.compile(r'\s*(?:<field name="(?:frame\.protocols|tcp\.(?:segment\S*|reassembled\S*|pdu\.\S*))"|</field>)')
CONNECT = re.compile(rb"\x10[\x80-\xff]{0,3}[\x00-\x7f](\x00\x04MQTT|\x00\x06MQIsdp)", re.DOTALL)
YES = ("1", "True")
# What may stand above MQTT: the payload, by its Content Type, too.
ABOVE = {"mqtt", "_ws.malformed", "_ws.short", "fake-field-wrapper", "_ws.unreassembled", "data-text-lines", "data", "json"}

Comparison = collections.namedtuple("Comparison", "problems frames may_differ differ")


def packets(text):
    """The frames of a PDML, each as its text."""
    return [packet[:packet.index("</packet>")].rstrip() for packet in text.split("<packet>\n")[1:]]


def without_ours(packet):
    """The lines of a frame, without our fields and expert infos."""
    lines, block, inside = [], [], None
    for line in packet.split("\n"):
        indent = len(line) - len(line.lstrip())
        if inside is not None:  # a field of ours, or an expert info of whoever
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
    """What Lines wants to know of a frame."""
    found = {}
    for name, show, value in FIELD.findall(packet):
        found.setdefault(name, value if name == "tcp.payload" else show)
    return found


class Side:
    """One direction of a TCP connection: are its bytes control packets, one behind the other, each with its header in one segment?"""

    def __init__(self):
        self.started = False
        self.next = None  # sequence number
        self.left = 0  # bytes of an unfinished packet that are to come

    def take(self, data):
        """Adds a segment. True while stock can follow."""
        at = min(self.left, len(data))
        self.left -= at
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
    """Which TCP connections stock can follow, as the frames go by."""

    def __init__(self):
        self.lost = {}   # the frame with which it was, by tcp.stream
        self.sides = {}
        self.first = {}  # sequence number of the first byte that a handshake announces, by tcp.stream and port

    def see(self, number, facts):
        stream = facts.get("tcp.stream")
        if stream is None or stream in self.lost:
            return
        sender, receiver = (stream, facts.get("tcp.srcport")), (stream, facts.get("tcp.dstport"))
        side = self.sides.setdefault(sender, Side())
        begins = facts.get("tcp.flags.syn") in YES
        payload = bytes.fromhex(facts.get("tcp.payload") or "")
        at = int(facts.get("tcp.seq_raw") or 0)
        expected, side.next = side.next, (at + int(facts.get("tcp.len") or 0) + begins) % 2**32
        if begins:
            self.first.setdefault(sender, side.next)
            if facts.get("tcp.flags.ack") in YES:
                self.first.setdefault(receiver, int(facts.get("tcp.ack_raw") or 0))
        sound = "tcp.analysis.flags" not in facts and facts.get("frame.len") == facts.get("frame.cap_len")
        # TCP's analysis does not see what harmed headers say; bytes of a RST it does not hand on.
        sound = sound and expected in (None, at) and not (payload and begins) and bool(payload) == (int(facts.get("tcp.len") or 0) > 0)
        if payload and not side.started:
            side.started = True
            sound = sound and (self.first.get(sender) == at or CONNECT.match(payload) is not None)
        if not (sound and side.take(payload)):
            self.lost[stream] = number
        elif facts.get("tcp.flags.fin") in YES or facts.get("tcp.flags.reset") in YES:
            if side.left:
                self.lost[stream] = number


def plain(found):
    """A frame by protocol without all that follows from where packets are thought to start."""
    left = []
    for name, lines in found:
        if name == "websocket":
            lines = list(itertools.takewhile(lambda line: 'name="websocket.payload"' not in line, lines))
        if name not in ABOVE:
            left.append((name, [line for line in lines if not FOLLOWS.match(line)]))
    return left


def compare(ours, stock, two_passes=False):
    """Compares two PDMLs: what must not differ and does, as lines of text; the number of frames; those that may differ, and those that do.

    `two_passes`: what stock has learnt of a connection at its end it holds for its start, too.
    """
    with_us, without = packets(ours), packets(stock)
    facts = [facts_of(packet) for packet in without]
    found, lines = Comparison([], len(without), set(), set()), Lines()
    if len(with_us) != len(without):
        found.problems.append(f"{len(with_us)} frames with the plugin, {len(without)} without")
    for number, fact in enumerate(facts if two_passes else [], 1):
        lines.see(number, fact)
    for number, (one, other, fact) in enumerate(zip(with_us, without, facts), 1):
        if not two_passes:
            lines.see(number, fact)
        since = lines.lost.get(fact.get("tcp.stream"))
        if since is not None or '<proto name="websocket"' in other:
            found.may_differ.add(number)
        if one == other:
            continue
        one, other = protocols(without_ours(one)), protocols(without_ours(other))
        if one == other:
            continue
        if number not in found.may_differ:
            found.problems.append(f"frame {number}, where stock can follow: {difference(one, other)}")
        elif plain(one) != plain(other):
            found.problems.append(f"frame {number}, not followed since {since}: {difference(plain(one), plain(other))}")
        else:
            found.differ.add(number)
    return found


def difference(one, other):
    a = [line for _, lines in one for line in lines]
    b = [line for _, lines in other for line in lines]
    for x, y in zip(a, b):
        if x != y:
            return f"{x.strip()[:160]} with the plugin, {y.strip()[:160]} without"
    return f"{len(a)} lines with the plugin, {len(b)} without"
