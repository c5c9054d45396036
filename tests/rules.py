"""The rule table of the plugin, read from plugin/core/rule_list*.h, and which made captures show which rule."""
import collections
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parent.parent
LIST = TOP / "plugin" / "core" / "rule_list.h"

Rule = collections.namedtuple("Rule", "id name severity group clauses packets at_fault summary advice section")

STRING = r'"(?:[^"\\]|\\.)*"'
TOKEN = re.compile(rf"""
    /\*(?P<comment>.*?)\*/
  | \#include\s+"(?P<include>[^"]+)"
  | MQTT5_RULE\((?P<row>(?:{STRING}|[^"()])*)\)
""", re.VERBOSE | re.DOTALL)
FIELD = re.compile(rf"\s*((?:{STRING}\s*)+|\w+)\s*(?:,|$)")


class RulesError(Exception):
    """A rule list that cannot be read."""


def read(path=LIST):
    """All rules in the order of the table, each with the comment above it as its section."""
    rules, section = [], ""
    for token in TOKEN.finditer(path.read_text(encoding="utf-8")):
        if token["include"]:
            rules += read(path.parent / token["include"])
        elif token["row"]:
            rules.append(read_row(token["row"], section))
        else:
            section = heading(token["comment"]) or section
    return rules


def heading(comment):
    """What a comment says as a heading: its one line, or what a file's own comment says it is about. "" for clang-format's."""
    lines = [line.strip(" *\n") for line in comment.strip().splitlines()]
    if lines[0].endswith(".h"):
        about = re.match(r"Rules on ([^:.]+)", lines[1])
        return about[1][0].upper() + about[1][1:] if about else ""
    return "" if lines[0].startswith("clang-format") else re.sub(r"(:| \()[^:(]*\.c\b.*|\.$", "", lines[0])


def read_row(row, section):
    values = [unquote(match[1]) for match in FIELD.finditer(row)]
    if len(values) != len(Rule._fields) - 1:
        raise RulesError(f"{len(values)} values in MQTT5_RULE({row})")
    values[4] = values[4].split()
    return Rule(*values, section)


def unquote(text):
    """Adjacent C strings as one text; anything else as it is."""
    if not text.startswith('"'):
        return text.strip()
    return re.sub(r"\\(.)", r"\1", "".join(piece[1:-1] for piece in re.findall(STRING, text)))


def shown_by(made):
    """By rule, the names of the made captures that show it, in order."""
    shown = collections.defaultdict(list)
    for one in made:
        for rule in dict.fromkeys(rule for _, rule in one.expected + one.chats):
            shown[rule].append(one.name)
    return shown


def near_by(made):
    """By rule, the names of the made captures that come close to it without breaking it."""
    near = collections.defaultdict(list)
    for one in made:
        for rule in one.near:
            near[rule].append(one.name)
    return near
