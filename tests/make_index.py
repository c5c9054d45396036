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

Whole connections between real brokers and clients, recorded by `captures/make/make-real`, which makes them again. They conform to
the standard, and the plugin has no Warning and no Error to show, except for the faults of these peers where a line says "Breaks the standard".
Where there is TLS, the key log lies beside the capture, under the same name with `.keys`:
`tshark -o tls.keylog_file:captures/real/NAME.keys -r captures/real/NAME.pcapng`.

| Capture | What it shows | Made with |
|---|---|---|
"""

MADE = """
## Made ones

Readable text with directions and comments, one dialogue or a few in each, that shows a fault which real peers rarely show, or comes close to
one. `tests/made.py` describes the notation and turns each into a pcapng by text2pcap: `tests/made.py captures/made/NAME.txt NAME.pcapng`. The lines
`expect FRAME RULE` say what the plugin finds there, neither more nor less. The numbers in the names of `field-` captures are of no further meaning;
each says which bug report it was made after.

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
