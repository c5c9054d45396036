"""Reads PACKETS of made captures (made.py describes the notation): from text to the bytes of one segment."""
import inspect
import re
import struct

import mqtt


class MadeError(Exception):
    """A made capture that cannot be read; the message names file and line."""


VERSIONS = {"v5": mqtt.V5, "v3.1.1": mqtt.V311, "v3.1": mqtt.V31}

NUMBER_FIELDS = {"id", "qos", "keep-alive", "clean-start", "will-qos", "flags", "connect-flags", "acknowledge-flags", "level"}
TEXT_FIELDS = {"client-id", "user-name", "password", "will-topic", "will-payload", "topic", "payload", "name", "rest"}
BARE_FIELDS = {"dup", "retain", "will-retain", "session-present"}
LIST_FIELDS = {"properties", "will-properties"}

# Subscription Options (3.8.3.1): the bits of a word, and how far a number is shifted.
OPTION_BITS = {"no-local": 0x04, "retain-as-published": 0x08}
OPTION_NUMBERS = {"qos": 0, "retain-handling": 4, "options": 0}

COMMENT_FREE = re.compile(r"""(?:[^#'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*""")
TOKENS = {name: re.compile(pattern) for name, pattern in {
    "hex": r"(?:[0-9a-fA-F]{2})+(?![0-9a-zA-Z])",
    "code": r"0x([0-9a-fA-F]{1,2})(?![0-9a-zA-Z])",
    "number": r"(0x[0-9a-fA-F]+|[0-9]+)(?![0-9a-zA-Z])",
    "plain": r"'((?:[^'\\]|\\.)*)'",
    "string": r'"((?:[^"\\]|\\.)*)"',
    "word": r"[A-Za-z][A-Za-z0-9.-]*(?![A-Za-z0-9/_])",
    "bare": r"""[^\s\[\]()'"*#]+""",
    "times": r"\*([0-9]+)",
    "open": r"[\[(]",
    "close": r"[\])]",
}.items()}


def strip_comment(line):
    """`line` without a # comment; a # in quotes is none."""
    return COMMENT_FREE.match(line)[0]


def unescape(text):
    return re.sub(rb"\\(x[0-9a-fA-F]{2}|.)",
                  lambda match: bytes.fromhex(match[1][1:].decode()) if len(match[1]) == 3 else match[1], text.encode())


class Reader:
    """Reads one text from left to right. `version` decides how packets by name are encoded, until a CONNECT changes it."""

    def __init__(self, text, version):
        self.text = " ".join(strip_comment(line) for line in text.splitlines())
        self.at = 0
        self.version = version

    def take(self, name):
        """The next token if it is one of this name: its match, else None."""
        while self.text[self.at:self.at + 1].isspace():
            self.at += 1
        match = TOKENS[name].match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def take_word(self, known):
        """The next word if it is one of `known`, else None."""
        start = self.at
        match = self.take("word")
        if match and match[0] in known:
            return match[0]
        self.at = start
        return None

    def rest(self):
        return self.text[self.at:].strip()

    def bytes(self, bracket=""):
        """Items up to the end, or up to what closes `bracket`."""
        items = []
        while True:
            match = self.take("close")
            if match and bracket + match[0] not in ("[]", "()"):
                raise MadeError(f"stray {match[0]}")
            if match:
                break
            if not self.rest():
                if bracket:
                    raise MadeError(f"{bracket} is not closed")
                break
            times = self.take("times")
            if times and not items:
                raise MadeError("nothing to repeat")
            items.append(items.pop() * int(times[1]) if times else self.item())
        return b"".join(items)

    def item(self):
        """One item of BYTES."""
        match = self.take("open")
        if match:
            inner = self.bytes(match[0])
            return mqtt.variable_byte_integer(len(inner)) + inner if match[0] == "[" else inner
        if match := self.take("hex"):
            return bytes.fromhex(match[0])
        if match := self.take("plain"):
            return unescape(match[1])
        if match := self.take("string"):
            return mqtt.utf8_string(unescape(match[1]))
        if word := self.take_word(mqtt.BUILDERS):
            return self.packet(word)
        if word := self.take_word({name.replace("_", "-") for name in mqtt.PROPERTIES}):
            return self.property(word.replace("-", "_"))
        raise MadeError(f"not understood: {self.rest()}")

    def property(self, name):
        kind = mqtt.PROPERTIES[name][1]
        if kind in mqtt.NUMBERS or kind == "variable_byte":
            return mqtt.encode_property(name, self.number(name))
        return mqtt.encode_property(name, *(self.value(name) for _ in range(2 if kind == "string_pair" else 1)))

    def number(self, name):
        match = self.take("number")
        if not match:
            raise MadeError(f"{name} needs a number: {self.rest()}")
        return int(match[1], 0)

    def text_or_group(self, repeats=True):
        """A quoted text or a ( group ), repeated where *N follows, if `repeats`; None if there is neither."""
        start = self.at
        match = self.take("plain") or self.take("string")
        if match:
            data = unescape(match[1])
        elif (match := self.take("open")) and match[0] == "(":
            data = self.bytes("(")
        else:
            self.at = start
            return None
        times = self.take("times") if repeats else None
        return data * int(times[1]) if times else data

    def value(self, name, repeats=True):
        data = self.text_or_group(repeats)
        if data is None:
            match = self.take("bare")
            if not match:
                raise MadeError(f"{name} needs a value: {self.rest()}")
            data = match[0].encode()
        return data

    def list(self, name):
        """The properties between brackets, without their length."""
        match = self.take("open")
        if not match or match[0] != "[":
            raise MadeError(f"{name} needs [ ... ]: {self.rest()}")
        return self.bytes("[")

    def packet(self, kind):
        """One control packet, after its name."""
        build = mqtt.BUILDERS[kind]
        takes = {name.replace("_", "-") for name in inspect.signature(build).parameters} | {"rest"}
        fields = {}
        while self.field(kind, takes, fields):
            pass
        if "version" in takes:
            version = fields.setdefault("version", mqtt.V5 if kind == "CONNECT" else self.version)
            if kind == "CONNECT":
                self.version = version
        rest = fields.pop("rest", b"")
        try:
            return mqtt.append(build(**{name.replace("-", "_"): value for name, value in fields.items()}), rest)
        except (TypeError, ValueError, struct.error) as problem:
            raise MadeError(f"{kind}: {problem}") from None

    def field(self, kind, takes, fields):
        """Reads one field of a packet into `fields`; False where the packet ends."""
        if times := self.take("times"):
            self.repeat(fields, int(times[1]))
            return True
        if "codes" in takes and (match := self.take("code")):
            fields["codes"] = fields.pop("codes", ()) + (int(match[1], 16),)
            return True
        if "properties" in takes and self.text[self.at:].lstrip().startswith("["):
            fields["properties"] = self.list("properties")
            return True
        if "filters" in takes and self.filter(kind, fields):
            return True
        if "payload" in takes and (data := self.text_or_group()) is not None:
            fields["payload"] = fields.get("payload", b"") + data
            return True
        if "version" in takes and (word := self.take_word(VERSIONS)):
            fields["version"] = VERSIONS[word]
            return True
        return self.named_field(kind, takes, fields)

    @staticmethod
    def repeat(fields, times):
        """*N after a code or a filter. A text has taken it already, and a packet is repeated by ( PACKET )*N."""
        last = list(fields)[-1] if fields else None
        if last not in ("codes", "filters") or not fields[last]:
            raise MadeError("only a code, a filter, a text or a group can be repeated")
        fields[last] += fields[last][-1:] * (times - 1)

    def named_field(self, kind, takes, fields):
        start = self.at
        match = self.take("word")
        if not match or match[0] in mqtt.BUILDERS or TOKENS["hex"].fullmatch(match[0]):
            self.at = start
            return False
        name = match[0]
        if name not in takes & (NUMBER_FIELDS | TEXT_FIELDS | BARE_FIELDS | LIST_FIELDS):
            raise MadeError(f"{kind} has no field {name}")
        if name in NUMBER_FIELDS:
            fields[name] = self.number(name)
        elif name in TEXT_FIELDS:
            fields[name] = self.value(name)
        elif name in LIST_FIELDS:
            fields[name] = self.list(name)
        else:
            fields[name] = True
        return True

    def filter(self, kind, fields):
        """A Topic Filter, or an option of the last one."""
        filters = fields.get("filters", [])
        if self.take_word({"filter"}):
            fields["filters"] = filters + [(self.value("filter", repeats=False), 0)]
            return True
        word = self.take_word(OPTION_BITS.keys() | OPTION_NUMBERS.keys()) if filters and kind == "SUBSCRIBE" else None
        if not word:
            return False
        text, options = filters[-1]
        filters[-1] = (text, options | (OPTION_BITS.get(word) or self.number(word) << OPTION_NUMBERS[word]))
        return True


def parse_bytes(text, version=mqtt.V5):
    """The bytes of a text in the notation; packets by name are of `version` until a CONNECT says otherwise."""
    return Reader(text, version).bytes()
