#!/usr/bin/python3
"""Seeded traffic for benchmarks.

    traffic.py mqtt OUT.pcap PACKETS [FAULTS_PER_THOUSAND]    conversations of MQTT 5 over 200 connections, one control packet a segment: all 15 packet
                                                              types, QoS 0 to 2 both ways, properties, aliases, enhanced authentication, and something
                                                              that the plugin has to find in one of a hundred packets (10 in a thousand)
    traffic.py other OUT.pcap FRAMES                          no MQTT: TCP on a port that nobody dissects

The same arguments give the same bytes. `mqtt` says, in OUT.pcap.expected, in which frame which rule is broken, and prints how many packets it has written.
"""
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from made import EPOCH, Capture, utf8_string, variable_byte_integer  # noqa: E402

CONNECTIONS = 200


def packet(first, body):
    return bytes([first]) + variable_byte_integer(len(body)) + body


def properties(*parts):
    block = b"".join(parts)
    return variable_byte_integer(len(block)) + block


def user_property(name, value):
    return b"\x26" + utf8_string(name) + utf8_string(value)


class Stream(Capture):
    """A capture that is written as it is made, so that it may be of any length."""

    def __init__(self, path):
        super().__init__()
        self.out = open(path, "wb")
        self.out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        self.count = 0

    def _append(self, frame):
        self.time += 0.001
        self.count += 1
        micro = round(self.time * 1000000)
        self.out.write(struct.pack("<IIII", EPOCH + micro // 1000000, micro % 1000000, len(frame.data), len(frame.data)))
        self.out.write(frame.data)

    def close(self):
        self.out.close()
        return self.count


class Client:
    """One client in conversation with the server: each exchange returns how many control packets that was."""

    KINDS = {"qos0": 40, "qos1": 22, "qos2": 14, "deliver0": 6, "deliver1": 4, "deliver2": 2, "alias": 4, "ping": 4, "subscribe": 3.5, "authenticate": 0.5}

    def __init__(self, capture, number, chance, faults, expected):
        self.connection, self.number, self.chance, self.faults, self.expected = capture.connection(number), number, chance, faults / 1000, expected
        self.capture = capture
        self.identifier = self.server_identifier = 0
        self.authenticates = number % 10 == 0
        self.aliased = set()

    def next_identifier(self):
        self.identifier = self.identifier % 65535 + 1
        return struct.pack(">H", self.identifier)

    def next_server_identifier(self):
        self.server_identifier = self.server_identifier % 65535 + 1
        return struct.pack(">H", self.server_identifier)

    def client(self, first, body):
        self.connection.client(packet(first, body))

    def server(self, first, body, rule=None):
        """Sends a packet from the server, which is found to break `rule`."""
        self.connection.server(packet(first, body))
        if rule:
            self.expected.append((self.capture.count, rule))

    def acknowledge(self, first, identifier, right, wrong, before=b"", short=False):
        """A reason code: one that the packet type may not have where a fault is due, and `right` or, where that is 0x00, the short form elsewhere."""
        if self.chance.random() < self.faults:
            self.server(first, identifier + before + bytes([wrong]) + (b"" if before else b"\0"), "reason_code_not_allowed")
        else:
            self.server(first, identifier + (b"" if short else before + bytes([right]) + (b"" if before else b"\0")))

    def start(self):
        method = b"\x15" + utf8_string("TOKEN") if self.authenticates else b""
        token = b"\x16" + utf8_string(bytes(range(32))) if self.authenticates else b""
        connect = properties(b"\x11\x00\x00\x0e\x10", b"\x21\x00\x64", b"\x22\x00\x0a", method, token, user_property("site", "plant"))
        will = properties(b"\x18\x00\x00\x00\x05", b"\x03" + utf8_string("text/plain"))
        self.client(0x10, utf8_string("MQTT") + b"\x05\x0e\x00\x3c" + connect + utf8_string(f"sensor-{self.number:04d}")
                    + will + utf8_string(f"status/{self.number}") + utf8_string("offline"))
        packets = 4
        if self.authenticates:
            self.server(0xF0, b"\x18" + properties(method, token))
            self.client(0xF0, b"\x18" + properties(method, token))
            packets += 2
        self.server(0x20, b"\0\0" + properties(b"\x21\x00\x64", b"\x22\x00\x0a", method))
        self.client(0x82, self.next_identifier() + properties(b"\x0b\x01") + utf8_string(f"commands/{self.number}/#") + b"\x02")
        self.server(0x90, struct.pack(">H", self.identifier) + b"\0\x02")
        return packets

    def exchange(self):
        kind = self.chance.choices(list(self.KINDS), list(self.KINDS.values()))[0]
        if kind == "authenticate" and not self.authenticates:
            kind = "ping"
        return getattr(self, kind)()

    def end(self):
        self.client(0xE0, b"")
        self.connection.close("client")
        return 1

    def payload(self):
        return f'{{"value":{self.chance.randrange(1000000)},"pad":"{"x" * self.chance.randrange(10, 150)}"}}'.encode()

    def message(self, topic, identifier=b"", more=b""):
        extra = [user_property("unit", "degrees"), b"\x03" + utf8_string("x-plant/value"), b"\x02\x00\x00\x0e\x10",
                 b"\x08" + utf8_string(f"answers/{self.number}") + b"\x09" + utf8_string("0123456789abcdef")][:self.chance.randrange(5)]
        return utf8_string(topic) + identifier + properties(more, *extra) + self.payload()

    def topic(self):
        return f"plant/line{self.number % 7}/sensor{self.number}/value{self.chance.randrange(10)}"

    def qos0(self):
        self.client(0x30, self.message(self.topic()))
        return 1

    def alias(self):
        number = self.chance.randrange(1, 11)
        self.client(0x30, self.message("" if number in self.aliased else f"plant/aliased/{self.number}/{number}", more=b"\x23" + struct.pack(">H", number)))
        self.aliased.add(number)
        return 1

    def qos1(self):
        identifier = self.next_identifier()
        self.client(0x32, self.message(self.topic(), identifier))
        self.acknowledge(0x40, identifier, 0x10, 0x92)
        return 2

    def qos2(self):
        identifier = self.next_identifier()
        self.client(0x34, self.message(self.topic(), identifier))
        self.server(0x50, identifier)
        self.client(0x62, identifier)
        self.acknowledge(0x70, identifier, 0x00, 0x10, short=True)
        return 4

    def command(self, first, identifier=b""):
        """A message for the subscription, with its Subscription Identifier; a fault is Topic Alias 0."""
        wrong = self.chance.random() < self.faults
        self.server(first, self.message(f"commands/{self.number}/set", identifier, b"\x0b\x01" + (b"\x23\0\0" if wrong else b"")),
                    "property_value" if wrong else None)

    def deliver0(self):
        self.command(0x30)
        return 1

    def deliver1(self):
        identifier = self.next_server_identifier()
        self.command(0x32, identifier)
        self.client(0x40, identifier)
        return 2

    def deliver2(self):
        identifier = self.next_server_identifier()
        self.command(0x34, identifier)
        self.client(0x50, identifier)
        self.server(0x62, identifier)
        self.client(0x70, identifier)
        return 4

    def ping(self):
        self.connection.client(b"\xc0\x00").server(b"\xd0\x00")
        return 2

    def subscribe(self):
        identifier = self.next_identifier()
        self.client(0x82, identifier + b"\0" + utf8_string(f"status/{self.chance.randrange(20)}") + b"\x01")
        self.acknowledge(0x90, identifier, 0x01, 0x90, before=b"\0")
        identifier = self.next_identifier()
        self.client(0xA2, identifier + b"\0" + utf8_string("status/none"))
        self.acknowledge(0xB0, identifier, 0x11, 0x97, before=b"\0")
        return 4

    def authenticate(self):
        exchange = properties(b"\x15" + utf8_string("TOKEN"), b"\x16" + utf8_string(bytes(range(32))))
        self.client(0xF0, b"\x19" + exchange)
        self.server(0xF0, b"\0" + exchange)
        return 2


def write_mqtt(path, packets, faults=30, seed=11):
    """Writes about `packets` control packets (to the end of the exchange that reaches them); returns how many."""
    chance, expected = random.Random(seed), []
    capture = Stream(path)
    clients = [Client(capture, number, chance, faults, expected) for number in range(1, min(CONNECTIONS, max(1, packets // 50)) + 1)]
    written = sum(client.start() for client in clients)
    while written < packets - len(clients):
        written += chance.choice(clients).exchange()
    written += sum(client.end() for client in clients)
    capture.close()
    pathlib.Path(f"{path}.expected").write_text("".join(f"{frame}\t{rule}\n" for frame, rule in expected))
    return written


def write_other(path, frames, seed=12):
    """TCP segments of text on a port of no dissector, both ways."""
    chance = random.Random(seed)
    capture = Stream(path)
    capture.port = 40123
    connections = [capture.connection(number) for number in range(1, 21)]
    while capture.count < frames:
        connection = chance.choice(connections)
        connection.client(b"x" * chance.randrange(20, 400))
        connection.server(b"ok")
    return capture.close()


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in ("mqtt", "other"):
        sys.exit(__doc__)
    print({"mqtt": write_mqtt, "other": write_other}[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:])))
