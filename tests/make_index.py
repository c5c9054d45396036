#!/usr/bin/python3
"""Writes captures/README.md, the index of all captures: from captures/real/index.tsv and the first lines of captures/made/*.txt.

    make_index.py          writes it
    make_index.py --check  fails if it is not up to date
"""
import pathlib
import sys

import made

CAPTURES = pathlib.Path(__file__).resolve().parent.parent / "captures"

HEAD = """<!-- Written by tests/make_index.py: change captures/real/index.tsv or captures/made/*.txt instead. -->

# Captures

## From real peers

Whole connections between real brokers and clients, recorded by `captures/make/make-real`, which can record them again. They conform to
the standard, and the plugin shows no Warning and no Error, except for faults of these peers, where a line says "Breaks the standard".
A capture with TLS has its key log next to it, with the same name and the ending `.keys`:
`tshark -o tls.keylog_file:captures/real/NAME.keys -r captures/real/NAME.pcapng`.

| Capture | What it shows | Made with |
|---|---|---|
"""

MADE = """
## Made ones

Each is readable text: one dialogue or a few, with a fault that real peers rarely show, or close to one. `tests/made.py` describes the notation
and turns the text into a pcapng: `tests/made.py captures/made/NAME.txt NAME.pcapng`. A line `expect RULE` says what the plugin finds in the
packet above it; the plugin must find just that. The numbers in the names of `field-` captures have no further meaning; each capture names the bug
report that it was made after.

| Capture | What it shows | Finds |
|---|---|---|
"""


def cell(text):
    return text.replace("|", "\\|")


def real_rows():
    lines = (CAPTURES / "real" / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for line in lines:
        name, shows, made_with = line.split("\t")
        yield f"| [{name}](real/{name}) | {cell(shows)} | {cell(made_with)} |\n"


def made_rows():
    for one in made.read_all(CAPTURES / "made"):
        rules = ", ".join(f"`{rule}`" for rule in dict.fromkeys(rule for _, rule in one.expected)) or "nothing"
        yield f"| [{one.name}](made/{one.name}.txt) | {cell(one.shows)} | {rules} |\n"


def index():
    """The text that captures/README.md must have."""
    return HEAD + "".join(real_rows()) + MADE + "".join(made_rows())


def main(arguments):
    target = CAPTURES / "README.md"
    if arguments == ["--check"]:
        if not target.exists() or target.read_text(encoding="utf-8") != index():
            sys.exit("captures/README.md is not up to date: run tests/make_index.py")
    elif not arguments:
        target.write_text(index(), encoding="utf-8")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
