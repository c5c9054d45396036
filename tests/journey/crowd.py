"""50 publishers and 50 subscribers of a server, each with a connection of its own (paho-mqtt), and the logs that they write.

Each message has a serial number in its payload, so that the logs say which copy is of which message. capture.py takes most of them out of the capture.
"""
import collections
import json
import multiprocessing
import random
import threading
import time

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

SITES, ROOMS = 4, 5
TOPICS = [f"site/{site}/{room}/{what}" for site in range(SITES) for room in range(ROOMS) for what in ("temp", "lamp")]
QUIET = 5  # seconds without a message, after which all has come
PATIENCE = 60

Server = collections.namedtuple("Server", "port domain")
Publisher = collections.namedtuple("Publisher", "name v5 topics")
Subscriber = collections.namedtuple("Subscriber", "name v5 filters late")  # filters: (filter, QoS) of each
Message = collections.namedtuple("Message", "at topic payload qos retain traced")


def client(name, v5):
    version = {"protocol": paho.MQTTv5 if v5 else paho.MQTTv311}
    if hasattr(paho, "CallbackAPIVersion"):  # paho 2
        version["callback_api_version"] = paho.CallbackAPIVersion.VERSION1
    return paho.Client(client_id=name, **version)


def publishers(chance, v5):
    """Each publishes to three topics, so each topic has several publishers."""
    return [Publisher(f"pub{n:02}", v5 and n % 2 == 1, chance.sample(TOPICS, 3)) for n in range(50)]


def subscribers(chance, v5, shared):
    """One topic or several, wildcards, two that overlap, a share of a crew's messages, all; some come when half is published."""
    def qos():
        return chance.randrange(3)

    def filters(n):
        site, room = n % SITES, n % ROOMS
        if n < 10:
            return [(topic, qos()) for topic in chance.sample(TOPICS, 2)]
        if n < 20:
            return [(f"site/{site}/+/temp", qos())]
        if n < 30:
            return [(f"site/{site}/{room}/#", qos()), (f"site/+/{room}/lamp", qos())]
        if n < 40 and shared:
            return [(f"$share/crew{n % 2}/site/{site}/+/temp", qos())]
        if n < 48:
            return [(f"site/+/{room}/+", qos())]
        return [("site/#", qos())]
    return [Subscriber(f"sub{n:02}", v5 and n % 2 == 1, filters(n), n % 10 == 9) for n in range(50)]


def messages(chance, publisher, serials, each, seconds):
    """What a publisher sends, and when. 30 % say on or off, 30 % have one of twenty values, and both are without a serial number in the capture; 20 % are
    short and have one; 20 % are long."""
    for at in sorted(chance.uniform(0, seconds) for _ in range(each)):
        serial, kind = next(serials), chance.random()
        if kind < 0.3:
            payload = f"{chance.choice(['on', 'off'])}~{serial:07}"
        elif kind < 0.6:
            payload = f"{20 + chance.randrange(20) / 10}~{serial:07}"
        elif kind < 0.8:
            payload = f"{chance.choice(['on', 'off'])}!{serial:07}"
        else:
            payload = json.dumps({"value": chance.randrange(100), "serial": f"!{serial:07}", "unit": "degree"})
        yield Message(at, chance.choice(publisher.topics), payload, chance.choices([0, 1, 2], [40, 35, 25])[0], chance.random() < 0.03, chance.random() < 0.1)


class Log:
    """Lines with a time first, from many threads."""

    def __init__(self, path):
        self.file, self.lock, self.last = open(path, "w", encoding="utf-8"), threading.Lock(), time.monotonic()

    def write(self, *values):
        with self.lock:
            self.last = time.monotonic()
            print(f"{time.time():.6f}", *values, sep="\t", file=self.file)


def connected(server, one, on_message=None):
    made, ready = client(one.name, one.v5), threading.Event()
    made.on_connect = lambda _client, _data, _flags, reason, *_properties: reason == 0 and ready.set()
    made.on_message = on_message
    made.max_inflight_messages_set(20)
    if server.domain:
        made.username_pw_set(one.name + server.domain, "any")
    made.connect("127.0.0.1", server.port, 120)
    made.loop_start()
    if not ready.wait(PATIENCE):
        raise RuntimeError(f"{one.name}: not connected")
    return made


def subscribe(server, one, log):
    """Connects and subscribes; returns when all is granted."""
    def note(_client, _data, message):
        log.write(one.name, message.topic, message.qos, int(message.retain), int(message.dup), message.payload.decode())
    made, granted = connected(server, one, note), threading.Semaphore(0)
    made.on_subscribe = lambda *_values: granted.release()
    for text, qos in one.filters:
        made.subscribe(text, qos)
        if not granted.acquire(timeout=PATIENCE):
            raise RuntimeError(f"{one.name}: no SUBACK")
    return made


def listen(server, everybody, path, pipe, half):
    """The process of the subscribers."""
    log = Log(path)
    clients = [subscribe(server, one, log) for one in everybody if not one.late]
    pipe.send("ready")
    pipe.poll(half)
    clients += [subscribe(server, one, log) for one in everybody if one.late]
    pipe.recv()
    while time.monotonic() - log.last < QUIET:
        time.sleep(0.2)
    for one in clients:
        one.disconnect()
    time.sleep(1)
    for one in clients:
        one.loop_stop()
    log.file.close()
    pipe.send("done")


def speak(server, plans, path, pipe):
    """The process of the publishers."""
    log = Log(path)
    clients = {one.name: connected(server, one) for one, _messages in plans}
    plan = sorted(((message.at, one, message) for one, sent in plans for message in sent), key=lambda each: each[0])
    start, last = time.monotonic(), []
    for at, one, message in plan:
        time.sleep(max(0, start + at - time.monotonic()))
        properties = None
        if one.v5 and message.traced:
            properties = Properties(PacketTypes.PUBLISH)
            properties.UserProperty = [("traceparent", f"00-{random.randbytes(16).hex()}-{random.randbytes(8).hex()}-01")]
        log.write(one.name, message.topic, message.qos, int(message.retain), message.payload)
        last.append(clients[one.name].publish(message.topic, message.payload, message.qos, message.retain, **({"properties": properties} if one.v5 else {})))
    for sent in last:
        sent.wait_for_publish(PATIENCE)
    for one in clients.values():
        one.disconnect()
    time.sleep(1)
    for one in clients.values():
        one.loop_stop()
    log.file.close()
    pipe.send("done")


def run(broker, folder, count, rate, seed):
    """Lets all of them talk. Their logs: published.tsv (time, client, topic, QoS, RETAIN, payload), received.tsv (the same, with DUP before the payload)."""
    server = Server(broker.port, broker.domain)
    chance, serials = random.Random(seed), iter(range(1, count + 1))
    seconds = count / rate
    plans = [(one, list(messages(chance, one, serials, count // 50, seconds))) for one in publishers(chance, broker.v5)]
    hear = subscribers(chance, broker.v5, broker.shared)
    (ours1, theirs1), (ours2, theirs2) = multiprocessing.Pipe(), multiprocessing.Pipe()
    listening = multiprocessing.Process(target=listen, args=(server, hear, folder / "received.tsv", theirs1, seconds / 2))
    speaking = multiprocessing.Process(target=speak, args=(server, plans, folder / "published.tsv", theirs2))
    try:
        listening.start()
        expect(ours1, listening, PATIENCE)
        speaking.start()
        expect(ours2, speaking, seconds + 5 * PATIENCE)
        ours1.send("over")
        expect(ours1, listening, 5 * PATIENCE)
    finally:
        for process in (listening, speaking):
            if process.pid:
                process.join(10)
                if process.is_alive():
                    process.kill()


def expect(pipe, process, seconds):
    """Waits for a word from the process."""
    end = time.monotonic() + seconds
    while not pipe.poll(1):
        if time.monotonic() > end or not process.is_alive():
            raise RuntimeError(f"the clients did not come to their end (exit code {process.exitcode})")
    pipe.recv()
