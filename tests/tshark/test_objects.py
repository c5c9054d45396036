"""Export Objects: `tshark --export-objects mqtt5,FOLDER` against what was published."""
import random

import broker
import frames
import mqtt
import pytest

DELIVERED = ("-o", "mqtt5.export_objects:delivered")
TOPIC = "ota/meter/firmware.bin"


@pytest.fixture
def export(tshark, tmp_path):
    """A function: capture to the exported files, as names with their bytes."""
    def run(capture, *arguments):
        folder = tshark.files / f"{tmp_path.name}-objects-{len(list(tshark.files.iterdir()))}"
        folder.mkdir()
        tshark.open_up(folder)
        tshark.read(capture, "-q", *arguments, "--export-objects", f"mqtt5,{folder}")
        return {path.name: path.read_bytes() for path in folder.iterdir()}
    return run


@pytest.fixture(scope="module")
def recorded(tshark, tmp_path_factory):
    """A function: carrier to a capture of firmware that goes through a real broker at QoS 1, with its options; and the firmware."""
    if not broker.program():
        pytest.skip("no mosquitto here: tools/setup test installs it")
    firmware = random.Random(5).randbytes(5_000_000)
    known = {}
    with broker.Broker(tmp_path_factory.mktemp("broker")) as running:
        def record(carrier):
            if carrier not in known:
                path, keys = tshark.files / f"objects-{carrier}.pcap", tshark.files / f"objects-{carrier}.keys"
                capture = frames.Capture()
                with running.hurried():
                    send_firmware(running, capture, carrier, keys, firmware)
                capture.write_fast(path)
                for file in (path, keys):
                    if file.exists():
                        file.chmod(0o644)
                known[carrier] = (path, ("-o", f"tls.keylog_file:{keys}") if carrier == "tls" else ()), firmware
            return known[carrier]
        yield record


def send_firmware(running, capture, carrier, keys, firmware):
    """A small message sets the Topic Alias, which is all the topic that the large one has."""
    subscriber = broker.Client(running, capture, 1, carrier, keys)
    subscriber.send(mqtt.connect("meter-1", properties=mqtt.encode_property("topic_alias_maximum", 10)))
    assert subscriber.receive()[3] == 0
    subscriber.send(mqtt.subscribe(1, [("ota/#", 1)]))
    assert subscriber.receive()[0] == 0x90
    publisher = broker.Client(running, capture, 2, carrier, keys)
    publisher.send(mqtt.connect("builder"))
    assert publisher.receive()[3] == 0
    alias = mqtt.encode_property("topic_alias", 1)
    publisher.send(mqtt.publish(TOPIC, b"soon", qos=1, id=1, properties=alias))
    publisher.send(mqtt.publish("", firmware, qos=1, id=2, properties=alias + mqtt.encode_property("content_type", "application/octet-stream")))
    assert [publisher.receive()[0] for _ in range(2)] == [0x40, 0x40]
    for number in (1, 2):
        assert subscriber.receive()[0] >> 4 == mqtt.PUBLISH
        subscriber.send(mqtt.puback(number))
    publisher.close()
    subscriber.close()


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one-pass", "two-passes"])
@pytest.mark.parametrize("how", [(), DELIVERED], ids=["published", "delivered"])
@pytest.mark.parametrize("carrier", broker.PORTS)
def test_firmware(carrier, how, passes, recorded, export):
    """5 MB through a real broker at QoS 1: out as they went in."""
    (capture, options), firmware = recorded(carrier)
    files = export(capture, *options, *how, *passes)
    assert sorted(map(len, files.values())) == [4, 5_000_000]
    assert set(files.values()) == {b"soon", firmware}
    assert all(name.startswith("ota_meter_firmware-") and name.endswith(".bin") for name in files), files.keys()


@pytest.mark.parametrize("carrier", broker.PORTS)
def test_firmware_findings(carrier, recorded, tshark):
    """The broker and the clients of the recorded captures keep to the standard."""
    (capture, options), _firmware = recorded(carrier)
    assert tshark.read(capture, *options, "-Y", "mqtt5.finding") == ""


CONVERSATION = """client CONNECT client-id "{0}"
server CONNACK [ topic-alias-maximum 5 ]
"""
SUBSCRIBED = CONVERSATION + """client SUBSCRIBE id 1 filter "#" qos 1
server SUBACK id 1 0x01
"""


def test_each_once(made_text, export):
    """A message that two clients get is one object, with its topic from the alias; a message that comes again at the same topic is another."""
    capture = made_text(SUBSCRIBED.format("display") + "connection 2\n" + SUBSCRIBED.format("logger") + "connection 3\n" + CONVERSATION.format("sensor") + """
client PUBLISH topic "home/kitchen" qos 1 id 1 [ topic-alias 2 ] "21.5" PUBLISH topic "home/kitchen" "21.5"
client PUBLISH topic "" qos 1 id 2 [ topic-alias 2 ] "a message of 24 bytes..."
connection 1
server PUBLISH topic "home/kitchen" qos 1 id 1 "21.5"
server PUBLISH topic "home/kitchen" qos 1 id 2 "a message of 24 bytes..."
connection 2
server PUBLISH topic "home/kitchen" qos 1 id 1 "21.5"
server PUBLISH topic "home/kitchen" qos 1 id 2 "a message of 24 bytes..."
""")
    files = export(capture)
    assert files == {"home_kitchen-20": b"21.5", "home_kitchen-20_2": b"21.5", "home_kitchen-21": b"a message of 24 bytes..."}
    delivered = export(capture, *DELIVERED)
    assert delivered == {"home_kitchen-22": b"21.5", "home_kitchen-23": b"a message of 24 bytes...",
                         "home_kitchen-24": b"21.5", "home_kitchen-25": b"a message of 24 bytes..."}


def test_not_again(made_text, export):
    """What is sent again with DUP is the same message."""
    capture = made_text(CONVERSATION.format("sensor") + """client PUBLISH topic "t" qos 1 id 1 "once"
client PUBLISH topic "t" qos 1 id 1 dup "once"
""")
    assert list(export(capture).values()) == [b"once"]


def test_only_delivered(made_text, export):
    """Where the publishers are not in the capture, what subscribers get stands for it: once, however many get it."""
    capture = made_text(SUBSCRIBED.format("display") + "connection 2\n" + SUBSCRIBED.format("logger") + """
connection 1
server PUBLISH topic "home/kitchen" "21.5"
connection 2
server PUBLISH topic "home/kitchen" "21.5"
server PUBLISH topic "home/kitchen" "21.5"
connection 1
server PUBLISH topic "home/kitchen" "21.5"
""")
    assert list(export(capture).values()) == [b"21.5", b"21.5"]
    assert len(export(capture, *DELIVERED)) == 4


@pytest.mark.parametrize("topic, content_type, name", [
    ("a/b c.json", "", "a_b_c-6.json"),
    ("../../etc/passwd", "text/plain; charset=utf-8", "_._.._etc_passwd-6.txt"),
    ("-rf", "", "_rf-6"),
    ("$SYS/x:y|z*?\\\"<>", "application/JSON", "_SYS_x_y_z______-6.json"),
    ("sensor/21.5", "", "sensor_21.5-6"),
    ("zähler/温度", "image/png", "zähler_温度-6.png"),
    ("t" * 300, "nothing/known", "t" * 100 + "-6"),
], ids=range(7))
def test_names(topic, content_type, name, tshark, export):
    properties = mqtt.encode_property("content_type", content_type) if content_type else None
    capture = frames.Capture()
    capture.connection().client(mqtt.connect("meter")).server(mqtt.connack()).client(mqtt.publish(topic, b"payload", properties=properties))
    path = tshark.files / f"objects-names-{abs(hash(topic))}.pcapng"
    capture.write(path)
    path.chmod(0o644)
    assert export(path) == {name: b"payload"}


def test_cut(made_text, export):
    """A payload that the capture does not have as a whole says so; an empty one is no object."""
    capture = made_text(CONVERSATION.format("camera") + """cut 20
client PUBLISH topic "image.png" "0123456789"
client PUBLISH topic "image.png" ""
""")
    assert export(capture) == {"image-6-cut.png": b"012345"}


def test_disabled(made_text, export, tshark):
    capture = made_text(CONVERSATION.format("sensor") + 'client PUBLISH topic "t" "x"\n')
    assert len(export(capture)) == 1
    assert export(capture, "--disable-protocol", "mqtt5") == {}
