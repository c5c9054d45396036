"""What a capture holds, for the report: taken row by row, in memory that does not grow with the number of packets."""
import collections
import heapq
import re

from mqtt5_tools.program import ToolError
from mqtt5_tools.report.connection import SIDES, Connection
from mqtt5_tools.tshark import BETWEEN, SEVERITIES

FILTER = "mqtt5 or tcp.flags.fin == 1 or tcp.flags.reset == 1"
# By the name that this module uses. A field that tshark does not know yet is empty.
FIELDS = {
    "frame": "frame.number", "time": "frame.time_epoch", "protocols": "frame.protocols",
    "tcp": "tcp.stream", "udp": "udp.stream", "ip_source": "ip.src", "ip_target": "ip.dst", "ipv6_source": "ipv6.src", "ipv6_target": "ipv6.dst",
    "source_port": "tcp.srcport", "target_port": "tcp.dstport", "fin": "tcp.flags.fin", "reset": "tcp.flags.reset",
    "types": "mqtt5.packet_type", "sender": "mqtt5.sender", "version": "mqtt5.version", "client_id": "mqtt5.client_id", "topic": "mqtt5.topic",
    "qos": "mqtt.qos", "connack": "mqtt5.connack.reason_code", "connack_old": "mqtt5.connack.return_code",
    "disconnect": "mqtt5.disconnect.reason_code", "response_time": "mqtt5.response_time", "unanswered": "mqtt5.unanswered",
    "cause": "mqtt5.cause", "kind": "mqtt5.cause.kind", "finding": "mqtt5.finding", "severity": "mqtt5.finding.severity",
    "clause": "mqtt5.finding.clause", "expert": "_ws.expert.message", "evidence": "mqtt5.evidence", "published_in": "mqtt5.published_in",
    "published_by": "mqtt5.published_by", "delivery_time": "mqtt5.delivery_time", "deliveries": "mqtt5.deliveries",
    "missing": "mqtt5.deliveries.missing", "missing_since": "mqtt5.deliveries.missing_since",
}
CONNACK, PUBLISH, DISCONNECT = "2", "3", "14"

# Bounds on what is kept. Beyond them it is counted only, and the page says so.
MOST_CONNECTIONS, MOST_TOPICS, MOST_GROUPS, MOST_ROWS, MOST_MISSING, MOST_BUCKETS, MOST_KNOWN = 20000, 10000, 300, 20, 100, 240, 1000

Slow = collections.namedtuple("Slow", "seconds frame what client")
# A delivery: the topic and the publisher of the message, its frame, and that of the later message that shows that this one comes no more.
Missing = collections.namedtuple("Missing", "topic publisher frame since")
Example = collections.namedtuple("Example", "text frame client")


class Group:
    """Findings of one rule, or causes of one kind."""
    __slots__ = ("name", "severity", "clause", "count", "clients", "example")

    def __init__(self, name, severity="", clause=""):
        self.name, self.severity, self.clause = name, severity, clause
        self.count, self.clients, self.example = 0, set(), None

    def add(self, client, example):
        self.count += 1
        if len(self.clients) < MOST_KNOWN:
            self.clients.add(client)
        if self.example is None and example.text:
            self.example = example


class Slowest:
    """The largest of many times, how many there were, and how they are spread."""
    BOUNDS = tuple(mantissa * 10.0 ** exponent for exponent in range(-4, 3) for mantissa in (1, 2, 5))  # 100 µs to 500 s

    def __init__(self):
        self.count, self.rows, self.spread = 0, [], [0] * (len(self.BOUNDS) + 1)

    def add(self, slow):
        self.count += 1
        self.spread[next((place for place, bound in enumerate(self.BOUNDS) if slow.seconds < bound), len(self.BOUNDS))] += 1
        if len(self.rows) < MOST_ROWS:
            heapq.heappush(self.rows, slow)
        elif slow > self.rows[0]:
            heapq.heapreplace(self.rows, slow)

    def worst(self):
        return sorted(self.rows, reverse=True)


class Buckets:
    """Messages over time: at most MOST_BUCKETS buckets, which grow wider as the capture grows longer."""
    WIDTHS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)

    def __init__(self):
        self.place, self.counts = 0, {}
        self.lowest = self.highest = None

    @property
    def width(self):
        """Seconds a bucket."""
        return self.WIDTHS[self.place] if self.place < len(self.WIDTHS) else self.WIDTHS[-1] * 2 ** (self.place - len(self.WIDTHS) + 1)

    def add(self, time, side, number):
        """side: 0 from clients, 1 from servers."""
        index = time // self.width
        counts = self.counts.get(index)
        if counts is None:
            counts = self.counts[index] = [0, 0]
            self.lowest, self.highest = (index, index) if self.lowest is None else (min(self.lowest, index), max(self.highest, index))
        counts[side] += number
        while self.highest - self.lowest >= MOST_BUCKETS:
            self.widen()

    def widen(self):
        before = self.width
        self.place += 1
        wider = {}
        for index, counts in self.counts.items():
            sums = wider.setdefault((index + 0.5) * before // self.width, [0, 0])
            sums[0] += counts[0]
            sums[1] += counts[1]
        self.counts = wider
        self.lowest, self.highest = min(wider), max(wider)


def split(text):
    return text.split(BETWEEN) if text else []


def number(text):
    """Numbers are decimal or hexadecimal, as the field likes."""
    try:
        return int(text, 0)
    except ValueError:
        return 0


def true(text):
    return text in ("1", "True")


def messages(clauses, experts):
    """The message of each finding. A frame's expert infos stand in one list with those of other protocols; ours name the clause that they are about."""
    found, at = [], 0
    for clause in clauses:
        place = next((place for place in range(at, len(experts)) if clause and f"[{clause}" in experts[place]), None)
        found.append("" if place is None else experts[place])
        at = at if place is None else place + 1
    return found


def head(cause):
    """What is refused or ended, without why: "DISCONNECT 0x8e (Session taken over)"."""
    return re.match(r"[^:]*", cause)[0]


class Gather:
    """What the report tells. known: the fields of this tshark (Tshark.known)."""

    def __init__(self, known):
        self.names = [field for field in FIELDS.values() if field in known]
        place = {field: position for position, field in enumerate(self.names)}
        # What is not known is taken from an empty value that `add` appends.
        self.at = {name: place.get(field, len(self.names)) for name, field in FIELDS.items()}
        self.knows = {name for name, field in FIELDS.items() if field in known}
        self.frames = self.packets = self.causes_beyond = 0
        self.connections_beyond = set()
        self.first = self.last = None
        self.connections, self.types, self.versions, self.qos, self.evidence = {}, {}, {}, {}, {}
        self.topics, self.topics_beyond = {}, [0, 0]
        self.findings, self.causes = {}, {}
        self.over_time, self.answers, self.delivered = Buckets(), Slowest(), Slowest()
        self.unanswered, self.unanswered_count = [], 0
        self.published = self.received = self.matched = self.missing_count = self.deliveries_count = 0
        self.missing = []
        # By the frames of those later messages: to whom they went, and when; None until they come.
        self.certain = {}

    def read(self, rows):
        for row in rows:
            self.add(row)
        if not self.packets:
            raise ToolError("no MQTT in it; -d says which port has MQTT")

    def add(self, row):
        """A row of values in the order of `names`, of a frame that FILTER lets pass."""
        row.append("")
        at = self.at
        types, cause = row[at["types"]], row[at["cause"]]
        key = row[at["tcp"]] or "udp " + row[at["udp"]]
        connection = self.connections.get(key)
        if connection is None:
            if not types and not cause and not row[at["finding"]]:
                return  # another TCP connection that ends, or bytes of one that nothing is known of
            connection = self.begin(key, row)
        time = float(row[at["time"]])
        self.frames += 1
        if self.certain.get(row[at["frame"]], connection) is None:
            self.certain[row[at["frame"]]] = connection, time
        if types:
            self.take_packets(row, connection, types.split(BETWEEN), time)
        if cause:
            self.take_causes(row, connection, types)
        if true(row[at["fin"]]) or true(row[at["reset"]]):
            if not connection.over:
                connection.closed(self.side(row, connection), true(row[at["reset"]]), split(cause)[0] if cause else "")
                connection.end = max(connection.end, time)
        if row[at["finding"]]:
            self.take_findings(row, connection)
        if row[at["evidence"]]:
            for text in row[at["evidence"]].split(BETWEEN):
                if text in self.evidence or len(self.evidence) < MOST_GROUPS:
                    self.evidence[text] = self.evidence.get(text, 0) + 1

    def begin(self, key, row):
        at = self.at
        made = Connection(int(row[at["frame"]]), float(row[at["time"]]))
        if len(self.connections) < MOST_CONNECTIONS:
            self.connections[key] = made
        else:
            self.connections_beyond.add(key)
        source = (split(row[at["ip_source"]]) or split(row[at["ipv6_source"]]) or [""])[-1]
        target = (split(row[at["ip_target"]]) or split(row[at["ipv6_target"]]) or [""])[-1]
        ends = [f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
                for address, port in ((source, row[at["source_port"]]), (target, row[at["target_port"]]))]
        from_server = self.sender(row) == "server"
        made.client, made.server = ends[::-1] if from_server else ends
        made.client_port = row[at["target_port" if from_server else "source_port"]]
        carriers = row[at["protocols"]].split(":")
        made.carrier = " over ".join(["WebSocket"] * ("websocket" in carriers) + (["TLS"] if "tls" in carriers else ["QUIC"] if "quic" in carriers else ["TCP"]))
        return made

    def sender(self, row):
        """Which side the frame's packets are from; a frame has those of one side only."""
        return SIDES.get(row[self.at["sender"]].split(BETWEEN)[0], "")

    def side(self, row, connection):
        return self.sender(row) or ("client" if row[self.at["source_port"]] == connection.client_port else "server")

    def take_packets(self, row, connection, types, time):
        at = self.at
        if self.first is None:
            self.first = self.last = time
        self.first, self.last = min(self.first, time), max(self.last, time)
        connection.start, connection.end = min(connection.start, time), max(connection.end, time)
        self.packets += len(types)
        connection.packets += len(types)
        for one in types:
            self.types[one] = self.types.get(one, 0) + 1
        if row[at["client_id"]] and not connection.client_id:
            connection.client_id = row[at["client_id"]].split(BETWEEN)[0]
        if row[at["version"]] and not connection.version:
            connection.version = row[at["version"]].split(BETWEEN)[0]
            self.versions[connection.version] = self.versions.get(connection.version, 0) + 1
        if PUBLISH in types:
            self.take_messages(row, connection, types.count(PUBLISH), time)
        if row[at["response_time"]] or row[at["unanswered"]]:
            self.take_answers(row, connection, types)
        if CONNACK in types and number(split(row[at["connack"]] or row[at["connack_old"]] or "0")[0]):
            connection.refused(next(iter(split(row[at["cause"]])), ""))
        if DISCONNECT in types:
            causes = split(row[at["cause"]])
            connection.disconnected(self.side(row, connection), number(split(row[at["disconnect"]] or "0")[0]), causes[-1] if causes else "")

    def take_messages(self, row, connection, count, time):
        at = self.at
        from_server = self.side(row, connection) == "server"
        if from_server:
            self.received += count
            connection.delivered += count
        else:
            self.published += count
            connection.published += count
        self.over_time.add(time, int(from_server), count)
        for qos in split(row[at["qos"]]):
            self.qos[qos] = self.qos.get(qos, 0) + 1
        topics = split(row[at["topic"]])
        for topic in topics:
            counts = self.topics.get(topic)
            if counts is None:
                counts = self.topics_beyond
                if len(self.topics) < MOST_TOPICS:
                    counts = self.topics[topic] = [0, 0]
            counts[from_server] += 1
        if row[at["delivery_time"]] or row[at["deliveries"]] or row[at["missing"]]:
            self.take_deliveries(row, connection, topics)

    def take_deliveries(self, row, connection, topics):
        at = self.at
        frame, times = int(row[at["frame"]]), split(row[at["delivery_time"]])
        for place, seconds in enumerate(times):
            # Which topic a time belongs to is certain only where each message of the frame has one.
            topic = topics[place] if len(times) == len(topics) else ", ".join(dict.fromkeys(topics))
            self.delivered.add(Slow(float(seconds), frame, topic, connection.client_id))
        self.deliveries_count += sum(number(one) for one in split(row[at["deliveries"]]))
        if row[at["missing"]]:
            self.take_missing(row, connection, topics)

    def take_missing(self, row, connection, topics):
        at = self.at
        counts, since = [number(one) for one in split(row[at["missing"]])], split(row[at["missing_since"]])
        self.missing_count += sum(counts)
        named = [topic for topic, count in zip(topics, counts) for _ in range(count)]
        if len(counts) != len(topics) or len(named) != len(since):  # which topic each is of is not certain
            named = [", ".join(dict.fromkeys(topics))] * len(since)
        for topic, frame in zip(named, since[:MOST_MISSING - len(self.missing)]):
            self.missing.append(Missing(topic, connection.client_id, int(row[at["frame"]]), frame))
            self.certain[frame] = None

    def take_answers(self, row, connection, types):
        at = self.at
        frame, what = int(row[at["frame"]]), tuple(dict.fromkeys(types))
        for seconds in split(row[at["response_time"]]):
            self.answers.add(Slow(float(seconds), frame, what, connection.client_id))
        for _ in split(row[at["unanswered"]]):
            self.unanswered_count += 1
            if len(self.unanswered) < MOST_ROWS:
                self.unanswered.append(Slow(0.0, frame, what, connection.client_id))

    def take_causes(self, row, connection, types):
        """A close tells again why, after the packet that said so: then it is no cause of its own."""
        at = self.at
        if connection.over and not types:
            return
        causes, kinds = split(row[at["cause"]]), split(row[at["kind"]])
        for place, cause in enumerate(causes):
            name = kinds[place] if len(kinds) == len(causes) else head(cause)
            group = self.causes.get(name)
            if group is None:
                if len(self.causes) >= MOST_GROUPS:
                    self.causes_beyond += 1
                    continue
                group = self.causes[name] = Group(name)
            group.add(connection.client_id, Example(cause, int(row[at["frame"]]), connection.client_id))

    def take_findings(self, row, connection):
        at = self.at
        clauses = split(row[at["clause"]])
        rules, severities = split(row[at["finding"]]), split(row[at["severity"]])
        texts = messages(clauses, split(row[at["expert"]])) if len(clauses) == len(rules) else [""] * len(rules)
        for place, rule in enumerate(rules):
            severity = SEVERITIES.get(number(severities[place]), "note") if len(severities) == len(rules) else "note"
            group = self.findings.get(rule)
            if group is None:
                group = self.findings[rule] = Group(rule, severity, clauses[place] if len(clauses) == len(rules) else "")
            group.add(connection.client_id, Example(texts[place], int(row[at["frame"]]), connection.client_id))
            connection.findings[severity] = connection.findings.get(severity, 0) + 1
