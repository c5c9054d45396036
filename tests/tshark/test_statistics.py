"""The statistics (-z mqtt5...) against counts that are made in another way: with the fields of tshark -T pdml and -T fields, and a little Python."""
import collections
import json
import re
import shutil
import subprocess
import sys

import harness
import made as made_captures
import mqtt
import pdml
import pytest

REAL = harness.CAPTURES / "real"
# Captures of real peers, all made ones, and bulk traffic; the large ones also with filters.
CASES = [(name, "") for name in ("message-size-limit", "session-takeover", "session-resumed", "rabbitmq", "ping", "unsubscribe", "websocket-mqttjs",
                                 "bridge-v311", "topic-aliases-both")]
CASES += [(name, shown) for name in ("several-clients", "generated") for shown in ("", "mqtt5.sender == 2", "tcp.stream == 1", "mqtt5.finding")]
CASES += [("made", "frame.cap_len == frame.len"), ("made", "mqtt5.finding && frame.cap_len == frame.len")]  # a tree knows the size of the captured part

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
    """What the trees of all frames contain, packet by packet."""

    def __init__(self, tshark, path):
        rows = tshark.fields(path, ("frame.number", "frame.time_relative", "tcp.stream", "tcp.flags.fin", "tcp.flags.reset"))
        frames = tshark.frames(path)
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
            if found and set(row[3:]) & {"1", "True"}:
                found.fields["closes"] = []
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


# Each of them by a word of its heading.
TAPS = {"mqtt5,tree": "Packets", "mqtt5_findings,tree": "Findings", "mqtt5_causes,tree": "Causes", "mqtt5_topics,tree": "Topics", "mqtt5,sessions": "Sessions",
        "mqtt5,srt": "SRT"}


def printed_at_once(tshark, path, shown, *passes):
    """What -z prints of all taps, by tap: one run of tshark for all of them."""
    wanted = [word for tap in TAPS for word in ("-z", command(tap, shown))]
    found = {}
    for section in re.split(r"^(?==+\n\w)", tshark.read(path, *passes, "-q", *wanted), flags=re.MULTILINE)[1:]:
        heading = section.split("\n")[1]
        found[next(tap for tap, word in TAPS.items() if re.search(rf"\b{word}\b", heading))] = section
    assert found.keys() == TAPS.keys(), found.keys()
    return found


def both_passes(tshark, path, tap, shown):
    """What -z prints; the same in one pass and two."""
    once = printed_at_once(tshark, path, shown)[tap]
    assert printed_at_once(tshark, path, shown, "-2")[tap] == once
    return once


def tree(text, third=".*"):
    """A stats tree as {path: (count, average)}. Its columns are aligned by bytes; those of the heading are not where all names are short.

    Names of the third level match `third`: what else is indented as far is a name that begins with spaces.
    """
    lines = text.encode().split(b"\n")
    heading = next(number for number, line in enumerate(lines) if line.startswith(b"Topic / Item"))
    first = re.match(rb"\S.*?  +(?=\d)", lines[heading + 2])
    at = first.end() if first else lines[heading].index(b"Count")
    found, path = {}, []
    for line in lines:
        numbers = line[at:].split()
        if not numbers or not numbers[0].isdigit():
            continue
        depth = len(line) - len(line.lstrip())
        if depth > 1 and not re.fullmatch(third, line[2:at].decode().rstrip()):
            depth = 1
        path = [*path[:depth], line[depth:at].decode().rstrip()]
        assert tuple(path) not in found
        found[tuple(path)] = int(numbers[0]), float(numbers[1]) if line[at + 14:at + 15].strip() else None
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
        text, code = re.fullmatch(r".*?: (.*?) \((0x..)\)(?:[,;: ].*)?", field.showname).groups()
        unknown = f"Unknown {'return' if field.name.endswith('return_code') else 'reason'} code"
        yield "Reason codes", kind, f"{code} {unknown if text == 'Unknown' else text}"


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
            if float(field.show) >= 0:  # otherwise the clock was set back
                times[16 * number(packet, "mqtt5.sender") + number(packet, "mqtt5.packet_type")].append(float(field.show))
    printed = {}
    for line in both_passes(tshark, capture(name), "mqtt5,srt", shown).splitlines():
        found = re.fullmatch(r" +(\d+)  (\S+(?:, \w+)?) +(\d+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)", line)
        if found:
            index, exchange, *numbers = found.groups()
            assert re.fullmatch(rf"[A-Z/]+-{TYPES[int(index) % 16]}(, {('', 'client', 'server')[int(index) // 16]})?", exchange)
            printed[int(index)] = [float(value) for value in numbers]
    assert printed.keys() == times.keys()
    for index, values in times.items():
        assert printed[index] == pytest.approx([len(values), min(values), max(values), sum(values) / len(values), sum(values)], abs=2e-6)


SEVERITIES = {pdml.CHAT: "Chat", pdml.NOTE: "Note", pdml.WARN: "Warning", pdml.ERROR: "Error"}


def client_of(packet):
    """As the trees name it; '(' if it has only a stream."""
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
def test_causes(tshark, capture, counted, name, shown):
    """By kind and client."""
    counts = collections.Counter()
    for packet in counted(name).frames(shown):
        counts.update((kind.show, client_of(packet)) for kind in fields_of(packet, "mqtt5.cause.kind"))
    printed = collections.Counter()
    for path, (count, _) in tree(both_passes(tshark, capture(name), "mqtt5_causes,tree", shown)).items():
        printed[(path[0], "(") if path[1:] and path[1].startswith("(") else path] += count
    assert printed == with_sums(counts)


@cases
def test_topics(tshark, capture, counted, name, shown):
    """Messages, mean size and bytes of each topic, whether the packet has the topic or an alias; and their sums."""
    messages, sizes = collections.Counter(), collections.Counter()
    for packet in counted(name).packets(shown):
        if TYPES[number(packet, "mqtt5.packet_type")] == "PUBLISH":
            topic = "(topic not known)"
            for field in fields_of(packet, "mqtt5.topic"):
                topic = field.show if int(field.size) in (0, len(field.show.encode())) else "\0"  # PDML leaves out what follows a NUL
            for path in ((SENDERS[number(packet, "mqtt5.sender")],), (SENDERS[number(packet, "mqtt5.sender")], topic)):
                messages[path] += 1
                sizes[path] += packet.length
    printed = tree(both_passes(tshark, capture(name), "mqtt5_topics,tree", shown), r"QoS \d|Retained")
    for (sender, *topic), count in messages.items():
        if topic and (len(topic[0].encode()) > 128 or re.search(r"[^ -~]|\\|^ | $", topic[0])):
            continue  # shortened, shown with escapes, or not distinguishable from the space around it
        size = sizes[sender, *topic]
        assert printed["Messages from " + sender, *topic] == (count, pytest.approx(size / count, abs=0.01))
        assert printed["Bytes from " + sender, *topic] == (size, None)
        levels = [printed.get(("Messages from " + sender, *topic, f"QoS {qos}"), (0,))[0] for qos in range(4)]
        assert not topic or sum(levels) == count


def session_rows(text):
    """The table of sessions, a dictionary a row."""
    lines = [[cell.strip() for cell in line.split(" |")] for line in text.splitlines() if " |" in line]
    assert all(len(line) == len(lines[0]) for line in lines)
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def codes_of(packet):
    return [path[2] for path in code_paths(packet)]


def end_of(packet, kind):
    """What a packet or a close says about the end of its session: its rank, the text, and the kind of its cause. None if it is no end."""
    cause = next((field.show for field in fields_of(packet, "mqtt5.cause")), None)
    why = f": {cause.split(': ', 1)[1]}" if cause else ""
    of_kind = next((field.show for field in fields_of(packet, "mqtt5.cause.kind")), "-")
    sender = ("unknown sender", "client", "server")[number(packet, "mqtt5.sender") or 0]
    codes = codes_of(packet) if kind else []
    if kind is None and ("closes" not in packet.fields or "sequence number is none" in why):
        return None  # bytes that are no packet, or a RST that closes nothing
    if kind is None:
        return 1, cause or f"close by {sender}", of_kind
    if kind == "CONNACK" and codes and not codes[0].startswith("0x00"):
        return 2, f"refused by CONNACK{why}", of_kind
    if kind == "DISCONNECT":
        return 3, ", ".join([f"DISCONNECT from {sender}", *codes]) + why, of_kind
    return None


@cases
def test_sessions(tshark, capture, counted, name, shown):
    """One row a connection, in the order of the capture."""
    expected = {}
    for packet in counted(name).frames(shown):
        row = expected.setdefault(packet.stream, {
            "Stream": str(packet.stream), "Client ID": "-", "CONNACK": "-", "Ended by": "-", "Kind of cause": "-", "end": 0, "first": packet.time,
            **dict.fromkeys(("Client packets", "Client bytes", "Server packets", "Server bytes", "Unanswered", "Errors", "Warnings", "Notes", "PUBLISH"), 0)})
        row["last"] = packet.time
        for severity in fields_of(packet, "mqtt5.finding.severity"):
            row[SEVERITIES[int(severity.show, 0)] + "s"] += 1
        row["Unanswered"] += number(packet, "mqtt5.unanswered.count") or 0
        kind = TYPES[number(packet, "mqtt5.packet_type")] if "mqtt5.packet_type" in packet.fields else None
        end = end_of(packet, kind)
        if end and end[0] > row["end"]:
            row["end"], row["Ended by"], row["Kind of cause"] = end
        if not kind:
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
        start, packets = float(row["Start"]), int(row["Client packets"]) + int(row["Server packets"])
        # A connection without MQTT begins with its SYN, of which the plugin shows nothing.
        assert start == pytest.approx(wanted["first"], abs=2e-6) if packets else start < wanted["first"] + 2e-6
        assert float(row["Duration"]) == pytest.approx(wanted["last"] - start, abs=2e-6)
        assert sum(int(row[f"QoS {qos}"]) for qos in range(3)) == wanted["PUBLISH"]


@cases
def test_endpoints(tshark, capture, counted, name, shown):
    """Control packets and their bytes by Client ID, each way."""
    expected = collections.defaultdict(lambda: [0] * 6)
    for packet in counted(name).packets(shown):
        if "mqtt5.sender" in packet.fields:
            row, way = expected[client_of(packet)], number(packet, "mqtt5.sender")
            for at, add in ((0, 1), (1, packet.length), (2 * way, 1), (2 * way + 1, packet.length)):
                row[at] += add
    printed, unit = collections.defaultdict(lambda: [0] * 6), 1
    for line in tshark.read(capture(name), "-q", "-z", command("endpoints,mqtt5", shown)).splitlines():
        found = re.fullmatch(r"(.*?)((?: +\d+(?: bytes| kB| MB)?){6}) *", line)  # 4.6 adds units, and rounds to them
        if found:
            numbers = re.findall(r"(\d+)(?: (bytes|kB|MB))?", found[2])
            scales = [{"kB": 1000, "MB": 1000000}.get(name, 1) for _, name in numbers]
            unit = max(unit, *scales)
            client = "(" if found[1].startswith("(") else found[1].strip()
            printed[client] = [sum(pair) for pair in zip(printed[client], (int(value) * scale for (value, _), scale in zip(numbers, scales)))]
    assert printed.keys() == expected.keys()
    for client, row in expected.items():
        assert printed[client][::2] == row[::2]
        assert printed[client][1::2] == (row[1::2] if unit == 1 else pytest.approx(row[1::2], abs=2 * unit))


def test_frame_with_many_packets(tshark):
    """Wireshark's tap queue takes 5000 records per frame; a segment can have more control packets."""
    capture = made_captures.Capture()
    client = capture.connection()
    client.client(mqtt.connect("a", keep_alive=0))
    client.server(mqtt.connack())
    client.client(mqtt.pingreq() * 20000).server(mqtt.pingresp() * 20000)
    path = tshark.files / "statistics-many.pcapng"
    capture.write(path)
    path.chmod(0o644)
    printed = tree(both_passes(tshark, path, "mqtt5,tree", ""))
    assert printed["Packet types", "From clients", "PINGREQ"] == printed["Packet types", "From servers", "PINGRESP"] == (20000, None)
    assert session_rows(tshark.read(path, "-q", "-z", "mqtt5,sessions"))[0]["Server packets"] == "20001"


def test_very_many_topics(tshark):
    """The tree of topics is bounded, and says so."""
    capture = made_captures.Capture()
    client = capture.connection()
    client.client(mqtt.connect("a", keep_alive=0))
    client.server(mqtt.connack())
    client.client(b"".join(mqtt.publish(f"t{number:05}") for number in range(10100)))
    client.client(mqtt.publish("t00007"))
    path = tshark.files / "statistics-topics.pcapng"
    capture.write(path)
    path.chmod(0o644)
    printed = tree(both_passes(tshark, path, "mqtt5_topics,tree", ""))
    assert printed["Messages from clients",] == (10101, 11) and len(printed) == 3 * 10001 + 2
    assert printed["Messages from clients", "t00007"] == (2, 11) and printed["Bytes from clients", "(all further topics)"] == (1100, None)


def test_topics_by_qos_and_retain(tshark, made_text):
    """Below each topic; one that is called like a node above it is counted in its own."""
    path = made_text("""
client CONNECT client-id "a" keep-alive 0
server CONNACK
client PUBLISH topic "t" "12" PUBLISH qos 1 id 1 retain topic "t" "1" PUBLISH qos 2 id 2 topic "t" "1"
client PUBLISH retain topic "t" "" PUBLISH topic "Messages from clients" "1"
""")
    printed = {path[1:]: numbers for path, numbers in tree(tshark.read(path, "-q", "-z", "mqtt5_topics,tree")).items() if path[0] == "Messages from clients"}
    named = '"Messages from clients"'
    assert printed == {(): (5, 11.8), ("t",): (4, 8), ("t", "QoS 0"): (2, 7), ("t", "QoS 1"): (1, 9), ("t", "QoS 2"): (1, 9), ("t", "Retained"): (2, 7.5),
                       (named,): (1, 27), (named, "QoS 0"): (1, 27)}


def test_sessions_only_once(tshark):
    """Wireshark has one table, and would count twice; the user gets a message."""
    result = tshark.run("-r", tshark.visible(REAL / "ping.pcapng"), "-q", "-z", "mqtt5,sessions", "-z", "mqtt5,sessions,tcp.stream==0")
    assert result.status != 0 and "-z mqtt5,sessions can be given only once" in result.err


@pytest.mark.parametrize("tap", ("mqtt5,tree", "mqtt5,srt", "mqtt5,sessions"))
def test_filter_that_is_wrong(tshark, tap):
    result = tshark.run("-r", tshark.visible(REAL / "ping.pcapng"), "-q", "-z", f"{tap},mqtt5.nothing")
    assert "mqtt5.nothing" in result.err and not result.out


def test_no_mqtt(tshark, tmp_path):
    """A capture without MQTT has no rows."""
    path = tshark.files / "statistics-other.pcap"
    subprocess.run([sys.executable, harness.TOP / "tests" / "bench" / "traffic.py", "other", path, "100"], check=True, capture_output=True)
    path.chmod(0o644)
    assert session_rows(tshark.read(path, "-q", "-z", "mqtt5,sessions")) == []
    assert tree(tshark.read(path, "-q", "-z", "mqtt5,tree")) == {}


def test_disabled(tshark):
    assert tree(tshark.read(REAL / "ping.pcapng", "--disable-protocol", "mqtt5", "-q", "-z", "mqtt5,tree")) == {}


def test_graphs(tshark, counted):
    """The fields that I/O graphs are drawn from."""
    packets = counted("message-size-limit").all
    times = [float(field.show) for packet in packets for field in fields_of(packet, "mqtt5.response_time")]
    findings = [field for packet in packets for field in fields_of(packet, "mqtt5.finding")]
    printed = tshark.read(REAL / "message-size-limit.pcapng", "-q", "-z",
                          "io,stat,0,AVG(mqtt5.response_time)mqtt5.response_time,MAX(mqtt5.response_time)mqtt5.response_time,COUNT(mqtt5.finding)mqtt5.finding")
    values = next(line for line in printed.splitlines() if "<>" in line).split("|")[2:5]
    assert [float(value) for value in values] == pytest.approx([sum(times) / len(times), max(times), len(findings)], abs=2e-6)


def test_texts_that_would_break_lines(tshark, made_text):
    """Names from the wire do not break lines; long ones are cut."""
    path = made_text("""
client 10 [ "MQTT" 05 02 003c [ ] 0005 610a627c63 ]
server 20 [ 00 00 [ ] ]
client 30 [ 0006 74092fc3a97f [ ] 31 ]
client 30 [ "%s" [ ] 31 ]
""" % ("é" * 3000))
    (row,) = session_rows(tshark.read(path, "-q", "-z", "mqtt5,sessions"))
    assert row["Client ID"] == r"a\nb|c"
    topics = [topic[-1] for topic in tree(tshark.read(path, "-q", "-z", "mqtt5_topics,tree")) if topic[0] == "Messages from clients" and len(topic) == 2]
    assert sorted(topics, key=len) == [r"t\t/é\177", "é" * 64 + "…"]


def sharkd(tshark, path, *taps):
    """The statistics that Wireshark's daemon gives, by the name of their tap."""
    requests = [{"method": "load", "params": {"file": str(tshark.visible(path))}}, {"method": "tap", "params": {f"tap{at}": tap for at, tap in enumerate(taps)}}]
    lines = "".join(json.dumps({"jsonrpc": "2.0", "id": at, **request}) + "\n" for at, request in enumerate(requests, 1))
    done = subprocess.run(tshark.command("sharkd", ["-"]), input=lines.encode(), capture_output=True, timeout=60, check=False)
    return {tap["tap"]: tap for tap in json.loads(done.stdout.decode().splitlines()[1])["result"]["taps"]}


def sharkd_tree(nodes, above=()):
    for node in nodes:
        path = (*above, node["name"])
        yield path, (node["count"], pytest.approx(node["avg"], abs=0.01) if "avg" in node else None)
        yield from sharkd_tree(node.get("sub", []), path)


@pytest.mark.skipif(not shutil.which("sharkd"), reason="no sharkd here: Debian has it in wireshark-common")
@pytest.mark.parametrize("name", ("several-clients", "message-size-limit", "generated"))
def test_sharkd(tshark, capture, name):
    """The same numbers."""
    path = capture(name)
    taps = sharkd(tshark, path, "stat:mqtt5", "stat:mqtt5_findings", "stat:mqtt5_causes", "stat:mqtt5_topics", "nstat:mqtt5,sessions", "srt:mqtt5")
    for tap in ("mqtt5", "mqtt5_findings", "mqtt5_causes", "mqtt5_topics"):
        assert dict(sharkd_tree(taps[f"stats:{tap}"]["stats"])) == tree(tshark.read(path, "-q", "-z", f"{tap},tree"))
    rows = session_rows(tshark.read(path, "-q", "-z", "mqtt5,sessions"))
    names = [field["c"].strip() for field in taps["nstat:mqtt5,sessions"]["fields"]]
    printed = [dict(zip(names, row)) for row in taps["nstat:mqtt5,sessions"]["tables"][0]["i"]]
    assert [{key: float(value) if isinstance(row[key], float) else str(value) for key, value in wanted.items()} for row, wanted in zip(rows, printed)]
