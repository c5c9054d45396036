"""Simulated worlds, judged by tshark: what it says of traffic that keeps to the standard, however badly captured."""
import collections
import pathlib
import re
import subprocess

SEVERITIES = {"0x00200000": "Chat", "0x00400000": "Note", "0x00600000": "Warning", "0x00800000": "Error"}
LOSSY = "loss"  # the network loses segments, and the tap none
CLAUSE = re.compile(r"\[[^\[\]]*\d[^\[\]]*\]$")
PORTS = ("-d", "tcp.port==51883,mqtt")  # of some servers, which are not at 1883
OUT_OF_ORDER = ("-o", "tcp.reassemble_out_of_order:TRUE")

# The Notes that conforming traffic may draw, and why.
ALLOWED = {
    "reason_code_failure": "the peer reports a failure, legally: the worlds refuse connections, topics and filters, take over and shut down",
    "version_assumed": "the capture has no CONNECT of the connection: it says so, once",
    "framing_lost": "the capture lacks bytes, and begins again within a packet: it says so",
}

Finding = collections.namedtuple("Finding", "seed frame severity rule message packets")
Fault = collections.namedtuple("Fault", "frame rules there")


class WorldError(Exception):
    """The worlds cannot be made or read; the message says why."""


def make(program, folder, seed, count, disturb, *options):
    """Writes a capture of `count` worlds, the first with `seed`. Returns its path, and what it really shows."""
    pcap = pathlib.Path(folder) / f"world-{disturb}-{seed}-{count}.pcap"
    truth = pcap.with_suffix(".tsv")
    how = ["--loss", "2"] if disturb == LOSSY else ["--disturb", disturb]
    done = subprocess.run([program, "--seed", str(seed), "--worlds", str(count), *how, *options, "--truth", truth, pcap],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise WorldError(f"make-world, seed {seed}: {done.stderr.strip() or 'status %d' % done.returncode}")
    return pcap, Truth(truth)


class Truth:
    """What a capture of simulated worlds really shows (truth.h)."""

    def __init__(self, path):
        self.worlds = []                              # seed, first frame, last frame
        self.packets = collections.defaultdict(list)  # by frame: their descriptions
        self.copies, self.faults, self.frames = {}, {}, 0
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            kind, *values = line.split("\t")
            getattr(self, kind)(*values)

    def world(self, _number, first, last, seed, _server):
        self.worlds.append((int(seed), int(first), int(last)))
        self.frames = int(last)

    def packet(self, frame, _nth, connection, direction, text):
        self.packets[int(frame)].append(f"{direction} of connection {connection}: {text}")

    def copy(self, frame, nth, original, original_nth):
        self.copies[int(frame), int(nth)] = (int(original), int(original_nth))

    def again(self, *_values):
        pass

    def fault(self, frame, _nth, rules, where):
        seed, first, _last = self.worlds[-1]
        self.faults[seed] = Fault(int(frame) - first + 1 if int(frame) else 0, rules.split("|"), where == "there")

    def tap(self, _frame, _what):
        pass

    def seed_of(self, frame):
        return next((seed, first) for seed, first, last in self.worlds if first <= frame <= last)


def findings(tshark, pcap, truth, *arguments):
    """All that is found, down to Chats."""
    rows = tshark.fields(pcap, ["frame.number", "mqtt5.finding", "mqtt5.finding.severity", "_ws.expert.message"], "-Y", "mqtt5.finding",
                         "-E", "aggregator=|", *PORTS, *arguments)
    found = []
    for number, rules, severities, messages in rows:
        seed, first = truth.seed_of(int(number))
        ours = [text for text in messages.split("|") if CLAUSE.search(text)]  # stock has no clauses
        names = rules.split("|")
        for i, (rule, severity) in enumerate(zip(names, severities.split("|"))):
            message = ours[i] if len(ours) == len(names) else " | ".join(ours)
            found.append(Finding(seed, int(number) - first + 1, SEVERITIES[severity], rule, message, truth.packets.get(int(number), [])))
    return found


def unseen(tshark, pcap, truth, *arguments):
    """Of an undisturbed capture: the frames in which the plugin does not see the control packets that end there, as (seed, frame, seen)."""
    rows = tshark.fields(pcap, ["frame.number", "mqtt5.packet_type"], "-Y", "tcp", "-E", "aggregator=|", *PORTS, *arguments)
    wrong = []
    for number, types in rows:
        seen = len(types.split("|")) if types else 0
        if seen != len(truth.packets.get(int(number), [])):
            seed, first = truth.seed_of(int(number))
            wrong.append((seed, int(number) - first + 1, seen))
    return wrong


def unexpected(found, faults=None):
    """Those that conforming traffic must not draw, but for the rules that are broken: `faults`, by seed."""
    broken = {seed: fault.rules for seed, fault in (faults or {}).items()}
    return [one for one in found
            if one.severity != "Chat" and not (one.severity == "Note" and one.rule in ALLOWED) and one.rule not in broken.get(one.seed, ())]


def missed(found, truth):
    """The faults that are to be seen in one frame, and were not found there: seed and fault."""
    there = {(one.seed, one.frame, one.rule) for one in found}
    return [(seed, fault) for seed, fault in truth.faults.items()
            if fault.there and fault.frame and not any((seed, fault.frame, rule) in there for rule in fault.rules)]
