"""What the tests share: tshark with the plugin, and the captures. See harness.py for how they are run."""
import pathlib
import resource
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import harness  # noqa: E402
import made as made_captures  # noqa: E402


MEMORY = 450_000  # kB for a process of the tests: two of them, each with a tshark, stay below a gigabyte


@pytest.fixture(scope="session", autouse=True)
def memory():
    """Fails at the end of a session that took too much: what tshark prints of all captures does not belong into memory (see Tshark.lines)."""
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert peak < MEMORY, f"the tests took {peak} kB of memory, and may take {MEMORY}"


@pytest.fixture(scope="session")
def tshark():
    """harness.Tshark; a plugin that is missing or does not load is a failure, never a skip."""
    # Not pytest's own temporary folder: other users cannot read it, and the next session closes it again.
    with tempfile.TemporaryDirectory(prefix="mqtt5-tests-") as room:
        try:
            yield harness.Tshark(room)
        except harness.HarnessError as problem:
            pytest.fail(str(problem), pytrace=False)


class MadeCaptures:
    """captures/made: `all` of them, each as pcapng on demand, and all of them as one."""

    def __init__(self, folder):
        self.folder = folder
        self.all = made_captures.read_all(harness.CAPTURES / "made")
        self.names = [one.name for one in self.all]
        self.merged = folder / "merged.pcapng"
        self.offsets = made_captures.write_merged(self.all, self.merged)
        self.merged.chmod(0o644)

    def path(self, name):
        """The pcapng of one made capture."""
        path = self.folder / f"{name}.pcapng"
        if not path.exists():
            next(one for one in self.all if one.name == name).write(path)
            path.chmod(0o644)
        return path


@pytest.fixture(scope="session")
def made(tshark):
    return MadeCaptures(tshark.files)


@pytest.fixture
def made_text(tmp_path, tshark):
    """A function: text in the notation of made.py to a pcapng that tshark can read."""
    def write(text, name="capture"):
        source = tmp_path / f"{name}.txt"
        source.write_text(text if text.startswith("#") else f"# {name}\nexpect none\n{text}", encoding="utf-8")
        target = tshark.files / f"{tmp_path.name}-{name}.pcapng"
        made_captures.Made(source).write(target)
        target.chmod(0o644)
        return target
    return write
