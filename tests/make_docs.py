#!/usr/bin/python3
"""README.md, docs/*.md: `make_docs.py` writes docs/filters*.md from tshark's own lists, and updates the output of the commands in the other pages.

In a block of code, a line "$ COMMAND" is run in a folder that contains captures/ and tools/; the lines below it are its output.
A block after the line "<!-- not run: WHY -->" is not run. MQTT5_PLUGIN_DIR names the plugin, as for the tests.
"""
import csv
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import harness  # noqa: E402
import make_coverage  # noqa: E402
import rules  # noqa: E402

DOCS = harness.TOP / "docs"
PROFILE = harness.TOP / "plugin" / "profile" / "MQTT 5"
BLOCK = re.compile(r"(?P<marker><!-- not run: [^\n]+ -->\n)?^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
ALLOWED = re.compile(r"(tshark|capinfos|tools/mqtt5-[a-z]+)\b")  # nothing that could harm the machine that runs the tests


class Shell:
    """Runs the commands of the docs as a reader would, in the top folder of the source."""

    def __init__(self, tshark):
        self.tshark = tshark
        self.folder = tshark.room / "docs"
        if not self.folder.exists():
            shutil.copytree(harness.CAPTURES / "real", self.folder / "captures" / "real")
            (self.folder / "docs").mkdir()
            shutil.copy(DOCS / "messages.sql", self.folder / "docs")
            profile = tshark.home / "config" / "profiles" / "MQTT 5"
            if not profile.exists():
                shutil.copytree(PROFILE, profile)
            tshark.open_up(self.folder)
            tshark.open_up(tshark.home)
            tshark.copy_tools(self.folder)

    def run(self, command):
        """What it prints; its stderr is part of that."""
        if not ALLOWED.match(command):
            raise ValueError(f"not a command for the docs: {command}")
        done = self.tshark.run("-c", f"cd '{self.folder}' && {command} 2>&1", program="sh")
        return harness.NOISE.sub("", done.out)


def blocks(text):
    """The blocks of code that are to be run, as (match, [(command, output)])."""
    for match in BLOCK.finditer(text):
        if match["marker"] or not re.search(r"^\$ ", match["body"], re.MULTILINE):
            continue
        pieces = re.split(r"^\$ (.*)\n", match["body"], flags=re.MULTILINE)
        yield match, list(zip(pieces[1::2], pieces[2::2]))


def trimmed(text):
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def filled(text, shell):
    """`text` with the output of each command as it is now."""
    out, at = [], 0
    for match, commands in blocks(text):
        printed = [(command, trimmed(shell.run(command))) for command, _ in commands]
        body = "\n".join(f"$ {command}\n{output}\n" if output else f"$ {command}\n" for command, output in printed)
        out += [text[at:match.start("body")], body]
        at = match.end("body")
    return "".join([*out, text[at:]])


TYPES = {"FT_UINT8": "number", "FT_UINT16": "number", "FT_UINT32": "number", "FT_STRING": "text", "FT_BYTES": "bytes",
         "FT_FRAMENUM": "frame", "FT_RELATIVE_TIME": "time", "FT_NONE": "present or not", "FT_BOOLEAN": "yes or no", "FT_DOUBLE": "number"}
MADE = "<!-- Written by tests/make_docs.py from tshark -G fields. -->\n\n"


def table(fields, pattern):
    """A table of the fields whose whole name matches `pattern`."""
    rows = [f"| `{name}` | {TYPES.get(kind, kind)} | {(blurb or label).replace('|', '&#124;')} |\n"
            for name, label, kind, blurb in fields if re.fullmatch(pattern, name)]
    return "".join(["| filter | type | what |\n|---|---|---|\n", *rows])


def filters(tshark):
    """docs/filters.md and docs/filters-properties.md, by name. The fields of rules are in plugin/RULES.md."""
    rows = (line.split("\t") for line in tshark.stream("-G", "fields"))
    fields = [(row[2], row[1], row[3], row[7] if len(row) > 7 else "") for row in rows if row[0] == "F" and row[2].startswith("mqtt5.")]
    return {"filters.md": "".join([
        MADE, "# All filters\n\n",
        f"The {len(fields)} fields of the plugin, for `tshark -Y` and `-e`, Wireshark's filter bar, columns and colouring rules. ",
        "The README shows those that people use most. [Statistics](statistics.md) can use filters, too.\n\n",
        "- This page: the packet and its place, and the names of values.\n",
        "- [Properties](filters-properties.md), by packet type.\n",
        "- [Rules](../plugin/RULES.md): each is a field `mqtt5.analysis.` and its name, which is present where a packet breaks the rule.\n\n",
        "## The packet and its place\n\n", table(fields, r"(?!.*\.(property|analysis\.)).*"), values(tshark)]),
        "filters-properties.md": "".join([MADE, "# Filters for properties\n\n", "All others are in [filters.md](filters.md).\n\n",
                                          table(fields, r".*\.property(?!_).*")])}


def values(tshark):
    """The names that filters can use instead of numbers."""
    found = {}
    for line in tshark.stream("-G", "values"):
        row = line.split("\t")
        if row[0] == "V" and row[1].startswith("mqtt5."):
            found.setdefault(row[1], []).append(f"{row[2]} {row[3]}")
    out = ["\n## Names of values\n\nA filter can use the name instead of the number: `mqtt5.packet_type == \"PUBACK\"`, `mqtt5.finding.severity == \"Error\"`.\n\n",
           "| filter | values |\n|---|---|\n"]
    return "".join([*out, *(f"| `{name}` | {', '.join(words)} |\n" for name, words in found.items())])


def buttons():
    """The filter buttons of the profile: (label, filter, question); a label "GROUP//NAME" is an item in the menu of the button GROUP.
    Wireshark writes CSV, with \\xNN for what needs it."""
    lines = (PROFILE / "dfilter_buttons").read_text(encoding="utf-8").splitlines()
    rows = csv.reader(line for line in lines if line and not line.startswith("#"))
    return [[re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), value) for value in row[1:4]] for row in rows]


def with_facts(text):
    """`text` with the table of questions, if it has one, and the numbers of rules and of statements that they check, if it speaks of them."""
    text = re.sub(r"\b\d+(?= rules check )", str(len(rules.read())), text)
    one_packet, one_connection, several = make_coverage.checked()[:3]
    text = re.sub(r"\b\d+ of the \d+(?= numbered statements of MQTT 5.0 that one connection can decide)",
                  "{} of the {}".format(*map(sum, zip(one_packet, one_connection))), text)
    text = re.sub(r"\b\d+ of the \d+(?= that need several connections)", "{} of the {}".format(*several), text)
    rows = "".join(f"| {question} | {label.replace('//', ' > ')} | `{display_filter}` |\n" for label, display_filter, question in buttons())
    return re.sub(r"(\| question \| button \| filter \|\n\|---\|---\|---\|\n)(?:(?:\||@).*\n)*", lambda match: match[1] + rows, text)


def pages():
    return [harness.TOP / "README.md", *sorted(path for path in DOCS.glob("*.md") if not path.name.startswith("filters"))]


def main():
    with tempfile.TemporaryDirectory(prefix="mqtt5-docs-") as room:
        tshark = harness.Tshark(room)
        for name, text in filters(tshark).items():
            (DOCS / name).write_text(text, encoding="utf-8")
        shell = Shell(tshark)
        for path in pages():
            path.write_text(with_facts(filled(path.read_text(encoding="utf-8"), shell)), encoding="utf-8")


if __name__ == "__main__":
    main()
