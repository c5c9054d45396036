"""The coverage table is complete, and what it names exists: each statement has a rule and a capture, or a reason why there is none."""
import pathlib
import re

import harness
import made as made_captures
import make_coverage
import pytest
import rules

FOLDER = pathlib.Path(__file__).resolve().parent
STATEMENTS = make_coverage.statements()
ROWS = make_coverage.rows()
MAPPED = make_coverage.by_statement()
RULES = {rule.name: rule for rule in rules.read()}
MADE = {one.name: one for one in made_captures.read_all(harness.CAPTURES / "made")}
IDS = {version: {re.sub(r"^3\.1\.1:", "", one.id) for one in STATEMENTS.values() if one.version == version} for version in rules.VERSIONS}
FALLBACK = {"3.1": "3.1.1"}
COUNTS = {("5.0", True): 251, ("5.0", False): 136, ("3.1.1", False): 152, ("3.1", False): 13}


def test_all_statements_are_there():
    counts = {}
    for one in STATEMENTS.values():
        key = one.version, make_coverage.numbered(one)
        counts[key] = counts.get(key, 0) + 1
    assert counts == COUNTS
    assert {one.kind for one in STATEMENTS.values()} == {"wire-single", "wire-conversation", "wire-multi", "no"}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_statement(statement):
    """It is checked, or has a reason why not."""
    assert MAPPED[statement], "no table in tests/coverage has it"
    for row in MAPPED[statement]:
        assert bool(row.rule) == bool(row.test), row
        assert row.rule or row.why_not, row


def test_rows_are_about_statements():
    assert [row for row in ROWS if row.statement not in STATEMENTS] == []


def test_no_row_twice():
    keys = [row[:3] for row in ROWS]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def shown_by_capture(row):
    one = MADE[row.test]
    shows = row.rule in {name for _, name in one.expected + one.chats}
    assert shows or row.rule in one.near
    return shows


def shown_by_test(row):
    """A test with tshark, FILE::NAME, for what a made capture cannot contain."""
    file, name = row.test.split("::")
    text = (FOLDER / file).read_text(encoding="utf-8")
    assert f"def {name}(" in text and row.rule in text
    return True


@pytest.mark.parametrize("row", [row for row in ROWS if row.rule], ids=lambda row: f"{row.statement}-{row.rule}-{row.test}")
def test_row(row):
    """The rule exists, in the version of the statement; the capture (or test) exists, and shows the rule or comes near to it."""
    shows = shown_by_test(row) if "::" in row.test else shown_by_capture(row)
    if shows:
        assert STATEMENTS[row.statement].version in RULES[row.rule].clauses


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_clauses_exist(rule):
    """What a row cites for a version is a statement or a section of that version; 3.1, which numbers none, may go by 3.1.1."""
    for version, clause in rule.clauses.items():
        assert re.fullmatch(r"\d+(\.\d+)*", clause) or any(clause in IDS[each] for each in {version, FALLBACK.get(version, version)})


def test_report(capsys):
    """Prints the totals; the sums are right."""
    text = make_coverage.report()
    totals = [int(total) for total in re.findall(r"^\d+ of (\d+):", text, re.MULTILINE)]
    assert sum(totals) == len(STATEMENTS) and totals[:3] == [66, 127, 42]
    assert "NOT MAPPED" not in text
    with capsys.disabled():
        print("\n" + text.split("\n\n", maxsplit=1)[0])
