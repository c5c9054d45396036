"""Pseudonyms of the same length, the same one each time under the same key.

Different values have different pseudonyms: short values go through a permutation with a key (a Feistel network over each character's own alphabet),
long ones are replaced by a stream of bytes that depends on the key and all of the value. What rules look at is kept: lengths, levels and wildcards of
topics, which characters are letters or digits, whether text is UTF-8, and characters that the standard forbids.
"""
import functools
import hashlib
import random
import struct

ALPHANUMERIC = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
READABLE = bytes(ALPHANUMERIC[byte % len(ALPHANUMERIC)] for byte in range(256))  # any byte to a letter or digit
PLACE = {byte: at for at, byte in enumerate(ALPHANUMERIC)}
# Characters that may stand for each other: (first, one after the last), so that their length in UTF-8 stays, and no control, surrogate or non-character comes up.
RANGES = ((0xA0, 0x800), (0x800, 0xD800), (0xE000, 0xFDD0), (0xFDF0, 0xFFFE), *((plane << 16, (plane << 16) + 0xFFFE) for plane in range(1, 17)))
PRINTABLE = (0x20, 0x7F)
WELL_KNOWN = {b"$SYS", b"$share", b"$queue"}  # levels that mean something to servers
SHORT = 16
ROUNDS = 8
# Where a network keeps its kind, what of the address is not changed: 127/8 and multicast are no secret, and private addresses stay private.
PLAIN_IPV4 = {0, 127, *range(224, 256)}
PRIVATE_IPV4 = {10: range(256), 100: range(64, 128), 169: range(254, 255), 172: range(16, 32), 192: range(168, 169)}
MAPPED_IPV4 = b"\0" * 10 + b"\xff\xff"


class Pseudonyms:
    """key: bytes. All methods take and return bytes, of the same length."""

    def __init__(self, key):
        self.key = hashlib.blake2b(key, digest_size=32).digest()
        for name in ("text", "level", "octets", "ipv4", "ipv6", "mac"):
            setattr(self, name, functools.lru_cache(maxsize=1 << 16)(getattr(self, name)))

    def text(self, data):
        """Of text: each level between slashes by itself, so that Topic Filters match as before."""
        return b"/".join(map(self.level, data.split(b"/")))

    def level(self, data):
        if data in WELL_KNOWN:
            return data
        data = self.characters(data, b"text", False)
        while data in WELL_KNOWN:  # its image is of one of these, which have none
            data = self.characters(data, b"text", False)
        return data

    def characters(self, data, purpose, any_printable):
        """Replaces characters by others of their kind; those that are of no kind, and bytes that are no UTF-8, stay."""
        letters = list(data.decode("utf-8", errors="surrogateescape"))
        places, sizes, values, firsts = [], [], [], []
        for at, letter in enumerate(letters):
            first, size, value = kind_of(ord(letter), any_printable)
            if size:
                places.append(at)
                firsts.append(first)
                sizes.append(size)
                values.append(value)
        for at, first, value in zip(places, firsts, self.permuted(values, sizes, purpose)):
            letters[at] = chr(ALPHANUMERIC[value]) if first is None else chr(first + value)
        return "".join(letters).encode("utf-8", errors="surrogateescape")

    def payload(self, data):
        """Of a payload: UTF-8 stays UTF-8, and what is not stays so, with the byte that tells."""
        wrong = wrong_at(data)
        if wrong is None:
            return self.readable(data)
        return self.readable(data[:wrong]) + data[wrong:wrong + 1] + self.after(data, wrong)

    def readable(self, data):
        """Of UTF-8."""
        if len(data) <= SHORT:
            return self.characters(data, b"payload", True)
        return self.stream(b"payload", data).translate(READABLE)

    def after(self, data, wrong):
        """Of what follows that byte; it must not come out so that it makes it right."""
        tail = data[wrong + 1:]
        if len(tail) > SHORT:
            return self.stream(b"binary", data)[wrong + 1:].translate(READABLE)
        while tail:
            tail = bytes(self.permuted(list(tail), [256] * len(tail), b"binary"))
            if wrong_at(data[wrong:wrong + 1] + tail) == 0:
                break
        return tail

    def blob(self, data):
        """Of bytes that are compared, but never looked into: Correlation Data."""
        if len(data) <= SHORT:
            return bytes(self.permuted(list(data), [256] * len(data), b"blob"))
        return self.stream(b"blob", data)

    def secret(self, data, purpose):
        """Of a password and the like, which has nothing in common with the same bytes elsewhere."""
        return self.stream(b"secret " + purpose, data).translate(READABLE)

    def stream(self, purpose, data):
        """As many bytes as `data` has, from the key and all of it."""
        return hashlib.shake_128(self.key + struct.pack(">B", len(purpose)) + purpose + data).digest(len(data))

    def permuted(self, values, sizes, purpose):
        """Other values below the same sizes; no two lists with the same sizes come out alike."""
        if len(values) == 1:
            return [(values[0] + 1 + self.numbers(purpose, sizes, 1)[0] % (sizes[0] - 1)) % sizes[0]]
        if len(values) > 2 * SHORT:
            added = self.numbers(purpose, values, len(values))
            return [(value + other) % size for value, other, size in zip(values, added, sizes)]
        half = len(values) // 2
        left, right = values[:half], values[half:]
        for turn in range(ROUNDS):
            if turn % 2:
                added = self.numbers(purpose + b"%d" % turn, left, len(right))
                right = [(value + other) % size for value, other, size in zip(right, added, sizes[half:])]
            else:
                added = self.numbers(purpose + b"%d" % turn, right, len(left))
                left = [(value + other) % size for value, other, size in zip(left, added, sizes)]
        return left + right

    def numbers(self, purpose, values, count):
        """That many numbers of 32 bits, from the key, the purpose and the values."""
        seed = self.key + struct.pack(">B", len(purpose)) + purpose + struct.pack(f">{len(values)}I", *values)
        return struct.unpack(f">{count}I", hashlib.shake_128(seed).digest(4 * count))

    # --- Addresses: those of one network stay in one network -----------------------------------------------------------

    def octets(self, prefix):
        """What the octet becomes that follows this prefix: a table of 256."""
        table = list(range(256))
        random.Random(hashlib.blake2b(prefix, key=self.key).digest()).shuffle(table)
        return table

    def ipv4(self, address):
        first, second = address[0], address[1]
        if first in PLAIN_IPV4:
            return address
        private = PRIVATE_IPV4.get(first)
        new = [first if private else self.walk(b"", first, lambda octet: octet not in PLAIN_IPV4 and octet not in PRIVATE_IPV4)]
        new.append(self.walk(address[:1], second, lambda octet: not private or (octet in private) == (second in private)))
        new += [self.octets(address[:at])[address[at]] for at in (2, 3)]
        return bytes(new)

    def walk(self, prefix, octet, good):
        """The octet's image that is `good`, as the octet is itself: the table is followed until then, and stays a permutation."""
        table = self.octets(prefix)
        octet = table[octet]
        while not good(octet):
            octet = table[octet]
        return octet

    def ipv6(self, address):
        if address[:15] == bytes(15) or address[0] == 0xFF:
            return address  # ::, ::1, multicast
        if address[:12] == MAPPED_IPV4:
            return address[:12] + self.ipv4(address[12:])
        fixed = 8 if address[:2] == b"\xfe\x80" else 1
        return address[:fixed] + bytes(self.octets(b"6" + address[:at])[address[at]] for at in range(fixed, 16))

    def mac(self, address):
        if address == bytes(6) or address[0] & 1:
            return address  # none; or for a group, which protocols lay down
        return b"\x02" + hashlib.blake2b(address, key=self.key, digest_size=5).digest()


def wrong_at(data):
    """Where the first byte is that no UTF-8 has there, or None."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        return problem.start
    return None


def kind_of(code, any_printable):
    """The alphabet of a character: where it begins (None: ALPHANUMERIC), its size (0: the character stays), and the character's place in it."""
    if code < 0x80:
        if any_printable:
            return (0x20, 0x5F, code - 0x20) if 0x20 <= code < 0x7F else (0, 0, 0)
        return (None, len(ALPHANUMERIC), PLACE[code]) if code in PLACE else (0, 0, 0)
    for first, after in RANGES:
        if first <= code < after:
            return first, after - first, code - first
    return 0, 0, 0
