#!/usr/bin/python3
"""Writes plugin/RULES.md: every rule with its meaning, its advice, and an example message; and the rules of mqtt5-report.

    make_rules.py          (needs tshark and the built plugin; see harness.py)
"""
import json
import re
import sys
import tempfile
import types

import harness
import made as made_captures
import rules

TARGET = rules.TOP / "plugin" / "RULES.md"
ADVICE = rules.TOP / "tools" / "mqtt5_tools" / "report" / "rules.json"
SEVERITIES = {"ERROR": "Error", "WARN": "Warning", "NOTE": "Note", "CHAT": "Chat"}
GROUPS = {
    "PROTOCOL": "Protocol",
    "SEQUENCE": "Sequence",
    "MALFORMED": "Malformed",
    "RESPONSE_CODE": "Response",
    "ASSUMPTION": "Assumption",
    "SECURITY": "Security",
}
OTHERS = {rules.RESERVED: "packet type 0", "Close": "the close of the connection", "Bytes": "bytes that are no packet"}
FAULTS = {"CLIENT": "the client", "SERVER": "the server", "SENDER": "the sender, either side", "NOBODY": "nobody"}

HEAD = """# Rules

<!-- Made by tests/make_rules.py from plugin/core/rules/list/*.h and captures/made: do not edit. -->

Every rule is an expert info of its own: `mqtt5.analysis.<name>` filters for it, and so do the fields `mqtt5.finding`, `mqtt5.finding.clause`
and `mqtt5.finding.severity`. `MQTT-…` are numbers of the standard (5.0, or 3.1.1 where the packet is of that version), bare numbers its
sections. Statements that the standard does not number are called `U-…` (5.0), `U311-…` (3.1.1) and `V31-…` (3.1); what each is about is in
`tests/coverage/statements.tsv`.
"""


def frames(tshark, made, *arguments):
    """All frames of the made captures, by their numbers in the merged one; those that need a preference with it."""
    found = tshark.frames(made.merged, *arguments)
    for one in made.all:
        if one.preferences:
            path = made.merged.parent / f"{one.name}-alone.pcapng"
            one.write(path)
            path.chmod(0o644)
            offset = made.offsets[one.name]
            found.update({offset + number: frame for number, frame in tshark.frames(path, *one.preferences, *arguments).items()})
    return found


def messages(all_frames, made):
    """By rule and capture, the messages that the captures give, as they read in a capture opened by itself."""
    found = {}
    for one in made.all:
        offset = made.offsets[one.name]
        for number in range(1, len(one.capture.frames) + 1):
            for expert in all_frames[offset + number].experts:
                before = 0 if one.preferences else offset
                text = re.sub(r"\bframe (\d+)", lambda match: f"frame {int(match[1]) - before}", expert.message)
                found.setdefault((expert.rule, one.name), []).append(text)
    return found


def example(rule, made, found):
    """The first message of the first capture that shows the rule; captures of field cases and of capture faults come last."""
    names = sorted(rules.shown_by(made.all)[rule.name], key=lambda name: (name.startswith(("field-", "capture-", "segments-")), name))
    texts = [text for name in names for text in found.get((rule.name, name), [])]
    return texts[0] if texts else None


def packets(rule):
    """The packets that a rule is about, in words; all but a few by those few."""
    missing = [name for name in rules.ORDER if name not in rule.packets]
    side = {"CLIENT": " from the client", "SERVER": " from the server"}.get(rule.at_fault, "") if len(rule.packets) > 9 else ""
    if not missing:
        text = "any" + side
    elif len(missing) <= 3:
        text = f"any but {' and '.join(missing)}" + side
    else:
        text = ", ".join(name for name in rules.ORDER if name in rule.packets)
    others = [words for name, words in OTHERS.items() if name in rule.packets and (name != rules.RESERVED or len(missing) > 3)]
    return ", ".join(filter(None, [text, *others])) or "none"


def section(rule, statements, text):
    clauses = ", ".join(f"`{clause}`" if "-" in clause else clause for clause in statements)
    return "\n".join([
        f"### {rule.name}",
        "",
        f"**{SEVERITIES[rule.severity]}** ({GROUPS[rule.group]}): {rule.summary}. {rule.advice}",
        "",
        f"- Clauses: {clauses}",
        f"- Packets: {packets(rule)}; at fault: {FAULTS[rule.at_fault]}",
        f"- Example: `{text}`" if text else "- Example: none yet",
        "",
    ])


def render(table, statements, texts):
    """RULES.md; `statements` has all that a rule checks, and `texts` an example, by rule name."""
    out = [HEAD, "| Rule | Severity | Meaning |", "|---|---|---|"]
    out += [f"| [{rule.name}](#{rule.name}) | {SEVERITIES[rule.severity]} | {rule.summary} |" for rule in table]
    last = None
    for rule in table:
        if rule.section != last:
            out += ["", f"## {rule.section}"]
            last = rule.section
        out += ["", section(rule, statements[rule.name], texts.get(rule.name)).rstrip()]
    return "\n".join(out) + "\n"


def make(tshark, made):
    """What RULES.md should say now."""
    table = rules.read()
    found = messages(frames(tshark, made), made)
    return render(table, rules.statements(made.all), {rule.name: example(rule, made, found) for rule in table})


def advice(table):
    """By rule, its summary and its advice, as JSON."""
    return json.dumps({rule.name: [rule.summary, rule.advice] for rule in table}, indent=0, ensure_ascii=False) + "\n"


def merge(path):
    """All made captures as one, as the fixture `made` has them."""
    captures = made_captures.read_all(harness.CAPTURES / "made")
    made = types.SimpleNamespace(all=captures, merged=path, offsets=made_captures.write_merged(captures, path))
    path.chmod(0o644)
    return made


def main():
    with tempfile.TemporaryDirectory(prefix="mqtt5-rules-") as room:
        try:
            ADVICE.write_text(advice(rules.read()), encoding="utf-8")
            tshark = harness.Tshark(room)
            TARGET.write_text(make(tshark, merge(tshark.files / "merged.pcapng")), encoding="utf-8")
        except (harness.HarnessError, made_captures.MadeError, rules.RulesError) as problem:
            sys.exit(str(problem))


if __name__ == "__main__":
    main()
