"""The page: from what gather found to HTML. The tables hold all that matters; the charts, which need a browser with scripts, are drawn by page.js."""
import datetime
import json
import pathlib

from mqtt5_tools import program
from mqtt5_tools.report import charts
from mqtt5_tools.report import connection as ends
from mqtt5_tools.report.charts import seconds
from mqtt5_tools.report.html import clean, code, data, document, table, tag
from mqtt5_tools.report.chartjs import digest

HERE = pathlib.Path(__file__).resolve().parent
MOST_ROWS, MOST_TOPICS = 100, 20
RANK = ("error", "warning", "note", "comment", "chat")
MEANING = {"error": "The bytes cannot be a control packet of this version of MQTT.", "warning": "A requirement of the standard is broken.",
           "note": "A recommendation is not followed, the standard is not clear, or it is only suspected.", "chat": "Ordinary, or it follows from another finding.",
           "comment": "A comment."}
# Of mqtt5.cause.kind, for readers who do not know it.
KINDS = {"violation": "a packet breaks the standard", "limit": "beyond a limit, or a feature that the peer does not have",
         "refusal": "the peer does not want it", "takeover": "another connection has the same Client ID", "keep-alive": "silence, or a ping without an answer",
         "no-answer": "a request had no answer", "server-gone": "the server stops, is overloaded, or sends its clients elsewhere",
         "network": "the network or the peer is gone, or nobody reads", "incomplete": "a packet was not completed", "not-mqtt": "another protocol than MQTT",
         "tls": "TLS failed, or one side does not expect it", "will": "a Will is published", "unsaid": "closed, and nothing says why", "other": "another reason"}
SHORT = {ends.WELL: "well", ends.OPEN: "open", ends.CLOSED: "closed", ends.TROUBLE: "in trouble", ends.REFUSED: "refused"}


def some(count, one, many=None):
    """"1 client", "2 clients". many: where it is not just an s more."""
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def moment(time, fraction=True):
    """A time of day, by the clock of the machine that writes the report."""
    local = datetime.datetime.fromtimestamp(time).astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}" + (f".{local.microsecond // 1000:03}" if fraction else "")


def zone(time):
    return f"{datetime.datetime.fromtimestamp(time).astimezone():%Z}"


def rank(severity):
    return RANK.index(severity) if severity in RANK else len(RANK)


class Page:
    """found: gather.Gather. about: file (name), size (bytes), tshark (its version), cut (why the capture ends early, or ""),
    linked (copies were linked with their messages), passes (of tshark)."""

    def __init__(self, found, about, names, chartjs):
        self.found, self.about, self.names, self.chartjs = found, about, names, chartjs
        self.rules = json.loads((HERE / "rules.json").read_text(encoding="utf-8"))
        self.connections = list(found.connections.values())
        self.count = len(self.connections) + len(found.connections_beyond)
        self.clients = {one.client_id for one in self.connections}
        self.axis = charts.Axis(min(one.start for one in self.connections), max(one.end for one in self.connections))
        self.days = self.axis.last - self.axis.begin > 86400
        self.drawn = {}

    def render(self):
        """The whole page, as bytes."""
        script = (HERE / "page.js").read_text(encoding="utf-8")
        style = (HERE / "page.css").read_text(encoding="utf-8")
        body = tag("main", self.header(), self.captured(), self.messages(), self.time_line(), self.causes(), self.findings(), self.deliveries(), self.topics(),
                   self.about_this())
        # Nothing is fetched, and no script runs but these two.
        policy = f"default-src 'none'; script-src {digest(self.chartjs.text)} {digest(script)}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        head = tag("head", tag("meta", charset="utf-8"), tag("meta", http_equiv="Content-Security-Policy", content=policy),
                   tag("meta", name="viewport", content="width=device-width, initial-scale=1"), tag("meta", name="color-scheme", content="light dark"),
                   tag("title", f"MQTT in {self.about['file']}"), tag("style", style), tag("noscript", tag("style", ".chart { display: none; }")))
        scripts = [data("data", {"axis": self.axis.data(), "charts": self.drawn}), tag("script"), tag("script")]
        # As they are: `tag` would take away control characters, and the policy names each script by its digest.
        scripts[1].text, scripts[2].text = self.chartjs.text, script
        return document(tag("html", head, tag("body", body, *scripts), lang="en"))

    def chart(self, name, kind, drawn, label, rows=0):
        """A place for a chart. rows: of a chart that has rows, for its height."""
        if not drawn:
            return None
        self.drawn[name] = {"kind": kind, **drawn}
        return tag("div", tag("canvas", id=name, role="img", aria_label=label), class_="chart", style=f"height: {rows * 1.6 + 5:.1f}rem" if rows else None)

    # What it says first

    def header(self):
        found = self.found
        counts = {severity: sum(group.count for group in found.findings.values() if group.severity == severity) for severity in RANK}
        trouble = sum(one.troubled() >= 2 for one in self.connections)
        tiles = [(self.count, "connections", ""), (len(self.clients), "clients", ""),
                 (found.published, "messages from clients", ""), (found.received, "messages from servers", ""),
                 (trouble, "refused, or ended in trouble", "trouble" if trouble else ""),
                 (counts["error"], "errors", "error" if counts["error"] else ""), (counts["warning"], "warnings", "warning" if counts["warning"] else ""),
                 (counts["note"], "notes", "note" if counts["note"] else "")]
        tiles = [tag("a", tag("b", f"{count:,}"), " ", what, class_=f"tile {kind}", href="#findings" if place > 4 else "#messages" if place in (2, 3) else "#connections")
                 for place, (count, what, kind) in enumerate(tiles)]
        return tag("header", tag("h1", "MQTT in ", code(self.about["file"])), *(tag("p", sentence) for sentence in self.verdict(counts, trouble)),
                   tag("nav", *tiles, class_="tiles"))

    def verdict(self, counts, trouble):
        broken = sorted((group for group in self.found.findings.values() if group.severity in ("error", "warning")), key=lambda group: -group.count)
        span = self.found.last - self.found.first
        yield (f"{moment(self.found.first, False)} {zone(self.found.first)}, {seconds(span)}: {some(self.count, 'connection')} of "
               f"{some(len(self.clients), 'client')}, {some(self.found.published, 'message')} from clients, {self.found.received:,} from servers.")
        if broken:
            yield (f"The standard is broken {some(counts['error'] + counts['warning'], 'time')}, most often: {self.summary(broken[0].name)} "
                   f"({some(broken[0].count, 'time')}).")
        else:
            yield "No broken requirement of the standard was found."
        if trouble:
            yield f"{some(trouble, 'connection was', 'connections were')} refused or ended in trouble."
        if self.found.missing_count:
            yield f"{self.missing_in_words()}."

    def missing_in_words(self):
        return f"{some(self.found.missing_count, 'delivery is', 'deliveries are')} missing, as far as the capture shows"

    def summary(self, rule):
        return self.rules.get(rule, [rule])[0]

    # Its parts

    def section(self, name, title, *parts):
        return tag("section", tag("h2", title), *parts, id=name)

    def captured(self):
        found, about = self.found, self.about
        servers, carriers = {}, {}
        for one in self.connections:
            servers[one.server] = servers.get(one.server, 0) + 1
            carriers[one.carrier] = carriers.get(one.carrier, 0) + 1
        most = sorted(servers, key=servers.get, reverse=True)
        rows = [("File", f"{about['file']}, {about['size']:,} bytes"),
                ("MQTT from, to", f"{moment(found.first)} to {moment(found.last)} {zone(found.last)} ({seconds(found.last - found.first)})"),
                ("Servers", ", ".join(most[:5]) + (f" and {len(most) - 5} more" if len(most) > 5 else "")),
                ("Carried by", self.listed(carriers, str)),
                ("Versions", self.listed(found.versions, lambda version: self.names.of("mqtt5.version", version)) or "not known: the capture has no CONNECT"),
                ("Control packets", self.listed(found.types, self.packet)),
                ("QoS of messages", self.listed(found.qos, lambda qos: f"QoS {qos}"))]
        gaps = [tag("li", f"{text} ({some(count, 'time')})") for text, count in sorted(found.evidence.items(), key=lambda pair: -pair[1])]
        if about["cut"]:
            gaps.insert(0, tag("li", f"the capture cannot be read to its end: {about['cut']}"))
        return self.section("capture", "What was captured", tag("dl", *(part for name, value in rows if value for part in (tag("dt", name), tag("dd", value)))),
                            tag("div", tag("h3", "What the capture lacks"), tag("ul", *gaps)) if gaps else None)

    @staticmethod
    def listed(counts, name):
        return ", ".join(f"{name(key)}: {count:,}" for key, count in sorted(counts.items(), key=lambda pair: -pair[1]))

    def messages(self):
        found = self.found
        if not found.over_time.counts:
            return self.section("messages", "Messages over time", tag("p", "The capture has no PUBLISH."))
        drawn = charts.over_time(found.over_time, self.axis)
        return self.section("messages", "Messages over time",
                            tag("p", f"{some(found.published, 'message')} from clients, {some(found.received, 'message')} from servers, "
                                     f"by {seconds(found.over_time.width)}."),
                            self.chart("over-time", "time", drawn, "Messages from clients and from servers over time"))

    def time_line(self):
        drawn, left_out = charts.time_line(self.connections, self.axis)
        drawn["names"] = charts.OUTCOMES
        worst = sorted(self.connections, key=lambda one: (-one.troubled(), one.start))[:MOST_ROWS]
        rows = [[code(one.client_id or "(unknown)"), tag("span", SHORT[one.outcome], class_=f"outcome {one.outcome}"), self.why(one),
                 tag("span", moment(one.start)[0 if self.days else 11:], class_=None if self.days else "time"), tag("span", seconds(one.end - one.start), class_="time"),
                 one.published, one.delivered, self.severities(one.findings), one.frame,
                 tag("span", tag("span", one.client, class_="time"), " to ", tag("span", one.server, class_="time"), class_="small")]
                for one in sorted(worst, key=lambda one: one.start)]
        left = self.count - len(worst)
        return self.section("connections", "Connections on a time line",
                            tag("p", "A row for each client, a bar for each of its connections."
                                + (f" {some(left_out, 'client has', 'clients have')} no row here; those in trouble come first." if left_out else "")),
                            self.chart("time-line", "bars", drawn, "Each client's connections over time, by how they ended", len(drawn["clients"])),
                            table(["Client ID", "Ended", "How, and why", "Start", "Lasted", "Published", "Received", "Findings", "First frame", "Addresses"], rows),
                            tag("p", f"{some(left, 'more connection is', 'more connections are')} not listed.") if left else None)

    @staticmethod
    def why(one):
        return tag("span", one.why or one.how, class_="why")

    @staticmethod
    def severities(counts):
        return ", ".join(some(counts[severity], severity) for severity in RANK[:3] if counts.get(severity))

    def causes(self):
        found = self.found
        title = "Why it was refused, or ended"
        if not found.causes:
            return self.section("causes", title, tag("p", "Nothing was refused, and no connection ended for a reason that the capture shows."))
        groups = sorted(found.causes.values(), key=lambda group: -group.count)
        rows = [[self.kind(group.name), group.count, self.client_list(group), self.example(group)] for group in groups[:MOST_ROWS]]
        beyond = found.causes_beyond + sum(group.count for group in groups[MOST_ROWS:])
        return self.section("causes", title, tag("p", "In Wireshark: ", code(f'mqtt5.cause.kind == "{groups[0].name}"'), class_="small") if "kind" in found.knows else
                            tag("p", "By packet and reason code: this plugin does not tell of what kind a cause is (field ", code("mqtt5.cause.kind"), ")."),
                            self.chart("causes-chart", "rows", charts.groups(groups, lambda group: group.name), "Causes by kind", min(15, len(groups))),
                            table(["Kind" if "kind" in found.knows else "What", "Times", "Clients", "Example"], rows),
                            tag("p", f"{some(beyond, 'more cause is', 'more causes are')} not listed.") if beyond else None)

    def kind(self, name):
        """What stands before a cause in the table."""
        if "kind" not in self.found.knows:
            return name
        return tag("span", KINDS[name], tag("br"), code(name)) if name in KINDS else code(name)

    @staticmethod
    def client_list(group):
        names = sorted(name or "(unknown)" for name in group.clients)
        return tag("span", *(part for place, name in enumerate(names[:3]) for part in ((", " if place else None), code(charts.short(name, 40)))),
                   f" and {len(names) - 3:,} more" if len(names) > 3 else None)

    @staticmethod
    def example(group):
        if not group.example:
            return "(no text)"
        return tag("span", group.example.text, tag("span", f" Frame {group.example.frame}.", class_="frame"))

    def findings(self):
        groups = sorted(self.found.findings.values(), key=lambda group: (rank(group.severity), -group.count))
        loud = [self.finding(group) for group in groups if rank(group.severity) < 3]
        quiet = [self.finding(group) for group in groups if rank(group.severity) >= 3]
        return self.section("findings", "Findings, by rule",
                            tag("div", *loud) if loud else tag("p", "No rule found a fault."),
                            tag("details", tag("summary", f"{some(len(quiet), 'rule')} with remarks that are no faults"), *quiet) if quiet else None)

    def finding(self, group):
        advice = self.rules.get(group.name, ["", ""])[1]
        return tag("article",
                   tag("h3", tag("span", group.severity, class_=f"badge {group.severity}", title=MEANING.get(group.severity)), " ", self.summary(group.name)),
                   tag("p", f"{some(group.count, 'time')}, clients: ", self.client_list(group), class_="small"),
                   tag("p", "For example: ", self.example(group)) if group.example else None,
                   tag("p", tag("b", "What to do: "), advice) if advice else None,
                   tag("p", "In Wireshark: ", code(f'mqtt5.finding == "{group.name}"'), class_="small"), class_=f"finding {group.severity}")

    def deliveries(self):
        found = self.found
        parts = []
        if "delivery_time" not in found.knows:
            parts.append(tag("p", "How long deliveries took is left out: this plugin does not tell (field ", code("mqtt5.delivery_time"), ")."))
        elif not self.about["linked"]:
            parts.append(tag("p", "How long deliveries took, and which are missing, is left out: the preference ", code("mqtt5.journey_memory"), " is 0."))
        elif found.delivered.count:
            parts += [tag("h3", "From publisher to subscriber"),
                      tag("p", f"{some(found.delivered.count, 'delivery', 'deliveries')} could be matched with what was published."),
                      self.chart("delivery-times", "columns", charts.spread(found.delivered), "How long deliveries took"),
                      table(["Slowest", "Topic", "To", "Frame"], [[seconds(slow.seconds), code(slow.what), code(slow.client), slow.frame]
                                                                 for slow in found.delivered.worst()])]
        else:
            parts.append(tag("p", "No delivery could be matched with what was published."))
        parts += self.missing()
        if found.answers.count:
            parts += [tag("h3", "From request to answer"),
                      tag("p", f"{some(found.answers.count, 'answer')} to a request (CONNECT, PUBLISH, SUBSCRIBE, PINGREQ and so on)."),
                      self.chart("answer-times", "columns", charts.spread(found.answers), "How long answers took"),
                      table(["Slowest", "Answer", "Client", "Frame"], [[seconds(slow.seconds), self.packets(slow.what), code(slow.client), slow.frame]
                                                                      for slow in found.answers.worst()[:10]])]
        if found.unanswered_count:
            parts += [tag("h3", "Never answered"), tag("p", f"{some(found.unanswered_count, 'request')} got no answer on the connection."),
                      table(["Request", "Client", "Frame"], [[self.packets(slow.what), code(slow.client), slow.frame] for slow in found.unanswered])]
        return self.section("deliveries", "Slow, missing and unanswered", *parts)

    def missing(self):
        found = self.found
        if "missing" not in found.knows:
            return [tag("p", "Missing deliveries are left out: this plugin does not tell (field ", code("mqtt5.deliveries.missing"), ").")]
        if not self.about["linked"]:
            return []
        if self.about["passes"] < 2:
            return [tag("p", "Missing deliveries are left out: only a second pass tells of them.")]
        if not found.missing_count:
            return [tag("p", "No delivery is known to be missing.")]
        beyond = found.missing_count - len(found.missing)
        return [tag("h3", "Missing deliveries"),
                tag("p", f"{self.missing_in_words()}: the server has acknowledged the message, and has delivered a later one of the same client and topic to the "
                         "subscriber. It must keep their order, so the earlier one comes no more. The time is that of the later one."),
                table(["Topic", "Published by", "Frame", "Not delivered to", "Certain since"], [self.missing_row(one) for one in found.missing]),
                tag("p", f"{some(beyond, 'more is', 'more are')} not listed.") if beyond else None]

    def missing_row(self, one):
        later, time = self.found.certain[one.since] or (None, None)
        return [code(one.topic), code(one.publisher or "(unknown)"), one.frame, code(later.client_id or later.client if later else "(unknown)"),
                tag("span", tag("span", moment(time)[0 if self.days else 11:], class_="time") if later else None, tag("span", f" Frame {one.since}.", class_="frame"))]

    def packet(self, kind):
        name = self.names.of("mqtt5.packet_type", kind)
        return f"type {kind}" if name == kind else name

    def packets(self, types):
        return ", ".join(map(self.packet, types))

    def topics(self):
        found = self.found
        most = sorted(found.topics.items(), key=lambda pair: (-sum(pair[1]), pair[0]))
        if not most:
            return None
        more = len(most) - MOST_TOPICS
        beyond = sum(found.topics_beyond)
        return self.section("topics", "Topics with the most messages",
                            table(["Topic", "From clients", "From servers"], [[code(topic), *counts] for topic, counts in most[:MOST_TOPICS]]),
                            tag("p", (f"{some(more, 'more topic is', 'more topics are')} not listed. " if more > 0 else "")
                                + (f"{some(beyond, 'message')} on still more topics were only counted." if beyond else "")) if more > 0 or beyond else None)

    def about_this(self):
        chartjs = self.chartjs
        severities = [part for severity in RANK[:3] for part in (tag("dt", tag("span", severity, class_=f"badge {severity}")), tag("dd", MEANING[severity]))]
        return tag("footer", tag("h2", "About this report"),
                   tag("p", "A finding is judged by the text of the MQTT standard, whose clause it names in brackets. What the capture does not show is not judged."),
                   tag("dl", *severities),
                   tag("p", f"Written by mqtt5-report {program.version()} with {self.about['tshark']}. It holds topics, Client IDs and addresses from the capture: "
                            "look before you pass it on."),
                   tag("p", f"Charts: Chart.js {chartjs.version}, copyright Chart.js Contributors, MIT licence."),
                   tag("details", tag("summary", "Licence of Chart.js"), tag("pre", clean(chartjs.notice))) if chartjs.notice else None)
