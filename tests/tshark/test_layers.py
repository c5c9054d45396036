"""tests/layers.py finds each kind of fault in small trees; and the map names what exists."""
import fnmatch
import re

import harness
import pytest

import layers

TABLE = """| | Folder or file | Its job | Outside | Open to |
|---|---|---|---|---|
| 1 | `core/low` | job | GLib | core |
| 2 | `core/left` | job | GLib | all |
| 2 | `core/right` | job | GLib | all |
| 3 | `high` | job | Wireshark | all |
"""

SOUND = {
    "core/low/low.h": "#include <glib.h>\n",
    "core/left/left.c": '#include "core/low/low.h"\n',
    "core/right/right.h": "#include <stdint.h>\n",
    "high/high.c": '#include <epan/packet.h>\n#include "core/left/left.h"\n',
}

WRONG = [
    ({"core/low/other.c": '#include "high/other.h"\n'}, "core/low (1) must not know of high (3)"),
    ({"core/left/other.c": '#include "core/right/right.h"\n'}, "core/left (2) must not know of core/right (2)"),
    ({"core/low/low.c": "#include <epan/packet.h>\n"}, "<epan/packet.h>: core/low is to need nothing but GLib"),
    ({"high/other.c": '#include "core/low/low.h"\n'}, "core/low is open to the core alone"),
    ({"high/other.c": '#include "nowhere.h"\n'}, '"nowhere.h" is not in the table'),
    ({"elsewhere/file.c": ""}, "elsewhere/file.c: not in the table"),
    ({"high/a.h": '#include "high/b.h"\n', "high/b.c": '#include "high/c.h"\n', "high/c.c": '#include "high/a.h"\n'},
     "circle: high/a -> high/b -> high/c -> high/a"),
    ({"high/long.c": "\n" * 501}, "high/long.c: 501 lines; at most 500"),
    ({f"high/{i}.{ending}": "" for i in range(15) for ending in "ch"}, "high: 16 files"),
]


def faults(folder, files):
    for name, text in {"README.md": TABLE, **SOUND, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(layers.check(folder))


def test_sound(tmp_path):
    assert faults(tmp_path, {}) == []


@pytest.mark.parametrize("files, fault", WRONG, ids=[fault for _, fault in WRONG])
def test_wrong(tmp_path, files, fault):
    found = faults(tmp_path, files)
    assert len(found) == 1 and fault in found[0]


def test_row_without_files(tmp_path):
    assert faults(tmp_path, {"README.md": TABLE + "| 4 | `gone` | job | GLib | all |\n"}) == [f"{tmp_path}/README.md: no file of gone"]


def test_no_table(tmp_path):
    assert faults(tmp_path, {"README.md": "# The map\n"}) == [f"{tmp_path}/README.md: no table of folders"]


def test_the_map_names_what_is_there():
    """Each file, folder and function of plugin/README.md exists; a pattern or a NAME names several."""
    plugin = harness.TOP / "plugin"
    text = (plugin / "README.md").read_text(encoding="utf-8")
    files = [str(path) for path in plugin.rglob("*")]
    sources = "".join(path.read_text(encoding="utf-8") for path in plugin.rglob("*.[ch]"))
    for name in set(re.findall(r"`([^`]+)`", text)):
        if name.endswith("()"):
            assert "NAME" in name or name[:-1] in sources, name
        elif "/" in name or "." in name:
            name = name.rstrip("/")
            assert fnmatch.filter(files, f"*/{name}") or fnmatch.filter(files, f"*/{name}.[ch]") or (harness.TOP / name).exists(), name
