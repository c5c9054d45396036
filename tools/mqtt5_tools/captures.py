"""Reading pcap and pcapng, compressed with gzip or not, block by block, so that a copy can be made of what is read."""
import collections
import gzip
import struct
import zlib

from mqtt5_tools.program import ToolError

SECTION, INTERFACE, PACKET, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
FRAMES = {PACKET, SIMPLE, ENHANCED, 9, *range(0x201, 0x222)}  # what Wireshark numbers: packets, systemd's journal, sysdig's events
PCAP = {0xA1B2C3D4, 0xA1B23C4D}
LARGEST = 1 << 26  # no block of a sound file is longer
ETHERNET, VLAN = 1, {0x8100, 0x88A8, 0x9100}
IPV4, IPV6 = 0x0800, 0x86DD

# raw: all bytes of the block, or of pcap's header or record. kind: "header" (pcap's own), "packet", or the block's type. order: "<" or ">".
# Of a packet: its link type, and where in raw its bytes are.
Block = collections.namedtuple("Block", "kind order raw link start end", defaults=(None, 0, 0))


def exactly(stream, count):
    """That many bytes, or none at the end of the file, or in the middle of a packet that was being written."""
    data = stream.read(count)
    return data if len(data) == count else b""


def read(path):
    """Yields the blocks of a capture. Raises ToolError, without the name of the file, where it is damaged, OSError where it cannot be opened."""
    with open(path, "rb") as file:
        start = file.read(4)
        file.seek(0)
        stream = gzip.open(file) if start[:2] == b"\x1f\x8b" else file
        try:
            start = exactly(stream, 4)
            if int.from_bytes(start, "little") in PCAP or int.from_bytes(start, "big") in PCAP:
                yield from pcap(stream, start)
            elif int.from_bytes(start, "little") == SECTION:
                yield from pcapng(stream, start)
            else:
                raise ToolError("neither pcap nor pcapng")
        except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
            raise ToolError(str(problem)) from None


def pcap(stream, magic):
    order = "<" if int.from_bytes(magic, "little") in PCAP else ">"
    header = magic + exactly(stream, 20)
    if len(header) < 24:
        raise ToolError("cut short in its header")
    link = struct.unpack_from(order + "I", header, 20)[0] & 0xFFFF
    yield Block("header", order, header, link)
    length_of = struct.Struct(order + "I").unpack_from
    while record := exactly(stream, 16):
        length = length_of(record, 8)[0]
        if length > LARGEST:
            raise ToolError("a packet of impossible length: the capture is damaged")
        data = exactly(stream, length)
        if len(data) < length:
            return
        yield Block("packet", order, record + data, link, 16, 16 + length)


def pcapng(stream, block_type):
    order, links = "<", []
    while block_type:
        length = exactly(stream, 4)
        rest = b""
        if int.from_bytes(block_type, "little") == SECTION:
            rest = exactly(stream, 4)
            order, links = ("<" if rest == b"\x4d\x3c\x2b\x1a" else ">"), []
        if not length:
            return
        size = struct.unpack(order + "I", length)[0]
        if size < 12 or size % 4 or size > LARGEST:
            raise ToolError("a block of impossible length: the capture is damaged")
        body = exactly(stream, size - 8 - len(rest))
        if len(body) < size - 8 - len(rest):
            return
        kind = struct.unpack(order + "I", block_type)[0]
        raw = block_type + length + rest + body
        yield packet_block(kind, order, raw, links)
        block_type = exactly(stream, 4)


def packet_block(kind, order, raw, links):
    """The block, with the place of the packet where it is one. Learns link types from interfaces."""
    if kind == INTERFACE:
        links.append(struct.unpack_from(order + "H", raw, 8)[0])
    elif kind in (ENHANCED, PACKET):
        interface = struct.unpack_from(order + ("I" if kind == ENHANCED else "H"), raw, 8)[0]
        taken = struct.unpack_from(order + "I", raw, 20)[0]
        return Block("packet", order, raw, link_of(links, interface), 28, min(28 + taken, len(raw) - 4))
    elif kind == SIMPLE:
        length = struct.unpack_from(order + "I", raw, 8)[0]
        return Block("packet", order, raw, link_of(links, 0), 12, min(12 + length, len(raw) - 4))
    return Block(kind, order, raw)


def link_of(links, interface):
    if interface >= len(links):
        raise ToolError("a packet of an interface that is not described: the capture is damaged")
    return links[interface]


def network(link, data):
    """Where the IP header begins in a packet of this link type, or None if there is none. Raises ToolError for link types that it does not know."""
    if link == ETHERNET:
        at = 12
        while data[at:at + 2] and int.from_bytes(data[at:at + 2], "big") in VLAN:
            at += 4
        return at + 2 if int.from_bytes(data[at:at + 2], "big") in (IPV4, IPV6) else None
    if link in (0, 108):  # BSD loopback: a family, in the order of the machine that captured
        return 4
    if link in (12, 14, 101, 228, 229):
        return 0
    if link == 113:
        return 16 if int.from_bytes(data[14:16], "big") in (IPV4, IPV6) else None
    if link == 276:
        return 20 if int.from_bytes(data[0:2], "big") in (IPV4, IPV6) else None
    raise ToolError(f"packets of link type {link} are not known: convert or filter them first")
