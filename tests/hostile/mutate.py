"""Damaged captures, as pcap: frames are lost, repeated, late or cut, and bytes are changed; and captures of random bytes.
A seed always gives the same capture, except for randpkt, which takes no seed.
"""
import random
import struct
import subprocess

import made
import mqtt

HEADER = struct.Struct("<IIII")
TOKEN_RING_LLC = 22
MQTT_PORT = struct.pack(">H", 1883)
ETHERNET_IP_TCP = 54


class Pcap:
    """A pcap file in memory: its header, and records of (seconds, micros, length on the wire, bytes)."""

    def __init__(self, path):
        data = path.read_bytes()
        self.head, self.records, at = data[:24], [], 24
        while at + 16 <= len(data):
            seconds, micro, kept, length = HEADER.unpack_from(data, at)
            self.records.append((seconds, micro, length, data[at + 16:at + 16 + kept]))
            at += 16 + kept

    def write(self, path):
        path.write_bytes(self.head + b"".join(HEADER.pack(seconds, micro, len(data), length) + data for seconds, micro, length, data in self.records))


def lose(records, chance):
    return [record for record in records if chance.random() > 0.03]


def repeat(records, chance):
    """Twice-captured frames and late copies."""
    out = list(records)
    for record in chance.sample(records, len(records) // 25):
        out.insert(chance.randrange(len(out)) if chance.random() < 0.3 else min(len(out), out.index(record) + 1), record)
    return out


def reorder(records, chance):
    """Frames that change places with nearby ones, as on a path with several routes."""
    out = list(records)
    for _ in range(len(out) // 20):
        at = chance.randrange(len(out))
        other = min(len(out) - 1, at + chance.randrange(1, 6))
        out[at], out[other] = out[other], out[at]
    return out


def shuffle(records, chance):
    """No order at all."""
    out = list(records)
    chance.shuffle(out)
    return out


def cut(records, chance):
    """A snaplen that ends in the middle of packets."""
    kept = ETHERNET_IP_TCP + chance.choice([0, 1, 2, 3, 5, 8, 13, 21, 34])
    return [(seconds, micro, length, data[:kept] if chance.random() < 0.3 else data) for seconds, micro, length, data in records]


def clocks(records, chance):
    """Times that jump forwards and backwards, to the limits of the format."""
    return [(chance.choice([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]) if chance.random() < 0.02 else seconds, micro, length, data)
            for seconds, micro, length, data in records]


CHANGES = {"lost": lose, "repeated": repeat, "reordered": reorder, "shuffled": shuffle, "cut": cut, "clocks": clocks}


def mutate(source, target, seed):
    """Writes a damaged copy of the pcap `source`. Returns what was done, in words."""
    chance = random.Random(seed)
    pcap = Pcap(source)
    names = chance.sample(sorted(CHANGES), chance.choice([0, 0, 1, 1, 2]))
    for name in names:
        pcap.records = CHANGES[name](pcap.records, chance)
    pcap.write(target)
    # Wireshark's own way to damage a capture. Errors in the headers of other protocols mostly hide MQTT, so most runs spare them.
    errors = chance.choice([0.02, 0.02, 0.005, 0.001] if names else [0.02, 0.005, 0.001])
    spared = ETHERNET_IP_TCP if chance.random() < 0.75 else 0
    harmed = target.with_suffix(".harmed")
    subprocess.run(["editcap", "-F", "pcap", "--seed", str(seed), "-E", str(errors), "-o", str(spared), str(target), str(harmed)],
                   check=True, capture_output=True)
    harmed.rename(target)
    return " ".join([*names, f"errors {errors}", f"after {spared} bytes"])


def noise(target, seed):
    """Connections to the port of MQTT with a handshake and then random bytes, some after a correct CONNECT. Returns what it is, in words."""
    chance = random.Random(seed)
    capture = made.Capture(1000 + seed % 60000)
    for number in range(1, 6):
        connection = capture.connection(number)
        if chance.random() < 0.5:
            connection.client(mqtt.connect("meter-1"))
        for _ in range(chance.randrange(1, 12)):
            data = chance.randbytes(chance.choice([1, 2, 7, 60, 700]))
            if chance.random() < 0.5:  # a packet by its first byte and its length
                data = bytes([chance.randrange(256), min(len(data), 127)]) + data
            connection.send(chance.choice(["client", "server"]), data, lost=chance.random() < 0.05)
    capture.write_fast(target)
    return "noise"


def to_mqtt(data, chance):
    """A TCP segment of randpkt in Ethernet, half of the time to the port of MQTT."""
    data = bytes(12) + b"\x08\x00" + data[TOKEN_RING_LLC:]
    return data[:36] + MQTT_PORT + data[38:] if chance.random() < 0.5 else data


def randpkt(target, seed):
    """Wireshark's own generator of random packets; of TCP segments, half go to the port of MQTT. Returns what it is, in words."""
    chance = random.Random(seed)
    kind = chance.choice(["tcp", "tcp", "ip", "eth", "icmp"])
    subprocess.run(["randpkt", "-b", "600", "-c", "25", "-t", kind, target], check=True, capture_output=True)
    subprocess.run(["editcap", "-F", "pcap", target, target.with_suffix(".classic")], check=True, capture_output=True)
    pcap = Pcap(target.with_suffix(".classic"))
    if kind == "tcp":  # these come in Token Ring
        pcap.head = pcap.head[:20] + b"\1\0\0\0"
        pcap.records = [(seconds, micro, length, to_mqtt(data, chance)) for seconds, micro, length, data in pcap.records if len(data) > 80]
    pcap.write(target)
    return f"randpkt -t {kind}"
