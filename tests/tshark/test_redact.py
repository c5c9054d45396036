"""tools/mqtt5-redact: the copy says what the original says, and nothing of what is secret is left in it."""
import re
import struct
import subprocess
import sys

import harness
import pytest

sys.path.insert(0, str(harness.TOP / "tools"))

from mqtt5_tools.pseudonyms import Pseudonyms, wrong_at  # noqa: E402

REAL = sorted((harness.CAPTURES / "real").glob("*.pcapng"))
KEY = b"a key for tests, always the same"
# What names nobody: it is compared value for value. Of texts, only whether they are there, and what is left of them without names.
COMPARED = {"mqtt5.finding", "mqtt5.finding.severity", "mqtt5.finding.clause", "mqtt5.packet_type", "mqtt5.sender", "mqtt5.version", "mqtt5.version.source",
            "mqtt5.evidence", "mqtt5.reason_code", "mqtt5.property.id", "mqtt5.unanswered.count", "mqtt5.subscription.not_shown", "mqtt5.granted_qos",
            "mqtt5.findings_not_shown"}
SECRETS = ["mqtt.clientid", "mqtt.username", "mqtt.passwd", "mqtt.topic", "mqtt.willtopic", "mqtt.willmsg", "mqtt.msg", "mqtt.prop_string", "mqtt.prop_key",
           "mqtt.prop_value", "mqtt.property.content_type", "mqtt5.topic", "mqtt5.user_name", "mqtt5.client_id", "mqtt5.property.correlation_data",
           "mqtt5.property.authentication_data", "mqtt5.property.server_reference", "mqtt5.property.reason_string", "mqtt5.property.response_topic",
           "http.host", "http.request.uri", "http.user_agent"]
PLAIN = ["mqtt5.property.authentication_method"]
PLAIN_WORDS = re.compile(rb"^websocket$|1\.1\r\n\r\n$|\xef\xbf\xbd")  # in HTTP as well; and what tshark shows in place of what is no UTF-8
LONG_ENOUGH = 6  # shorter ones come up by chance


@pytest.fixture(scope="module")
def redact(tshark):
    """Redacts a capture under the key of the tests; returns the copy."""
    key = tshark.files / "redact.key"
    key.write_bytes(KEY)
    key.chmod(0o644)

    def run(path, *arguments, name=None):
        copy = tshark.files / (name or f"redacted-{path.name}")
        done = tshark.tool("mqtt5-redact", "--key", key, *arguments, path, copy)
        assert (done.status, done.err) == (0, "") and done.out.startswith(f"{copy}: ")
        return copy
    return run


def merge(tshark, name, captures):
    path = tshark.files / name
    assert subprocess.run(["mergecap", "-w", path, *captures], check=False).returncode == 0
    path.chmod(0o644)
    return path


@pytest.fixture(scope="module")
def real(tshark):
    return merge(tshark, "real.pcapng", REAL)


@pytest.fixture(scope="module", params=["made", "real"])
def pair(request, tshark, redact):
    """All captures of the tree, as they are and redacted: those of the rules, and those of real peers."""
    path = request.getfixturevalue("made").merged if request.param == "made" else request.getfixturevalue("real")
    return path, redact(path)


def compared(tshark):
    rows = (line.split("\t") for line in tshark.stream("-G", "fields"))
    return sorted(row[2] for row in rows if row[0] == "F" and row[2].startswith("mqtt5.")
                  and (row[3] == "FT_FRAMENUM" or row[2] in COMPARED or row[2].startswith(("mqtt5.agreed", "mqtt5.analysis")) and row[3] != "FT_STRING"))


def compared_packets(tshark, path):
    """All but the connections with a PUBLISH that was sent short: what shows that is in its payload, which is redacted."""
    streams = {row[0] for row in tshark.fields(path, ["tcp.stream"], "-Y", 'mqtt5.finding == "packet_out_of_step"')}
    return "".join(f" && !(tcp.stream == {stream})" for stream in sorted(streams))


def test_findings_causes_and_links_are_the_same(tshark, pair):
    """Frame for frame, in two passes: every rule, every link, every number that was agreed."""
    packets = compared_packets(tshark, pair[0])
    before, after = (tshark.fields(path, ["frame.number", "tcp.stream", *compared(tshark)], "-2", "-Y", "frame" + packets) for path in pair)
    assert len(before) > 3000 and [row for row in zip(before, after) if row[0] != row[1]] == []


def without_names(text):
    """Our sentences without what they quote and the byte that they show of a payload, since these have pseudonyms; without stock's own remarks."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text).replace("\x1fMalformed Packet (Exception occurred)", "")
    return re.sub(r"the byte 0x[0-9a-f]{2} at", "the byte at", text)


def test_sentences_are_the_same_but_for_names(tshark, pair):
    wanted = "(mqtt5.cause || mqtt5.finding)" + compared_packets(tshark, pair[0])
    before, after = (tshark.fields(path, ["frame.number", "mqtt5.cause", "_ws.expert.message"], "-2", "-Y", wanted,
                                   "-E", "aggregator=\x1f") for path in pair)
    differ = [row for row in zip(before, after) if list(map(without_names, row[0])) != list(map(without_names, row[1]))]
    assert differ == [] and len(before) == len(after) > 50


def values(tshark, path, names):
    """All values of fields, as bytes."""
    kinds = {row[2]: row[3] for row in (line.split("\t") for line in tshark.stream("-G", "fields")) if row[0] == "F"}
    found = set()
    for row in tshark.fields(path, names, "-o", "mqtt.show_msg_as_text:FALSE", "-E", "aggregator=\x1f"):
        for name, several in zip(names, row):
            for value in several.split("\x1f") if several not in ("", "<MISSING>") else ():
                found.add(bytes.fromhex(value.replace(":", "")) if kinds[name] == "FT_BYTES" else value.encode())
    return found


def levels(secrets):
    """What nobody may find again: values, and the levels of topics. "$SYS" and its like are no secret, nor what is too short to tell, or one letter
    again and again, nor a word that stands in HTTP as well."""
    parts = {part for secret in secrets for part in (secret, *secret.replace(b"$", b"/").split(b"/"))
             if not part.startswith((b"$SYS", b"$share"))}
    return {part for part in parts if len(part) >= LONG_ENOUGH and len(set(part)) > 2 and not PLAIN_WORDS.search(part)
            and not re.fullmatch(rb"[^0-9A-Za-z\x80-\xff]*", part)}


def test_no_secret_is_left(tshark, pair):
    """Neither in the bytes of the copy, nor in what tshark reads in it, from under a mask as well."""
    before, after = pair
    secrets = levels(values(tshark, before, SECRETS)) - levels(values(tshark, before, PLAIN))
    assert len(secrets) > 100
    data = after.read_bytes()
    assert {secret for secret in secrets if secret in data} == set()
    assert levels(values(tshark, after, SECRETS)) & secrets == set()


def test_the_same_value_has_the_same_pseudonym(tshark, real, redact):
    """Client IDs one to one, over connections and over captures under one key."""
    before, after = (tshark.fields(path, ["mqtt.clientid", "mqtt.username", "mqtt5.topic"], "-E", "aggregator=\x1f") for path in (real, redact(real)))
    for column in range(3):
        pairs = {(old[column], new[column]) for old, new in zip(before, after)}
        assert len(pairs) == len({old for old, _ in pairs}) == len({new for _, new in pairs}) and len(pairs) >= 3
        assert all(len(old) == len(new) for old, new in pairs)


def test_a_new_key_each_time(tshark):
    path, copies = tshark.visible(harness.CAPTURES / "real" / "will.pcapng"), []
    for number in (1, 2):
        copy = tshark.files / f"will-{number}.pcapng"
        assert tshark.tool("mqtt5-redact", path, copy).status == 0
        copies.append(copy.read_bytes())
    assert copies[0] != copies[1] and len(copies[0]) == len(copies[1])


@pytest.mark.parametrize("kept, field", [("client-ids", "mqtt.clientid"), ("user-names", "mqtt.username"), ("topics", "mqtt5.topic"),
                                         ("payloads", "mqtt.msg"), ("properties", "mqtt.prop_value"), ("addresses", "ip.addr")])
def test_keep(tshark, real, redact, kept, field):
    """Only what is named stays."""
    one, other = ("mqtt.clientid", "mqtt5.topic") if kept in ("client-ids", "topics") else (field, "mqtt.clientid")
    copy = redact(real, "--keep", kept, name=f"keep-{kept}.pcapng")
    assert tshark.fields(copy, [field]) == tshark.fields(real, [field])
    changed = other if field != other else one
    assert tshark.fields(copy, [changed]) != tshark.fields(real, [changed])
    assert not values(tshark, copy, ["mqtt.passwd"]) & values(tshark, real, ["mqtt.passwd"])


STATUS = ["frame.number", "ip.checksum.status", "tcp.checksum.status"]
CHECK = ("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE")


def test_checksums_are_right(tshark, pair):
    """Those that were right; and those that the card would have filled in, as on the loopback of the real captures."""
    before, after = (tshark.fields(path, STATUS, *CHECK) for path in pair)
    good = [row for row in after if row[1:] == ["1", "1"]]
    assert [row for row in before if row[1:] == ["1", "1"] and row not in good] == [] and len(good) > 3000
    assert all(old == new or old[2] == "0" and new[2] == "1" for old, new in zip(before, after))


def record(packet, length=None):
    return struct.pack("<IIII", 1767268800, 0, len(packet), length or len(packet)) + packet


def ethernet(kind, payload, vlan=b""):
    return bytes.fromhex("0242c0a80102" "0242c0a80101") + vlan + struct.pack(">H", kind) + payload


def ipv4(protocol, payload, source="10.1.2.3", where=0):
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 7, where, 64, protocol, 0) + packed(source) + packed("10.1.2.4")
    return header + payload


def packed(address):
    return bytes(map(int, address.split(".")))


def tcp(payload, sequence=1, flags=0x18, ports=(40000, 1883), options=b""):
    return struct.pack(">HHIIBBHHH", *ports, sequence, 1, 5 + len(options) // 4 << 4, flags, 1024, 0, 0) + options + payload


def pcap(path, packets, link=1):
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link) + b"".join(map(record, packets)))
    path.chmod(0o644)
    return path


SECRET = b"very-secret-words"


@pytest.mark.parametrize("packet", [
    ethernet(0x0806, bytes(8) + SECRET), ethernet(0x88CC, SECRET), ethernet(0x0800, ipv4(17, struct.pack(">HHHH", 53, 53, 25, 0) + SECRET)),
    ethernet(0x0800, ipv4(1, b"\3\1\0\0\0\0\0\0" + SECRET)), ethernet(0x0800, ipv4(6, tcp(SECRET), where=0x2000)), ethernet(0x0800, ipv4(6, SECRET * 2, where=3)),
    ethernet(0x0800, ipv4(6, tcp(SECRET))),
    ethernet(0x0800, ipv4(6, tcp(b"GET /" + SECRET + b" HTTP/1.1\r\nCookie: " + SECRET + b"\r\n"
                                        b"Sec-WebSocket-Protocol: mqtt, " + SECRET + b"\r\n\r\n"
                                         + SECRET))),
    ethernet(0x0800, ipv4(6, tcp(b"\x16\x03\x03\x00\x30\x01\x00\x00\x2c" + SECRET * 3, ports=(40000, 8883)))), ethernet(0x0800, ipv4(6, tcp(b"")) + SECRET),
    ethernet(0x0800, ipv4(6, tcp(b"\x30\x20", options=b"\xfd\x13" + SECRET + b"\0"))), ethernet(0x0800, b"\x46" + ipv4(6, tcp(SECRET))[1:]),
    ethernet(0x86DD, bytes.fromhex("6000000000300040" + "20010db8" * 8 + "0601") + SECRET[:14] + tcp(SECRET)),
    ethernet(0x0800, ipv4(6, tcp(b"HTTP/1.1 200 " + SECRET + b"\r\nX: " + SECRET + b"\r\n\r\n", ports=(1883, 40000)))),
    ethernet(0x0800, ipv4(6, tcp(b"SSH-2.0-" + SECRET + b"\r\n" + SECRET))), ethernet(0x0800, ipv4(6, tcp(b"AMQP\0\0\x09\1" + SECRET))),
    ethernet(0x0800, ipv4(6, tcp(b"PROXY TCP4 10.1.2.3 10.1.2.4 1 2\r\n" + SECRET))),
    ethernet(0x0800, ipv4(47, b"\0\0\x08\0" + ipv4(6, tcp(SECRET)))), SECRET[:9]], ids=range(19))
def test_what_is_not_mqtt_is_cut(tshark, redact, packet):
    """Other protocols, fragments, TLS, tunnels, what follows the packet; and it stays one frame."""
    path = pcap(tshark.files / f"other-{hash(packet)}.pcap", [packet])
    copy = redact(path)
    assert SECRET[:9] not in copy.read_bytes()
    assert len(tshark.fields(copy, ["frame.number"])) == 1
    assert packed("10.1.2.3") not in copy.read_bytes() and b"10.1.2.3" not in copy.read_bytes()


def test_ipv6_and_vlan(tshark, redact):
    connect = bytes.fromhex("1016" "00044d51545405020001" "00" "0009") + b"client-17"
    header = struct.pack(">IHBB", 0x60000000, 20 + len(connect), 6, 64) + bytes.fromhex("20010db8000000000000000000000001" "fe800000000000000000000000000002")
    path = pcap(tshark.files / "ipv6.pcap", [ethernet(0x86DD, header + tcp(connect), b"\x81\0\0\7")])
    copy = redact(path)
    (before,), (after,) = (tshark.fields(one, ["vlan.id", "mqtt.clientid", "ipv6.src", "ipv6.dst", "eth.src"]) for one in (path, copy))
    assert before[:4] == ["7", "client-17", "2001:db8::1", "fe80::2"] and after[0] == "7" and len(after[1]) == 9
    assert all(one != other for one, other in zip(before[1:], after[1:])) and after[3].startswith("fe80::")


def test_secrets_of_pcapng_are_left_out(tshark, redact):
    """TLS keys, comments, and what was written of the machine that captured."""
    source, path = harness.CAPTURES / "real" / "tls", tshark.files / "with-secrets.pcapng"
    assert subprocess.run(["editcap", "--inject-secrets", f"tls,{source}.keys", "-a", "1:a comment", "--capture-comment", "another comment", f"{source}.pcapng", path],
                          check=False).returncode == 0
    path.chmod(0o644)
    keys = [line.split()[-1].encode() for line in source.with_suffix(".keys").read_text(encoding="utf-8").splitlines() if line]
    data = path.read_bytes()
    assert any(key in data for key in keys) and b"a comment" in data
    data = redact(path).read_bytes()
    assert not any(key in data for key in keys) and b"comment" not in data and b"editcap" not in data.lower()
    assert len(tshark.fields(redact(path), ["frame.number"])) == len(tshark.fields(path, ["frame.number"]))


def test_numbers_of_frames_stay(tshark, redact):
    """Also where a journal of the system lies between the packets: Wireshark numbers its entries."""
    data = (harness.CAPTURES / "real" / "ping.pcapng").read_bytes()
    entry = b"MESSAGE=" + SECRET + b"\n" + bytes(-(9 + len(SECRET)) % 4)
    journal = struct.pack("<II", 9, 12 + len(entry)) + entry + struct.pack("<I", 12 + len(entry))
    at = data.index(struct.pack("<I", 6), data.index(struct.pack("<I", 1)))
    path = tshark.files / "journal.pcapng"
    path.write_bytes(data[:at] + journal + data[at:])
    path.chmod(0o644)
    copy = redact(path)
    names = ["frame.number", "mqtt5.packet_type"]
    assert tshark.fields(copy, names) == tshark.fields(path, names) and SECRET not in copy.read_bytes()
    assert tshark.fields(copy, names)[4] == ["5", "1"]


@pytest.mark.parametrize("kind", ["pcap", "nsecpcap"])
def test_pcap(tshark, redact, tmp_path, kind):
    """The older format comes out as it went in, with the same times."""
    path = tshark.files / f"kind-{kind}.pcap"
    assert subprocess.run(["editcap", "-F", kind, harness.CAPTURES / "real" / "will.pcapng", path], check=False).returncode == 0
    path.chmod(0o644)
    copy = redact(path)
    assert copy.read_bytes()[:24] == path.read_bytes()[:24] and copy.stat().st_size == path.stat().st_size
    names = ["frame.time_epoch", "frame.len", "tcp.seq_raw", "mqtt5.packet_type"]
    assert tshark.fields(copy, names) == tshark.fields(path, names)


def test_does_not_overwrite_the_original(tshark):
    path = tshark.files / "own.pcapng"
    path.write_bytes((harness.CAPTURES / "real" / "ping.pcapng").read_bytes())
    path.chmod(0o666)
    before = path.read_bytes()
    done = tshark.tool("mqtt5-redact", path, path)
    assert done.status == 2 and "overwrite" in done.err and path.read_bytes() == before


def test_a_short_key_is_refused(tshark):
    key = tshark.files / "short.key"
    key.write_bytes(b"abc")
    key.chmod(0o644)
    done = tshark.tool("mqtt5-redact", "--key", key, tshark.visible(REAL[0]), tshark.files / "never.pcapng")
    assert done.status == 2 and "at least 16 bytes" in done.err and not (tshark.files / "never.pcapng").exists()


# --- Pseudonyms, without tshark -------------------------------------------------------------------------------------------------

PSEUDONYMS = Pseudonyms(KEY)


@pytest.mark.parametrize("size", [1, 2])
def test_short_values_are_permuted(size):
    """No two alike, none as it was before where one character is all there is, and letters and digits stay letters and digits."""
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    originals = [one.encode() for one in alphabet] if size == 1 else [(one + other).encode() for one in alphabet for other in alphabet]
    found = {PSEUDONYMS.text(one) for one in originals}
    assert len(found) == len(originals) == sum(bool(re.fullmatch(rb"[0-9A-Za-z]+", one)) for one in found)
    assert size == 2 or not any(PSEUDONYMS.text(one) == one for one in originals)
    assert len({PSEUDONYMS.payload(bytes([one])) for one in range(256)}) == 256
    assert len({PSEUDONYMS.payload(bytes([one, other])) for one in (0x41, 0xC3, 0xFF) for other in range(256)}) == 3 * 256
    assert len({PSEUDONYMS.blob(bytes([one, other])) for one in range(256) for other in range(0, 256, 17)}) == 256 * 16


@pytest.mark.parametrize("text", ["größe/Köln", "湿度/二", "😀😁/x", "a\0b", "tab\there", "\ufeffbom", "\ufffe/\ufdd0", "x" * 1000])
def test_text_keeps_what_rules_look_at(text):
    old, new = text.encode(), PSEUDONYMS.text(text.encode())
    assert len(new) == len(old) and new != old or text == "\ufffe/\ufdd0"
    changed = new.decode()
    assert [len(one.encode()) for one in changed] == [len(one.encode()) for one in text]
    kept = re.compile("[\0-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff/+#$]")
    assert [(at, one) for at, one in enumerate(text) if kept.match(one)] == [(at, one) for at, one in enumerate(changed) if kept.match(one)]


def test_topics_match_as_before():
    text = PSEUDONYMS.text
    assert text(b"demo/kitchen/temperature").split(b"/")[::2] == text(b"demo/+/temperature").split(b"/")[::2]
    assert text(b"demo/+/#").split(b"/")[1:] == [b"+", b"#"] and text(b"$share/group/demo").split(b"/")[0::2] == [b"$share", text(b"demo")]


@pytest.mark.parametrize("payload", [b"", b"21.5", b'{"t": 21}', "grüße".encode(), b"x" * 500, "ü".encode() * 400, b"\xff", b"\x80\x81", b"\xff" * 300, b"\0\1",
                                     b"text and \xc3", b"\xc3(", b"\xe2\x82", "größe ".encode() + b"\xff" + b"y" * 40])
def test_payload_stays_text_or_not(payload):
    changed = PSEUDONYMS.payload(payload)
    assert len(changed) == len(payload) and (changed != payload or payload in (b"", b"\xff", b"\0\1")) and wrong_at(changed) == wrong_at(payload)


@pytest.mark.parametrize("kept", ["127.0.0.1", "224.0.0.251", "255.255.255.255", "0.0.0.0"])
def test_addresses_that_tell_nothing_stay(kept):
    assert PSEUDONYMS.ipv4(packed(kept)) == packed(kept)


def test_addresses():
    """One to one; those of a network stay together, private ones stay private, and others do not become so."""
    private = re.compile(r"10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|127\.|22[4-9]\.|2[345][0-9]\.|0\.")
    addresses = [f"{first}.{second}.7.{last}" for first in (9, 10, 100, 169, 172, 192, 203) for second in (0, 16, 31, 64, 113, 168, 254) for last in (1, 2, 200)]
    changed = {one: ".".join(map(str, PSEUDONYMS.ipv4(packed(one)))) for one in addresses}
    assert len(set(changed.values())) == len(addresses) and not set(changed.items()) & {(one, one) for one in addresses}
    for one, other in changed.items():
        assert bool(private.match(one)) == bool(private.match(other)), (one, other)
        assert other.rpartition(".")[0] == changed[one.rpartition(".")[0] + ".1"].rpartition(".")[0]
