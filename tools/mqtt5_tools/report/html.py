"""HTML as a tree, so that nothing from a capture can become markup: ElementTree escapes all text and all attributes."""
import json
from xml.etree import ElementTree

# What XML and HTML do not allow in a text, and halves of characters.
UNFIT = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), *range(0x7f, 0xa0), *range(0xd800, 0xe000), 0xfffe, 0xffff) if code not in (9, 10)}


def tag(name, /, *children, **attributes):
    """An element. Children are elements, texts, or None; an attribute `class_` is a class, `data_label` is data-label."""
    made = ElementTree.Element(name, {key.rstrip("_").replace("_", "-"): clean(value) for key, value in attributes.items() if value is not None})
    last = None
    for child in children:
        if child is None:
            continue
        if isinstance(child, ElementTree.Element):
            made.append(child)
            last = child
        elif last is None:
            made.text = (made.text or "") + clean(child)
        else:
            last.tail = (last.tail or "") + clean(child)
    return made


def clean(text):
    return str(text).translate(UNFIT)


def code(text):
    """Text from the capture, or for a program."""
    return tag("code", text)


def table(heads, rows, name=None):
    """rows: lists of cells, each a text, an element or a number, which is aligned to the right. On a phone each row is a card, with the heads before the cells."""
    body = [tag("tr", *(cell(value, head) for value, head in zip(row, heads))) for row in rows]
    return tag("div", tag("table", tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))), tag("tbody", *body)), class_="table", id=name)


def cell(value, head):
    if isinstance(value, (int, float)):
        return tag("td", f"{value:,}", class_="number", data_label=head)
    return tag("td", value, data_label=head)


def data(name, value):
    """JSON that page.js reads. No < is in it, so that no text of a capture can end the element."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return tag("script", text, type="application/json", id=name)


def document(root):
    """The page as bytes."""
    return b"<!DOCTYPE html>\n" + ElementTree.tostring(root, encoding="utf-8", method="html") + b"\n"
