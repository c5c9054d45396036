"""The notation of made captures: the bytes of each form, and an error message of one line for each mistake."""
import made
import mqtt
import pytest

# A packet by name, and its bytes as the standard lays them out.
SAME = [
    ("CONNECT", '10 [ "MQTT" 05 02 003c [ ] "" ]'),
    ("CONNECT client-id meter-1 clean-start 0 keep-alive 10", '10 [ "MQTT" 05 00 000a [ ] "meter-1" ]'),
    ('CONNECT v3.1 client-id "a b"', '10 [ "MQIsdp" 03 02 003c "a b" ]'),
    ('CONNECT v3.1.1 user-name "anna" password "pass"', '10 [ "MQTT" 04 c2 003c "" "anna" "pass" ]'),
    ('CONNECT [ receive-maximum 10 ] will-topic "t" will-payload ( ff00 ) will-qos 2 will-retain will-properties [ will-delay-interval 5 ]',
     r'10 [ "MQTT" 05 36 003c [ 21 000a ] "" [ 18 00000005 ] "t" "\xff\x00" ]'),
    ('CONNECT name "MQ" level 6 connect-flags 0x03 flags 1 rest ( aa )', '11 [ "MQ" 06 03 003c [ ] "" aa ]'),
    ("CONNACK", "20 [ 00 00 [ ] ]"),
    ("CONNACK session-present [ maximum-qos 1 ]", "20 [ 01 00 [ 24 01 ] ]"),
    ("CONNACK acknowledge-flags 2 0x87", "20 [ 02 87 [ ] ]"),
    ("CONNACK v3.1.1 0x05", "20 [ 00 05 ]"),
    ('PUBLISH topic a/b "20.5"', "30 [ 0003 'a/b' [ ] '20.5' ]"),
    ('PUBLISH qos 1 id 5 dup retain topic "a/b" [ topic-alias 7 ] "x"*3', "3b [ 0003 'a/b' 0005 [ 23 0007 ] 'xxx' ]"),
    ('PUBLISH v3.1.1 topic "t" ( 00 ff )', '30 [ "t" 00ff ]'),
    ("PUBACK id 258", "40 [ 0102 ]"),
    ("PUBREC id 1 0x10", "50 [ 0001 10 ]"),
    ("PUBREL id 1 0x92 [ ]", "62 [ 0001 92 [ ] ]"),
    ('PUBCOMP id 1 0x00 [ reason-string "done" ]', '70 [ 0001 00 [ 1f "done" ] ]'),
    ('SUBSCRIBE id 2 [ subscription-identifier 300 ] filter "a/#" qos 1 no-local retain-as-published retain-handling 2 filter "b"',
     '82 [ 0002 [ 0b ac02 ] "a/#" 2d "b" 00 ]'),
    ('SUBSCRIBE v3.1.1 id 2 filter "a" options 0x83 *3', '82 [ 0002 ( "a" 83 )*3 ]'),
    ("SUBACK id 2 0x00 0x80 *2", "90 [ 0002 [ ] 00 80 80 ]"),
    ('UNSUBSCRIBE id 3 filter "a" *2', 'a2 [ 0003 [ ] "a" "a" ]'),
    ("UNSUBACK id 3 0x11", "b0 [ 0003 [ ] 11 ]"),
    ("UNSUBACK v3.1.1 id 3", "b0 [ 0003 ]"),
    ("PINGREQ PINGRESP flags 8", "c000 d800"),
    ("( PINGREQ )*3", "c000 c000 c000"),
    ('DISCONNECT DISCONNECT 0x04 DISCONNECT 0x8e [ user-property "a" "b" ]', 'e0 [ ] e0 [ 04 ] e0 [ 8e [ 26 "a" "b" ] ]'),
    ('AUTH 0x18 [ authentication-method "PLAIN" authentication-data ( 00 ) ]', r'f0 [ 18 [ 15 "PLAIN" 16 "\x00" ] ]'),
    ("PINGREQ c0 00 PINGREQ", "c000 c000 c000"),
    ('PUBLISH topic "t" ( PUBLISH topic "u" "v" )', "30 [ 0001 't' 00 30 05 0001 'u' 00 'v' ]"),
]

SLIPS = [
    ("PUBACK", "PUBACK: "), ("PUBACK id 1 topic a", "PUBACK has no field topic"), ("PUBLISH topic", "topic needs a value"),
    ("CONNECT keep-alive long", "keep-alive needs a number"), ("CONNACK [ topic-alias 1", "[ is not closed"), ("PINGREQ ]", "stray ]"),
    ("PINGREQ *3", "only a code"), ("CONNACK [ topic-allias 1 ]", "not understood: topic-allias"), ("*3", "nothing to repeat"),
    ("PUBACK id 70000", "PUBACK: "), ("PUBACK id 1 [ ]", "PUBACK: properties need"), ("CONNECT codes 1", "CONNECT has no field codes"),
]


@pytest.mark.parametrize("symbolic, raw", SAME)
def test_packets_by_name(symbolic, raw):
    assert made.parse_bytes(symbolic).hex(" ") == made.parse_bytes(raw).hex(" ")


@pytest.mark.parametrize("text, message", SLIPS)
def test_slips(text, message):
    with pytest.raises(made.MadeError) as slip:
        made.parse_bytes(text)
    assert message in str(slip.value) and "\n" not in str(slip.value)


def test_every_packet_and_property_has_a_name():
    assert set(mqtt.BUILDERS) <= {word for symbolic, _ in SAME for word in symbolic.split()}
    sizes = {"byte": 2, "variable_byte": 2, "two_byte": 3, "four_byte": 5, "string": 4, "binary": 4, "string_pair": 7}
    for name, (identifier, kind) in mqtt.PROPERTIES.items():
        value = "1" if kind in mqtt.NUMBERS or kind == "variable_byte" else '"a"'
        data = made.parse_bytes(f"{name.replace('_', '-')} {value} {value if kind == 'string_pair' else ''}")
        assert data[0] == identifier and len(data) == sizes[kind]


@pytest.fixture
def text(tmp_path):
    """A function: lines below the heading to made.Made."""
    def read(*lines):
        path = tmp_path / "one.txt"
        path.write_text("\n".join(["# one", *lines, ""]), encoding="utf-8")
        return made.Made(path)
    return read


def test_version_of_the_connection(text):
    one = text("expect none", "client CONNECT v3.1.1", 'client PUBLISH topic "t"', "connection 2", 'client PUBLISH topic "t"',
               'client 10 [ "MQTT" 04 02 003c "" ]', 'client PUBLISH topic "t"')
    sent = [frame.data[made.ETHERNET_IP_TCP:].hex() for frame in one.capture.frames]
    assert [data for data in sent if data[:2] == "30"] == ["3003000174", "300400017400", "3003000174"]


def test_expectations_at_their_lines(text):
    one = text("client CONNECT", "    expect a b *2", "swap", "server CONNACK", "    expect c", "    chat d  # why", "client PINGREQ", "expect e",
               "split 1", "client PINGREQ", "    expect f", "expect 2 g", "chat 3 h")
    assert one.expected == [(2, "g"), (4, "a"), (4, "b"), (4, "b"), (5, "e"), (6, "c"), (8, "f")]
    assert one.chats == [(3, "h"), (6, "d")]
    assert "".join(one.numbered()).splitlines()[1:8:6] == ["      1-4  client CONNECT", "      5-6  client PINGREQ"]


@pytest.mark.parametrize("lines", [["client lost PINGREQ", "expect a"], ["expect a", "client PINGREQ"], ["client PINGREQ", "wait long", "expect a"]])
def test_slips_in_files(lines, text):
    with pytest.raises(made.MadeError, match=r"^\S+one.txt:[23]: [^\n]+$"):
        text(*lines)
