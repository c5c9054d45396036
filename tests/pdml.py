"""What a PDML contains of the plugin: by frame, its expert infos and its fields."""
import collections
import re
import sys
from xml.etree import ElementTree

CHAT, NOTE, WARN, ERROR = 0x200000, 0x400000, 0x600000, 0x800000
PREFIX = "mqtt5.analysis."
# about a later frame, so known from the second pass on
FORWARD = {"mqtt5.response_in", "mqtt5.unanswered", "mqtt5.unanswered.known_in", "mqtt5.will_in", "mqtt5.deliveries", "mqtt5.delivered_in",
           "mqtt5.cause.more_in", "mqtt5.deliveries.missing", "mqtt5.deliveries.missing_to", "mqtt5.deliveries.missing_since",
           "mqtt5.rpc.response_in", "mqtt5.rpc.unanswered", "mqtt5.rpc.unanswered.known_in"}
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # tshark writes control characters unescaped

Expert = collections.namedtuple("Expert", "rule severity group message")
Field = collections.namedtuple("Field", "name show value showname position size")
Packet = collections.namedtuple("Packet", "frame stream time source stock ours")  # stock, ours: lists of what the fields show, by name


class Frame:
    """`experts` are those of the plugin, `fields` all its fields, both in the order of the tree."""

    def __init__(self):
        self.experts, self.fields = [], []

    def values(self, name):
        return [field.show for field in self.fields if field.name == name]

    def above_chat(self):
        return sorted(expert.rule for expert in self.experts if expert.severity > CHAT)


def packets(source):
    """The packets of a PDML, each parsed by itself. `source`: its text, or its lines, which may come from a program that is still writing them."""
    lines = []
    for line in source.split("\n") if isinstance(source, str) else source:
        if line == "<packet>":
            lines = []
        lines.append(line)
        if line == "</packet>":
            yield ElementTree.fromstring(NOT_XML.sub("?", "\n".join(lines)))


def read(source):
    """Frames by number; `source` as for `packets`."""
    return dict(enumerate(map(read_packet, packets(source)), 1))


def intern(text):
    """The same text once in memory: most of what a capture says it says many times."""
    return text if text is None else sys.intern(text)


def read_packet(packet):
    frame = Frame()
    for field in packet.iter("field"):
        name = field.get("name")
        if name == "_ws.expert":
            expert = read_expert(field)
            if expert:
                frame.experts.append(expert)
        elif name.startswith("mqtt5") and not name.startswith(PREFIX):
            frame.fields.append(Field(*(intern(field.get(key)) for key in ("name", "show", "value", "showname", "pos", "size"))))
    return frame


def read_expert(field):
    parts = {child.get("name"): child for child in field}
    rule = next((name[len(PREFIX):] for name in parts if name.startswith(PREFIX)), None)
    if rule is None:
        return None
    return Expert(rule, int(parts["_ws.expert.severity"].get("show")), int(parts["_ws.expert.group"].get("show")),
                  parts["_ws.expert.message"].get("show"))


def shown(fields):
    """Lists of what fields show, by name."""
    found = collections.defaultdict(list)
    for field in fields:
        found[field.get("name")].append(field.get("show"))
    return found


def control_packets(source):
    """Each control packet that was judged, with stock's fields and ours."""
    for packet in packets(source):
        outer = shown(field for field in packet.iter("field") if not field.get("name").startswith("mqtt"))
        for protocol in packet.iter("proto"):
            if protocol.get("name") != "mqtt":
                continue
            for analysis in (field for field in protocol.iter("field") if field.get("name") == "mqtt5.analysis"):
                inner = set(analysis.iter("field"))
                yield Packet(int(outer["frame.number"][0]), outer["tcp.stream"][0], outer["frame.time_epoch"][0], outer["tcp.srcport"][0],
                             shown(field for field in protocol.iter("field") if field not in inner), shown(analysis.iter("field")))
