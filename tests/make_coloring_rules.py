#!/usr/bin/python3
"""Writes the profile's colouring rules once more, as Wireshark after 4.6 reads them: `colorfilters` is what is edited, coloring_rules.jsonc follows.

    make_coloring_rules.py
"""
import json
import pathlib
import re

PROFILE = pathlib.Path(__file__).resolve().parent.parent / "plugin" / "profile" / "MQTT 5"
TARGET = PROFILE / "coloring_rules.jsonc"
RULE = re.compile(r"(!?)@([^@]+)@([^@]+)@\[(\d+),(\d+),(\d+)\]\[(\d+),(\d+),(\d+)\]")


def rgb(sixteen_bits):
    return "#" + "".join(f"{int(value) >> 8:02x}" for value in sixteen_bits)


def converted(text):
    """The text of `colorfilters`: name, filter, background and foreground, a rule a line."""
    rules = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            off, name, display_filter, *colours = RULE.fullmatch(line).groups()
            rules.append({name: {"filter": display_filter, "foreground": rgb(colours[3:]), "background": rgb(colours[:3]), "enabled": not off}})
    return "// Written by tests/make_coloring_rules.py: change colorfilters instead. The first rule that matches a frame colours it.\n" + \
        json.dumps(rules, indent=2, ensure_ascii=False) + "\n"


def wanted():
    return converted((PROFILE / "colorfilters").read_text(encoding="utf-8"))


if __name__ == "__main__":
    TARGET.write_text(wanted(), encoding="utf-8")
