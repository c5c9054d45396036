"""The rule table keeps to its own conventions, every rule is shown by a made capture, and plugin/RULES.md says what the table says."""
import re

import harness
import made as made_captures
import make_coverage
import make_rules
import pdml
import pytest
import rules

TABLE = rules.read()
NAMES = [rule.name for rule in TABLE]
MADE = made_captures.read_all(harness.CAPTURES / "made")
SHOWN = rules.shown_by(MADE)
NEAR = rules.near_by(MADE)
CLAUSES = {re.sub(r"^3\.1\.1:", "", name) for name in make_coverage.statements()}
GROUPS = {
    "ERROR": {"MALFORMED"},
    "WARN": {"PROTOCOL", "SEQUENCE"},
    "NOTE": {"PROTOCOL", "SEQUENCE", "RESPONSE_CODE", "ASSUMPTION"},
    "CHAT": {"PROTOCOL", "SEQUENCE", "ASSUMPTION"},
}
LONGEST = 239  # bytes: Wireshark cuts labels there
OF_BYTES = "framing_lost"  # the one rule about bytes that are no packet


def known(clause):
    return clause in CLAUSES or re.fullmatch(r"\d+(\.\d+)*", clause)


@pytest.mark.parametrize("rule", TABLE, ids=NAMES)
def test_row(rule):
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", rule.name) and rule.id == rule.name.upper()
    assert rule.group in GROUPS[rule.severity]
    assert rule.at_fault in ("client", "server", "both", "-")
    assert rule.packets and rule.section
    assert rule.clauses and [clause for clause in rule.clauses if not known(clause)] == []
    for text in (rule.summary, rule.advice):
        assert text and "\n" not in text and text == text.strip() and "  " not in text
    assert len(rule.summary.encode()) <= 80 and not rule.summary.endswith(".")
    assert rule.advice.endswith(".")


def test_names_are_unique():
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("rule", TABLE, ids=NAMES)
def test_has_a_capture(rule):
    """Some made capture shows it; and where it accuses anybody, another comes close to it without a word."""
    assert SHOWN[rule.name]
    if rule.severity in ("WARN", "ERROR"):
        assert NEAR[rule.name]


@pytest.mark.parametrize("one", MADE, ids=[one.name for one in MADE])
def test_near_is_silent(one):
    """A capture that only comes near a rule does not break it, and names no rule that does not exist."""
    named = {rule for _, rule in one.expected + one.chats}
    assert set(one.near) & named == set()
    assert (set(one.near) | named) - set(NAMES) == set()


@pytest.fixture(scope="module")
def found(tshark, made):
    return make_rules.messages(pdml.read(tshark.read(made.merged, "-T", "pdml")), made)


def test_messages(found):
    """Each message fits a label, is one line, says which packet from whom, and cites a clause that exists."""
    for (rule, name), texts in found.items():
        for text in texts:
            where = f"{rule} in {name}: {text}"
            assert len(text.encode()) <= LONGEST and text.isprintable(), where
            if rule != OF_BYTES:
                assert re.match(r"([A-Z]+|Close|Reserved \(0\))( from (client|server))?: ", text), where
                clause = re.search(r" \[([^\[\]]+)\]$", text)
                assert clause and known(clause[1]), where


def test_rules_md_is_fresh(tshark, made):
    assert make_rules.TARGET.read_text(encoding="utf-8") == make_rules.make(tshark, made), "run tests/make_rules.py"
