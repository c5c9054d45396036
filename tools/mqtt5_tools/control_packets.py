"""Redacts one MQTT control packet: what is structure is kept, what may be secret gets a pseudonym, and what cannot be read becomes zeros."""

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = range(1, 16)
MQTT_5 = 5
PROTOCOL_NAMES = (b"MQTT", b"MQIsdp")
# Properties: how their value is encoded (bytes of a number, "v" for a Variable Byte Integer, or what it holds that has a length in front). See 2.2.2.2.
PROPERTIES = {
    0x01: 1, 0x02: 4, 0x03: "text", 0x08: "topic", 0x09: "blob", 0x0B: "v", 0x11: 4, 0x12: "client_id", 0x13: 2, 0x15: "plain", 0x16: "auth", 0x17: 1,
    0x18: 4, 0x19: 1, 0x1A: "topic", 0x1C: "text", 0x1F: "text", 0x21: 2, 0x22: 2, 0x23: 2, 0x24: 1, 0x25: 1, 0x26: "pair", 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1}
# What can be kept (--keep), and which values that are.
KINDS = {"client-ids": ("client_id",), "user-names": ("user_name",), "topics": ("topic",), "payloads": ("payload",), "properties": ("text", "blob", "pair")}


class Unreadable(Exception):
    """It ends too early, or is not what the standard says. What was not kept or replaced by then is zeros."""


class Redactor:
    """keep: the values that stay as they are, by their kind."""

    def __init__(self, pseudonyms, keep=()):
        self.pseudonyms = pseudonyms
        self.keep = set(keep)

    def replacement(self, kind, data):
        """What stands in for a value of this kind."""
        if kind in self.keep or kind == "plain":
            return data
        if kind == "payload":
            return self.pseudonyms.payload(data)
        if kind == "blob":
            return self.pseudonyms.blob(data)
        if kind in ("password", "auth"):
            return self.pseudonyms.secret(data, kind.encode())
        return self.pseudonyms.text(data)

    def redact(self, packet, version):
        """packet: its bytes, from the fixed header on, all or as many as there are; version: 3, 4 or 5. Returns as many bytes, and the version from then on."""
        walk = Walk(packet, self)
        try:
            walk.packet(version)
        except Unreadable:
            pass
        return bytes(walk.out), walk.version


class Walk:
    """One control packet: each step copies or replaces what it stands before."""

    def __init__(self, data, redactor):
        self.data, self.redactor = data, redactor
        self.out = bytearray(len(data))
        self.at, self.end = 0, len(data)
        self.version = None
        self.malformed = False  # a property that cannot be read

    def keep(self, count):
        """Copies that many bytes and returns them."""
        taken = self.data[self.at:min(self.at + count, self.end)]
        self.out[self.at:self.at + len(taken)] = taken
        self.at += len(taken)
        if len(taken) < count:
            raise Unreadable
        return taken

    def number(self, count):
        return int.from_bytes(self.keep(count), "big")

    def variable(self):
        """A Variable Byte Integer."""
        value = 0
        for shift in (0, 7, 14, 21):
            byte = self.keep(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise Unreadable

    def replace(self, count, kind):
        """Replaces that many bytes; where there are fewer, these, and the packet ends."""
        taken = self.data[self.at:min(self.at + count, self.end)]
        if taken:
            self.out[self.at:self.at + len(taken)] = self.redactor.replacement(kind, bytes(taken))
        self.at += len(taken)
        if len(taken) < count:
            raise Unreadable

    def value(self, kind):
        """A string or binary data, with its length in front."""
        self.replace(self.number(2), kind)

    def left(self):
        return self.end - self.at

    def packet(self, version):
        self.version = version
        first = self.keep(1)[0]
        if first >> 4 == CONNECT and bytes(self.data[2:4]) == b"\0\4" and self.data[1] > 0x7F:
            length = self.keep(1)[0]  # the Remaining Length in one byte, by mistake: the Protocol Name tells
        else:
            length = self.variable()
        self.end = min(self.end, self.at + length)
        kind = first >> 4
        if kind == CONNECT:
            self.connect()
        elif kind == CONNACK:
            self.keep(2)
            self.properties()
        elif kind == PUBLISH:
            self.publish(first & 0x06)
        elif kind in (PUBACK, PUBREC, PUBREL, PUBCOMP):
            self.keep(2)
            self.reason_and_properties()
        elif kind in (SUBSCRIBE, UNSUBSCRIBE):
            self.keep(2)
            self.properties()
            while self.left():
                self.value("topic")
                if kind == SUBSCRIBE:
                    self.keep(1)
        elif kind in (SUBACK, UNSUBACK):
            self.keep(2)
            self.properties()
            self.keep(self.left())
        elif kind in (DISCONNECT, AUTH):
            self.reason_and_properties()

    def publish(self, qos):
        """A Packet Identifier where there must be none (MQTT-2.2.1-2) is known by the properties that can be read after it."""
        self.value("topic")
        behind_topic = self.at
        for identifier in (2,) if qos else (0, 2, 0):
            self.out[behind_topic:] = bytes(len(self.out) - behind_topic)
            self.at, self.malformed = behind_topic, False
            try:
                self.keep(identifier)
                self.properties()
                self.replace(self.left(), "payload")
            except Unreadable:
                self.malformed = True
            if not self.malformed:
                break

    def connect(self):
        count = self.number(2)
        self.replace(count, "plain" if bytes(self.data[self.at:self.at + count]) in PROTOCOL_NAMES else "text")
        self.version = self.number(1) & 0x7F  # bridges of mosquitto set the highest bit
        flags = self.number(1)
        self.keep(2)
        self.properties()
        self.value("client_id")
        if flags & 0x04:
            self.properties()
            self.value("topic")
            self.value("payload")
        if flags & 0x80:
            self.value("user_name")
        if flags & 0x40:
            self.value("password")

    def reason_and_properties(self):
        if self.version == MQTT_5 and self.left():
            self.keep(1)
            if self.left():
                self.properties()

    def properties(self):
        """Those of MQTT 5; before, there are none."""
        if self.version != MQTT_5:
            return
        length = self.variable()
        after, end = self.at + length, self.end
        self.end = min(after, end)
        try:
            while self.left():
                self.one_property()
        except Unreadable:
            self.at = self.end  # the section's length still tells where it ends
            self.malformed = True
        self.end = end
        if after > end:
            raise Unreadable

    def one_property(self):
        form = PROPERTIES.get(self.variable())
        if form is None:
            raise Unreadable
        if form == "v":
            self.variable()
        elif form == "pair":
            self.value("pair")
            self.value("pair")
        elif isinstance(form, int):
            self.keep(form)
        else:
            self.value(form)
