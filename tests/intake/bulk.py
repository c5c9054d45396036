#!/usr/bin/python3
"""Bulk traffic on one connection: 60,000 PUBLISH of 200 to 500 bytes in segments of 1,460 bytes, as a busy publisher sends them.

    bulk.py OUT.pcap [PACKETS]

Nearly every segment starts and ends within a control packet, and about one in a hundred ends within a Remaining Length.
"""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from made import Capture, utf8_string, variable_byte_integer  # noqa: E402

PACKETS = 60000
SEGMENT = 1460
CONNECT = bytes.fromhex("10 11 00 04") + b"MQTT" + bytes.fromhex("05 02 00 3c 00 00 04") + b"bulk"
CONNACK = bytes.fromhex("20 03 00 00 00")


def publish(length, number):
    """A PUBLISH of `length` bytes after the fixed header, QoS 0, no properties."""
    body = utf8_string(f"plant/line{number % 7}/sensor{number % 100}") + b"\0"
    filler = f'{{"n":{number},"value":{number * 37 % 1000 / 10}}} '.encode()
    body += (filler * (length // len(filler) + 1))[:length - len(body)]
    return b"\x30" + variable_byte_integer(len(body)) + body


def stream(packets, seed=5):
    chance = random.Random(seed)
    return [publish(chance.randint(200, 500), number) for number in range(packets)]


def write(path, packets=PACKETS, segment=SEGMENT):
    """Writes the capture; returns the number of PUBLISH in it."""
    capture = Capture()
    connection = capture.connection()
    connection.client(CONNECT).server(CONNACK)
    data = b"".join(stream(packets))
    for at in range(0, len(data), segment):
        connection.client(data[at:at + segment])
    connection.close("client")
    capture.write_fast(path)
    return packets


if __name__ == "__main__":
    write(sys.argv[1], *map(int, sys.argv[2:]))
