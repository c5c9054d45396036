"""Runs tshark with the plugin that was built here, independent of what this user has installed or configured.

Wireshark ignores WIRESHARK_PLUGIN_DIR as root, so root runs it as an unprivileged user, who sees only a folder of copies.
"""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
from xml.etree import ElementTree

import pdml

TOP = pathlib.Path(__file__).resolve().parent.parent
CAPTURES = TOP / "captures"
NOBODY = "65534"
NOISE = re.compile(r"Running as user .* This could be dangerous\.\s*")  # tshark's own remark to root

REMEMBERED = 16_000_000  # characters of output
# Tables of Wireshark's that say nothing about MQTT: to read them takes a third of the time of each start of tshark 4.0.
LEFT_OUT = {"enterprises", "enterprises.tsv", "manuf", "services"}
# What pdml is asked for: all of MQTT with all that is ours, wherever it stands; and what else pdml.control_packets needs. The rest of it, mostly
# what TCP and IP say, takes three quarters of the time.
OF_MQTT = ("-J", "mqtt mqtt5.analysis mqtt5.continuation mqtt5.segment mqtt5.not_mqtt")
OF_CONTROL_PACKETS = ("-J", "frame tcp mqtt")

Result = collections.namedtuple("Result", "status out err")


class HarnessError(Exception):
    """The tests cannot run at all; the message says why and what to do."""


def plugin_folder():
    """The folder with X.Y/epan/mqtt5.so in it, from MQTT5_PLUGIN_DIR or the default build folder."""
    folder = pathlib.Path(os.environ.get("MQTT5_PLUGIN_DIR", TOP / "build" / "plugins"))
    if not list(folder.glob("*/epan/mqtt5.so")):
        raise HarnessError(f"no plugin in {folder} (looked for X.Y/epan/mqtt5.so): build it first, or set MQTT5_PLUGIN_DIR")
    return folder


class Tshark:
    """Runs tshark and related programs below `room`, a folder of their own, and remembers the output of the last runs, if it is short."""

    def __init__(self, room):
        self.room = pathlib.Path(room)
        self.home = self.room / "home"
        self.home.mkdir()
        self.files = self.room / "files"
        self.files.mkdir()
        (self.room / "no-plugins").mkdir()
        shutil.copytree(plugin_folder(), self.room / "plugins", symlinks=False)
        self.known = collections.OrderedDict()
        self.as_root = os.geteuid() == 0
        self.data = None
        self.open_up()
        self.leave_out_tables()
        self.check_loads()

    def leave_out_tables(self):
        """Makes room/data: Wireshark's folder of data files, without those in LEFT_OUT."""
        listed = re.search(r"^Global configuration:\s+(.+)$", self.run("-G", "folders").out, re.MULTILINE)
        if listed and (folder := pathlib.Path(listed[1])).is_dir():
            self.data = self.room / "data"
            self.data.mkdir()
            for path in folder.iterdir():
                if path.name not in LEFT_OUT:
                    (self.data / path.name).symlink_to(path)

    def open_up(self, folder=None):
        """Lets the unprivileged user read all below `folder`, by default `room`, and write there."""
        if self.as_root:
            folder = folder or self.room
            for path in [folder, *folder.rglob("*")]:
                if path.is_symlink():  # to a file of the system's
                    continue
                path.chmod(0o777 if path.is_dir() else 0o755 if path.stat().st_mode & 0o100 else 0o644)

    def check_loads(self):
        listed = self.run("-G", "plugins")
        if "mqtt5.so" not in listed.out:
            raise HarnessError(f"tshark does not load the plugin from {plugin_folder()}:\n{listed.err or listed.out or '(no output)'}\n"
                               f"(is it built for this Wireshark? {self.run('--version').out.splitlines()[0]})")

    def environment(self, plugin):
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "WIRESHARK_CONFIG_DIR": str(self.home / "config"),
            "WIRESHARK_PLUGIN_DIR": str(self.room / {True: "plugins", False: "no-plugins"}.get(plugin, plugin)),
            **({"WIRESHARK_DATA_DIR": str(self.data)} if self.data else {}),
            "WIRESHARK_ABORT_ON_DISSECTOR_BUG": "1",
            "WIRESHARK_ABORT_ON_TOO_MANY_ITEMS": "1",
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            **{name: value for name, value in os.environ.items() if name.startswith(("ASAN_", "UBSAN_", "LSAN_", "LD_PRELOAD", "G_DEBUG"))},
        }

    def command(self, program, arguments, plugin=True):
        """The whole command line, as this user may have to give it up."""
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if self.as_root else []
        variables = [f"{name}={value}" for name, value in self.environment(plugin).items()]
        return [*drop, "env", "-i", *variables, program, *map(str, arguments)]

    def run(self, *arguments, program="tshark", plugin=True, timeout=120):
        """Runs it, or remembers what it gave for these arguments. `plugin`: with ours, or not; or the name of a folder below `room` with others.
        Returns status, out and err."""
        key = (program, plugin, *map(str, arguments))
        if key not in self.known:
            done = subprocess.run(self.command(program, arguments, plugin), capture_output=True, timeout=timeout, check=False)
            result = Result(done.returncode, done.stdout.decode(errors="replace"), NOISE.sub("", done.stderr.decode(errors="replace")))
            if len(result.out) > REMEMBERED / 4:
                return result
            self.known[key] = result
            while sum(len(each.out) for each in self.known.values()) > REMEMBERED:
                self.known.popitem(last=False)
        return self.known[key]

    def lines(self, capture, *arguments, **how):
        """What tshark prints of `capture`, line by line as it comes. Demands what `read` demands."""
        return self.stream("-r", self.visible(capture), *arguments, **how)

    def stream(self, *arguments, plugin=True, timeout=300):
        """What tshark prints, line by line as it comes: for more than memory is there for. Anything but plain success is an error."""
        with tempfile.TemporaryFile() as errors, subprocess.Popen(self.command("tshark", arguments, plugin),
                                                                  stdout=subprocess.PIPE, stderr=errors) as process:
            watchdog = threading.Timer(timeout, process.kill)
            watchdog.start()
            try:
                for line in process.stdout:
                    yield line.decode(errors="replace").rstrip("\n")
                status = process.wait()
            finally:
                watchdog.cancel()
            errors.seek(0)
            said = NOISE.sub("", errors.read().decode(errors="replace"))
            assert status == 0 and not said, f"tshark {' '.join(map(str, arguments))}\nstatus {status}\n{said}"

    def frames(self, capture, *arguments, **how):
        """What its pdml says of the plugin, as pdml.read has it."""
        return pdml.read(self.lines(capture, "-T", "pdml", *OF_MQTT, *arguments, **how))

    def copy_tools(self, folder):
        """Copies tools/, and where they read their version, into a folder below `room`."""
        shutil.copytree(TOP / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "plugin").mkdir(exist_ok=True)
        shutil.copy(TOP / "plugin" / "VERSION", folder / "plugin")
        self.open_up(folder / "tools")

    def copy_tools_once(self):
        """What `tool` runs: room/tools/NAME."""
        if not (self.room / "tools").exists():
            self.copy_tools(self.room)

    def tool(self, name, *arguments, **how):
        """Runs a program of tools/ as the user who runs tshark; its module is next to it, as in the source."""
        self.copy_tools_once()
        return self.run(*arguments, program=str(self.room / "tools" / name), **how)

    def read(self, capture, *arguments, **how):
        """What tshark prints for `capture`; a failure, or any output on stderr, is an error."""
        done = self.run("-r", self.visible(capture), *arguments, **how)
        assert done.status == 0 and not done.err, f"tshark -r {capture} {' '.join(map(str, arguments))}\nstatus {done.status}\n{done.err}"
        return done.out

    def fields(self, capture, names, *arguments, **how):
        """One list of values a frame, each as text; several values of a field are separated by commas."""
        chosen = [word for name in names for word in ("-e", name)]
        out = self.read(capture, *arguments, "-T", "fields", *chosen, **how)
        return [line.split("\t") for line in out.split("\n")[:-1]]

    def info(self, capture, *arguments, **how):
        """The Info column of each frame that is shown, by frame number."""
        out = self.read(capture, "-T", "psml", "-o", 'gui.column.format:"No.","%m","Info","%i"', *arguments, **how)
        rows = ([section.text or "" for section in packet] for packet in ElementTree.fromstring(out).iter("packet"))
        return {int(number): text for number, text in rows}

    def visible(self, path):
        """`path`, or a copy of it below room, where the user who runs tshark can read it."""
        path = pathlib.Path(path)
        if not self.as_root or self.room in path.parents:
            return path
        copy = self.files / path.name
        if not copy.exists():
            shutil.copy(path, copy)
            copy.chmod(0o644)
        return copy
