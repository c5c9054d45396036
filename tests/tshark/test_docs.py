"""docs/: every command does what the page says, every link leads somewhere, and the list of filters is the plugin's."""
import re

import make_docs
import pytest


def commands():
    for path in make_docs.pages():
        pairs = [pair for _, found in make_docs.blocks(path.read_text(encoding="utf-8")) for pair in found]
        for number, (command, printed) in enumerate(pairs, 1):
            yield pytest.param(path.name, command, printed, id=f"{path.stem}-{number}")


@pytest.fixture(scope="module")
def shell(tshark):
    return make_docs.Shell(tshark)


def loosened(text):
    """Without the padding and units of Wireshark's tables, the end of a last interval, and the corners of SQLite's, which differ between their releases."""
    text = text.translate(str.maketrans("╭╮╰╯╞╪╡═", "┌┐└┘├┼┤─"))
    text = re.sub(r"<> [\d.]+ *\|", "<> |", text)
    if "MQTT5 Endpoints" in text:  # 4.6 prints 46874 bytes as "46 kB"
        text = re.sub(r"(?<= )(\d{2,})\d{3}(?= |$)", r"\1 kB", text, flags=re.MULTILINE)
    return re.sub(r" ?\|", "|", re.sub(" +", " ", re.sub(r"(?<=\d) bytes\b", "", make_docs.trimmed(text))))


@pytest.mark.parametrize("page, command, printed", list(commands()))
def test_command(shell, page, command, printed):
    assert loosened(shell.run(command)) == loosened(printed), f"docs/{page}; tests/make_docs.py writes it anew"


@pytest.mark.parametrize("path", make_docs.pages(), ids=lambda path: path.name)
def test_facts(path):
    text = path.read_text(encoding="utf-8")
    assert make_docs.with_facts(text) == text, "stale: run tests/make_docs.py"


def test_facts_of_the_front_page():
    text = (make_docs.harness.TOP / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{display_filter}` |" in text for _, display_filter, _ in make_docs.buttons()) and len(make_docs.buttons()) == 13


@pytest.mark.parametrize("path", make_docs.pages(), ids=lambda path: path.name)
def test_no_command_escapes(path):
    """Each block of code is run, or says why not; there are no commands elsewhere."""
    text = path.read_text(encoding="utf-8")
    for match in make_docs.BLOCK.finditer(text):
        assert match["marker"] or list(make_docs.blocks(match[0])), match[0]
    outside = make_docs.BLOCK.sub("", text)
    assert "```" not in outside
    assert not re.findall(r"^(?: {4}|\t)(?:\$ |(?:tshark|wireshark|tools/|tests/|meson|ninja|apt|sudo|mqtt5-|curl|capinfos|editcap)\b).*", outside, re.MULTILINE)


def test_filters_are_current(tshark):
    made = make_docs.filters(tshark)
    there = {path.name: path.read_text(encoding="utf-8") for path in make_docs.DOCS.glob("filters*.md")}
    assert there == made, "stale: run tests/make_docs.py"


@pytest.mark.parametrize("path", make_docs.pages(), ids=lambda path: path.name)
def test_links(path):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.fixture(scope="module")
def known(tshark):
    """The names of all fields, protocols and preferences of the plugin."""
    fields = {line.split("\t")[2] for line in tshark.stream("-G", "fields") if line.startswith(("F\t", "P\t"))}
    return fields | set(re.findall(r"^#?(mqtt5\.[a-z0-9_]+):", tshark.run("-G", "defaultprefs").out, re.MULTILINE))


@pytest.mark.parametrize("path", make_docs.pages(), ids=lambda path: path.name)
def test_filters_in_text_exist(known, path):
    """Names of fields and preferences in the running text, too."""
    named = set(re.findall(r"(?<!layers\.)\bmqtt5(?:\.[a-z0-9_]+)+", path.read_text(encoding="utf-8"))) - {"mqtt5.so", "mqtt5.dll", "mqtt5.vcxproj"}
    assert {name for name in named if name not in known} == set()
