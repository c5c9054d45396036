"""What the charts of the page draw, as data for page.js: no text of it is HTML."""
import time as clock

from mqtt5_tools.report import connection as ends

MOST_CLIENTS, MOST_BARS, MOST_COLUMNS = 40, 2000, 240
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
TICKS = 6


def short(text, most):
    """`text`, cut where it is too long for a label."""
    return text if len(text) <= most else text[:most - 1] + "…"


class Axis:
    """The axis of time: it begins at a round time of day, and its ticks are round ones."""

    def __init__(self, first, last):
        span = max(last - first, 0.001)
        self.step = next((step for step in STEPS if span / step <= TICKS), None) or 86400 * (1 + int(span / 86400 / TICKS))
        self.shift = clock.localtime(first).tm_gmtoff
        self.begin = (first + self.shift) // self.step * self.step - self.shift
        self.last = last

    def of(self, time):
        return round(time - self.begin, 6)

    def data(self):
        """begin: its local time, as seconds since 1970 in UTC."""
        return {"begin": self.begin + self.shift, "step": self.step, "end": self.of(self.last)}


def over_time(buckets, axis):
    """Messages from clients and from servers by bucket, from the beginning of the axis to its end."""
    while (axis.last - axis.begin) / buckets.width > MOST_COLUMNS:
        buckets.widen()
    indexes = range(int(axis.begin // buckets.width), int(axis.last // buckets.width) + 1)
    counts = [buckets.counts.get(index, (0, 0)) for index in indexes]
    return {"width": buckets.width, "middles": [axis.of((index + 0.5) * buckets.width) for index in indexes],
            "from_clients": [count[0] for count in counts], "from_servers": [count[1] for count in counts]}


def shown_clients(connections):
    """The names of the clients that have a row, in the order of their first connection: those in trouble come before others are left out."""
    trouble, first = {}, {}
    for one in connections:
        trouble[one.client_id] = max(trouble.get(one.client_id, 0), one.troubled())
        first[one.client_id] = min(first.get(one.client_id, one.start), one.start)
    chosen = sorted(first, key=lambda name: (-trouble[name], first[name]))[:MOST_CLIENTS]
    return sorted(chosen, key=first.get)


def time_line(connections, axis):
    """A row a client, a bar a connection. Returns the data, and how many clients have no row."""
    names = shown_clients(connections)
    rows = {name: row for row, name in enumerate(names)}
    bars = [one for one in connections if one.client_id in rows][:MOST_BARS]
    data = {"clients": [short(name or "(unknown)", 60) for name in names],
            "bars": [{"row": rows[one.client_id], "from": axis.of(one.start), "to": axis.of(one.end), "outcome": one.outcome,
                      "how": short(one.how or OUTCOMES[one.outcome], 100), "findings": sum(one.findings.values())} for one in bars]}
    return data, len({one.client_id for one in connections}) - len(names)


def spread(slowest):
    """How many took how long, from the first bound with any to the last."""
    used = [place for place, count in enumerate(slowest.spread) if count]
    if not used:
        return None
    places = range(used[0], used[-1] + 1)
    bounds = slowest.BOUNDS
    labels = [f"up to {seconds(bounds[place])}" if place < len(bounds) else f"over {seconds(bounds[-1])}" for place in places]
    return {"labels": labels, "counts": [slowest.spread[place] for place in places]}


def seconds(value):
    """A span of time, as people say it."""
    if value < 0.0009995:
        return f"{value * 1e6:.0f} µs"
    if value < 0.9995:
        return f"{value * 1e3:.3g} ms"
    if value < 99.95:
        return f"{value:.3g} s"
    if value < 7200:
        return f"{int(value // 60)} min {int(value % 60)} s"
    return f"{int(value // 3600)} h {int(value % 3600 // 60)} min" if value < 172800 else f"{value / 86400:.1f} days"


def groups(found, label):
    """How often each group, the most frequent first."""
    most = sorted(found, key=lambda group: -group.count)[:15]
    return {"labels": [short(label(group), 60) for group in most], "counts": [group.count for group in most]}


OUTCOMES = {ends.WELL: "ended by the client's DISCONNECT", ends.OPEN: "still open at the end of the capture", ends.CLOSED: "closed, no DISCONNECT seen",
            ends.TROUBLE: "ended in trouble", ends.REFUSED: "refused"}
