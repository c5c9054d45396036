"""The rule table of the plugin, as the C preprocessor gives it, and which made captures and statements belong to which rule."""
import ast
import collections
import os
import pathlib
import re
import subprocess

import make_coverage

TOP = pathlib.Path(__file__).resolve().parent.parent
SAME = "same"
VERSIONS = ("5.0", "3.1.1", "3.1")

# suspected: bool. packets: names of packet types, "Close" for the end of a connection, "Bytes" for what is no packet. clauses: by version, without those
# in which the rule does not exist. section: the heading above it.
Rule = collections.namedtuple("Rule", "name severity group suspected at_fault packets clauses summary advice section")

# Rows as Python tuples: adjacent strings are one, in C as in Python.
ROWS = f"""
#define MQTT5_RULE_SECTION(heading) (heading,),
#define MQTT5_RULE(name, severity, group, certainty, at_fault, packets, clauses, summary, advice) \\
    (#name, #severity, #group, #certainty, #at_fault, #packets, clauses, summary, advice),
#define EVERY(clause) (clause, "{SAME}", "{SAME}")
#define SINCE_5(clause) (clause, None, None)
#define CLAUSES(v5, v3_1_1, v3_1) (v5, v3_1_1, v3_1)
#define SAME "{SAME}"
#define NONE None
#include "core/rules/rule_list.h"
"""

ORDER = """CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT
           AUTH""".split()
RESERVED = "Reserved (0)"
SETS = {"ANY": {*ORDER, RESERVED}, "NONE": set(), "CLOSE": {"Close"}, "BYTES": {"Bytes"}, "RESERVED": {RESERVED}, **{name: {name} for name in ORDER}}


class RulesError(Exception):
    """A rule list that cannot be read."""


def read():
    """All rules in the order of the table."""
    command = [*os.environ.get("CC", "cc").split(), "-E", "-P", "-x", "c", "-I", str(TOP / "plugin"), "-"]
    done = subprocess.run(command, input=ROWS, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RulesError(f"{' '.join(command)}: {done.stderr.strip()}")
    rules, section = [], ""
    for row in ast.literal_eval(f"[{done.stdout}]"):
        if len(row) == 1:
            section = row[0]
        else:
            rules.append(rule(*row, section))
    return rules


def rule(name, severity, group, certainty, at_fault, packets, clauses, summary, advice, section):
    """A row, with its sets and versions evaluated."""
    suspected = {"CERTAIN": False, "SUSPECTED": True}[certainty]
    return Rule(name, severity, group, suspected, at_fault, packet_set(packets), by_version(clauses),
                summary + (" (suspected)" if suspected else ""), advice, section)


def packet_set(expression):
    """The set that an expression of the table means: names joined by |, or ANY without some."""
    first, *without = expression.split(" & ~")
    packets = frozenset().union(*(SETS[name] for name in first.split(" | ")))
    return packets.difference(*(SETS[name] for name in without))


def by_version(clauses):
    out, last = {}, None
    for version, clause in zip(VERSIONS, clauses):
        last = last if clause == SAME else clause
        if last:
            out[version] = last
    return out


def statements(made):
    """By rule, the statements that it checks: what its row cites, and what tests/coverage says that a capture or a test shows."""
    shown = shown_by(made)
    found = {rule.name: list(dict.fromkeys(rule.clauses.values())) for rule in read()}
    for row in make_coverage.rows():
        statement = re.sub(r"^3\.1\.1:", "", row.statement)
        if row.rule and ("::" in row.test or row.test in shown[row.rule]) and not statement.endswith("-dup"):
            found[row.rule].append(statement)
    return {name: list(dict.fromkeys(clauses)) for name, clauses in found.items()}


def shown_by(made):
    """By rule, the names of the made captures that show it, in order."""
    shown = collections.defaultdict(list)
    for one in made:
        for name in dict.fromkeys(name for _, name in one.expected + one.chats):
            shown[name].append(one.name)
    return shown


def near_by(made):
    """By rule, the names of the made captures that come close to it without breaking it."""
    near = collections.defaultdict(list)
    for one in made:
        for name in one.near:
            near[name].append(one.name)
    return near
