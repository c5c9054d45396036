"""MQTT control packets as bytes, for the tests: one function for each packet type.

Written apart from the plugin's tables, as their oracle: it takes the properties from tests/oracle/properties.tsv. Texts may be
str or bytes. `version` is 5, 4 (MQTT 3.1.1) or 3 (MQTT 3.1). `properties` are the encoded properties without their length
(encode_property); where the property list may be left out, None leaves it out. `flags` are the lower four bits of the first byte.
"""
import struct

import oracle_tables

V31, V311, V5 = 3, 4, 5

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, \
    AUTH = range(1, 16)

PROPERTIES = {row.abbrev: (row.id, row.type) for row in oracle_tables.properties()}  # identifier and type by name
NUMBERS = {"byte": ">B", "two_byte": ">H", "four_byte": ">I"}


def variable_byte_integer(value):
    """`value` as the standard encodes lengths (1.5.5)."""
    if not 0 <= value <= 268435455:
        raise ValueError(f"{value} does not fit a Variable Byte Integer")
    out = bytearray()
    while True:
        value, low = divmod(value, 128)
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def to_bytes(text):
    return text.encode() if isinstance(text, str) else text


def utf8_string(text):
    """A UTF-8 Encoded String (1.5.4) or Binary Data (1.5.6)."""
    data = to_bytes(text)
    return struct.pack(">H", len(data)) + data


def packet(first, body):
    """A control packet from its first byte and all that follows the Remaining Length."""
    return bytes([first]) + variable_byte_integer(len(body)) + body


def append(whole, rest):
    """The control packet `whole` with bytes after its last field, which its Remaining Length counts."""
    header = next(at for at in range(2, 6) if whole[at - 1] < 0x80)
    return packet(whole[0], whole[header:] + rest)


def encode_property(name, *values):
    """One property by its name, as in the abbrev column of the oracle; a User Property takes two values."""
    identifier, kind = PROPERTIES[name]
    if len(values) != (2 if kind == "string_pair" else 1):
        raise ValueError(f"{name} does not take {len(values)} values")
    if kind in NUMBERS:
        data = struct.pack(NUMBERS[kind], *values)
    elif kind == "variable_byte":
        data = variable_byte_integer(*values)
    else:
        data = b"".join(map(utf8_string, values))
    return bytes([identifier]) + data


def property_list(*properties):
    """Encoded properties after their Property Length."""
    data = b"".join(properties)
    return variable_byte_integer(len(data)) + data


def two_bytes(number):
    return struct.pack(">H", number)


def _list_of_5(version, properties):
    """The property list of a packet that always has one in MQTT 5.0, and none before."""
    return property_list(properties or b"") if version == V5 else b""


def _optional(codes, properties):
    """What may follow in MQTT 5.0: a Reason Code, and after that properties."""
    if properties is not None and not codes:
        raise ValueError("properties need a reason code before them")
    return bytes(codes) + (b"" if properties is None else property_list(properties))


def connect(client_id="", version=V5, clean_start=1, keep_alive=60, properties=None, will_topic=None, will_payload=b"", will_qos=0,
            will_retain=False, will_properties=None, user_name=None, password=None, flags=0, connect_flags=None, name=None, level=None):
    """CONNECT. It has a Will if it has a Will Topic; `connect_flags`, `name` and `level` replace the values that follow from the rest."""
    if connect_flags is None:
        will = will_topic is not None
        connect_flags = (user_name is not None) << 7 | (password is not None) << 6 | will_retain << 5 | will_qos << 3 | will << 2 | clean_start << 1
    body = utf8_string(("MQIsdp" if version == V31 else "MQTT") if name is None else name)
    body += bytes([version if level is None else level, connect_flags]) + two_bytes(keep_alive)
    body += _list_of_5(version, properties) + utf8_string(client_id)
    if will_topic is not None:
        body += _list_of_5(version, will_properties) + utf8_string(will_topic) + utf8_string(will_payload)
    return packet(CONNECT << 4 | flags, body + b"".join(utf8_string(text) for text in (user_name, password) if text is not None))


def connack(codes=(0,), session_present=False, version=V5, properties=None, flags=0, acknowledge_flags=0):
    """CONNACK; `codes` is its one Connect Reason Code (or Return Code)."""
    return packet(CONNACK << 4 | flags, bytes([acknowledge_flags | session_present, *codes]) + _list_of_5(version, properties))


def publish(topic="", payload=b"", qos=0, id=None, dup=False, retain=False, version=V5, properties=None):
    identifier = b"" if id is None else two_bytes(id)
    return packet(PUBLISH << 4 | dup << 3 | qos << 1 | retain,
                  utf8_string(topic) + identifier + _list_of_5(version, properties) + to_bytes(payload))


def _acknowledgment(kind, id, codes, properties, flags):
    return packet(kind << 4 | flags, two_bytes(id) + _optional(codes, properties))


def puback(id, codes=(), properties=None, flags=0):
    return _acknowledgment(PUBACK, id, codes, properties, flags)


def pubrec(id, codes=(), properties=None, flags=0):
    return _acknowledgment(PUBREC, id, codes, properties, flags)


def pubrel(id, codes=(), properties=None, flags=2):
    return _acknowledgment(PUBREL, id, codes, properties, flags)


def pubcomp(id, codes=(), properties=None, flags=0):
    return _acknowledgment(PUBCOMP, id, codes, properties, flags)


def subscribe(id, filters=(), version=V5, properties=None, flags=2):
    """`filters` are pairs of a Topic Filter and its Subscription Options (or Requested QoS)."""
    requests = b"".join(utf8_string(text) + bytes([options]) for text, options in filters)
    return packet(SUBSCRIBE << 4 | flags, two_bytes(id) + _list_of_5(version, properties) + requests)


def suback(id, codes=(), version=V5, properties=None, flags=0):
    return packet(SUBACK << 4 | flags, two_bytes(id) + _list_of_5(version, properties) + bytes(codes))


def unsubscribe(id, filters=(), version=V5, properties=None, flags=2):
    """`filters` as in SUBSCRIBE; the options are not sent."""
    return packet(UNSUBSCRIBE << 4 | flags, two_bytes(id) + _list_of_5(version, properties) + b"".join(utf8_string(text) for text, _ in filters))


def unsuback(id, codes=(), version=V5, properties=None, flags=0):
    return packet(UNSUBACK << 4 | flags, two_bytes(id) + _list_of_5(version, properties) + bytes(codes))


def pingreq(flags=0):
    return packet(PINGREQ << 4 | flags, b"")


def pingresp(flags=0):
    return packet(PINGRESP << 4 | flags, b"")


def disconnect(codes=(), properties=None, flags=0):
    return packet(DISCONNECT << 4 | flags, _optional(codes, properties))


def auth(codes=(), properties=None, flags=0):
    return packet(AUTH << 4 | flags, _optional(codes, properties))


BUILDERS = {build.__name__.upper(): build for build in (
    connect, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe, unsuback, pingreq, pingresp, disconnect, auth)}


def version_of(data):
    """The version that a CONNECT at the start of `data` asks for, or None where there is none."""
    start = data[:14]
    if start[:1] != b"\x10":
        return None
    for name in (b"\0\4MQTT", b"\0\6MQIsdp"):
        at = start.find(name, 2, 2 + 4 + len(name))
        level = data[at + len(name):at + len(name) + 1]
        if at >= 0 and level:
            return level[0] & 0x7F if level[0] & 0x7F in (V31, V311, V5) else None  # the highest bit marks a bridge
    return None
