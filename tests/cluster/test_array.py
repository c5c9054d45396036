"""tools/mqtt5-array-slurm and tools/mqtt5-array-parallel: parts that are judged as jobs of an engine, put together, are the whole, line by line."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import harness
import pytest

REAL = sorted((harness.CAPTURES / "real").glob("*.pcapng"))
SLURM = pathlib.Path(__file__).resolve().parent / "slurm"
APART = ("-o", "mqtt5.several_connections:FALSE")
# Connections whose server can be told by nothing but --port.
PORTS = [word for port in (18830, 18831, 1884, 80, 8080, 8083, 9001) for word in ("--port", port)]

# What is about a silence, or takes time: a part holds fewer frames, and where it holds none at all, nobody can tell a silence from a pause in capturing.
SILENCE = re.compile(r" (?:for|after) \d+\.\d s\b|\bended long ago\b|\bcontinues \d+\.\d s after\b|\bon the previous connection, which was not acknowledged\b")


def findings(text):
    return [line for line in text.splitlines() if not SILENCE.search(line)]


@pytest.fixture(scope="module")
def slurm():
    """SLURM_CONF of a Slurm of one node that runs as long as the tests of this file do."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mqtt5-slurm-"))
    done = subprocess.run([SLURM, "start", folder], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    yield folder / "slurm.conf"
    done = subprocess.run([SLURM, "stop", folder], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(folder)


@pytest.fixture(params=["parallel", "slurm"])
def engine(request):
    """Each engine in turn: the name of its tool, and what it needs in the environment."""
    if request.param == "parallel":
        return "mqtt5-array-parallel", []
    return "mqtt5-array-slurm", [f"SLURM_CONF={request.getfixturevalue('slurm')}"]


@pytest.fixture
def array(tshark, tmp_path):
    """Runs a tool over its captures, with a new folder to work in. array.folder: that folder."""
    tshark.tool("mqtt5-check", "--version")  # copies the tools
    room = tshark.files / f"array-{tmp_path.name}"
    room.mkdir()
    room.chmod(0o777)

    def run(engine, *arguments, folder=room / "work", variables=()):
        tool, needs = engine
        command = tshark.command("env", [*needs, *variables, tshark.room / "tools" / tool, "--folder", folder, *arguments])
        done = subprocess.run(command, capture_output=True, check=False, timeout=110)
        return harness.Result(done.returncode, done.stdout.decode(), harness.NOISE.sub("", done.stderr.decode()))
    run.folder = room / "work"
    yield run
    shutil.rmtree(room)


@pytest.fixture(scope="module")
def whole(tshark, made):
    """All real captures and all made ones in one: many connections and servers, and every rule."""
    path = tshark.files / "whole-array.pcapng"
    subprocess.run(["mergecap", "-w", path, made.merged, *REAL], check=True)
    path.chmod(0o644)
    return path


def test_eight_jobs_are_the_whole(tshark, array, engine, whole):
    """By connection: the lines, with their frame numbers, and the exit status are those of mqtt5-check on the whole."""
    expected = tshark.tool("mqtt5-check", *APART, whole)
    done = array(engine, "-n", 8, whole)
    assert done.err == "" and findings(done.out) == findings(expected.out) and done.status == expected.status == 1
    assert len(findings(expected.out)) > 500
    found = [path.stat().st_size for path in array.folder.glob("part-*.found")]
    assert len(found) == 8 and min(found) > 0


def test_by_server_nothing_is_missing(tshark, array, whole):
    """With all connections of a server in a part, rules on several connections speak, too; but not of a loop between two servers."""
    expected = findings(tshark.tool("mqtt5-check", whole).out)
    done = array(("mqtt5-array-parallel", []), "-n", 3, "--by", "server", *PORTS, whole)
    loops = [line for line in expected if "which came the other way between these two servers" in line]
    assert done.err == "" and findings(done.out) == [line for line in expected if line not in loops] and loops and done.status == 1


def test_ring_of_files(tshark, array, whole):
    """Frames are counted over all files, and a connection that goes on in the next file is whole."""
    ring = array.folder.parent / "ring"
    ring.mkdir()
    assert subprocess.run(["editcap", "-c", "1500", whole, ring / "file.pcapng"], check=False).returncode == 0
    tshark.open_up(ring)
    done = array(("mqtt5-array-parallel", []), "-n", 4, *sorted(ring.iterdir()))
    expected = tshark.tool("mqtt5-check", *APART, whole).out.replace(f"{whole}:", "captures:")
    assert done.err == "" and findings(done.out) == findings(expected)


def test_a_part_without_mqtt(tshark, array):
    """Of a few connections most parts have none: no reason to fail."""
    capture = tshark.visible(harness.CAPTURES / "real" / "message-size-limit.pcapng")
    done = array(("mqtt5-array-parallel", []), "-n", 20, capture)
    assert done == tshark.tool("mqtt5-check", capture)


def test_no_mqtt_at_all(array, made):
    done = array(("mqtt5-array-parallel", []), "-n", 2, made.path("port-other-late"))
    assert (done.status, done.out) == (2, "") and re.fullmatch(r"mqtt5-array-parallel: \S+: no MQTT in it, [^\n]+\n", done.err)
    assert array(("mqtt5-array-parallel", []), "-n", 2, "-d", "tcp.port==18830,mqtt", made.path("port-other-late"), folder=array.folder.parent / "other").status == 1


def test_a_job_that_fails(array, engine, whole):
    """Its own words come through, and nothing is printed of what the others found."""
    done = array(engine, "-n", 2, "--tshark", "/bin/true", whole)
    assert (done.status, done.out) == (2, "") and re.fullmatch(r"mqtt5-array-\w+: part 1: [^\n]*/bin/true[^\n]*\n", done.err)


def test_a_job_that_is_killed(array, engine, whole, tshark):
    """It leaves no result: that part was not judged, and it is said."""
    killer = array.folder.parent / "tshark"
    killer.write_text("#!/bin/sh\nkill -9 $PPID\n")
    killer.chmod(0o755)
    done = array(engine, "-n", 2, "--tshark", killer, whole)
    assert (done.status, done.out) == (2, "") and len(done.err.splitlines()) == 1 and re.match(r"mqtt5-array-\w+: (part \d was not judged|\d jobs? failed)", done.err)


def test_folder_is_not_empty(array, engine, whole):
    array.folder.mkdir()
    (array.folder / "part-01.found").write_text("what somebody else found")
    done = array(engine, "-n", 2, whole)
    assert done.status == 2 and "is not empty" in done.err and len(done.err.splitlines()) == 1


def test_engine_is_missing(array, engine, whole):
    tool = engine[0]
    done = array(engine, "-n", 2, whole, variables=["PATH=/nowhere"])
    assert done.status == 2 and re.fullmatch(rf"{tool}: [^\n]*: apt install [^\n]+\n", done.err)


def test_slurm_does_not_take_it(array, slurm, whole):
    done = array(("mqtt5-array-slurm", [f"SLURM_CONF={slurm}"]), "-n", 2, whole, variables=["SBATCH_PARTITION=none"])
    assert done.status == 2 and re.fullmatch(r"mqtt5-array-slurm: [^\n]*partition[^\n]*\n", done.err)


@pytest.mark.parametrize("arguments", [["-n", "2"], ["-n", "0", "capture"], ["capture"]])
def test_wrong_usage(array, engine, arguments):
    done = array(engine, *arguments)
    assert done.status == 2 and "usage:" in done.err


def test_capture_is_missing(array, engine):
    done = array(engine, "-n", "2", "/no/such.pcapng")
    assert done.status == 2 and re.fullmatch(r"mqtt5-array-\w+: /no/such.pcapng: No such file or directory\n", done.err)


def test_nothing_runs_on(slurm):
    """No job is left when the tools have returned."""
    done = subprocess.run(["squeue", "-h"], env={**os.environ, "SLURM_CONF": str(slurm)}, capture_output=True, text=True, check=True)
    assert done.stdout == ""
