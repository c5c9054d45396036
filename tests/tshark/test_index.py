"""captures/README.md is what tests/make_index.py writes, and the index of real captures has a line for each."""
import harness
import make_index


def test_up_to_date():
    written = (harness.CAPTURES / "README.md").read_text(encoding="utf-8")
    assert written == make_index.index(), "run tests/make_index.py"


def test_real_captures_are_listed():
    lines = (harness.CAPTURES / "real" / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]
    listed = [line.split("\t")[0] for line in lines]
    assert sorted(listed) == sorted(path.name for path in (harness.CAPTURES / "real").glob("*.pcapng"))
    assert all(len(line.split("\t")) == 3 and all(line.split("\t")) for line in lines)
