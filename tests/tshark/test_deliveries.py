"""-z mqtt5,deliveries against counts that are made from the fields of each packet."""
import collections
import math
import re

import harness
import made as made_captures
import mqtt
import pytest

ON = ("-o", "mqtt5.journey_memory:64")
REAL = harness.CAPTURES / "real"
TIMES = ("Least time", "Average", "95 %", "Most time")
NUMBERS = ("Published", "Expected", "Delivered", "Missing", "Retained", "Uncertain")


def deliveries(tshark, path, *arguments, shown=""):
    """The rows by topic and publisher; a row without times ends before them."""
    printed = tshark.read(path, *ON, *arguments, "-q", "-z", "mqtt5,deliveries" + (f",{shown}" if shown else ""))
    lines = [[cell.strip() for cell in line.split(" |")][:-1] for line in printed.splitlines() if " |" in line]
    rows = {(cells[0], cells[1]): dict(zip(lines[0], cells)) for cells in lines[1:]}
    assert len(rows) == len(lines) - 1
    return rows


def packets(tshark, path, shown):
    """The fields of each PUBLISH in the frames that a filter lets through."""
    numbers = {int(number) for number, in tshark.fields(path, ("frame.number",), *ON, *(("-Y", shown) if shown else ()))}
    for number, frame in tshark.frames(path, *ON).items():
        found = None
        for field in frame.fields if number in numbers else ():
            if field.name == "mqtt5.analysis":
                if found and found.get("mqtt5.packet_type") == "3":
                    yield found
                found = {}
            elif found is not None:
                found[field.name] = field.show
        if found and found.get("mqtt5.packet_type") == "3":
            yield found


def counted(tshark, path, shown):
    counts, times = collections.defaultdict(collections.Counter), collections.defaultdict(list)
    for packet in packets(tshark, path, shown):
        topic = packet["mqtt5.topic"]
        if packet["mqtt5.sender"] == "1":
            counts[topic, packet["mqtt5.client_id"]]["Published"] += 1
        elif "mqtt5.resent_copy" not in packet:
            certain = "mqtt5.published_in" in packet and "mqtt5.published_in.candidates" not in packet
            row = topic, packet.get("mqtt5.published_by", "(not known)")
            counts[row]["Uncertain" if not certain else "Retained" if "mqtt5.retained_copy" in packet else "Delivered"] += 1
            if "mqtt5.delivery_time" in packet:
                times[row].append(float(packet["mqtt5.delivery_time"]))
    for row, number in missing(tshark, path, shown):
        counts[row]["Missing"] += number
    for count in counts.values():
        count["Expected"] = count["Delivered"] + count["Missing"]
    return counts, times


def missing(tshark, path, shown):
    """What the originals say, which the table counts where it becomes certain."""
    numbers = {number for number, in tshark.fields(path, ("frame.number",), *ON, *(("-Y", shown) if shown else ()))}
    names = ("mqtt5.topic", "mqtt5.client_id", "mqtt5.deliveries.missing_since")
    for topic, publisher, since in tshark.fields(path, names, *ON, "-2", "-Y", "mqtt5.deliveries.missing"):
        yield (topic, publisher), sum(frame in numbers for frame in since.split(","))


def check(tshark, path, shown=""):
    counts, times = counted(tshark, path, shown)
    rows = deliveries(tshark, path, shown=shown)
    assert rows == deliveries(tshark, path, "-2", shown=shown)
    assert {row: {name: int(cells[name]) for name in NUMBERS} for row, cells in rows.items()} == {
        row: {name: count[name] for name in NUMBERS} for row, count in counts.items()}
    for row, cells in rows.items():
        values = sorted(times[row])
        assert all((name in cells) == bool(values) for name in TIMES)
        if values:
            assert [float(cells[name]) for name in ("Least time", "Average", "Most time")] == pytest.approx(
                [values[0], sum(values) / len(values), values[-1]], abs=2e-6)
            assert float(cells["95 %"]) == pytest.approx(values[math.ceil(0.95 * len(values)) - 1], rel=1 / 32, abs=2e-6)
    return rows


@pytest.mark.parametrize("shown", ("", "mqtt5.sender == 2", "mqtt5.client_id == \"reader\""))
def test_made(tshark, made, shown):
    rows = check(tshark, made.path("journey"), shown)
    assert ("rooms/3", "(not known)") in rows or shown == ""


def test_real(tshark):
    rows = check(tshark, REAL / "several-clients.pcapng")
    assert [row["Delivered"] for row in rows.values()] == ["3"] * 3


@pytest.mark.parametrize("shown", ("", "mqtt5.sender == 2", "mqtt5.sender == 1"))
def test_missing(tshark, made, shown):
    """Counted where it becomes certain, in one pass as in two."""
    row = check(tshark, REAL / "late-twice-never.pcapng", shown)["plant/boiler/temperature", "edge"]
    assert [row[name] for name in ("Expected", "Delivered", "Missing")] == (["0", "0", "0"] if shown == "mqtt5.sender == 1" else ["36", "32", "4"])
    row, = check(tshark, made.path("delivery-missing"), shown).values()
    assert row["Missing"] == ("0" if shown == "mqtt5.sender == 1" else "1")


@pytest.fixture(scope="module")
def spread(tshark):
    """400 messages whose deliveries take from 10 µs to 2 s."""
    capture = made_captures.Capture()
    reader, writer = capture.connection(1), capture.connection(2)
    for client, name in ((reader, "reader"), (writer, "writer")):
        client.client(mqtt.connect(name, keep_alive=0))
        client.server(mqtt.connack())
    reader.client(mqtt.subscribe(1, [("#", 0)]))
    reader.server(mqtt.suback(1, (0,)))
    for number in range(400):
        message = f"message {number:04} that nobody else publishes"
        writer.client(mqtt.publish(f"plant/{number % 2}/temperature", message))
        capture.time += 10 ** (number * 37 % 400 / 400 * 5.3 - 5)
        reader.server(mqtt.publish(f"plant/{number % 2}/temperature", message))
    path = tshark.files / "deliveries-spread.pcapng"
    capture.write(path)
    path.chmod(0o644)
    return path


def test_percentile(tshark, spread):
    """The 95th percentile is at most 1/32 off."""
    rows = check(tshark, spread)
    assert {(topic, row["Published"], row["Delivered"]) for (topic, _), row in rows.items()} == {
        ("plant/0/temperature", "200", "200"), ("plant/1/temperature", "200", "200")}


def test_prefix(tshark, spread):
    """Topics with the same first levels in one row, which is named as a Topic Filter."""
    for levels, topics in ((0, ["plant/0/temperature", "plant/1/temperature"]), (1, ["plant/#"]), (2, ["plant/0/#", "plant/1/#"]),
                           (3, ["plant/0/temperature", "plant/1/temperature"]), (9, ["plant/0/temperature", "plant/1/temperature"])):
        rows = deliveries(tshark, spread, "-o", f"mqtt5.deliveries_levels:{levels}")
        assert sorted(topic for topic, _ in rows) == topics
        assert sum(int(row["Delivered"]) for row in rows.values()) == 400


def test_off(tshark, made):
    """One sentence that says what to set, and no number."""
    printed = tshark.read(made.path("journey"), "-q", "-z", "mqtt5,deliveries")
    rows = [line for line in printed.splitlines() if line.endswith("|") and not line.startswith("Topic")]
    assert len(rows) == 1 and "mqtt5.journey_memory:64" in rows[0] and rows[0].count("|") == 1


def test_very_many_topics(tshark):
    """The table is bounded, and says so."""
    capture = made_captures.Capture()
    client = capture.connection()
    client.client(mqtt.connect("a", keep_alive=0))
    client.server(mqtt.connack())
    client.client(b"".join(mqtt.publish(f"t{number:05}") for number in range(10100)))
    path = tshark.files / "deliveries-topics.pcapng"
    capture.write(path)
    path.chmod(0o644)
    rows = deliveries(tshark, path)
    assert len(rows) == 10001 and rows["(all further topics)", "-"]["Published"] == "100"


def test_only_once(tshark):
    result = tshark.run("-r", tshark.visible(REAL / "ping.pcapng"), "-q", "-z", "mqtt5,deliveries", "-z", "mqtt5,deliveries,tcp.stream==0")
    assert result.status != 0 and "-z mqtt5,deliveries can be given only once" in result.err


def test_response_times(tshark, made):
    """The rows of the table for deliveries by QoS, and the filter that selects the packets of a row."""
    path = made.path("journey")
    table = tshark.read(path, *ON, "-q", "-z", "mqtt5,srt")
    rows = {int(row): (int(qos), int(calls), float(total)) for row, qos, calls, total in re.findall(
        r"^ +(\d+)  Message to its copy, QoS (\d) +(\d+) .* ([\d.]+)$", table, re.MULTILINE)}
    assert len(rows) == 2
    for row, (qos, calls, total) in rows.items():
        wanted = tshark.fields(path, ("frame.number", "mqtt5.delivery_time"), *ON, "-Y", f"mqtt5.delivery_time && mqtt.qos == {qos}")
        assert wanted == tshark.fields(path, ("frame.number", "mqtt5.delivery_time"), *ON, "-Y", f"mqtt5.exchange == {row}")
        assert calls == len(wanted) and total == pytest.approx(sum(float(time) for _, time in wanted), abs=2e-6)
    assert "to its copy" not in tshark.read(path, "-q", "-z", "mqtt5,srt")
