#!/usr/bin/python3
"""Traffic that is legal and hostile: each kind at a size and at twice the size, with and without the plugin.

    hostile.py [--plugins FOLDER] [--factor F] [-o NAME:VALUE] [NAME...]    all kinds, or those named; F scales the sizes (1: those of the list
                                                                            below); with this preference of the plugin, like mqtt5.journey_memory:64

Prints one line for each kind: CPU time with and without the plugin, at the size and at twice the size; the factor by which the plugin's share grows (2 is linear);
and the peak of memory. FOLDER is a folder for WIRESHARK_PLUGIN_DIR; default: build/plugins.
"""
import argparse
import multiprocessing
import os
import pathlib
import random
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent)]

import measure  # noqa: E402
import mqtt  # noqa: E402
from made import Connection  # noqa: E402
from mqtt import encode_property  # noqa: E402
from traffic import Stream, user_property  # noqa: E402


def identifier(number):
    return number % 65535 + 1


def alias(number):
    return encode_property("topic_alias", identifier(number))


def connect(connection, name="client", aliases=0):
    """CONNECT and CONNACK; both sides take `aliases` Topic Aliases."""
    maximum = encode_property("topic_alias_maximum", aliases) if aliases else b""
    connection.client(mqtt.connect(name, keep_alive=0, properties=maximum))
    connection.server(mqtt.connack(properties=maximum))


def ping(connection):
    """Both sides send something, and acknowledge: for each segment, Wireshark's TCP searches everything that is not acknowledged."""
    connection.client(mqtt.pingreq()).server(mqtt.pingresp())


def in_segments(send, packets):
    """Many packets in each segment, as large as it can be."""
    block = bytearray()
    for one in packets:
        if block and len(block) + len(one) > 65000:
            send(bytes(block))
            block.clear()
        block += one
    if block:
        send(bytes(block))


def in_flight(capture, size):
    """`size` messages of QoS 2 open at a time (65,535 identifiers at most), by identifier in random order, then all answered."""
    connection = capture.connection(1)
    connect(connection)
    order = list(range(min(size, 65535)))
    random.Random(1).shuffle(order)
    in_segments(connection.client, (mqtt.publish("t", "x", 2, identifier(n)) for n in order))
    in_segments(connection.server, (mqtt.pubrec(identifier(n)) for n in order))
    in_segments(connection.client, (mqtt.pubrel(identifier(n)) for n in order))
    in_segments(connection.server, (mqtt.pubcomp(identifier(n)) for n in order))


def aliases(capture, size):
    """`size` Topic Aliases (65,535 at most) for topics of 1 kB, each then used twice without its topic."""
    connection = capture.connection(1)
    connect(connection, aliases=65535)
    count = min(size, 65535)
    in_segments(connection.client, (mqtt.publish(f"{n:05d}" + "/abc" * 250, "x", properties=alias(n)) for n in range(count)))
    for _ in range(2):
        in_segments(connection.client, (mqtt.publish("", "x", properties=alias(n)) for n in range(count)))


def long_aliases(capture, size):
    """`size` Topic Aliases for topics of 65,535 bytes."""
    connection = capture.connection(1)
    connect(connection, aliases=65535)
    for n in range(size):
        if n % 100 == 0:
            ping(connection)
        connection.client(mqtt.publish((f"{n:05d}" + "/abcdefghi" * 6553)[:65535], "x", properties=alias(n)))


def filters(capture, size):
    """A SUBSCRIBE of `size` Topic Filters, half of them with a wildcard, its SUBACK, and 1,000 messages for them."""
    connection = capture.connection(1)
    connect(connection)
    connection.client(mqtt.subscribe(1, [(f"a/{n}/+" if n % 2 else f"b/{n}", 0) for n in range(size)]))
    connection.server(mqtt.suback(1, bytes(size)))
    in_segments(connection.server, (mqtt.publish(f"b/{2 * n}" if n % 2 else f"a/{2 * n + 1}/x", "x") for n in range(1000)))


def user_properties(capture, size):
    """`size` User Properties in each of two PUBLISH."""
    connection = capture.connection(1)
    connect(connection)
    block = b"".join(user_property(f"name{n}", "value") for n in range(size))
    for _ in range(2):
        connection.client(mqtt.publish("t", "x", properties=block))


def large(capture, size):
    """A PUBLISH of `size` bytes, over segments of 65,495 bytes."""
    connection = capture.connection(1)
    connect(connection)
    connection.client(mqtt.publish("t", bytes(range(256)) * (size // 256)))


def full_frames(capture, size):
    """`size` requests of QoS 1 in segments of some 8,000 each, and their answers in as few."""
    connection = capture.connection(1)
    connect(connection)
    for start in range(0, size, 60000):
        numbers = range(start, min(size, start + 60000))
        in_segments(connection.client, (mqtt.publish("t", qos=1, id=identifier(n)) for n in numbers))
        in_segments(connection.server, (mqtt.puback(identifier(n)) for n in numbers))


def pings(capture, size):
    """`size` PINGREQ and PINGRESP, 30,000 a frame."""
    connection = capture.connection(1)
    connect(connection)
    for _ in range(size // 30000 + 1):
        connection.client(mqtt.pingreq() * 30000).server(mqtt.pingresp() * 30000)


def connections(capture, size):
    """`size` connections of one client each, with a Will and a subscription, on 100 server addresses."""
    for n in range(size):
        capture.network, number = n // 10000, n % 10000 + 1
        connection = Connection(capture, number, 1883, True)
        connection.client(mqtt.connect(f"client{n}", keep_alive=0, will_topic=f"will/{n}", will_payload="gone")).server(mqtt.connack())
        connection.client(mqtt.subscribe(1, [(f"own/{n}", 0)])).server(mqtt.suback(1, [0]))
        connection.client(mqtt.publish(f"will/{n // 2}", "x"))


def findings(capture, size):
    """`size` packets with a finding each, one a frame."""
    connection = capture.connection(1)
    connect(connection)
    for n in range(size):
        if n % 100 == 0:
            ping(connection)
        connection.server(mqtt.publish("t", "x", properties=encode_property("topic_alias", 0)))


def dense_findings(capture, size):
    """`size` packets with findings, thousands a frame: PUBACK that nobody asked for, with a code that it may not have."""
    connection = capture.connection(1)
    connect(connection)
    in_segments(connection.server, (mqtt.puback(identifier(n), [0x92]) for n in range(size)))


def deep_topics(capture, size):
    """100 filters of many levels, with + and #, against messages whose topics have 30,000 levels that match up to the last."""
    connection = capture.connection(1)
    connect(connection)
    levels = 30000
    for n in range(100):
        deep = "/".join(["+" if (level + n) % 3 else "a" for level in range(levels)])
        connection.client(mqtt.subscribe(identifier(n), [(deep + ("/#" if n % 2 else "/+/b"), 0)]))
        connection.server(mqtt.suback(identifier(n), [0]))
    for n in range(size):
        connection.server(mqtt.publish("/".join(["a"] * levels) + f"/{n}", "x"))


def many_wildcards(capture, size):
    """`size` filters with wildcards of one client, and 1,000 messages that each may match all of them."""
    connection = capture.connection(1)
    connect(connection)
    in_segments(connection.client, (mqtt.subscribe(identifier(n), [(f"+/{n}/#", 0)]) for n in range(size)))
    in_segments(connection.server, (mqtt.suback(identifier(n), [0]) for n in range(size)))
    for n in range(1000):
        connection.server(mqtt.publish(f"a/{n}/c", "x"))


def retained(capture, size):
    """`size` topics with a retained message, published by one client and delivered to another, which has subscribed with #."""
    one, other = capture.connection(1), capture.connection(2)
    connect(one, "one")
    connect(other, "other")
    other.client(mqtt.subscribe(1, [("#", 0)])).server(mqtt.suback(1, [0]))
    for n in range(size):
        topic, payload = f"retained/{n}", f"payload of some length {n}"
        one.client(mqtt.publish(topic, payload, 1, identifier(n), retain=True))
        one.server(mqtt.puback(identifier(n), [0x97], b"") if n % 2 else mqtt.puback(identifier(n)))
        other.server(mqtt.publish(topic, payload, retain=True))
        if n % 100 == 0:
            ping(other)


def same_message(capture, size):
    """`size` messages with one topic and payload, each delivered to a subscriber."""
    one, other = capture.connection(1), capture.connection(2)
    connect(one, "one")
    connect(other, "other")
    other.client(mqtt.subscribe(1, [("t", 0)])).server(mqtt.suback(1, [0]))
    for n in range(0, size, 1000):
        in_segments(one.client, (mqtt.publish("t", "x") for _ in range(1000)))
        in_segments(other.server, (mqtt.publish("t", "x") for _ in range(1000)))


def audience(capture, filters):
    """A publisher, and a client for each filter that subscribes to it."""
    publisher, subscribers = capture.connection(1), [capture.connection(2 + n) for n in range(len(filters))]
    connect(publisher, "publisher")
    for n, (subscriber, text) in enumerate(zip(subscribers, filters)):
        connect(subscriber, f"subscriber {n}")
        subscriber.client(mqtt.subscribe(1, [(text, 0)])).server(mqtt.suback(1, [0]))
    return publisher, subscribers


def to_one_of_100(capture, size):
    """`size` messages, and a copy of each to one of 100 subscribers: 100 messages in a frame, then their copies in one frame each."""
    publisher, subscribers = audience(capture, [f"meters/{n}" for n in range(100)])
    for first in range(0, size, 100):
        packets = [mqtt.publish(f"meters/{n}", f"{first + n} kWh") for n in range(100)]
        in_segments(publisher.client, packets)
        ping(publisher)
        for subscriber, packet in zip(subscribers, packets):
            subscriber.server(packet)
            if first % 1000 == 0:
                ping(subscriber)


def to_100(capture, size):
    """`size` copies: 100 messages in a frame, then their copies to each of 100 subscribers, in one frame to each."""
    publisher, subscribers = audience(capture, ["meters/#"] * 100)
    for first in range(0, size // 100, 100):
        packets = [mqtt.publish(f"meters/{n}", f"{first + n} kWh") for n in range(100)]
        in_segments(publisher.client, packets)
        ping(publisher)
        for subscriber in subscribers:
            in_segments(subscriber.server, packets)
            if first % 1000 == 0:
                ping(subscriber)


def many_retained(capture, size):
    """`size` retained messages of as many topics, and one subscription for all of them."""
    one, other = capture.connection(1), capture.connection(2)
    connect(one, "one")
    connect(other, "other")
    in_segments(one.client, (mqtt.publish(f"retained/{n}", f"payload {n}", retain=True) for n in range(size)))
    other.client(mqtt.subscribe(1, [("#", 0)])).server(mqtt.suback(1, [0]))
    in_segments(other.server, (mqtt.publish(f"retained/{n}", f"payload {n}", retain=True) for n in range(size)))


def silent_responders(capture, size):
    """`size` requests with a Response Topic and Correlation Data of their own, which nobody answers."""
    connection = capture.connection(1)
    connect(connection)
    connection.client(mqtt.subscribe(1, [("answers/#", 0)])).server(mqtt.suback(1, [0]))
    in_segments(connection.client, (mqtt.publish("requests", "x", properties=encode_property("response_topic", f"answers/{n}")
                                                 + encode_property("correlation_data", f"{n:08d}")) for n in range(size)))


def half_sent(capture, size):
    """`size` connections, each with half a PUBLISH, which stay open."""
    for n in range(size):
        capture.network, number = n // 10000, n % 10000 + 1
        connection = Connection(capture, number, 1883, True)
        connection.client(mqtt.connect(f"client{n}", keep_alive=0)).server(mqtt.connack())
        connection.client(mqtt.publish(f"half/{n}", b"x" * 40)[:30])


def random_bytes(capture, size):
    """`size` segments of random bytes in 100 connections to a port without a dissector: is one of them MQTT?"""
    chance = random.Random(2)
    capture.port = 40123
    for n in range(size):
        connection = capture.connection(n % 100 + 1)
        connection.client(bytes([0x10]) + chance.randbytes(chance.randrange(20, 200)) if n % 2 else chance.randbytes(100)).server(b"ok")


KINDS = {  # the smaller of the two sizes
    in_flight: 32767, aliases: 32767, long_aliases: 32767, filters: 50000, user_properties: 50000, large: 134000000, full_frames: 120000, pings: 300000,
    connections: 50000, findings: 500000, dense_findings: 500000, deep_topics: 200, many_wildcards: 10000, retained: 20000,
    same_message: 500000, many_retained: 500000, silent_responders: 500000, half_sent: 50000, random_bytes: 50000,
    to_one_of_100: 500000, to_100: 1000000,
}


def write(kind, path, size):
    capture = Stream(path)
    kind(capture, size)
    capture.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", default="build/plugins")
    parser.add_argument("--factor", type=float, default=1)
    parser.add_argument("-o", dest="preference")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        bench = measure.Bench(options.plugins, folder)
        print(f"{'kind':16} {'size':>10} {'stock s':>8} {'with s':>8} {'2 x: stock':>10} {'with':>8} {'growth':>7} {'MB stock':>9} {'with':>7}")
        for kind, size in KINDS.items():
            if options.names and kind.__name__ not in options.names:
                continue
            size = int(size * options.factor)
            rows = []
            for times in (1, 2):
                path = f"{folder}/{kind.__name__}.pcap"
                # In a separate process, because a child's peak of memory starts with that of its parent.
                writer = multiprocessing.Process(target=write, args=(kind, path, size * times))
                writer.start()
                writer.join()
                rows.append([bench.once(plugin, "-r", path, *(["-o", options.preference] if plugin and options.preference else [])) for plugin in (False, True)])
                os.unlink(path)
            (stock, ours), (stock2, ours2) = rows
            growth = (ours2.cpu - stock2.cpu) / max(ours.cpu - stock.cpu, 0.01)
            print(f"{kind.__name__:16} {size:10} {stock.cpu:8.2f} {ours.cpu:8.2f} {stock2.cpu:10.2f} {ours2.cpu:8.2f} {growth:7.2f} "
                  f"{stock2.memory / 1e6:9.0f} {ours2.memory / 1e6:7.0f}", flush=True)


if __name__ == "__main__":
    main()
