"""Redacts what one direction of a TCP connection says: MQTT, in WebSocket or not, HTTP's head, and the frame of TLS. The rest is blanked.

Which control packets there are, tshark with the plugin has said; here they are found again among the bytes.
"""
import bisect
import http
import re

from mqtt5_tools.control_packets import MQTT_5, PUBLISH, PUBREL, SUBSCRIBE, UNSUBSCRIBE
from mqtt5_tools.segments import Run

REQUEST = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE) ")
RESPONSE = re.compile(rb"HTTP/1\.[01] ")
SWITCHING = re.compile(rb"HTTP/1\.[01] 101\b")
UPGRADE = re.compile(rb"(?im)^upgrade:\s*websocket\s*$")
CONTENT_LENGTH = re.compile(rb"(?im)^content-length:\s*(\d{1,9})\s*$")
# Of HTTP's head, what WebSocket needs. Values of other fields get pseudonyms.
KEPT_FIELDS = re.compile(rb"(?i)(?:upgrade|connection|sec-websocket-(?:key|accept|version|extensions)|content-length|transfer-encoding)$")
SUBPROTOCOL = re.compile(rb"(?i)sec-websocket-protocol$")  # some put a token there
SUBPROTOCOLS = re.compile(rb"[^ ,]+")
KEPT_PHRASES = {status.phrase.encode() for status in http.HTTPStatus}
LARGEST_HEAD = 1 << 16
MOST_SEGMENTS = 1000  # that a control packet may lie in, if nothing before it is known
LARGEST_HEADER = 5  # of a control packet: type and Remaining Length
TLS_RECORD = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]")
TLS_ALERT, TLS_HANDSHAKE = 21, 22
GREETING = re.compile(rb"(SSH-(?:2\.0|1\.\d{1,2})-|AMQP[\s\S]{4})((?<=-)[^\r\n]{0,253}(?:\r?\n)?)?")
PROXY_TEXT = re.compile(rb"PROXY (?:TCP4|TCP6|UNKNOWN)[^\r\n]{0,90}\r\n")
PROXY_BINARY = b"\r\n\r\n\0\r\nQUIT\n"
CLOSE = 8
OPCODES = (0, 1, 2, CLOSE, 9, 10)


def header(data, at):
    """(first byte, Remaining Length, length of the whole control packet) of the one that begins there, or None."""
    length = shift = 0
    for here in range(at + 1, min(at + 5, len(data))):
        length |= (data[here] & 0x7F) << shift
        shift += 7
        if data[here] < 0x80:
            return data[at], length, here + 1 - at + length
    return None


def plausible_flags(first):
    """Whether the first byte of a control packet has a type, and flags that this type may have."""
    kind, flags = first >> 4, first & 15
    if kind == 0:
        return False
    return flags & 6 != 6 if kind == PUBLISH else flags == (2 if kind in (PUBREL, SUBSCRIBE, UNSUBSCRIBE) else 0)


class Streams:
    """Redacts directions; `packets` counts the control packets."""

    def __init__(self, redactor):
        self.redactor = redactor
        self.packets = 0

    def redact(self, direction):
        """Fills the `out` of the direction's runs."""
        direction.join()
        opened = False
        for number, run in enumerate(direction.runs):
            run.in_step = number == 0 and direction.has_start and run.start <= 1
            at = self.proxy(run) if number == 0 else 0
            run.begin = run.start + at
            if TLS_RECORD.match(run.data, at):
                self.tls(run, at)
            elif REQUEST.match(run.data, at) or RESPONSE.match(run.data, at):
                opened |= self.http(direction, run, at)
            elif opened and is_websocket(run.data):
                self.websocket(direction, run, 0, in_step=False)
            else:
                self.greeting(run, at)
        if direction.frames or direction.peer is not None and direction.peer.frames:
            runs = [run for run in direction.runs if not run.is_other]
            told = {start for start, _, _ in direction.frames}
            for run in runs:
                # Where the plugin says nothing of a stretch's first segment, it takes that for a packet that is not complete.
                run.in_step |= run.begin == run.start and run.start not in told
            self.mqtt(runs, direction.frames, direction.starts)
        for run in direction.runs:
            run.data = b""  # what it was is not needed any more

    # --- MQTT ----------------------------------------------------------------------------------------------------------

    def mqtt(self, runs, frames, starts):
        """frames: as Direction has them."""
        if not runs:
            return
        known, cursor, version = {}, None, MQTT_5
        if runs[0].in_step:
            cursor = runs[0].begin
        for start, end, packets in frames:
            for first, remaining, version in packets:
                run, at, total = self.find(runs, cursor, start, end, starts, first, remaining)
                if run is None:
                    run, at, total = self.find_part(runs, cursor, start, first)
                if run is None:
                    continue
                cursor = at + total
                self.one(run, at, min(total, run.end - at), version)
                known.setdefault(id(run), []).append((at, cursor, version))
        for run in runs:
            self.rest(run, sorted(known.get(id(run), [])), version)

    def one(self, run, at, total, version):
        at -= run.start
        run.out[at:at + total], version = self.redactor.redact(bytes(run.data[at:at + total]), version)
        self.packets += 1
        return version

    def find(self, runs, cursor, start, end, starts, first, remaining):
        """Where a control packet is: after the one before it, at the start of a segment, or anywhere in its frame. Returns run, position, length."""
        for position in self.candidates(runs, cursor, start, end, starts):
            run = run_at(runs, position)
            if run is None:
                continue
            found = header(run.data, position - run.start)
            if found and found[:2] == (first, remaining) and position + found[2] <= run.end and (position == cursor or start < position + found[2] <= end):
                return run, position, found[2]
        return None, 0, 0

    @staticmethod
    def find_part(runs, cursor, start, first):
        """The same for one of which the capture has only the beginning."""
        for position in (cursor, start):
            run = None if position is None else run_at(runs, position)
            if run is not None and run.data[position - run.start] >> 4 == first >> 4:
                found = header(run.data, position - run.start)
                if found is None or position + found[2] > run.end:
                    return run, position, found[2] if found else run.end - position
        return None, 0, 0

    @staticmethod
    def candidates(runs, cursor, start, end, starts):
        """Positions to look at, the likeliest first: after the packet before, and after those that may follow it unseen; then as `find` says."""
        position = cursor
        while position is not None and position < end:
            yield position
            run = run_at(runs, position)
            found = run and header(run.data, position - run.start)
            position = position + found[2] if found else None
        at = bisect.bisect_right(starts, start)
        yield from reversed(starts[max(0, at - MOST_SEGMENTS):at])
        yield from range(start + 1, end)

    def rest(self, run, known, version):
        """What lies between control packets that tshark found, and after the last: packets that it did not show, and one that is not complete."""
        boundaries = [(run.begin, run.begin, known[0][2] if known else version)] if run.in_step else []
        boundaries += known
        for number, (_, at, version) in enumerate(boundaries):
            last = number + 1 == len(boundaries)
            end = run.end if last else boundaries[number + 1][0]
            while at < end:
                found = header(run.data, at - run.start)
                whole = found is not None and at + found[2] <= end
                if not whole and not last:
                    break
                total = found[2] if whole else end - at
                if plausible_flags(run.data[at - run.start]):
                    version = self.one(run, at, total, version)
                else:  # the rest is no text that anybody reads
                    kept = min(total, found[2] - found[1] if found else LARGEST_HEADER)
                    run.out[at - run.start:at - run.start + kept] = run.data[at - run.start:at - run.start + kept]
                at += total

    # --- What MQTT is wrapped in ---------------------------------------------------------------------------------------

    def proxy(self, run):
        """The header of the PROXY protocol in front of everything else. Returns where it ends."""
        text = PROXY_TEXT.match(run.data)
        if text:
            run.out[:text.end()] = re.sub(rb"(?<=[ .:])[0-9a-fA-F]+(?=[ .:\r])", lambda found: b"1" * len(found[0]), text[0])
            return text.end()
        if run.data.startswith(PROXY_BINARY) and len(run.data) >= 16:
            run.out[:16] = run.data[:16]
            return min(16 + int.from_bytes(run.data[14:16], "big"), len(run.data))
        return 0

    def tls(self, run, at):
        """Keeps the frame of each record, alerts that are not encrypted, and of a handshake what kind and version it is."""
        run.is_other = True
        while TLS_RECORD.match(run.data, at) and at + 5 <= len(run.data):
            length = int.from_bytes(run.data[at + 3:at + 5], "big")
            kept = {TLS_ALERT: 7 if length == 2 else 5, TLS_HANDSHAKE: 11}.get(run.data[at], 5)
            kept = min(kept, length + 5, len(run.data) - at)
            run.out[at:at + kept] = run.data[at:at + kept]
            at += 5 + length

    def greeting(self, run, at):
        """What SSH and AMQP begin with."""
        found = GREETING.match(run.data, at)
        if found:
            run.out[at:found.end()] = found[1] + self.redactor.pseudonyms.text(found[2] or b"")
            run.begin = run.start + found.end()
            run.in_step = False

    def http(self, direction, run, at):
        """The heads of HTTP, one after another; and what follows where one opens a WebSocket. Returns whether one does."""
        run.in_step = False
        while REQUEST.match(run.data, at) or RESPONSE.match(run.data, at):
            end = run.data.find(b"\r\n\r\n", at, at + LARGEST_HEAD)
            if end < 0:
                return False
            head = bytes(run.data[at:end])
            run.out[at:end + 4] = b"\r\n".join(self.line(line, number == 0) for number, line in enumerate(head.split(b"\r\n"))) + b"\r\n\r\n"
            at = end + 4
            run.begin = run.start + at
            # A server that refuses gets the next request instead of a WebSocket's frames.
            if (UPGRADE.search(head) if REQUEST.match(head) else SWITCHING.match(head)) and not REQUEST.match(run.data, at):
                self.websocket(direction, run, at, in_step=True)
                return True
            length = CONTENT_LENGTH.search(head)
            at += int(length[1]) if length else 0
        return False

    def line(self, line, is_first):
        text = self.redactor.pseudonyms.text
        if is_first:
            if RESPONSE.match(line):
                status, phrase = line[:12], line[12:]
                return line if phrase.strip() in KEPT_PHRASES else status + text(phrase)
            method, _, rest = line.partition(b" ")
            path, space, version = rest.rpartition(b" ")
            return method + b" " + text(path) + space + version
        name, colon, value = line.partition(b":")
        if SUBPROTOCOL.match(name):
            return name + colon + SUBPROTOCOLS.sub(lambda found: found[0] if found[0].lower().startswith(b"mqtt") else text(found[0]), value)
        return line if KEPT_FIELDS.match(name) else name + colon + text(value)

    def websocket(self, direction, run, at, in_step):
        """The frames of a WebSocket: their payloads together are a stream of MQTT, which begins with a packet if `in_step`, and go back under their masks."""
        run.is_other = True
        inner, pieces = bytearray(), []
        for head, payload, end, mask, opcode, _ in websocket_frames(run.data, at):
            run.out[head:payload] = run.data[head:payload]
            data = unmasked(run.data[payload:end], mask)
            if opcode >= CLOSE:
                run.out[payload:end] = unmasked(self.control(opcode, data), mask)
            else:
                pieces.append((payload, end, len(inner), mask))
                inner += data

        def within(position):
            """Where a position of the connection is in the inner stream."""
            at = bisect.bisect_right(pieces, position - run.start, key=lambda piece: piece[0]) - 1
            return pieces[at][2] + min(position - run.start, pieces[at][1]) - pieces[at][0] if at >= 0 else 0

        stream = Run(0, inner)
        stream.in_step = in_step
        frames = [(within(start), within(end), packets) for start, end, packets in direction.frames]
        self.mqtt([stream], frames, sorted({piece[2] for piece in pieces}))
        for payload, end, start, mask in pieces:
            run.out[payload:end] = unmasked(stream.out[start:start + end - payload], mask)

    def control(self, opcode, data):
        """What a control frame carries: a close code stays."""
        kept = 2 if opcode == CLOSE else 0
        return data[:kept] + self.redactor.pseudonyms.payload(data[kept:])


def websocket_frames(data, at):
    """(start of the header, of the payload, end of it, masking key or None, opcode, whether it is whole) of each frame; of the last, even the header may
    not be."""
    while at + 2 <= len(data):
        opcode, masked, size = data[at] & 15, data[at + 1] & 0x80, data[at + 1] & 0x7F
        extended = {126: 2, 127: 8}.get(size, 0)
        payload = at + 2 + extended + (4 if masked else 0)
        if payload > len(data):
            yield at, len(data), len(data), None, opcode, False
            return
        if extended:
            size = int.from_bytes(data[at + 2:at + 2 + extended], "big")
        end = min(payload + size, len(data))
        yield at, payload, end, bytes(data[payload - 4:payload]) if masked else None, opcode, payload + size <= len(data)
        at = payload + size


def is_websocket(data):
    """Whether these bytes, which follow a hole, are just whole frames of a WebSocket, all masked or none. Else they may be anything, a secret too, and what
    looks like a header must not be copied."""
    at, masks = 0, set()
    for head, _, end, mask, opcode, whole in websocket_frames(data, 0):
        if not whole or data[head] & 0x70 or opcode not in OPCODES or (opcode >= CLOSE and not data[head] & 0x80):
            return False
        masks.add(mask is not None)
        at = end
    return at == len(data) and len(masks) == 1


def unmasked(data, mask):
    """With the mask of a WebSocket's frame taken off, or put on."""
    if mask is None or not data:
        return bytes(data)
    long_mask = (mask * (len(data) // 4 + 1))[:len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(long_mask, "big")).to_bytes(len(data), "big")


def run_at(runs, position):
    """The run that has this position, or None."""
    at = bisect.bisect_right(runs, position, key=lambda run: run.start) - 1
    return runs[at] if at >= 0 and position < runs[at].end else None
