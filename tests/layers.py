#!/usr/bin/python3
"""Checks the sources of the plugin against the table of folders in plugin/README.md. Prints what is wrong; exits with 1 if anything is.

    layers.py [FOLDER]     default: plugin; the table is that of FOLDER/README.md

It reports includes against the order of the table, includes of headers that the table does not allow, files without a row, rows without
a file, circles of files (a source and its header are one), sources of more than 500 lines, and folders of more than 15 such pairs.
"""
import collections
import pathlib
import re
import sys

LINES_MAX, PAIRS_MAX = 500, 15
ROW = re.compile(r"^\| (\d+) \| `([^`]+)` \| .* \| (GLib|Wireshark) \| (core|all) \|$", re.M)
INCLUDE = re.compile(r'^#include ([<"])([^>"]+)[>"]', re.M)
C_HEADERS = {"assert.h", "errno.h", "float.h", "inttypes.h", "limits.h", "math.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h"}

Row = collections.namedtuple("Row", "number name outside open_to")


def row_of(rows, file):
    """The row with the longest name that is the file, the pair that it belongs to, or a folder above it; None if there is none."""
    names = [file, file.rsplit(".", 1)[0], *(str(parent) for parent in pathlib.PurePosixPath(file).parents)]
    return next((rows[name] for name in names if name in rows), None)


def include_fault(rows, file, kind, included):
    """What is wrong with this include, or None."""
    row, other = row_of(rows, file), row_of(rows, included)
    if kind == "<":
        pure = included == "glib.h" or included in C_HEADERS
        return None if pure or row.outside == "Wireshark" else f"<{included}>: {row.name} is to need nothing but GLib"
    if not other:
        return f'"{included}" is not in the table'
    if other.open_to == "core" and not file.startswith("core/"):
        return f'"{included}": {other.name} is open to the core alone'
    if other.number > row.number or (other.number == row.number and other is not row):
        return f'"{included}": {row.name} ({row.number}) must not know of {other.name} ({other.number})'
    return None


def pair_of(file):
    return file.rsplit(".", 1)[0]


def find_circle(graph):
    """The files of a circle, the first one again at the end; None if there is none."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return [*path[path.index(node):], node]
        if node in done:
            return None
        path.append(node)
        circle = next(filter(None, map(visit, sorted(graph[node]))), None)
        path.pop()
        done.add(node)
        return circle

    return next(filter(None, map(visit, sorted(graph))), None)


def check(folder):
    """All that is wrong, one line each."""
    rows = {found[1]: Row(int(found[0]), *found[1:]) for found in ROW.findall((folder / "README.md").read_text())}
    sources = {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.[ch]"))}
    graph, pairs, used = collections.defaultdict(set), collections.defaultdict(set), set()
    if not rows:
        yield f"{folder}/README.md: no table of folders"
        return
    for file, text in sources.items():
        pairs[str(pathlib.PurePosixPath(file).parent)].add(pair_of(file))
        if file.endswith(".c") and text.count("\n") > LINES_MAX:
            yield f"{file}: {text.count(chr(10))} lines; at most {LINES_MAX}"
        row = row_of(rows, file)
        if not row:
            yield f"{file}: not in the table of {folder}/README.md"
            continue
        used.add(row.name)
        for kind, included in INCLUDE.findall(text):
            fault = include_fault(rows, file, kind, included)
            if fault:
                yield f"{file}: {fault}"
            if kind == '"' and pair_of(included) != pair_of(file):
                graph[pair_of(file)].add(pair_of(included))
                graph[pair_of(included)]  # a node, even if it includes nothing
    for name in rows.keys() - used:
        yield f"{folder}/README.md: no file of {name}"
    for name, members in pairs.items():
        if len(members) > PAIRS_MAX:
            yield f"{name}: {len(members)} files, a source and its header counted as one; at most {PAIRS_MAX}"
    circle = find_circle(graph)
    if circle:
        yield "circle: " + " -> ".join(circle)


def main():
    faults = list(check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "plugin")))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
