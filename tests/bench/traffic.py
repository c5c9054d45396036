#!/usr/bin/python3
"""Seeded traffic for benchmarks.

    traffic.py mqtt OUT.pcap PACKETS [FAULTS_PER_THOUSAND]    conversations of MQTT 5 over 200 connections, one control packet a segment: all 15 packet
                                                              types, QoS 0 to 2 both ways, properties, aliases, enhanced authentication, and something
                                                              that the plugin has to find in one of a hundred packets (10 in a thousand)
    traffic.py short OUT.pcap CONNECTIONS                     connections, each of CONNECT, CONNACK, one PUBLISH, DISCONNECT and FIN: what a
                                                              connection costs that has nothing special
    traffic.py other OUT.pcap FRAMES                          no MQTT: TCP on a port that nobody dissects

The same arguments give the same bytes. `mqtt` writes to OUT.pcap.expected which rule is broken in which frame, and prints the number of packets.
"""
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import mqtt  # noqa: E402
from made import EPOCH, Capture, Connection  # noqa: E402
from mqtt import encode_property  # noqa: E402

CONNECTIONS = 200


def user_property(name, value):
    return encode_property("user_property", name, value)


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
    """One client and the server: each exchange returns the number of its control packets."""

    KINDS = {"qos0": 40, "qos1": 22, "qos2": 14, "deliver0": 6, "deliver1": 4, "deliver2": 2, "alias": 4, "ping": 4, "subscribe": 3.5, "authenticate": 0.5}

    def __init__(self, capture, number, chance, faults, expected):
        self.connection, self.number, self.chance, self.faults, self.expected = capture.connection(number), number, chance, faults / 1000, expected
        self.capture = capture
        self.identifier = self.server_identifier = 0
        self.authenticates = number % 10 == 0
        self.aliased = set()

    def next_identifier(self):
        self.identifier = self.identifier % 65535 + 1
        return self.identifier

    def next_server_identifier(self):
        self.server_identifier = self.server_identifier % 65535 + 1
        return self.server_identifier

    def client(self, packet):
        self.connection.client(packet)

    def server(self, packet, rule=None):
        """Sends a packet from the server, which breaks `rule` (None: no rule)."""
        self.connection.server(packet)
        if rule:
            self.expected.append((self.capture.count, rule))

    def acknowledge(self, build, identifier, right, wrong, **others):
        """An answer with the reason code `right`, or, if a fault is due, with one that the packet type must not have."""
        if self.chance.random() < self.faults:
            self.server(build(identifier, [wrong], **others), "reason_code_not_allowed")
        else:
            self.server(build(identifier, [right], **others))

    @staticmethod
    def authentication():
        """The properties of an enhanced authentication."""
        return encode_property("authentication_method", "TOKEN") + encode_property("authentication_data", bytes(range(32)))

    def start(self):
        authentication = self.authentication() if self.authenticates else b""
        limits = encode_property("receive_maximum", 100) + encode_property("topic_alias_maximum", 10)
        self.client(mqtt.connect(
            f"sensor-{self.number:04d}",
            properties=encode_property("session_expiry_interval", 3600) + limits + authentication + user_property("site", "plant"),
            will_topic=f"status/{self.number}", will_payload="offline", will_qos=1,
            will_properties=encode_property("will_delay_interval", 5) + encode_property("content_type", "text/plain")))
        packets = 4
        if self.authenticates:
            self.server(mqtt.auth([0x18], authentication))
            self.client(mqtt.auth([0x18], authentication))
            packets += 2
        method = encode_property("authentication_method", "TOKEN") if self.authenticates else b""
        self.server(mqtt.connack(properties=limits + method))
        self.client(mqtt.subscribe(self.next_identifier(), [(f"commands/{self.number}/#", 2)],
                                   properties=encode_property("subscription_identifier", 1)))
        self.server(mqtt.suback(self.identifier, [2]))
        return packets

    def exchange(self):
        kind = self.chance.choices(list(self.KINDS), list(self.KINDS.values()))[0]
        if kind == "authenticate" and not self.authenticates:
            kind = "ping"
        return getattr(self, kind)()

    def end(self):
        self.client(mqtt.disconnect())
        self.connection.close("client")
        return 1

    def payload(self):
        return f'{{"value":{self.chance.randrange(1000000)},"pad":"{"x" * self.chance.randrange(10, 150)}"}}'.encode()

    def message(self, topic, qos=0, identifier=None, more=b""):
        """A PUBLISH with some of five properties, after the properties `more`."""
        extra = [user_property("unit", "degrees"), encode_property("content_type", "x-plant/value"),
                 encode_property("message_expiry_interval", 3600),
                 encode_property("response_topic", f"answers/{self.number}") + encode_property("correlation_data", "0123456789abcdef")]
        properties = more + b"".join(extra[:self.chance.randrange(5)])
        return mqtt.publish(topic, self.payload(), qos, identifier, properties=properties)

    def topic(self):
        return f"plant/line{self.number % 7}/sensor{self.number}/value{self.chance.randrange(10)}"

    def qos0(self):
        self.client(self.message(self.topic()))
        return 1

    def alias(self):
        number = self.chance.randrange(1, 11)
        topic = "" if number in self.aliased else f"plant/aliased/{self.number}/{number}"
        self.client(self.message(topic, more=encode_property("topic_alias", number)))
        self.aliased.add(number)
        return 1

    def qos1(self):
        identifier = self.next_identifier()
        self.client(self.message(self.topic(), 1, identifier))
        self.acknowledge(mqtt.puback, identifier, 0x10, 0x92, properties=b"")
        return 2

    def qos2(self):
        identifier = self.next_identifier()
        self.client(self.message(self.topic(), 2, identifier))
        self.server(mqtt.pubrec(identifier))
        self.client(mqtt.pubrel(identifier))
        if self.chance.random() < self.faults:
            self.server(mqtt.pubcomp(identifier, [0x10], b""), "reason_code_not_allowed")
        else:
            self.server(mqtt.pubcomp(identifier))
        return 4

    def command(self, qos=0, identifier=None):
        """A message for the subscription, with its Subscription Identifier; a fault is Topic Alias 0."""
        wrong = self.chance.random() < self.faults
        more = encode_property("subscription_identifier", 1) + (encode_property("topic_alias", 0) if wrong else b"")
        self.server(self.message(f"commands/{self.number}/set", qos, identifier, more), "property_value" if wrong else None)

    def deliver0(self):
        self.command()
        return 1

    def deliver1(self):
        identifier = self.next_server_identifier()
        self.command(1, identifier)
        self.client(mqtt.puback(identifier))
        return 2

    def deliver2(self):
        identifier = self.next_server_identifier()
        self.command(2, identifier)
        self.client(mqtt.pubrec(identifier))
        self.server(mqtt.pubrel(identifier))
        self.client(mqtt.pubcomp(identifier))
        return 4

    def ping(self):
        self.client(mqtt.pingreq())
        self.server(mqtt.pingresp())
        return 2

    def subscribe(self):
        identifier = self.next_identifier()
        self.client(mqtt.subscribe(identifier, [(f"status/{self.chance.randrange(20)}", 1)]))
        self.acknowledge(mqtt.suback, identifier, 0x01, 0x90)
        identifier = self.next_identifier()
        self.client(mqtt.unsubscribe(identifier, [("status/none", 0)]))
        self.acknowledge(mqtt.unsuback, identifier, 0x11, 0x97)
        return 4

    def authenticate(self):
        self.client(mqtt.auth([0x19], self.authentication()))
        self.server(mqtt.auth([0x00], self.authentication()))
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


def write_short(path, connections, qos=0):
    """Connections that do one thing each; returns the number of frames. 50 are open at a time."""
    capture, open_ones = Stream(path), []
    for number in range(connections):
        capture.network = number // 10000
        connection = Connection(capture, number % 10000 + 1, 1883, True)
        connection.client(mqtt.connect(f"sensor-{number:06d}", keep_alive=60)).server(mqtt.connack())
        connection.client(mqtt.publish(f"plant/sensor{number}/value", b"21.5", qos, 1 if qos else None))
        if qos:
            connection.server(mqtt.puback(1))
        open_ones.append(connection)
        if len(open_ones) == 50:
            close_short(open_ones)
    close_short(open_ones)
    return capture.close()


def close_short(connections):
    for connection in connections:
        connection.client(mqtt.disconnect()).close("client").close("server")
    connections.clear()


def write_other(path, frames, seed=12):
    """TCP segments of text in both directions, on a port without a dissector."""
    chance = random.Random(seed)
    capture = Stream(path)
    capture.port = 40123
    connections = [capture.connection(number) for number in range(1, 21)]
    while capture.count < frames:
        connection = chance.choice(connections)
        connection.client(b"x" * chance.randrange(20, 400))
        connection.server(b"ok")
    return capture.close()


WRITERS = {"mqtt": write_mqtt, "short": write_short, "other": write_other}

if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in WRITERS:
        sys.exit(__doc__)
    print(WRITERS[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:])))
