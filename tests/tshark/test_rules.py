"""The rule table keeps to its own conventions, every rule is shown by a made capture, and plugin/RULES.md says what the table says."""
import re

import harness
import made as made_captures
import make_coverage
import make_rules
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
    "NOTE": {"PROTOCOL", "SEQUENCE", "RESPONSE_CODE", "ASSUMPTION", "SECURITY"},
    "CHAT": {"PROTOCOL", "SEQUENCE", "ASSUMPTION"},
}
MESSAGE = re.compile(r"(?P<packet>[A-Z]+|Close|Bytes|Reserved \(0\))( from (client|server))?: .+?(?P<suspected> \(suspected\))? \[(?P<clause>[^\[\]]+)\]")
LONGEST = 239  # bytes: Wireshark cuts labels there
OF_BYTES = "framing_lost"  # the one rule about bytes that are no packet


def known(clause):
    return clause in CLAUSES or re.fullmatch(r"\d+(\.\d+)*", clause)


@pytest.mark.parametrize("rule", TABLE, ids=NAMES)
def test_row(rule):
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", rule.name)
    assert rule.group in GROUPS[rule.severity]
    assert not rule.suspected or rule.severity in ("NOTE", "CHAT")
    assert rule.at_fault in ("CLIENT", "SERVER", "SENDER", "NOBODY")
    assert rule.section and (rule.packets or rule.name == OF_BYTES)
    assert rule.clauses and [clause for clause in rule.clauses.values() if not known(clause)] == []
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
    """A capture that comes close to a rule does not break it, and names only rules that exist."""
    named = {rule for _, rule in one.expected + one.chats}
    assert set(one.near) & named == set()
    assert (set(one.near) | named) - set(NAMES) == set()


@pytest.fixture(scope="module")
def found(tshark, made):
    return make_rules.messages(make_rules.frames(tshark, made), made)


def test_messages(found):
    """Each message fits a label, is one line, names the packet and its sender, which the rule's row allows, and cites a statement that
    tests/coverage gives to the rule, or a section. It is a suspicion where the row says so."""
    table, statements = {rule.name: rule for rule in TABLE}, rules.statements(MADE)
    for (rule, name), texts in found.items():
        for text in texts:
            where = f"{rule} in {name}: {text}"
            assert len(text.encode()) <= LONGEST and text.isprintable(), where
            if rule != OF_BYTES:
                parts = MESSAGE.fullmatch(text)
                assert parts and parts["packet"] in table[rule].packets, where
                assert known(parts["clause"]), where
                if "-" in parts["clause"] and table[rule].group != "RESPONSE_CODE":
                    assert parts["clause"] in statements[rule], where
                assert bool(parts["suspected"]) == table[rule].suspected, where


def test_suspected_is_typed_once():
    """Summaries, messages and causes have the word from one place."""
    typed = [path.name for path in (rules.TOP / "plugin").rglob("*.c") if "(suspected)" in path.read_text(encoding="utf-8")]
    assert typed == []
    assert [rule.name for rule in TABLE if rule.summary.count("(suspected)") != rule.suspected] == []


def test_rules_md_is_fresh(tshark, made):
    assert make_rules.TARGET.read_text(encoding="utf-8") == make_rules.make(tshark, made), "run tests/make_rules.py"
