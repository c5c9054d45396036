#!/usr/bin/python3
"""Bulk traffic on one connection: 60,000 PUBLISH of 200 to 500 bytes in segments of 1,460 bytes, as a busy publisher sends them.

    bulk.py OUT.pcap [PACKETS]

Nearly every segment starts and ends within a control packet, and about one in a hundred ends within a Remaining Length.
"""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import mqtt  # noqa: E402
from made import Capture  # noqa: E402

PACKETS = 60000
SEGMENT = 1460


def publish(length, number):
    """A PUBLISH of `length` bytes after the fixed header, QoS 0, no properties."""
    topic = f"plant/line{number % 7}/sensor{number % 100}"
    filler = f'{{"n":{number},"value":{number * 37 % 1000 / 10}}} '
    return mqtt.publish(topic, (filler * (length // len(filler) + 1))[:length - len(topic) - 3])


def stream(packets, seed=5):
    chance = random.Random(seed)
    return [publish(chance.randint(200, 500), number) for number in range(packets)]


def write(path, packets=PACKETS, segment=SEGMENT):
    """Writes the capture; returns the number of PUBLISH in it."""
    capture = Capture()
    connection = capture.connection()
    connection.client(mqtt.connect("bulk")).server(mqtt.connack())
    data = b"".join(stream(packets))
    for at in range(0, len(data), segment):
        connection.client(data[at:at + segment])
    connection.close("client")
    capture.write_fast(path)
    return packets


if __name__ == "__main__":
    write(sys.argv[1], *map(int, sys.argv[2:]))
