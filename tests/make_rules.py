#!/usr/bin/python3
"""Writes plugin/RULES.md: every rule with what it means, what to do, and a message as users see it.

    make_rules.py          (needs tshark and the built plugin; see harness.py)
"""
import re
import sys
import tempfile
import types

import harness
import made as made_captures
import pdml
import rules

TARGET = rules.TOP / "plugin" / "RULES.md"
SEVERITIES = {"ERROR": "Error", "WARN": "Warning", "NOTE": "Note", "CHAT": "Chat"}
GROUPS = {
    "PROTOCOL": "Protocol",
    "SEQUENCE": "Sequence",
    "MALFORMED": "Malformed",
    "RESPONSE_CODE": "Response",
    "ASSUMPTION": "Assumption",
}
FAULTS = {"client": "the client", "server": "the server", "both": "the sender, either side", "-": "nobody"}

HEAD = """# Rules

<!-- Made by tests/make_rules.py from plugin/core/rule_list*.h and captures/made: do not edit. -->

Every rule is an expert info of its own: `mqtt5.analysis.<name>` filters for it, and so do the fields `mqtt5.finding`, `mqtt5.finding.clause`
and `mqtt5.finding.severity`. `MQTT-…` are numbers of the standard (5.0, or 3.1.1 where the packet is of that version), bare numbers its
sections. Statements that the standard does not number are called `U-…` (5.0), `U311-…` (3.1.1) and `V31-…` (3.1); what each is about is in
`tests/coverage/statements.tsv`.
"""


def messages(frames, made):
    """By rule and capture, the messages that the captures give, as they read in a capture opened by itself."""
    found = {}
    for one in made.all:
        offset = made.offsets[one.name]
        for number in range(1, len(one.capture.frames) + 1):
            for expert in frames[offset + number].experts:
                text = re.sub(r"\bframe (\d+)", lambda match: f"frame {int(match[1]) - offset}", expert.message)
                found.setdefault((expert.rule, one.name), []).append(text)
    return found


def example(rule, made, found):
    """The first message of the first capture whose subject is the rule: those of the field and of the capture's own faults come last."""
    names = sorted(rules.shown_by(made.all)[rule.name], key=lambda name: (name.startswith(("field-", "capture-", "segments-")), name))
    texts = [text for name in names for text in found.get((rule.name, name), [])]
    return texts[0] if texts else None


def section(rule, text):
    clauses = ", ".join(f"`{clause}`" if "-" in clause else clause for clause in rule.clauses)
    return "\n".join([
        f"### {rule.name}",
        "",
        f"**{SEVERITIES[rule.severity]}** ({GROUPS[rule.group]}): {rule.summary}. {rule.advice}",
        "",
        f"- Clauses: {clauses}",
        f"- Packets: {rule.packets}; at fault: {FAULTS[rule.at_fault]}",
        f"- Example: `{text}`" if text else "- Example: none yet",
        "",
    ])


def render(table, texts):
    """RULES.md; `texts` has an example by rule name."""
    out = [HEAD, "| Rule | Severity | Meaning |", "|---|---|---|"]
    out += [f"| [{rule.name}](#{rule.name}) | {SEVERITIES[rule.severity]} | {rule.summary} |" for rule in table]
    last = None
    for rule in table:
        if rule.section != last:
            out += ["", f"## {rule.section}"]
            last = rule.section
        out += ["", section(rule, texts.get(rule.name)).rstrip()]
    return "\n".join(out) + "\n"


def make(tshark, made):
    """What RULES.md should say now."""
    table = rules.read()
    found = messages(pdml.read(tshark.read(made.merged, "-T", "pdml")), made)
    return render(table, {rule.name: example(rule, made, found) for rule in table})


def merge(path):
    """All made captures as one, as the fixture `made` has them."""
    captures = made_captures.read_all(harness.CAPTURES / "made")
    made = types.SimpleNamespace(all=captures, merged=path, offsets=made_captures.write_merged(captures, path))
    path.chmod(0o644)
    return made


def main():
    with tempfile.TemporaryDirectory(prefix="mqtt5-rules-") as room:
        try:
            tshark = harness.Tshark(room)
            TARGET.write_text(make(tshark, merge(tshark.files / "merged.pcapng")), encoding="utf-8")
        except (harness.HarnessError, made_captures.MadeError, rules.RulesError) as problem:
            sys.exit(str(problem))


if __name__ == "__main__":
    main()
