"""What a PDML says of the plugin: by frame, its expert infos and its fields."""
import collections
import re
from xml.etree import ElementTree

CHAT, NOTE, WARN, ERROR = 0x200000, 0x400000, 0x600000, 0x800000
PREFIX = "mqtt5.analysis."
FORWARD = {"mqtt5.response_in", "mqtt5.unanswered", "mqtt5.unanswered.known_in", "mqtt5.will_in"}  # speak of a later frame, so known from the second pass on
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # tshark writes control characters of strings as they are

Expert = collections.namedtuple("Expert", "rule severity group message")
Field = collections.namedtuple("Field", "name show value showname position size")
Packet = collections.namedtuple("Packet", "frame stream time source stock ours")  # stock, ours: lists of what the fields show, by name


class Frame:
    """`experts` are those of the plugin, `fields` all its fields in their order; both as they stand in the tree."""

    def __init__(self):
        self.experts, self.fields = [], []

    def values(self, name):
        return [field.show for field in self.fields if field.name == name]

    def above_chat(self):
        return sorted(expert.rule for expert in self.experts if expert.severity > CHAT)


def read(text):
    """Frames by number."""
    return {number: frame for number, frame in enumerate(map(read_packet, ElementTree.fromstring(NOT_XML.sub("?", text)).iter("packet")), 1)}


def read_packet(packet):
    frame = Frame()
    for field in packet.iter("field"):
        name = field.get("name")
        if name == "_ws.expert":
            expert = read_expert(field)
            if expert:
                frame.experts.append(expert)
        elif name.startswith("mqtt5") and not name.startswith(PREFIX):
            frame.fields.append(Field(name, *(field.get(key) for key in ("show", "value", "showname", "pos", "size"))))
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


def control_packets(text):
    """Each control packet that was judged, with what stock says of it and what we say."""
    for packet in ElementTree.fromstring(NOT_XML.sub("?", text)).iter("packet"):
        outer = shown(field for field in packet.iter("field") if not field.get("name").startswith("mqtt"))
        for protocol in packet.iter("proto"):
            if protocol.get("name") != "mqtt":
                continue
            for analysis in (field for field in protocol.iter("field") if field.get("name") == "mqtt5.analysis"):
                inner = set(analysis.iter("field"))
                yield Packet(int(outer["frame.number"][0]), outer["tcp.stream"][0], outer["frame.time_epoch"][0], outer["tcp.srcport"][0],
                             shown(field for field in protocol.iter("field") if field not in inner), shown(analysis.iter("field")))
