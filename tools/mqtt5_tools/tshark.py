"""Running tshark with the MQTT 5 plugin, and reading what it prints while it reads on."""
import contextlib
import fcntl
import json
import re
import subprocess
import tempfile
from xml.etree import ElementTree

from mqtt5_tools.program import ToolError

PLUGIN = "mqtt5.so"
BUFFER = 1 << 18  # bytes between tshark and us: with few, the two wait for each other
NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")  # tshark writes them in strings as they are
UNKNOWN_FIELD = ("is neither a field nor a protocol name", "is not a valid protocol or protocol field", "aren't valid")
BETWEEN = "\x1f"  # between the values of a field, and never in one
BETWEEN_IN_JSON = "\\u001f"
SEVERITIES = {0x100000: "comment", 0x200000: "chat", 0x400000: "note", 0x600000: "warning", 0x800000: "error"}


class Tshark:
    """The tshark that the options of program.tshark_options name. Each method raises ToolError where tshark fails, with tshark's own reason."""

    def __init__(self, options):
        self.program = options.tshark
        self.process = None  # the one that runs now, or ran last
        self.has_plugin = False  # known to have it
        self.settings = []
        for switch, name in (("-o", "preference"), ("-d", "decode_as")):
            for value in getattr(options, name, ()):
                self.settings += [switch, value]

    @contextlib.contextmanager
    def running(self, *arguments, stdin=None):
        """Its standard output, a binary file. `stdin` is a file descriptor for its input. If the caller leaves with an exception, tshark is ended;
        otherwise this waits for it, and raises its failure."""
        with tempfile.TemporaryFile() as said:
            try:
                process = self.process = subprocess.Popen([self.program, *map(str, arguments)], stdin=stdin, stdout=subprocess.PIPE, stderr=said, bufsize=BUFFER)
            except (OSError, ValueError) as problem:
                raise ToolError(f"{self.program} does not start: {getattr(problem, 'strerror', None) or problem}") from None
            with contextlib.suppress(OSError):  # the system may not allow it
                fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, BUFFER)
            try:
                with process.stdout:
                    yield process.stdout
            except BaseException:
                process.kill()
                process.wait()
                raise
            status = process.wait()
            said.seek(0)
            self.judge(status, said.read().decode(errors="replace"))

    def judge(self, status, words):
        """Raises ToolError with the line that matters of what a failed tshark said."""
        if status == 0:
            return
        said = [line.split(": ", 1)[1] if line.startswith("tshark: ") else line for line in words.splitlines() if line.strip()]
        said = [line for line in said if not line.startswith("Running as user")]
        if not self.has_plugin and "mqtt5" in words and any(reason in words for reason in UNKNOWN_FIELD):
            refused = next((line for line in said if PLUGIN in line), None)
            raise ToolError(f"{self.program} does not load the MQTT 5 plugin: {refused}" if refused else self.no_plugin())
        if status < 0:
            raise ToolError(f"{self.program} was ended by signal {-status}")
        raise ToolError(next(iter(said), f"{self.program} ended with status {status}"))

    def no_plugin(self):
        return f"{self.program} has no MQTT 5 plugin: tools/install installs it"

    def no_tshark(self):
        return f"{self.program} does not answer as tshark does"

    def ask(self, *arguments):
        """All that it prints, as text; for its -G lists, without the user's settings."""
        with self.running(*arguments) as out:
            return out.read().decode("utf-8", errors="replace")

    def known(self):
        """Its fields and protocols by name, as {name: type}; "FT_PROTOCOL" for a protocol. Says so where the plugin is missing."""
        found = {}
        with self.running("-G", "fields") as out:
            for line in out:
                row = line.decode("utf-8", errors="replace").rstrip("\n").split("\t", 4)
                if row[0] in ("F", "P") and len(row) > 3:
                    found[row[2]] = row[3] if row[0] == "F" else "FT_PROTOCOL"
        if not found:
            raise ToolError(self.no_tshark())
        if "mqtt5.packet_type" not in found:
            self.refused()
        self.has_plugin = True
        return found

    def refused(self):
        """Raises ToolError: the plugin is missing, or tshark's own reason to refuse it."""
        with self.running("-r", "/dev/null", "-Y", "mqtt5.packet_type") as out:
            out.read()
        raise ToolError(self.no_plugin())

    def lines(self, *arguments, stdin=None):
        """What it prints, line by line, as text without the end of the line. May be left early: tshark is ended then."""
        with self.running(*self.settings, *arguments, stdin=stdin) as out:
            for line in out:
                yield line.decode("utf-8", errors="replace").rstrip("\n")

    def documents(self, *arguments, stdin=None):
        """What -T ek prints of each packet, as text; without the line in front of it that names an index."""
        with self.running(*self.settings, *arguments, stdin=stdin) as out:
            for line in out:
                if not line.startswith(b'{"index"') and len(line) > 1:
                    yield line.decode("utf-8", errors="replace")

    def rows(self, capture, names, display_filter, *arguments):
        """One list of values, as text, for each packet that the filter lets pass; several values of a field are joined with BETWEEN."""
        chosen = [word for name in names for word in ("-e", name)]
        keys = [name.replace(".", "_") for name in names]
        broken, empty = None, True
        # Not "-T fields": in it a value may hold what separates values, whatever that is.
        with contextlib.closing(self.lines("-r", capture, "-Y", display_filter, "-T", "ek", *chosen, *arguments)) as lines:
            for line in lines:
                empty = False
                if line.startswith('{"index"'):
                    continue
                try:
                    layers = json.loads(line)["layers"]
                except (ValueError, KeyError, TypeError) as problem:
                    broken = problem  # unless tshark gave up: then its own words say why
                    continue
                if BETWEEN_IN_JSON in line:
                    layers = {key: [value.replace(BETWEEN, "\N{REPLACEMENT CHARACTER}") for value in values] for key, values in layers.items()}
                yield [BETWEEN.join(layers.get(key, ())) for key in keys]
        if broken or (empty and "TShark" not in self.ask("--version")):
            raise ToolError(self.no_tshark())

    def packets(self, capture, display_filter, *arguments):
        """The <packet> of tshark's pdml for each packet that the filter lets pass; it is empty again once the next one is asked for."""
        with self.running(*self.settings, "-r", capture, "-Y", display_filter, "-T", "pdml", *arguments) as out:
            root = broken = None
            parser = ElementTree.XMLPullParser(events=("start", "end"))
            try:
                while lines := out.readlines(1 << 16):
                    parser.feed(NOT_XML.sub(b"?", b"".join(lines)))
                    for event, node in parser.read_events():
                        if root is None:
                            root = node
                        elif event == "end" and node.tag == "packet":
                            yield node
                            root.clear()
                parser.close()
            except ElementTree.ParseError as problem:
                broken = problem  # unless tshark gave up: then its own words say why
        if root is None:
            raise ToolError(self.no_tshark())
        if broken:
            raise ToolError(f"{self.program} printed XML that cannot be read: {broken}")

    def has_mqtt(self, capture):
        """Whether there is at least one control packet in it that the plugin judges."""
        with contextlib.closing(self.rows(capture, ["frame.number"], "mqtt5.packet_type")) as rows:
            return next(rows, None) is not None


def shown(node, name):
    """The value of the first field of that name below `node` of pdml, or ""."""
    field = node.find(f".//field[@name='{name}']")
    return "" if field is None else field.get("show", "")
