"""tools/mqtt5-report without a browser: what it says is what the plugin says, nothing of a capture becomes markup, and it fails well."""
import argparse
import collections
import functools
import html.parser
import json
import re
import shlex
import subprocess
import sys
import time

import harness
import hostile_names
import make_rules
import pytest
import rules

sys.path.insert(0, str(harness.TOP / "tools"))
sys.dont_write_bytecode = True

from mqtt5_tools.program import ToolError  # noqa: E402
from mqtt5_tools.report import charts, gather, page  # noqa: E402
from mqtt5_tools.report.html import data, document, tag  # noqa: E402
from mqtt5_tools.tshark import Tshark  # noqa: E402

REAL = sorted((harness.CAPTURES / "real").glob("*.pcapng"))
TAKEOVER = harness.CAPTURES / "real" / "session-takeover.pcapng"


class Reader(html.parser.HTMLParser):
    """What a browser makes of a page: its elements, its visible text, its scripts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.attributes, self.text, self.scripts, self.inside = collections.Counter(), [], [], [], []
        self.feed(text)

    def handle_starttag(self, name, attributes):
        self.elements[name] += 1
        self.attributes += attributes
        if name in ("script", "style"):
            self.inside.append(name)
            if name == "script":
                self.scripts.append("")

    def handle_endtag(self, name):
        if self.inside and self.inside[-1] == name:
            self.inside.pop()

    def handle_data(self, text):
        if self.inside == ["script"]:
            self.scripts[-1] += text
        elif not self.inside:
            self.text.append(text)


@pytest.fixture(scope="module")
def report(tshark):
    return functools.partial(tshark.tool, "mqtt5-report")


@pytest.fixture(scope="module")
def read(report, tshark):
    """The page on a capture, and its text on one line."""
    def reader(capture, *arguments):
        done = report(*arguments, tshark.visible(capture))
        assert (done.status, done.err) == (0, "")
        seen = Reader(done.out)
        return seen, " ".join(" ".join(seen.text).split())
    return reader


@pytest.fixture(scope="module")
def all_real(tshark):
    """The real captures as one, and the keys of those that are encrypted."""
    path, keys = tshark.files / "report-real.pcapng", tshark.files / "report-real.keys"
    subprocess.run(["mergecap", "-a", "-w", path, *REAL], check=True)
    keys.write_text("".join(each.read_text() for each in sorted((harness.CAPTURES / "real").glob("*.keys"))))
    for each in (path, keys):
        each.chmod(0o644)
    return path, ["-o", f"tls.keylog_file:{keys}"]


def test_every_real_capture(read, tshark, all_real):
    """A page says how many findings of which severity the plugin makes, and how many messages there are."""
    capture, keys = all_real
    seen, text = read(capture, *keys)
    rows = tshark.fields(capture, ["mqtt5.finding.severity"], "-Y", "mqtt5.finding", "-o", "mqtt5.journey_memory:64", *keys)
    found = collections.Counter(int(value, 0) for row in rows for value in row[0].split(","))
    assert re.search(rf"{found[0x800000]} errors {found[0x600000]} warnings {found[0x400000]} notes", text)
    messages = tshark.fields(capture, ["mqtt5.packet_type"], "-Y", "mqtt5.packet_type == 3", *keys)
    count = sum(row[0].split(",").count("3") for row in messages)
    assert sum(map(int, re.search(r"(\d+) messages? from clients (\d+) messages from servers", text.replace(",", "")).groups())) == count
    assert seen.elements["h1"] == 1 and seen.elements["canvas"] >= 1


def rows(tshark, capture, names, *arguments):
    """Rows as the tools read them, from the tshark of these tests."""
    script = tshark.files / "tshark-of-the-tests"
    script.write_text("#!/bin/sh\nexec " + shlex.join(tshark.command("tshark", [])) + ' "$@"\n')
    script.chmod(0o755)
    options = argparse.Namespace(tshark=str(script), preference=[], decode_as=[])
    return Tshark(options).rows(capture, names, gather.FILTER, *arguments)


def test_findings_are_the_plugins(tshark, made):
    """On all made captures: as many of each rule as pdml has, and each example is a message of just that rule in just that frame."""
    found = gather.Gather({name: "" for name in gather.FIELDS.values() if not re.search(r"kind|deliver|published", name)})
    found.read(rows(tshark, made.merged, found.names, "-2"))
    truth, count = {}, collections.Counter()
    for number, frame in tshark.frames(made.merged, "-2").items():
        for expert in frame.experts:
            truth.setdefault((expert.rule, number), set()).add(expert.message)
    for line in tshark.read(made.merged, "-2", "-T", "fields", "-e", "mqtt5.finding").split():
        count.update(line.split(","))
    frames = tshark.fields(made.merged, ["frame.number"], "-2", "-Y", "mqtt5.unanswered")
    assert found.unanswered_count >= len(frames) > 10 and {slow.frame for slow in found.unanswered} <= {int(row[0]) for row in frames}
    assert {rule: group.count for rule, group in found.findings.items()} == count and len(count) > 100
    assert [rule for rule, group in found.findings.items() if not group.example] == []
    assert [(rule, group.example) for rule, group in found.findings.items() if group.example.text not in truth[rule, group.example.frame]] == []


def test_takeover(read):
    """The example of the README: two clients with the same Client ID."""
    _, text = read(TAKEOVER)
    assert "4 connections of 2 clients" in text and "2 connections were refused or ended in trouble." in text
    assert 'the CONNECT in frame 14, on another connection, has the same Client ID "twin" and took over' in text
    assert "No broken requirement of the standard was found." in text
    assert "the connection ends after DISCONNECT" not in text  # the close repeats what the DISCONNECT has said: one cause, once


def test_advice(read):
    _, text = read(harness.CAPTURES / "real" / "message-size-limit.pcapng")
    rule = next(rule for rule in rules.read() if rule.name == "reason_code_not_allowed")
    assert f"{rule.summary} 2 times, clients: limit-1 , limit-2 For example: PUBACK from server" in text and f"What to do: {rule.advice}" in text


def test_rules_are_current():
    assert make_rules.ADVICE.read_text(encoding="utf-8") == make_rules.advice(rules.read()), "stale: run tests/make_rules.py"


def test_nothing_becomes_markup(read, made_text):
    """Names and texts that try: the page has no element and no script that those of a tame capture lack, and still shows the names."""
    seen, text = read(made_text(hostile_names.TEXT))
    tame, _ = read(TAKEOVER)
    assert set(seen.elements) <= set(tame.elements) | {"ul", "article", "b"} and len(seen.scripts) == len(tame.scripts) == 3
    assert seen.scripts[1:] == tame.scripts[1:]
    assert hostile_names.TOPIC in text and "<img src=x onerror=" in text and "</script><svg onload=alert(1)>" in text
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert seen.elements["code"] and "Topics with the most messages" in text
    assert all(f" {name} 1 0" in text for name in ("]]>", "a\N{REPLACEMENT CHARACTER}b", "c\N{REPLACEMENT CHARACTER}d"))
    assert json.loads(seen.scripts[0])["charts"]["time-line"]["clients"] == [hostile_names.CLIENT_ID.replace("\\", "")]
    assert "<" not in seen.scripts[0]


def test_it_fetches_nothing(read):
    seen, _ = read(TAKEOVER)
    assert not [(name, value) for name, value in seen.attributes if name in ("src", "srcset", "action") or name == "href" and not value.startswith("#")]
    policy = next(value for name, value in seen.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy and "script-src 'unsafe-inline'" not in policy
    assert "sourceMappingURL" not in "".join(seen.scripts)


def test_to_a_file(report, tshark):
    """The same bytes as to standard output, whole or not at all, and nothing beside it."""
    folder = tshark.files / "report-out"
    folder.mkdir()
    tshark.open_up(folder)
    target = folder / "report.html"
    assert report("-w", target, tshark.visible(TAKEOVER)) == (0, "", "")
    assert target.read_text(encoding="utf-8") == report(tshark.visible(TAKEOVER)).out
    assert [path.name for path in folder.iterdir()] == ["report.html"] and target.stat().st_mode & 0o777 == 0o644
    done = report("-w", "/no/such/folder/report.html", tshark.visible(TAKEOVER))
    assert done.status == 2 and re.fullmatch(r"mqtt5-report: /no/such/folder[^\n]*: No such file or directory\n", done.err)


def test_cut_capture(report, tshark):
    """What can be read is reported, and both the page and the exit status say that there was more."""
    path = tshark.files / "cut.pcapng"
    path.write_bytes(TAKEOVER.read_bytes()[:-10])
    path.chmod(0o644)
    done = report(path)
    assert done.status == 1 and len(done.err.splitlines()) == 1 and "cut short" in done.err
    assert "the capture cannot be read to its end" in done.out and "</html>" in done.out


def test_library_is_missing(tshark, report):
    done = report("--library", tshark.files / "no-such.js", tshark.visible(TAKEOVER))
    assert done.status == 2 and done.out == "" and re.fullmatch(r"mqtt5-report: .*no-such.js: No such file or directory\n", done.err)
    other = tshark.files / "other.js"
    other.write_text("/* no Chart.js */")
    other.chmod(0o644)
    done = report("--library", other, tshark.visible(TAKEOVER))
    assert done.status == 2 and re.fullmatch(r"mqtt5-report: .*other.js: not Chart.js 3 or 4, [^\n]*\n", done.err)


def test_library_is_not_installed(monkeypatch):
    from mqtt5_tools.report import chartjs
    monkeypatch.setattr(chartjs, "PLACES", ("/no/such/chart.js",))
    with pytest.raises(ToolError, match=r"^Chart.js is missing, which draws the charts: apt install libjs-chart.js, or --library FILE$"):
        chartjs.ChartJs()


@pytest.mark.parametrize("name, bytes_", [("empty.pcapng", b""), ("ten.pcapng", b"\x0a\x0d\x0d\x0a123456"), ("text.pcapng", b"no capture at all")])
def test_no_capture(report, tshark, name, bytes_):
    path = tshark.files / name
    path.write_bytes(bytes_)
    path.chmod(0o644)
    done = report(path)
    assert (done.status, done.out) == (2, "") and re.fullmatch(rf"mqtt5-report: \S*{name}: [^\n]+\n", done.err)


def test_no_mqtt(report, made):
    done = report(made.path("port-other-late"))
    assert (done.status, done.out) == (2, "") and re.fullmatch(r"mqtt5-report: \S+: no MQTT in it; -d says which port has MQTT\n", done.err)
    assert report("-d", "tcp.port==18830,mqtt", made.path("port-other-late")).status == 0


def test_progress(tshark, tmp_path):
    """Told where it is asked for, in percent, on one line that is taken away at the end."""
    path = tshark.files / "long.pcap"
    subprocess.run([sys.executable, harness.TOP / "tests" / "bench" / "traffic.py", "mqtt", path, "60000"], check=True, stdout=subprocess.DEVNULL)
    path.chmod(0o644)
    done = tshark.tool("mqtt5-report", "--progress", path)
    assert done.status == 0
    told = re.findall(r"\rmqtt5-report: (?:(\d+) %, )?([\d,]+) frames with MQTT, 0:\d\d min", done.err)
    assert told and [percent for percent, _ in told if percent] and done.err.endswith("\r") and "\n" not in done.err
    assert tshark.tool("mqtt5-report", path).err == ""


# What the plugin is about to tell, and what only long captures have.

def rows_of(*frames):
    """Rows as tshark prints them with all fields known; each frame a dict by the names of gather.FIELDS."""
    usual = {"frame": "1", "time": "1000.0", "protocols": "eth:ip:tcp:mqtt", "tcp": "0", "ip_source": "10.0.0.1", "ip_target": "10.0.0.2",
             "source_port": "50000", "target_port": "1883", "types": "3", "sender": "1", "version": "5", "client_id": "meter-7"}
    return [[{**usual, **frame}.get(name, "") for name in gather.FIELDS] for frame in frames]


def everything():
    return gather.Gather({name: "" for name in gather.FIELDS.values()})


class NoNames:
    @staticmethod
    def of(_field, value):
        return value


class NoChartJs:
    text, version, notice = "", "0", ""


def text_of(found):
    about = {"file": "x.pcap", "size": 1, "cut": "", "tshark": "TShark 4", "linked": True, "passes": 2}
    return " ".join(" ".join(Reader(page.Page(found, about, NoNames, NoChartJs).render().decode()).text).split())


def test_deliveries():
    found = everything()
    found.read(rows_of({"frame": "2", "topic": "quick", "sender": "2", "delivery_time": "0.002"},
                       {"frame": "3", "topic": "slow\x1fb", "types": "3\x1f3", "sender": "2", "delivery_time": "1.500000\x1f0.1", "kind": ""}))
    text = text_of(found)
    assert "3 deliveries could be matched" in text and "1.5 s slow meter-7 3" in text and text.index("1.5 s slow") < text.index("2 ms quick")
    assert "No delivery is known to be missing." in text


def test_missing_deliveries(read, tshark):
    """Of a real server that discards what does not fit into a queue: as many as the findings say, each with the fields of its message."""
    capture = harness.CAPTURES / "real" / "late-twice-never.pcapng"
    names = ["frame.number", "mqtt5.topic", "mqtt5.client_id", "mqtt5.deliveries.missing_to", "mqtt5.deliveries.missing_since"]
    lost = tshark.fields(capture, names, "-2", "-o", "mqtt5.journey_memory:64", "-Y", "mqtt5.deliveries.missing")
    _, text = read(capture)
    assert len(lost) == 4 and "4 deliveries are missing, as far as the capture shows. " in text
    assert "Earlier message was not delivered to a subscriber (suspected) 1 time" in text
    shown = re.search(r"Certain since (.*) From request to answer", text)[1]
    wanted = [f"{topic} {publisher} {frame} {to} TIME Frame {since}." for frame, topic, publisher, to, since in lost]
    assert re.sub(r"\d\d:\d\d:\d\d\.\d{3}", "TIME", shown) == " ".join(wanted)
    (later,), = tshark.fields(capture, ["frame.time_epoch"], "-Y", f"frame.number == {lost[0][4]}")
    assert set(re.findall(r"\d\d:\d\d:\d\d\.\d{3}", shown)) == {page.moment(float(later))[11:]}


def test_no_delivery_is_missing(read, made, made_text):
    """It says that none is known, and why it does not know where it did not look."""
    none, without, one_pass = "No delivery is known to be missing.", "How long deliveries took, and which are missing, is left out", "only a second pass tells of them"
    for capture in (made.path("delivery-missing-legal"), harness.CAPTURES / "real" / "several-clients.pcapng"):
        _, text = read(capture)
        assert none in text and "Missing deliveries" not in text and "missing, as far as" not in text and without not in text and one_pass not in text
    lost = made.path("delivery-missing")
    assert "1 delivery is missing" in read(lost)[1] and none not in read(lost)[1]
    _, text = read(lost, "--one-pass")
    assert one_pass in text and none not in text and without not in text
    _, text = read(lost, "-o", "mqtt5.journey_memory:0")
    assert without in text and none not in text and one_pass not in text
    _, text = read(lost, "-o", "mqtt5.journey_memory:0", "-o", "mqtt5.journey_memory:1")
    assert "1 delivery is missing" in text and without not in text


def test_missing_to_several():
    """Several messages in a frame, to several; a subscriber without a Client ID is named by its address; what is beyond the bounds is counted."""
    found = everything()
    found.read(rows_of({"frame": "1", "topic": "a\x1fb", "types": "3\x1f3", "missing": "2\x1f1", "missing_since": "7\x1f8\x1f8"},
                       {"frame": "2", "topic": "c\x1fd", "types": "3\x1f3", "missing": "1", "missing_since": "8"},
                       {"frame": "7", "tcp": "1", "client_id": "reader", "sender": "2", "topic": "a", "time": "1001.5"},
                       {"frame": "8", "tcp": "2", "client_id": "", "sender": "2", "topic": "a", "time": "1002.5"}))
    text = text_of(found)
    assert "4 deliveries are missing" in text and "not listed" not in text
    assert all(f"{topic} meter-7 {frame} {to} {page.moment(time)[11:]} Frame {since}." in text for topic, frame, to, time, since in (
        ("a", 1, "reader", 1001.5, 7), ("a", 1, "10.0.0.2:1883", 1002.5, 8), ("b", 1, "10.0.0.2:1883", 1002.5, 8), ("c, d", 2, "10.0.0.2:1883", 1002.5, 8)))


def test_many_missing():
    found = everything()
    found.read(rows_of(*({"frame": str(n), "topic": "a", "missing": "3", "missing_since": "900\x1f901\x1f902"} for n in range(1, 100))))
    assert len(found.missing) == gather.MOST_MISSING and "297 deliveries are missing" in text_of(found) and "197 more are not listed." in text_of(found)


def test_kinds_of_causes():
    found = everything()
    found.read(rows_of({"cause": "PUBACK 0x95 (Packet too large): the server refuses it", "kind": "limit"},
                       {"cause": "PUBREC 0x95 (Packet too large): the server refuses it", "kind": "limit"}, {"cause": "FIN from server: silent", "kind": "keep-alive"}))
    assert {name: group.count for name, group in found.causes.items()} == {"limit": 2, "keep-alive": 1}
    text = text_of(found)
    assert "the peer does not have limit 2 meter-7 PUBACK 0x95" in text and "without an answer keep-alive 1" in text and "of what kind a cause is" not in text


def test_every_kind_has_words(tshark, made):
    """Those that the plugin lists, and all that it gives."""
    listed = next(line.split("\t")[-1] for line in tshark.run("-G", "fields").out.splitlines() if "\tmqtt5.cause.kind\t" in line)
    kinds = set(re.findall(r"[a-z-]+", listed.split(":")[1])) - {"or"}
    assert kinds == set(page.KINDS)
    assert {row[0] for row in tshark.fields(made.merged, ["mqtt5.cause.kind"], "-Y", "mqtt5.cause")} <= kinds


def test_memory_is_bounded(monkeypatch):
    """Many connections, topics and causes: what is beyond the bounds is counted, and said."""
    monkeypatch.setattr(gather, "MOST_CONNECTIONS", 5)
    monkeypatch.setattr(gather, "MOST_TOPICS", 7)
    monkeypatch.setattr(gather, "MOST_GROUPS", 3)
    found = everything()
    found.read(rows_of(*({"tcp": str(n % 50), "topic": f"topic/{n}", "time": str(1000 + n * 37), "cause": f"PUBACK {n}: x"} for n in range(500))))
    assert len(found.connections) == 5 and len(found.connections_beyond) == 45 and len(found.topics) == 7 and len(found.causes) == 3
    assert sum(map(sum, found.topics.values())) + sum(found.topics_beyond) == 500 and found.published == 500
    text = text_of(found)
    assert "50 connections" in text and "493 messages on still more topics were only counted." in text and "497 more causes are not listed." in text


@pytest.mark.parametrize("times", [[0.0], [5.0, 5.0], [n * 0.0001 for n in range(3000)], [n * 86400.0 for n in range(700)], [100.0, 3.0, 1e9, -50.0]])
def test_buckets(times):
    """Whatever the clock does, there are few, and no message is lost."""
    buckets = gather.Buckets()
    for at in times:
        buckets.add(1e9 + at, 0, 1)
    assert sum(counts[0] for counts in buckets.counts.values()) == len(times) and buckets.highest - buckets.lowest < gather.MOST_BUCKETS
    axis = charts.Axis(1e9 + min(times), 1e9 + max(times))
    drawn = charts.over_time(buckets, axis)
    assert sum(drawn["from_clients"]) == len(times) and len(drawn["middles"]) <= charts.MOST_COLUMNS + 2


def test_axis_begins_at_a_round_time():
    axis = charts.Axis(1767268817.25, 1767268817.25 + 400)
    assert axis.step == 120 and time.gmtime(axis.data()["begin"])[5] == 0 and time.gmtime(axis.data()["begin"])[4] % 2 == 0


def test_html_is_escaped_by_construction():
    made = document(tag("p", "<&>\x00\ud800", tag("b", "x"), "</p>", title='"><')).decode()
    assert made == '<!DOCTYPE html>\n<p title="&quot;&gt;<">&lt;&amp;&gt;\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}<b>x</b>&lt;/p&gt;</p>\n'
    assert data("x", {"a": "</script>"}).text == '{"a":"\\u003c/script\\u003e"}'
