"""All tools of tools/: whatever is wrong, one line says so, and the exit status is one that the manual page lists. Never a traceback."""
import re
import shutil
import struct

import harness
import pytest

TOOLS = sorted(path.name for path in (harness.TOP / "tools").glob("mqtt5-*"))
GOOD = harness.CAPTURES / "real" / "message-size-limit.pcapng"
WITHOUT_TSHARK = {"mqtt5-split"}
# What a tool needs beside a capture.
ARGUMENTS = {"mqtt5-elastic": ["bulk"], "mqtt5-split": ["-n", "2", "-k", "1"]}
NO_MQTT = {"mqtt5-elastic": 0, "mqtt5-messages": 1, "mqtt5-redact": 0, "mqtt5-split": 0}  # what that is to them; to others it is a failure
CUT = {"mqtt5-report": 1, "mqtt5-split": 0}  # that the end is missing


def command(tshark, tool, capture, *options):
    """The arguments for a capture; output goes to standard output."""
    words = [*ARGUMENTS.get(tool, []), *options, capture]
    if tool == "mqtt5-elastic" and options[:1] == ("--tshark",):
        words = [*options, "bulk", capture]
    if tool == "mqtt5-redact":
        words.append("-")
    if tool.startswith("mqtt5-array-"):
        words += ["-n", "2", "--folder", tshark.room / f"{tool}-{len(tshark.known)}"]
    return words


def once_each(cases):
    """Pairs of a tool that starts tshark and a case. All tools with the first, and all cases with one tool: what they share is one module."""
    tools = [tool for tool in TOOLS if tool not in WITHOUT_TSHARK]
    return [(tool, cases[0]) for tool in tools] + [("mqtt5-check", case) for case in cases[1:]]


def statuses(tool):
    page = (harness.TOP / "docs" / f"{tool}.1").read_text(encoding="utf-8")
    return {int(number) for number in re.findall(r"^\.B (\d+)$", page.split(".SH EXIT STATUS")[1].split("\n.SH")[0], re.MULTILINE)}


def failed(tool, done, status=2, words=""):
    """One line, by name, with these words in it."""
    assert done.status == status and status in statuses(tool), done
    lines = done.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"{tool}: ") and "Traceback" not in done.err and words in lines[0], done.err


@pytest.fixture(scope="module")
def files(tshark):
    """Captures that are none, or not whole."""
    folder = tshark.files / "broken"
    folder.mkdir()
    data = GOOD.read_bytes()
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    frame = bytes.fromhex("ffffffffffff0242c0a801010806") + bytes(28)
    for name, content in {"ten.pcapng": data[:10], "ten.pcap": header[:10], "text.pcapng": b"This is no capture at all.\n" * 9, "cut.pcapng": data[:2000],
                          "other.pcap": header + struct.pack("<IIII", 1, 0, len(frame), len(frame)) + frame}.items():
        (folder / name).write_bytes(content)
    tshark.open_up(folder)
    return folder


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", ["ten.pcapng", "ten.pcap", "text.pcapng", "no-such.pcapng", "."])
def test_no_capture(tshark, files, tool, name):
    """Ten bytes of one, text, nothing, a folder."""
    failed(tool, tshark.tool(tool, *command(tshark, tool, files / name)))


@pytest.mark.parametrize("tool", TOOLS)
def test_cut_short(tshark, files, tool):
    done = tshark.tool(tool, *command(tshark, tool, files / "cut.pcapng"))
    if tool.startswith("mqtt5-array-"):  # that which is missing is left out by mqtt5-split; the engine may be missing, too
        assert done.status in statuses(tool) and len(done.err.splitlines()) == (done.status == 2)
    elif CUT.get(tool) == 0:
        assert (done.status, done.err) == (0, "")
    else:
        failed(tool, done, CUT.get(tool, 2))


@pytest.mark.parametrize("tool", TOOLS)
def test_no_mqtt(tshark, files, tool):
    """It is said by those that judge: a job that judged nothing has not passed."""
    done = tshark.tool(tool, *command(tshark, tool, files / "other.pcap"))
    if tool in NO_MQTT:
        assert (done.status, done.err) == (NO_MQTT[tool], "") and NO_MQTT[tool] in statuses(tool)
    elif not tool.startswith("mqtt5-array-"):
        failed(tool, done, words="no MQTT")
    else:
        failed(tool, done)


def redirected(tshark, tool, words, how):
    """Runs the tool below a shell that does something to its output."""
    tshark.copy_tools_once()
    return tshark.run("-c", f'"$@" {how}', "sh", tshark.room / "tools" / tool, *words, program="sh")


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("how, words", [(">&-", "standard output"), (">/dev/full", "No space left")])
def test_output_that_cannot_be_written(tshark, tool, how, words):
    done = redirected(tshark, tool, command(tshark, tool, tshark.visible(GOOD)), how)
    failed(tool, done, words="" if tool.startswith("mqtt5-array-") else words)


@pytest.mark.parametrize("tool", TOOLS)
def test_help_that_cannot_be_written(tshark, tool):
    failed(tool, redirected(tshark, tool, ["--help"], ">/dev/full"), words="No space left")


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if not tool.startswith("mqtt5-array-")])
def test_reader_that_has_enough(tshark, tool):
    """As `head` has: nothing to say."""
    done = redirected(tshark, tool, command(tshark, tool, tshark.visible(GOOD)), "| exec 0<&-")
    assert done.err == ""


@pytest.mark.parametrize("tool, program", once_each(["/bin/true", "/bin/false", "/no/such/tshark", "/etc/passwd"]))
def test_another_program(tshark, tool, program):
    failed(tool, tshark.tool(tool, *command(tshark, tool, tshark.visible(GOOD), "--tshark", program)))


@pytest.mark.parametrize("tool, options", once_each([["-d", "nonsense"], ["-d", "tcp.port==1,nonsense"], ["-o", "nonsense:1"]]))
def test_settings_that_tshark_refuses(tshark, tool, options):
    """tshark's own reason is passed on."""
    done = tshark.tool(tool, *command(tshark, tool, tshark.visible(GOOD), *options))
    failed(tool, done, words="" if tool.startswith("mqtt5-array-") else "nonsense")


@pytest.mark.parametrize("tool", ["mqtt5-elastic", "mqtt5-messages"])
def test_filter_that_tshark_refuses(tshark, tool):
    """The plugin is there; it is the field of the user's filter that is not."""
    failed(tool, tshark.tool(tool, *command(tshark, tool, tshark.visible(GOOD), "-Y", "mqtt5.nonsense")), words="mqtt5.nonsense")


@pytest.fixture(scope="module")
def refused(tshark):
    """A folder with a plugin that tshark does not load."""
    name = "refused-plugins"
    shutil.copytree(tshark.room / "plugins", tshark.room / name)
    for path in (tshark.room / name).rglob("mqtt5.so"):
        path.write_bytes(path.read_bytes()[:100])
    tshark.open_up(tshark.room / name)
    return name


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool not in WITHOUT_TSHARK])
def test_plugin_that_tshark_refuses(tshark, refused, tool):
    done = tshark.tool(tool, *command(tshark, tool, tshark.visible(GOOD)), plugin=refused)
    failed(tool, done, words="" if tool.startswith("mqtt5-array-") else "load plugin")


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool not in WITHOUT_TSHARK])
def test_no_plugin(tshark, tool):
    done = tshark.tool(tool, *command(tshark, tool, tshark.visible(GOOD)), plugin=False)
    failed(tool, done, words="" if tool.startswith("mqtt5-array-") else "has no MQTT 5 plugin")


@pytest.mark.parametrize("tool", TOOLS)
def test_every_exit_status_is_described(tool):
    """0 and 2 for all; the manual page and --help name the same ones."""
    assert {0, 2} <= statuses(tool) <= {0, 1, 2, 130}


@pytest.mark.parametrize("tool", TOOLS)
def test_odd_names(tshark, tool):
    """Names of captures that are no UTF-8, or look like an option."""
    for name in (b"caf\xe9.pcapng", b"-x.pcapng", "größe \n.pcapng".encode()):
        path = bytes(tshark.files) + b"/" + name
        shutil.copy(GOOD, path)
        done = tshark.tool(tool, *command(tshark, tool, path.decode(errors="surrogateescape")))
        assert "Traceback" not in done.err and done.status in statuses(tool)
