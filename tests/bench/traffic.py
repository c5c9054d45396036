#!/usr/bin/python3
"""Seeded traffic for benchmarks: conversations of MQTT 5 over many connections, every packet type, one finding in a hundred packets.

    traffic.py mqtt OUT.pcap PACKETS [FAULTS_PER_THOUSAND]    control packets, one a segment
    traffic.py other OUT.pcap FRAMES                          no MQTT: TCP on a port that nobody dissects, DNS over UDP

The same arguments give the same bytes.
"""
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from made import Capture, utf8_string, variable_byte_integer  # noqa: E402

CONNECTIONS = 200


def packet(first, body):
    return bytes([first]) + variable_byte_integer(len(body)) + body


def properties(*parts):
    block = b"".join(parts)
    return variable_byte_integer(len(block)) + block


def user_property(name, value):
    return b"\x26" + utf8_string(name) + utf8_string(value)


class Client:
    """One client in conversation with the server: each call sends one exchange, and tells how many control packets that was."""

    def __init__(self, connection, number, chance, faults):
        self.connection, self.number, self.chance, self.faults = connection, number, chance, faults
        self.identifier = 0
        self.wrong = False

    def next_identifier(self):
        self.identifier = self.identifier % 65535 + 1
        return struct.pack(">H", self.identifier)

    def code(self, right, wrong):
        """A reason code: the wrong one where a fault is due."""
        if self.wrong:
            self.wrong = False
            return bytes([wrong])
        return bytes([right])

    def start(self):
        name = f"sensor-{self.number:04d}"
        self.connection.client(packet(0x10, utf8_string("MQTT") + b"\x05\x02\x00\x00" + properties(b"\x21\x00\x64", b"\x22\x00\x0a") + utf8_string(name)))
        self.connection.server(packet(0x20, b"\0\0" + properties(b"\x21\x00\x64", b"\x22\x00\x0a")))
        self.connection.client(packet(0x82, self.next_identifier() + b"\0" + utf8_string(f"commands/{self.number}/#") + b"\x02"))
        self.connection.server(packet(0x90, struct.pack(">H", self.identifier) + b"\0\x02"))
        return 4

    def exchange(self):
        self.wrong = self.chance.randrange(1000) < self.faults
        kind = self.chance.choices(("qos0", "qos1", "qos2", "deliver", "ping", "subscribe"), (40, 25, 15, 12, 4, 4))[0]
        return getattr(self, kind)()

    def message(self, topic, identifier=b""):
        extra = [user_property("unit", "degrees"), b"\x03" + utf8_string("x-plant/value"), b"\x02\x00\x00\x0e\x10"][:self.chance.randrange(4)]
        value = self.chance.randrange(10000)
        return utf8_string(topic) + identifier + properties(*extra) + f'{{"value":{value},"pad":"{"x" * self.chance.randrange(10, 150)}"}}'.encode()

    def topic(self):
        return f"plant/line{self.number % 7}/sensor{self.number}/value{self.chance.randrange(10)}"

    def qos0(self):
        self.connection.client(packet(0x30, self.message(self.topic())))
        return 1

    def qos1(self):
        identifier = self.next_identifier()
        self.connection.client(packet(0x32, self.message(self.topic(), identifier)))
        self.connection.server(packet(0x40, identifier + self.code(0x10, 0x92) + b"\0"))
        return 2

    def qos2(self):
        identifier = self.next_identifier()
        self.connection.client(packet(0x34, self.message(self.topic(), identifier)))
        self.connection.server(packet(0x50, identifier))
        self.connection.client(packet(0x62, identifier + self.code(0x00, 0x91) + b"\0"))
        self.connection.server(packet(0x70, identifier))
        return 4

    def deliver(self):
        self.connection.server(packet(0x30, self.message(f"commands/{self.number}/set")))
        return 1

    def ping(self):
        self.connection.client(b"\xc0\x00").server(b"\xd0\x00")
        return 2

    def subscribe(self):
        identifier = self.next_identifier()
        self.connection.client(packet(0x82, identifier + b"\0" + utf8_string(f"status/{self.chance.randrange(20)}") + b"\x01"))
        self.connection.server(packet(0x90, identifier + b"\0" + self.code(0x01, 0x90)))
        identifier = self.next_identifier()
        self.connection.client(packet(0xA2, identifier + b"\0" + utf8_string("status/none")))
        self.connection.server(packet(0xB0, identifier + b"\0" + self.code(0x11, 0x97)))
        return 4


def write_mqtt(path, packets, faults=40, seed=11):
    """Writes about `packets` control packets (to the end of the exchange that reaches them); returns how many."""
    chance = random.Random(seed)
    capture = Capture()
    clients = [Client(capture.connection(number), number, chance, faults) for number in range(1, min(CONNECTIONS, max(1, packets // 50)) + 1)]
    written = sum(client.start() for client in clients)
    while written < packets:
        written += chance.choice(clients).exchange()
    capture.write_fast(path)
    return written


def write_other(path, frames, seed=12):
    """TCP segments of text on a port of no dissector, with their pure acknowledgments."""
    chance = random.Random(seed)
    capture = Capture()
    capture.port = 40123
    connections = [capture.connection(number) for number in range(1, 21)]
    while len(capture.frames) < frames:
        connection = chance.choice(connections)
        connection.client(b"x" * chance.randrange(20, 400))
        connection.server(b"")
    capture.write_fast(path)
    return len(capture.frames)


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in ("mqtt", "other"):
        sys.exit(__doc__)
    print({"mqtt": write_mqtt, "other": write_other}[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:])))
