"""What the plugin says of each copy, against what the logs of the clients know."""
import collections
import re

import pdml

RIGHT, SEVERAL, SEVERAL_WRONG, WRONG, NONE = "right", "right, with candidates", "wrong, with candidates", "WRONG", "not linked"
KINDS = [RIGHT, SEVERAL, SEVERAL_WRONG, WRONG, NONE]
SERIAL = re.compile(r"[~!](\d{7})")
LONG = 3600  # seconds for tshark
MEMORY = ("-o", "mqtt5.journey_memory:64")

Row = collections.namedtuple("Row", "client topic serial")


def read_log(path):
    """The rows of published.tsv or received.tsv."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        _time, client, topic, *rest = line.split("\t")
        rows.append(Row(client, topic, int(SERIAL.search(rest[-1])[1])))
    return rows


def told(tshark, path, port):
    """By stream and direction, what the plugin says of each PUBLISH, in their order."""
    found = collections.defaultdict(list)
    for packet in pdml.control_packets(tshark.lines(path, "-2", *MEMORY, "-d", f"tcp.port=={port},mqtt", "-Y", "mqtt.msgtype == 3", "-T", "pdml",
                                                         timeout=LONG)):
        if packet.ours["mqtt5.packet_type"] == ["3"]:
            found[int(packet.stream), packet.source == str(port)].append(packet)
    return found


def against_logs(publishes, clients, published, received):
    """What the capture and the logs of the clients do not agree on: a list of sentences."""
    sent = collections.Counter((clients[one.stream], one.topic, one.serial) for one in publishes if not one.to_client and not one.dup)
    came = collections.Counter((clients[one.stream], one.topic, one.serial) for one in publishes if one.to_client and not one.dup)
    return [f"{what}: {sum((a - b).values())} {how}, such as {next(iter(a - b))}"
            for what, seen, log in (("published", sent, published), ("received", came, received))
            for how, a, b in (("only in the capture", seen, collections.Counter(map(tuple, log))), ("only in the log", collections.Counter(map(tuple, log)), seen))
            if a - b]


def judge(publishes, found, clients, received):
    """How many copies are of each of KINDS; sentences about those that are not right; and about deliveries that are wrongly said to be missing."""
    counts, remarks, untrue = collections.Counter(), [], []
    frames, got = collections.defaultdict(set), {(row.client, row.serial) for row in received}
    for one in publishes:
        if not one.to_client:
            frames[one.frame].add(one.serial)
    nth = collections.Counter()
    for one in publishes:
        key = (one.stream, one.to_client)
        packet, nth[key] = found[key][nth[key]], nth[key] + 1
        if packet.frame != one.frame or packet.stock["mqtt.topic"] != [one.topic]:
            raise RuntimeError(f"frame {one.frame}: tshark has another PUBLISH here, in frame {packet.frame}")
        if one.to_client:
            kind = kind_of(packet.ours, frames, one.serial)
            counts[kind] += 1
            if kind != RIGHT:
                remarks.append(f"{kind}: frame {one.frame} to {clients[one.stream]}, serial {one.serial}, {one.topic}, QoS {one.qos}, "
                               f"published in {packet.ours.get('mqtt5.published_in')}, candidates {packet.ours.get('mqtt5.published_in.candidates')}")
        else:
            untrue += [f"frame {one.frame}: {client} has got serial {one.serial}" for client in packet.ours.get("mqtt5.deliveries.missing_to", [])
                       if (client, one.serial) in got]
    return counts, remarks, untrue


def kind_of(ours, frames, serial):
    if not ours.get("mqtt5.published_in"):
        return NONE
    right, certain = serial in frames[int(ours["mqtt5.published_in"][0])], not ours.get("mqtt5.published_in.candidates")
    return (RIGHT if right else WRONG) if certain else SEVERAL if right else SEVERAL_WRONG
