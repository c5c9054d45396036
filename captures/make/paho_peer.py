"""A client on Paho Python 1.x: paho_peer.py ROLE [ARGUMENT...].

Each role is one function below; the scenes say which one they want. The
environment tells which broker: BROKER is its address, BROKER_USER the user name
that it insists on, MAX_QOS what it can do, NO_MQTT31 that it knows no MQTT 3.1.
"""
import os
import queue
import sys
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCodes
from paho.mqtt.subscribeoptions import SubscribeOptions

HOST = os.environ.get("BROKER", "127.0.0.1")
USER = os.environ.get("BROKER_USER")
ALL_QOS = range(int(os.environ.get("MAX_QOS", 2)) + 1)
PATIENCE = 10


def properties(packet_type, **values):
    made = Properties(packet_type)
    for name, value in values.items():
        setattr(made, name, value)
    return made


class Peer:
    """Paho's client with calls that return when the broker has answered."""

    def __init__(self, client_id, version=mqtt.MQTTv5, transport="tcp", clean_session=None):
        self.client = mqtt.Client(client_id, clean_session, protocol=version, transport=transport,
                                  reconnect_on_failure=False)
        if USER:
            self.client.username_pw_set(USER, "any")
        self.version = version
        self.answers = queue.Queue()
        self.messages = queue.Queue()
        self.client.on_connect = lambda *said: self.answers.put(said[2:])
        self.client.on_subscribe = lambda *said: self.answers.put(said[2:])
        self.client.on_unsubscribe = lambda *said: self.answers.put(said[2:])
        self.client.on_message = lambda client, data, message: self.messages.put(message)
        self.gone = queue.Queue()
        self.client.on_disconnect = lambda *said: self.gone.put(said[2:])

    def connect(self, port=1883, keepalive=60, clean_start=True, **values):
        if self.version == mqtt.MQTTv5:
            self.client.connect(HOST, port, keepalive, clean_start=clean_start,
                                properties=properties(PacketTypes.CONNECT, **values) if values else None)
        else:
            self.client.connect(HOST, port, keepalive)
        self.client.loop_start()
        return self.answers.get(timeout=PATIENCE)

    def subscribe(self, *args, **kwargs):
        self.client.subscribe(*args, **kwargs)
        return self.answers.get(timeout=PATIENCE)

    def unsubscribe(self, *args, **kwargs):
        self.client.unsubscribe(*args, **kwargs)
        return self.answers.get(timeout=PATIENCE)

    def publish(self, topic, payload, qos=0, retain=False, **values):
        info = self.client.publish(topic, payload, qos, retain,
                                   properties(PacketTypes.PUBLISH, **values) if values else None)
        info.wait_for_publish(PATIENCE)

    def receive(self, count=1):
        return [self.messages.get(timeout=PATIENCE) for _ in range(count)]

    def disconnect(self, reason=None, **values):
        if self.version == mqtt.MQTTv5 and (reason or values):
            code = ReasonCodes(PacketTypes.DISCONNECT, reason or "Normal disconnection")
            made = properties(PacketTypes.DISCONNECT, **values) if values else None
            self.client.disconnect(code, made)
        else:
            self.client.disconnect()
        self.wait_gone()

    def wait_gone(self):
        self.gone.get(timeout=PATIENCE)
        self.client.loop_stop()


def tour():
    """A bit of everything, as MQTT 5, 3.1.1 and 3.1."""
    peer = Peer("paho-python-v5")
    peer.client.will_set("demo/paho-python/will", "unused", 1, False,
                         properties(PacketTypes.WILLMESSAGE, WillDelayInterval=5, ContentType="text/plain"))
    peer.connect(SessionExpiryInterval=30, ReceiveMaximum=20, MaximumPacketSize=100_000, TopicAliasMaximum=4,
                 RequestResponseInformation=1, RequestProblemInformation=1, UserProperty=("peer", "Paho Python"))
    peer.subscribe([("demo/paho-python/+", SubscribeOptions(qos=ALL_QOS[-1], retainAsPublished=True)),
                    ("demo/other/#", SubscribeOptions(qos=1, noLocal=True)),
                    ("demo/third", SubscribeOptions(qos=0, retainHandling=2))],
                   properties=properties(PacketTypes.SUBSCRIBE, UserProperty=("why", "the tour")))
    for qos in ALL_QOS:
        peer.publish("demo/paho-python/message", f"QoS {qos}", qos, ContentType="text/plain",
                     PayloadFormatIndicator=1, MessageExpiryInterval=60, ResponseTopic="demo/paho-python/answer",
                     CorrelationData=b"\x00\x01\x02", UserProperty=("number", str(qos)))
    peer.receive(len(ALL_QOS))
    peer.unsubscribe(["demo/third", "demo/never"])
    peer.disconnect("Normal disconnection", SessionExpiryInterval=0, ReasonString="the tour is over")

    older = [(mqtt.MQTTv311, "paho-python-v311"), (mqtt.MQTTv31, "paho-python-v31")]
    for version, name in older[:1] if "NO_MQTT31" in os.environ else older:
        peer = Peer(name, version)
        peer.client.will_set("demo/paho-python/will", "unused", 1)
        peer.connect()
        peer.subscribe([("demo/paho-python/+", ALL_QOS[-1]), ("demo/other/#", 1)])
        for qos in ALL_QOS:
            peer.publish("demo/paho-python/message", f"QoS {qos}", qos)
        peer.receive(len(ALL_QOS))
        peer.unsubscribe(["demo/other/#"])
        peer.disconnect()


def websocket():
    """MQTT 5 over WebSocket, with one message that needs a long WebSocket header."""
    peer = Peer("paho-python-ws", transport="websockets")
    peer.client.ws_set_options(path="/mqtt")
    peer.connect(port=8080)
    peer.subscribe("demo/websocket/#", options=SubscribeOptions(qos=2))
    for qos in (0, 1, 2):
        peer.publish("demo/websocket/python", f"QoS {qos} over WebSocket", qos)
    peer.publish("demo/websocket/python", "long " * 400, 1)
    peer.receive(4)
    peer.disconnect()


def last_will():
    """The broker publishes the Will: the client leaves with reason code 0x04."""
    peer = Peer("leaves-with-will")
    peer.client.will_set("demo/will/asked", "published because of 0x04", 1)
    peer.connect()
    peer.disconnect("Disconnect with will message")
    peer = Peer("leaves-without-will")
    peer.client.will_set("demo/will/discarded", "never published", 1)
    peer.connect()
    peer.disconnect()


def too_large():
    """Payloads at and above the broker's limit; Paho Python does not mind the limit."""
    peer = Peer("large-v5")
    peer.connect()
    topic = "demo/large"
    head = 2 + len(topic) + 2 + 1
    peer.publish(topic, "x" * (1000 - 3 - head), 1)
    peer.client.publish(topic, "x" * 1500, 1)
    peer.wait_gone()
    peer = Peer("large-v311", mqtt.MQTTv311)
    peer.connect()
    peer.client.publish(topic, "x" * 1500, 1)
    peer.wait_gone()


def retained():
    """Asks for a retained message in all the ways that there are."""
    peer = Peer("retain-options")
    peer.connect()
    for options in ({"retainHandling": 0}, {"retainHandling": 1}, {"retainHandling": 2},
                    {"retainHandling": 0, "retainAsPublished": True}):
        peer.subscribe("demo/retained", options=SubscribeOptions(qos=1, **options))
        time.sleep(0.2)
    peer.publish("demo/retained", "kept instead", 1, retain=True)
    time.sleep(0.2)
    peer.disconnect()


def idle(client_id, version, keepalive, seconds):
    """Connected, and nothing but the pings."""
    peer = Peer(client_id, int(version))
    peer.connect(keepalive=int(keepalive))
    print("connected", flush=True)
    time.sleep(float(seconds))
    peer.disconnect()


def unwelcome(client_id, port):
    """Without TLS, to a listener that closes the connection instead of a CONNACK."""
    peer = Peer(client_id)
    peer.client.connect(HOST, int(port))
    peer.client.loop_start()
    peer.gone.get(timeout=PATIENCE)


def dies_receiving(client_id, topic, count):
    """Subscribes with a lasting session and is gone while the COUNTth message on TOPIC is
    being delivered: if it has QoS 1 without PUBACK, if it has QoS 2 without PUBCOMP."""
    peer = Peer(client_id)
    left = int(count)

    def on_message(client, data, message):
        nonlocal left
        left -= message.topic == topic
        if left == 0:
            os._exit(0)

    peer.client.on_message = on_message
    peer.connect(clean_start=False, SessionExpiryInterval=300)
    peer.subscribe([("demo/resumed/#", SubscribeOptions(qos=2))])
    print("ready", flush=True)
    time.sleep(PATIENCE)


def burst(topic, levels):
    """One message after the other without waiting, with the QoS that LEVELS lists."""
    peer = Peer("burst")
    peer.connect()
    sent = [peer.client.publish(topic, f"{number} of the burst", int(qos)) for number, qos in enumerate(levels, 1)]
    for info in sent:
        info.wait_for_publish(PATIENCE)
    peer.disconnect()


def resumes(client_id):
    """Comes back, takes what there is, and ends the session."""
    peer = Peer(client_id)
    peer.connect(clean_start=False, SessionExpiryInterval=300)
    time.sleep(0.7)
    peer.disconnect("Normal disconnection", SessionExpiryInterval=0)


def expiry_at_disconnect():
    """The session outlives the first DISCONNECT, not the second."""
    peer = Peer("expiry")
    peer.connect(SessionExpiryInterval=5)
    peer.subscribe("demo/expiry", options=SubscribeOptions(qos=1))
    peer.disconnect("Normal disconnection", SessionExpiryInterval=120)
    for _ in range(2):
        peer = Peer("expiry")
        peer.connect(clean_start=False, SessionExpiryInterval=120)
        peer.disconnect("Normal disconnection", SessionExpiryInterval=0)


def hands_on(client_id, topic, count, end):
    """Publishes the first COUNT messages that it gets on TOPIC there again. Gone after END of them."""
    peer = Peer(client_id)
    peer.connect()
    peer.subscribe(topic)
    for number in range(1, int(end) + 1):
        message = peer.messages.get(timeout=PATIENCE)
        if number <= int(count):
            peer.client.publish(topic, message.payload)
    peer.disconnect()


def identifiers():
    """Overlapping subscriptions with identifiers; 300 takes two bytes."""
    peer = Peer("identified")
    peer.connect()
    for topic_filter, identifier in (("demo/id/one", 1), ("demo/id/+", 300), ("demo/#", 200_000)):
        peer.subscribe(topic_filter, options=SubscribeOptions(qos=1),
                       properties=properties(PacketTypes.SUBSCRIBE, SubscriptionIdentifier=identifier))
    peer.subscribe("demo/+/one", options=SubscribeOptions(qos=1))
    peer.publish("demo/id/one", "matches all four", 1)
    peer.publish("demo/id/two", "matches two", 1)
    time.sleep(0.5)
    peer.disconnect()


def unsubscribe():
    peer = Peer("unsubscriber")
    peer.connect()
    peer.subscribe([("demo/one", SubscribeOptions(qos=0)), ("demo/two", SubscribeOptions(qos=1))])
    peer.unsubscribe("demo/one")
    peer.unsubscribe("demo/one")
    peer.unsubscribe(["demo/two", "demo/never"])
    peer.disconnect()
    peer = Peer("unsubscriber-v311", mqtt.MQTTv311)
    peer.connect()
    peer.subscribe("demo/one")
    peer.unsubscribe(["demo/one", "demo/never"])
    peer.disconnect()


def aliases():
    """Topic Aliases set by hand: defined, used with an empty topic, defined anew."""
    peer = Peer("alias-python")
    peer.connect()
    for topic, alias in (("demo/alias/one", 1), ("", 1), ("demo/alias/two", 2), ("", 2), ("", 1),
                         ("demo/alias/three", 1), ("", 1)):
        peer.publish(topic, f"alias {alias}", 1, TopicAlias=alias)
    peer.disconnect()


def nameless():
    """No Client ID, as MQTT 5 and as 3.1.1."""
    for version, clean_session in ((mqtt.MQTTv5, None), (mqtt.MQTTv311, True)):
        peer = Peer("", version, clean_session=clean_session)
        peer.connect()
        peer.publish("demo/nameless", "hello", 1)
        peer.disconnect()


def refused():
    """Publishes with QoS 2 where it may not."""
    peer = Peer("refused")
    peer.connect()
    peer.client.publish("demo/forbidden", "not for you", 2)
    time.sleep(0.5)
    peer.disconnect()


def wrap_around(count):
    """COUNT messages with QoS 2, all in flight at once, the identifiers beginning at 65,001.

    To get there by itself Paho would have to send 65,000 packets first, so its private
    counter is set."""
    peer = Peer("wrap-around")
    peer.client.max_inflight_messages_set(int(count))
    peer.client._last_mid = 65_000
    peer.connect()
    sent = [peer.client.publish("demo/wrap", str(number), 2) for number in range(int(count))]
    for info in sent:
        info.wait_for_publish(PATIENCE)
    peer.disconnect()


ROLES = {"tour": tour, "websocket": websocket, "will": last_will, "too-large": too_large,
         "retained": retained, "idle": idle, "unwelcome": unwelcome, "dies-receiving": dies_receiving, "burst": burst,
         "resumes": resumes,
         "expiry-at-disconnect": expiry_at_disconnect, "identifiers": identifiers, "unsubscribe": unsubscribe,
         "aliases": aliases, "hands-on": hands_on, "refused": refused, "nameless": nameless, "wrap-around": wrap_around}

if __name__ == "__main__":
    ROLES[sys.argv[1]](*sys.argv[2:])
