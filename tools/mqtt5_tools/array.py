"""Judging the parts of a capture as jobs of an engine that runs arrays of them, and putting the findings together again.

The working folder, which all machines see, holds the parts (mqtt5-split), job.json (what each job needs to know), and of each job part-NN.found (what
mqtt5-check prints) and part-NN.json (how it ended).
"""
import argparse
import heapq
import json
import os
import pathlib
import re
import subprocess
import sys

from mqtt5_tools import program
from mqtt5_tools.program import ToolError
from mqtt5_tools.tshark import Tshark

HERE = pathlib.Path(__file__).resolve().parent
SEVERITIES = ("chat", "note", "warning", "error")
STATUS = "0 no finding of that severity, 1 findings, 2 wrong usage, or a part that could not be split, run or judged; then nothing is printed."


def parse(name, engine, arguments):
    """The options, which are the same for all engines, and those of a job, which a user does not see."""
    parser = program.parser(name, f"Judges a capture in parts, as jobs of {engine}, and prints the findings as mqtt5-check prints those of the whole.", STATUS)
    parser.add_argument("captures", nargs="*", metavar="CAPTURE")
    parser.add_argument("-n", dest="parts", type=int, metavar="N", help="the number of parts and jobs")
    parser.add_argument("--folder", metavar="FOLDER", help="a new or empty folder for the parts and their findings, shared by all machines")
    parser.add_argument("--by", choices=("connection", "server"), default="connection",
                        help="what is kept in one part, as for mqtt5-split; by connection (default), rules about several connections are silent")
    parser.add_argument("--port", type=int, action="append", default=[], help="another port of servers, as for mqtt5-split")
    parser.add_argument("--fail-on", choices=SEVERITIES[1:], default="warning", help="the lowest severity that fails (default: warning)")
    program.tshark_options(parser)
    parser.add_argument("--job", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not options.job:
        if not options.captures or not options.folder or options.parts is None:
            parser.error("CAPTURE, -n and --folder are needed")
        if not 1 <= options.parts <= 1000:
            parser.error("-n takes a number from 1 to 1000")
    return options


def tool(name):
    """Where another tool is: beside the one that runs."""
    return str(pathlib.Path(sys.argv[0]).resolve().parent / name)


def prepare(options):
    """Splits the captures and writes down what a job needs to know. Returns the folder."""
    folder = pathlib.Path(options.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ToolError(f"{folder} is not empty: what lies there could be taken for what is found now")
    ports = [word for port in options.port for word in ("--port", str(port))]
    done = subprocess.run([tool("mqtt5-split"), "-n", str(options.parts), "-o", str(folder), "--frames", "--by", options.by, *ports, *options.captures],
                          stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise ToolError(done.stderr.decode(errors="replace").strip().removeprefix("mqtt5-split: ") or "mqtt5-split fails")
    preferences = (["mqtt5.several_connections:FALSE"] if options.by == "connection" else []) + options.preference
    wanted = {"check": tool("mqtt5-check"), "tshark": options.tshark, "preference": preferences, "decode_as": options.decode_as}
    (folder / "job.json").write_text(json.dumps(wanted), encoding="utf-8")
    return folder


def names(folder):
    """The parts, in their order, without what follows the dot."""
    return [path.with_suffix("") for path in sorted(folder.glob("part-*.frames"))]


def part_file(part):
    return next(path for path in (part.with_suffix(".pcapng"), part.with_suffix(".pcap")) if path.exists())


def job(folder, number):
    """Judges part `number`, from 1 on. How that ended is in part-NN.json, which appears whole."""
    folder = pathlib.Path(folder)
    part = names(folder)[int(number) - 1]
    wanted = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    capture = str(part_file(part))
    tshark = Tshark(argparse.Namespace(**wanted))
    result = {"status": 0, "empty": not has_mqtt(tshark, capture), "said": ""}
    with open(part.with_suffix(".found"), "wb") as found:
        if not result["empty"]:
            done = subprocess.run([wanted["check"], "--tshark", tshark.program, *tshark.settings, capture], stdout=found, stderr=subprocess.PIPE, check=False)
            result["status"], result["said"] = done.returncode, done.stderr.decode(errors="replace").strip()
    draft = part.with_suffix(".draft")
    draft.write_text(json.dumps(result), encoding="utf-8")
    os.replace(draft, part.with_suffix(".json"))
    return 0


def has_mqtt(tshark, capture):
    """Whether a part has control packets; what fails here fails in mqtt5-check, too, and is reported there."""
    try:
        return tshark.has_mqtt(capture)
    except ToolError:
        return True


def merge(folder, label, fail_on):
    """Prints the findings of all parts as those of the whole, in the order of its frames. Returns the exit status."""
    parts = names(folder)
    results = [result_of(part) for part in parts]
    if all(result["empty"] for result in results):
        raise ToolError(f"{label}: no MQTT in it, so nothing was judged; -d says which port has MQTT")
    failed = 0
    for _, severity, text in heapq.merge(*(findings(part) for part in parts), key=lambda finding: finding[0]):
        print(text.replace("\0", label, 1))
        failed |= SEVERITIES.index(severity) >= SEVERITIES.index(fail_on)
    return int(failed)


def result_of(part):
    number = part.name.removeprefix("part-").lstrip("0")
    path = part.with_suffix(".json")
    if not path.exists():
        raise ToolError(f"part {number} was not judged: its job has left no result in {part.parent}")
    result = json.loads(path.read_text(encoding="utf-8"))
    if result["status"] not in (0, 1):
        raise ToolError(f"part {number}: {result['said'] or 'mqtt5-check fails'}")
    return result


def findings(part):
    """(frame, severity, line) of each finding of a part, with the frame numbers of the whole, and a null character for the name of the capture."""
    with open(part.with_suffix(".frames"), encoding="ascii") as file:
        numbers = [0, *map(int, file)]
    line = re.compile(re.escape(str(part_file(part))) + r":(\d+): (\w+): (.*)", re.DOTALL)
    with open(part.with_suffix(".found"), encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        for text in file:
            match = line.match(text.rstrip("\n"))
            if not match:
                raise ToolError(f"{file.name}: not what mqtt5-check prints")
            frame = numbers[int(match[1])]
            yield frame, match[2], f"\0:{frame}: {match[2]}: {renumbered(match[3], numbers)}"


def renumbered(message, numbers):
    """A message with the frame numbers of the whole. What it quotes from the capture stays as it is."""
    def one(match):
        return match[0] if match[1] is None or int(match[1]) >= len(numbers) else f"frame {numbers[int(match[1])]}"
    return re.sub(r'"[^"]*"|\bframe (\d+)', one, message)


def main(name, engine, run_jobs, arguments):
    """run_jobs(folder, parts, command): has the engine run `command K` for each K from 1 to parts, and waits for them. Raises ToolError."""
    options = parse(name, engine, arguments)
    if options.job:
        return job(options.job[0], options.job[1] if len(options.job) > 1 else os.environ["SLURM_ARRAY_TASK_ID"])
    folder = prepare(options)
    run_jobs(folder, options.parts, [sys.executable, str(pathlib.Path(sys.argv[0]).resolve()), "--job", str(folder)])
    return merge(folder, options.captures[0] if len(options.captures) == 1 else "captures", options.fail_on)
