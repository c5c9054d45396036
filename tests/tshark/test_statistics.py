"""The statistics (-z mqtt5...) against counts made another way: from the fields that tshark -T pdml and -T fields print, and a few lines of Python."""
import collections
import re
import subprocess
import sys

import harness
import pdml
import pytest

REAL = harness.CAPTURES / "real"
# Of real peers, all that the project has made, and bulk; with filters where there is much to choose from.
CASES = [(name, "") for name in ("message-size-limit", "session-takeover", "session-resumed", "rabbitmq", "ping", "unsubscribe", "websocket-mqttjs",
                                 "bridge-v311", "topic-aliases-both")]
CASES += [(name, shown) for name in ("several-clients", "generated") for shown in ("", "mqtt5.sender == 2", "tcp.stream == 1", "mqtt5.finding")]
CASES += [("made", "frame.cap_len == frame.len"), ("made", "mqtt5.finding && frame.cap_len == frame.len")]  # a tree tells the size of what was captured

Packet = collections.namedtuple("Packet", "frame time stream length fields")


@pytest.fixture(scope="module")
def capture(tshark, made):
    """A function: name to file."""
    def find(name):
        if name == "made":
            return made.merged
        if name != "generated":
            return REAL / f"{name}.pcapng"
        target = tshark.files / "statistics-generated.pcap"
        if not target.exists():
            subprocess.run([sys.executable, harness.TOP / "tests" / "bench" / "traffic.py", "mqtt", target, "2000"], check=True, capture_output=True)
            target.chmod(0o644)
        return target
    return find


class Counted:
    """What the trees of all frames say, packet by packet."""

    def __init__(self, tshark, path):
        rows = tshark.fields(path, ("frame.number", "frame.time_relative", "tcp.stream"))
        frames = pdml.read(tshark.read(path, "-T", "pdml"))
        assert [int(row[0]) for row in rows] == list(frames)
        self.path, self.tshark = path, tshark
        self.all = [packet for row in rows for packet in self.packets_of(row, frames[int(row[0])])]

    def packets(self, shown):
        """The control packets of the frames that a filter lets through."""
        return [packet for packet in self.frames(shown) if "mqtt5.packet_type" in packet.fields]

    def frames(self, shown):
        """These, and the closes on which something was found."""
        numbers = {int(row[0]) for row in self.tshark.fields(self.path, ("frame.number",), *(("-Y", shown) if shown else ()))}
        return [packet for packet in self.all if packet.frame in numbers]

    @staticmethod
    def packets_of(row, frame):
        found = None
        for field in frame.fields:
            if field.name == "mqtt5.analysis":
                if found:
                    yield found
                found = Packet(int(row[0]), float(row[1]), int(row[2]) if row[2] else None, int(field.size), {})
            elif found:
                found.fields.setdefault(field.name, []).append(field)
        if found:
            yield found


@pytest.fixture(scope="module")
def counted(tshark, capture):
    known = {}

    def count(name):
        if name not in known:
            known[name] = Counted(tshark, capture(name))
        return known[name]
    return count


def fields_of(packet, name):
    return packet.fields.get(name, [])


def number(packet, name):
    """The first value of a field; None where it is missing."""
    return int(packet.fields[name][0].show, 0) if name in packet.fields else None


def command(tap, shown):
    return f"{tap},{shown}" if shown else tap


def both_passes(tshark, path, tap, shown):
    """What -z prints; the same in one pass and two."""
    once = tshark.read(path, "-q", "-z", command(tap, shown))
    assert tshark.read(path, "-2", "-q", "-z", command(tap, shown)) == once
    return once


def tree(text):
    """A stats tree as {path: (count, average)}."""
    lines = text.splitlines()
    at = next(line for line in lines if line.startswith("Topic / Item")).index("Count")
    found, path = {}, []
    for line in lines:
        numbers = line[at:].split()
        if not numbers or not numbers[0].isdigit() or line.startswith("Topic / Item"):
            continue
        depth = len(line) - len(line.lstrip())
        path = [*path[:depth], line[depth:at].rstrip()]
        assert tuple(path) not in found
        found[tuple(path)] = int(numbers[0]), float(numbers[1]) if line[at + 14] != " " else None
    return found


def with_sums(counts):
    """Adds to counts by path those of all the paths above them."""
    sums = collections.Counter()
    for path, count in counts.items():
        for depth in range(1, len(path) + 1):
            sums[path[:depth]] += count
    return sums


cases = pytest.mark.parametrize("name, shown", CASES, ids=[f"{name}-{shown.replace(' ', '')}".strip("-") for name, shown in CASES])

TYPES = ("Reserved (0)", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ",
         "PINGRESP", "DISCONNECT", "AUTH")
SENDERS = {None: "unknown senders", 1: "clients", 2: "servers"}


def code_paths(packet):
    """The nodes of a packet's codes, named as the fields name them."""
    kind = TYPES[number(packet, "mqtt5.packet_type")]
    for field in fields_of(packet, "mqtt5.reason_code") + fields_of(packet, f"mqtt5.{kind.lower()}.return_code"):
        text, code = re.fullmatch(r".*?: (.*) \((0x..)\)(?:, left out)?", field.showname).groups()
        yield "Reason codes", kind, f"{code} {'(unknown)' if text == 'Unknown' else text}"


@cases
def test_packets(tshark, capture, counted, name, shown):
    """Packet types by sender, PUBLISH by QoS, and codes by packet type."""
    types, codes = collections.Counter(), collections.Counter()
    for packet in counted(name).packets(shown):
        types["Packet types", "From " + SENDERS[number(packet, "mqtt5.sender")], TYPES[number(packet, "mqtt5.packet_type")]] += 1
        codes.update(code_paths(packet))
    printed = tree(both_passes(tshark, capture(name), "mqtt5,tree", shown))
    levels = {path: count for path, (count, _) in printed.items() if len(path) == 4}
    assert {path: count for path, (count, _) in printed.items() if len(path) < 4} == with_sums(types) + with_sums(codes)
    qos = collections.Counter()
    for path, count in levels.items():
        assert re.fullmatch("QoS [0-3]", path[3]) and path[2] == "PUBLISH"
        qos[path[:3]] += count
    assert qos == {path: count for path, count in types.items() if path[2] == "PUBLISH"}


@cases
def test_response_times(tshark, capture, counted, name, shown):
    """Calls, shortest, longest and sum, by exchange and by who answers."""
    times = collections.defaultdict(list)
    for packet in counted(name).packets(shown):
        for field in fields_of(packet, "mqtt5.response_time"):
            times[16 * number(packet, "mqtt5.sender") + number(packet, "mqtt5.packet_type")].append(float(field.show))
    printed = {}
    for line in both_passes(tshark, capture(name), "mqtt5,srt", shown).splitlines():
        found = re.fullmatch(r" +(\d+)  (\S+(?:, \w+)?) +(\d+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)", line)
        if found:
            index, exchange, *numbers = found.groups()
            assert re.fullmatch(rf"[A-Z]+-{TYPES[int(index) % 16]}(, {('', 'client', 'server')[int(index) // 16]})?", exchange)
            printed[int(index)] = [float(value) for value in numbers]
    assert printed.keys() == times.keys()
    for index, values in times.items():
        assert printed[index] == pytest.approx([len(values), min(values), max(values), sum(values) / len(values), sum(values)], abs=2e-6)


SEVERITIES = {pdml.CHAT: "Chat", pdml.NOTE: "Note", pdml.WARN: "Warning", pdml.ERROR: "Error"}


def client_of(packet):
    """As the trees name it; '(' where it has no name but its stream."""
    found = fields_of(packet, "mqtt5.client_id")
    return found[0].show if found else "("


@cases
def test_findings(tshark, capture, counted, name, shown):
    """By severity, rule and client."""
    counts = collections.Counter()
    for packet in counted(name).frames(shown):
        for rule, severity in zip(fields_of(packet, "mqtt5.finding"), fields_of(packet, "mqtt5.finding.severity")):
            counts[SEVERITIES[int(severity.show, 0)], rule.show, client_of(packet)] += 1
    printed = collections.Counter()
    for path, (count, _) in tree(both_passes(tshark, capture(name), "mqtt5_findings,tree", shown)).items():
        printed[path[:2] + ("(" if path[2].startswith("(") else path[2],) if len(path) == 3 else path] += count
    assert printed == with_sums(counts)


@cases
def test_topics(tshark, capture, counted, name, shown):
    """Messages, mean size and bytes; each of them sums up."""
    messages, sizes = collections.Counter(), collections.Counter()
    for packet in counted(name).packets(shown):
        if TYPES[number(packet, "mqtt5.packet_type")] == "PUBLISH":
            sender = SENDERS[number(packet, "mqtt5.sender")]
            messages[sender] += 1
            sizes[sender] += packet.length
    printed = tree(both_passes(tshark, capture(name), "mqtt5_topics,tree", shown))
    for sender in messages:
        assert printed[f"Messages from {sender}",] == (messages[sender], pytest.approx(sizes[sender] / messages[sender], abs=0.01))
        assert printed[f"Bytes from {sender}",] == (sizes[sender], None)


def session_rows(text):
    """The table of sessions, a dictionary a row."""
    lines = [[cell.strip() for cell in line.split(" |")] for line in text.splitlines() if " |" in line]
    assert all(len(line) == len(lines[0]) for line in lines)
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def codes_of(packet):
    return [path[2] for path in code_paths(packet)]


@cases
def test_sessions(tshark, capture, counted, name, shown):
    """One row a connection, in the order of the capture."""
    expected = {}
    for packet in counted(name).frames(shown):
        row = expected.setdefault(packet.stream, {"Stream": str(packet.stream), "Client ID": "-", "CONNACK": "-", "first": packet.time, **dict.fromkeys(
            ("Client packets", "Client bytes", "Server packets", "Server bytes", "Errors", "Warnings", "Notes", "PUBLISH"), 0)})
        row["last"] = packet.time
        for severity in fields_of(packet, "mqtt5.finding.severity"):
            row[SEVERITIES[int(severity.show, 0)] + "s"] += 1
        kind = TYPES[number(packet, "mqtt5.packet_type") or 0]
        if "mqtt5.packet_type" not in packet.fields:
            continue
        if "mqtt5.sender" in packet.fields:
            side = "Client" if number(packet, "mqtt5.sender") == 1 else "Server"
            row[f"{side} packets"] += 1
            row[f"{side} bytes"] += packet.length
        row["PUBLISH"] += kind == "PUBLISH" and "publish_qos_invalid" not in [field.show for field in fields_of(packet, "mqtt5.finding")]
        if "mqtt5.client_id" in packet.fields:
            row["Client ID"] = client_of(packet)
        if kind == "CONNACK" and codes_of(packet):
            row["CONNACK"] = codes_of(packet)[0]
    printed = session_rows(both_passes(tshark, capture(name), "mqtt5,sessions", shown))
    assert [row["Stream"] for row in printed] == [row["Stream"] for row in expected.values()]
    for row, wanted in zip(printed, expected.values()):
        assert {key: row[key] for key in wanted if key in row} == {key: str(value) for key, value in wanted.items() if key in row}
        assert float(row["Start"]) == pytest.approx(wanted["first"], abs=2e-6)
        assert float(row["Duration"]) == pytest.approx(wanted["last"] - wanted["first"], abs=2e-6)
        assert sum(int(row[f"QoS {qos}"]) for qos in range(3)) == wanted["PUBLISH"]
