"""tools/mqtt5-split: every packet is in the part of its connection, and the parts together have the findings of the whole."""
import collections
import gzip
import re
import shutil
import struct
import subprocess

import frames as server_frames
import harness
import mqtt
import pytest

SPLIT = harness.TOP / "tools" / "mqtt5-split"
REAL = sorted(path for path in (harness.CAPTURES / "real").glob("*.pcapng"))
WORLD = set(re.findall(r"^MQTT5_RULE\((\w+),", (harness.TOP / "plugin" / "core" / "rules" / "list" / "capture.h").read_text(encoding="utf-8"), re.MULTILINE))
# What takes time, as rules and in messages.
SILENCE = {"keep_alive_late", "keep_alive_exceeded", "pingreq_repeated", "pingresp_missing", "connect_unanswered", "acknowledgment_missing", "keep_alive_not_enforced",
           "delivery_after_unsubscribe", "client_id_in_use", "redelivery_without_dup"}
LASTS = re.compile(r"for \d+\.\d s\b")


def split(*arguments):
    return subprocess.run([str(SPLIT), *map(str, arguments)], capture_output=True, check=False, timeout=120)


def parts(folder, *arguments):
    """The files that it writes."""
    done = split("-o", folder, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    folder.chmod(0o755)
    return sorted(folder.iterdir())


@pytest.fixture
def folder(tshark, tmp_path):
    """Where tshark's user can read."""
    room = tshark.files / f"split-{tmp_path.name}"
    yield room
    shutil.rmtree(room, ignore_errors=True)


def frames(tshark, path):
    """Time and addresses of each frame."""
    return [tuple(row) for row in tshark.fields(path, ["frame.time_epoch", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "tcp.seq_raw", "frame.len"])]


def findings(tshark, path, *arguments):
    """All findings, by what does not depend on the place in a file: time, ports, rule, and text without frame numbers. Not those about
    silence: it counts as far as the capture holds other frames meanwhile, which may be in another part."""
    rows = tshark.fields(path, ["frame.time_epoch", "tcp.srcport", "tcp.dstport", "mqtt5.finding", "_ws.expert.message"], "-Y", "mqtt5.finding",
                         "-E", "aggregator=|", *arguments)
    found = collections.Counter()
    for time, source, target, names, messages in rows:
        named = [name for name in names.split("|") if name not in SILENCE]
        texts = [text for text in messages.split("|") if not LASTS.search(text)]
        if named:
            found[time, source, target, "|".join(named), re.sub(r"\bframes? \d+", "frame N", "|".join(texts))] += 1
    return found


@pytest.fixture(scope="module")
def whole(tshark, made):
    """All real captures and all made ones in one: many connections and servers, and every rule."""
    path = tshark.files / "whole.pcapng"
    done = subprocess.run(["mergecap", "-w", path, made.merged, *REAL], check=False)
    assert done.returncode == 0
    path.chmod(0o644)
    return path


@pytest.mark.parametrize("by", ["connection", "server"])
def test_every_packet_once(tshark, whole, folder, by):
    """In one part, in order, and all of a connection, or of a server, in the same one."""
    pieces = [frames(tshark, path) for path in parts(folder, "-n", 4, "--by", by, whole)]
    assert len(pieces) == 4 and sum(bool(piece) for piece in pieces) > 1
    assert collections.Counter(frame for piece in pieces for frame in piece) == collections.Counter(frames(tshark, whole))
    homes = collections.defaultdict(set)
    for number, piece in enumerate(pieces):
        for _, source, source_port, target, target_port, *_ in piece:
            homes[frozenset([(source, source_port), (target, target_port)])].add(number)
    assert all(len(where) == 1 for where in homes.values())


APART = ("-o", "mqtt5.several_connections:FALSE")


def rules(counted):
    return {rule for key in counted for rule in key[3].split("|")}


def test_nothing_false_at_the_seams(tshark, whole, folder):
    """If connections are judged alone, those of the parts have the same findings as in the whole, except rules about several connections."""
    apart = findings(tshark, whole, *APART)
    assert sum((findings(tshark, path, *APART) for path in parts(folder, "-n", 7, whole)), collections.Counter()) == apart
    together = findings(tshark, whole)
    assert rules(apart - together) <= rules(together)  # a frame with fewer findings than the one before is a new row
    assert len(rules(apart)) > 100 and rules(together) - rules(apart) and rules(together) - rules(apart) <= WORLD


def test_by_server_nothing_is_missing(tshark, whole, folder):
    """A part has all that reaches a server in it; only what goes round between two servers is in two of them."""
    ports = [word for port in (18830, 18831, 1884, 80, 8080, 8083, 9001) for word in ("--port", port)]
    pieces = sum((findings(tshark, path) for path in parts(folder, "-n", 3, "--by", "server", *ports, whole)), collections.Counter())
    together = findings(tshark, whole)
    assert not pieces - together and rules(together - pieces) == {"message_loop"}


@pytest.mark.parametrize("handshake", [True, False], ids=["syn", "connect"])
def test_server_with_the_higher_port(tshark, folder, tmp_path, handshake):
    """The SYN or the CONNECT tells, so all clients of a server stay together."""
    capture = server_frames.Capture()
    capture.port = 61883
    for number in range(1, 21):
        capture.handshake = handshake
        capture.connection(number).client(mqtt.connect(f"meter-{number}")).server(mqtt.connack())
    capture.write_fast(tmp_path / "high.pcap")
    counts = [path.stat().st_size - 24 for path in parts(folder, "-n", 4, "--by", "server", tmp_path / "high.pcap")]
    assert sorted(counts)[:3] == [0, 0, 0] and sum(counts) == (tmp_path / "high.pcap").stat().st_size - 24


def test_ring_of_files(tshark, whole, folder, tmp_path):
    """A connection that continues in the next file is complete in its part."""
    ring = folder / "ring"
    ring.mkdir(parents=True)
    assert subprocess.run(["editcap", "-c", "997", whole, ring / "file.pcapng"], check=False).returncode == 0
    files = sorted(ring.iterdir())
    assert len(files) > 3
    pieces = parts(folder / "parts", "-n", 2, *files)
    assert [frames(tshark, path) for path in pieces] == [frames(tshark, path) for path in parts(folder / "again", "-n", 2, whole)]


def test_one_part_to_standard_output(whole, folder):
    """Each machine can make its own."""
    for number, path in enumerate(parts(folder, "-n", 3, whole), 1):
        done = split("-n", 3, "-k", number, whole)
        assert (done.returncode, done.stderr) == (0, b"") and done.stdout == path.read_bytes()


@pytest.mark.parametrize("kind", ["pcap", "nsecpcap"])
def test_pcap_and_gzip(tshark, folder, tmp_path, kind):
    """The older format, compressed."""
    source = harness.CAPTURES / "real" / "several-clients.pcapng"
    plain = tmp_path / "plain.pcap"
    assert subprocess.run(["editcap", "-F", kind, source, plain], check=False).returncode == 0
    packed = tmp_path / "packed.pcap.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    pieces = parts(folder, "-n", 2, packed)
    assert [path.suffix for path in pieces] == [".pcap", ".pcap"]
    assert sorted(frame for path in pieces for frame in frames(tshark, path)) == sorted(frames(tshark, source))


def test_tls_keys_go_into_every_part(tshark, folder, tmp_path):
    """As editcap puts them into a capture."""
    real = harness.CAPTURES / "real"
    keyed = tmp_path / "keyed.pcapng"
    assert subprocess.run(["editcap", "--inject-secrets", f"tls,{real / 'tls.keys'}", real / "tls.pcapng", keyed], check=False).returncode == 0
    clients = [row for path in parts(folder, "-n", 2, keyed) for row in tshark.fields(path, ["mqtt.clientid"], "-Y", "mqtt5.packet_type == 1")]
    assert sorted(clients) == [["tls-1.2"], ["tls-1.3"]]


def test_numbers_of_frames(tshark, whole, folder):
    """One line per frame, with its number in the whole; numbers continue over several files."""
    ring = folder / "ring"
    ring.mkdir(parents=True)
    assert subprocess.run(["editcap", "-c", "997", whole, ring / "file.pcapng"], check=False).returncode == 0
    all_frames = frames(tshark, whole)
    out = folder / "numbered"
    assert split("-n", 3, "--frames", "-o", out, *sorted(ring.iterdir())).returncode == 0
    out.chmod(0o755)
    seen = []
    for path in sorted(out.glob("*.pcapng")):
        numbers = [int(line) for line in path.with_suffix(".frames").read_text().splitlines()]
        assert [all_frames[number - 1] for number in numbers] == frames(tshark, path) and numbers == sorted(numbers)
        seen += numbers
    assert sorted(seen) == list(range(1, len(all_frames) + 1))


def ethernet(payload, vlan=False):
    return b"\0" * 12 + (b"\x81\x00\x00\x07" if vlan else b"") + (b"\x86\xdd" if payload[0] >> 4 == 6 else b"\x08\x00") + payload


def ipv4(source, target, payload, where=0, number=7):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number, where, 64, 6, 0, source, target) + payload


def ipv6(source, target, payload, fragment=None):
    if fragment is not None:
        payload = struct.pack(">BBHI", 6, 0, fragment, 99) + payload
    return struct.pack(">IHBB16s16s", 0x60000000, len(payload), 6 if fragment is None else 44, 64, source, target) + payload


def test_fragments_and_tags(folder, tmp_path):
    """IP fragments, whose later ones have no ports, and VLAN tags: the part is that of the connection."""
    path = tmp_path / "fragments.pcap"
    for client in range(20):
        ports = struct.pack(">HH", 40000 + client, 1883) + b"\0" * 20
        back = struct.pack(">HH", 1883, 40000 + client) + b"\0" * 20
        a, b = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
        packets = [ethernet(ipv4(a, b, ports)), ethernet(ipv4(b, a, back), vlan=True), ethernet(ipv4(a, b, ports, 0x2000, client)),
                   ethernet(ipv4(a, b, b"\x01" * 24, 0x0003, client)), ethernet(ipv6(a * 4, b * 4, ports, 1)), ethernet(ipv6(a * 4, b * 4, b"\2" * 24, 24 << 3))]
        data = b"".join(struct.pack("<IIII", 1, 0, len(packet), len(packet)) + packet for packet in packets)
        path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + data)
        sizes = [part.stat().st_size - 24 for part in parts(folder, "-n", 2, path)]
        four = len(b"".join(packets[:4])) + 64
        assert sorted(sizes) in ([0, len(data)], sorted([four, len(data) - four]))


@pytest.mark.parametrize("data, words", [(b"no capture at all", "neither pcap nor pcapng"), (b"\x0a\x0d\x0d\x0a" + b"\xff" * 40, "damaged"),
                                         (struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + b"\xff" * 16, "damaged"),
                                         (struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 195) + struct.pack("<IIII", 1, 0, 1, 1) + b"x", "link type 195")])
def test_unreadable(tmp_path, data, words):
    path = tmp_path / "capture"
    path.write_bytes(data)
    done = split("-n", 2, "-o", tmp_path / "out", path)
    assert done.returncode == 2 and words in done.stderr.decode()


def test_missing(tmp_path):
    done = split("-n", 2, "-o", tmp_path / "out", tmp_path / "no-such.pcapng")
    assert done.returncode == 2 and "No such file" in done.stderr.decode()


@pytest.mark.parametrize("arguments", [["-n", "2", "-k", "1", "--frames", "c"], ["-n", "0", "-o", "x", "c"], ["-n", "2", "-k", "3", "c"],
                                       ["-n", "2", "c"], ["-o", "x", "c"]])
def test_wrong_usage(arguments):
    done = split(*arguments)
    assert done.returncode == 2 and b"usage:" in done.stderr
