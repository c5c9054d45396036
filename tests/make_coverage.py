#!/usr/bin/python3
"""The coverage table: every statement of the standard, with the rule that checks it and the made capture that shows it, or the reason why there is none.

    make_coverage.py       prints the totals, and each statement that is not checked with its reason

tests/coverage/statements.tsv lists the statements; all other tables there map them: statement, rule, test, why not. A test is the name of a
made capture, which either shows the rule or comes near to it (directive `near`): the latter for statements that allow something; or FILE::NAME
of a test in tests/tshark.
"""
import collections
import csv
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "coverage"
HEADER = ["statement", "rule", "test", "why not"]

Statement = collections.namedtuple("Statement", "id version kind says")
Row = collections.namedtuple("Row", "statement rule test why_not table")

GROUPS = [
    ("5.0, numbered, from one packet", lambda one: numbered(one) and one.kind == "wire-single"),
    ("5.0, numbered, from one connection", lambda one: numbered(one) and one.kind == "wire-conversation"),
    ("5.0, numbered, from several connections", lambda one: numbered(one) and one.kind == "wire-multi"),
    ("5.0, numbered, not on the wire", lambda one: numbered(one) and one.kind == "no"),
    ("5.0, without a number", lambda one: one.version == "5.0" and not numbered(one)),
    ("3.1.1 and 3.1", lambda one: one.version != "5.0"),
]


class CoverageError(Exception):
    """A table that cannot be read."""


def numbered(statement):
    return statement.version == "5.0" and statement.id.startswith("MQTT-")


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return rows[0], rows[1:]


def statements():
    """All statements, by id."""
    return {row[0]: Statement(*row) for row in table(FOLDER / "statements.tsv")[1]}


def rows():
    """All rows of all mapping tables."""
    out = []
    for path in sorted(FOLDER.glob("*.tsv")):
        if path.name == "statements.tsv":
            continue
        header, lines = table(path)
        if header != HEADER:
            raise CoverageError(f"{path}: the first line must be {HEADER}")
        for number, line in enumerate(lines, 2):
            if len(line) > len(HEADER):
                raise CoverageError(f"{path}:{number}: too many columns")
            out.append(Row(*(line + [""] * (len(HEADER) - len(line))), path.name))
    return out


def by_statement():
    mapped = collections.defaultdict(list)
    for row in rows():
        mapped[row.statement].append(row)
    return mapped


def groups():
    """For each of GROUPS its title, its statements, and those of them that some rule checks."""
    mapped = by_statement()
    for title, belongs in GROUPS:
        group = [one for one in statements().values() if belongs(one)]
        yield title, group, [one for one in group if any(row.rule for row in mapped[one.id])]


def checked():
    """For each of GROUPS how many statements are checked, and how many there are."""
    return [(len(done), len(group)) for _, group, done in groups()]


def report():
    """Totals, then what is not checked."""
    mapped, lines, rest = by_statement(), [], []
    for title, group, done in groups():
        lines.append(f"{len(done)} of {len(group)}: {title}")
        rest += [f"{one.id}: {'; '.join(row.why_not for row in mapped[one.id]) or 'NOT MAPPED'}" for one in group if one not in done]
    return "\n".join([*lines, "", "Not checked:", *rest])


if __name__ == "__main__":
    print(report())
