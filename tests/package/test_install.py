"""Building and installing: files are where Wireshark and users look for them, all are removed again, and the wrong Wireshark gets a clear message."""
import os
import pathlib
import re
import shutil
import subprocess

import harness
import pytest

TOOLS = sorted(path.name for path in (harness.TOP / "tools").glob("mqtt5-*"))
CAPTURE = "captures/real/message-size-limit.pcapng"


def run(*command, **variables):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=300, cwd=harness.TOP,
                          env={**os.environ, **{name: str(value) for name, value in variables.items()}})


def good(*command, **variables):
    done = run(*command, **variables)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def installed(build):
    """What the last installation wrote, by its log."""
    return [line for line in (build / "meson-logs" / "install-log.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def set_up(build, *options, **variables):
    """A build folder whose plugin is the one under test: compiling it once more would show nothing new."""
    good("meson", "setup", *options, build, **variables)
    shutil.copy(next(harness.plugin_folder().glob("*/epan/mqtt5.so")), build / "plugin" / "mqtt5.so")


@pytest.fixture(scope="module")
def personal(tshark):
    """An installation for one user, whose home is a folder of ours: (home, build folder)."""
    home, build = tshark.room / "new-user", tshark.room / "build-personal"
    home.mkdir()
    set_up(build, "-Dpersonal=true", HOME=home, XDG_CONFIG_HOME=home / ".config")
    good("meson", "install", "-C", build, "--no-rebuild", HOME=home)
    tshark_owns(tshark, home)
    return home, build


def tshark_owns(tshark, folder):
    if tshark.as_root:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, int(harness.NOBODY), int(harness.NOBODY))


def as_user(tshark, home, *words):
    """Runs it as the user of that home, who has nothing but what was installed."""
    drop = ["setpriv", f"--reuid={harness.NOBODY}", f"--regid={harness.NOBODY}", "--clear-groups"] if tshark.as_root else []
    return subprocess.run([*drop, "env", "-i", "PATH=" + os.environ["PATH"], f"HOME={home}", "TZ=UTC", "LC_ALL=C.UTF-8", *map(str, words)],
                          capture_output=True, text=True, check=False, timeout=120, cwd=home / ".local/share/doc/mqtt5-wireshark")


def test_personal_is_loaded(tshark, personal):
    listed = [line.split("\t") for line in as_user(tshark, personal[0], "tshark", "-G", "plugins").stdout.splitlines() if "mqtt5" in line]
    assert [[word.strip() for word in row[:3]] for row in listed] == [["mqtt5.so", version(), "dissector"]]
    assert listed[0][3].startswith(str(personal[0]))


def version():
    return (harness.TOP / "plugin" / "VERSION").read_text(encoding="utf-8").strip()


def test_personal_profile_and_capture(tshark, personal):
    """The profile is there, and the documents' captures."""
    done = as_user(tshark, personal[0], "tshark", "-C", "MQTT 5", "-r", CAPTURE, "-Y", "frame.number == 9")
    assert (done.returncode, done.stderr) == (0, "")
    assert "PUBACK" in done.stdout and "[Warning: reason_code_not_allowed]" in done.stdout


def test_personal_tool(tshark, personal):
    done = as_user(tshark, personal[0], personal[0] / ".local/bin/mqtt5-check", CAPTURE)
    assert done.returncode == 1 and done.stdout.startswith(f"{CAPTURE}:9: warning: PUBACK from server")


@pytest.mark.parametrize("tool", TOOLS)
def test_personal_tool_tells_its_version(tshark, personal, tool):
    """Once installed, it finds the shared module in another place than in the source, and writes nothing there."""
    before = files(personal[0])
    done = as_user(tshark, personal[0], personal[0] / ".local/bin" / tool, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{tool} {version()}\n", "")
    assert files(personal[0]) == before


def test_installed_links_hold(personal):
    """Documents lie to each other as in the source."""
    top = personal[0] / ".local/share/doc/mqtt5-wireshark"
    pages = sorted(top.rglob("*.md"))
    assert {"README.md", "docs/install.md", "plugin/RULES.md"} <= {str(page.relative_to(top)) for page in pages}
    broken = {(str(page.relative_to(top)), target) for page in pages if page.name != "CONTRIBUTING.md" and page.parent.name != "captures"
              for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")) if not (page.parent / target).exists()}
    assert broken == set()


def test_personal_is_taken_away(personal, tmp_path):
    """Every file of it, by the manifest that `meson install` has left; a copy, since others look at it."""
    home, build = personal
    expected = set(installed(build))
    assert expected and all(line.startswith(str(home)) for line in expected)
    there = {str(home / name) for name in files(home)}
    assert expected & there == {line for line in expected if not pathlib.Path(line).is_dir()}
    kept = tmp_path / "home"
    shutil.copytree(home, kept)
    good(harness.TOP / "tools" / "installation.py", "remove", "personal", HOME=home, XDG_CONFIG_HOME=home / ".config", SUDO_USER="")
    left = {str(path.relative_to(home)) for path in home.rglob("*")
            if ".cache" not in path.parts and path.name not in (".local", ".config", "bin", "lib", "share", "man", "doc")}  # a compiler may have a cache
    shutil.rmtree(home)
    shutil.copytree(kept, home)
    assert left == set()


def test_for_all_users(tmp_path):
    """The plugin goes where pkg-config says that this Wireshark looks, the profile beside its own; the rest below the prefix."""
    build, root = tmp_path / "build", tmp_path / "root"
    set_up(build, "--prefix=/opt/mqtt5")
    good("meson", "install", "-C", build, "--no-rebuild", DESTDIR=root)
    where = {name: good("pkg-config", f"--variable={name}", "wireshark").strip() for name in ("plugindir", "prefix")}
    found = {"/" + name for name in files(root)}
    assert f"{where['plugindir']}/epan/mqtt5.so" in found
    assert f"{where['prefix']}/share/wireshark/profiles/MQTT 5/preferences" in found
    assert {f"/opt/mqtt5/bin/{tool}" for tool in TOOLS} | {f"/opt/mqtt5/share/man/man1/{tool}.1" for tool in TOOLS} <= found
    assert {"/opt/mqtt5/share/doc/mqtt5-wireshark/README.md", "/opt/mqtt5/share/mqtt5-wireshark/mqtt5_tools/version"} <= found
    assert not [name for name in found if name.endswith("meson.build")]
    good("ninja", "-C", build, "uninstall", DESTDIR=root)
    assert files(root) == set()


def test_elsewhere(tmp_path):
    """-Dplugindir asks for the plugin alone."""
    build = tmp_path / "build"
    set_up(build, f"-Dplugindir={tmp_path / 'there'}")
    good("meson", "install", "-C", build, "--no-rebuild")
    assert sorted(installed(build)) == [str(tmp_path / "there"), str(tmp_path / "there" / "mqtt5.so")]


@pytest.fixture
def other_wireshark(tmp_path):
    """A function: `meson setup` with development files that claim to be of this release; what it says, and its status."""
    def setup(number):
        folder = tmp_path / "pkgconfig"
        folder.mkdir()
        for name in () if number is None else ("wireshark",):
            (folder / f"{name}.pc").write_text(f"prefix=/usr\nplugindir=/usr/lib/wireshark/plugins/{number.rsplit('.', 1)[0]}\n"
                                               f"Name: {name}\nDescription: fake\nVersion: {number}\nLibs:\nCflags: -I/usr/include/wireshark\n",
                                               encoding="utf-8")
        for found in good("pkg-config", "--variable", "pc_path", "pkg-config").strip().split(":"):
            for path in pathlib.Path(found).glob("*.pc"):
                if path.name != "wireshark.pc" and not (folder / path.name).exists():
                    (folder / path.name).symlink_to(path)
        return run("meson", "setup", tmp_path / "build", PKG_CONFIG_LIBDIR=folder, PKG_CONFIG_PATH="")
    return setup


def test_wireshark_too_old(other_wireshark):
    done = other_wireshark("3.6.2")
    assert done.returncode != 0 and "ERROR: Problem encountered: Wireshark 3.6.2 is too old: this plugin needs 4.0 to 4.6." in done.stdout


def test_wireshark_too_new(other_wireshark):
    """Not refused: it may do, and the compiler says where it does not."""
    done = other_wireshark("5.0.1")
    assert "WARNING: Wireshark 5.0.1 is untested: this plugin was made for 4.0 to 4.6." in done.stdout


def test_wireshark_of_another_release(other_wireshark):
    """tshark would not load the plugin: the build says so at once, because Wireshark skips such a plugin almost silently."""
    done = other_wireshark("4.1.0")
    assert re.search(r"WARNING: Wireshark's development files are those of 4\.1\.0, but tshark in the PATH is 4\.\d+\.\d+", done.stdout)


def test_no_wireshark(other_wireshark):
    done = other_wireshark(None)
    assert done.returncode != 0 and "ERROR: Problem encountered: Wireshark's development files were not found" in done.stdout
    assert "apt install wireshark-dev" in done.stdout


COMMANDS = {"mqtt5-elastic": [[], ["mapping"], ["bulk"]]}


@pytest.mark.parametrize("tool", TOOLS)
def test_manual_page_has_every_option(tool):
    """And nothing that the tool does not know."""
    page = (harness.TOP / "docs" / f"{tool}.1").read_text(encoding="utf-8").replace("\\-", "-")
    usage = "".join(good(harness.TOP / "tools" / tool, *command, "--help").split("options:")[1] for command in COMMANDS.get(tool, [[]]))
    options = re.compile(r"(?<![\w-])--?[a-z](?:[a-z-]*[a-z])?", re.IGNORECASE)
    described = "".join(re.findall(r"^\.TP\n(.*)$", page, re.MULTILINE))
    assert set(options.findall(described)) == set(options.findall(re.sub("-G|-T", "", usage)))


def test_changelog_and_manual_pages_are_of_this_release():
    """CHANGELOG.md begins with this version, and the manual pages have its date."""
    newest, date = re.search(r"^## ([0-9.]+) - (\d{4}-\d{2}-\d{2})$", (harness.TOP / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE).groups()
    assert newest == version()
    for page in (harness.TOP / "docs").glob("*.1"):
        assert f'.TH {page.stem.upper()} 1 "{date}" "MQTT 5 analysis for Wireshark"\n' in page.read_text(encoding="utf-8"), page.name


NEW_REGISTRATION = """
typedef enum { WS_PLUGIN_NONE, WS_PLUGIN_EPAN } plugin_type_e;
struct ws_module { uint32_t flags; const char *version, *spdx_id, *home_url, *blurb; void (*register_cb)(void); };
#define WIRESHARK_PLUGIN_REGISTER_EPAN(ptr, level) plugin_type_e wireshark_load_module(int *abi, int *api, struct ws_module **described) \\
    { *abi = 1; *api = level; *described = ptr; return WS_PLUGIN_EPAN; }
"""


def test_registration_after_4_6(tmp_path):
    """Where Wireshark's header defines the registration of later releases, the plugin has that entry point and no other."""
    (tmp_path / "wsutil").mkdir()
    (tmp_path / "wsutil" / "plugins.h").write_text(NEW_REGISTRATION, encoding="utf-8")
    flags = good("pkg-config", "--cflags", "glib-2.0", "wireshark").split()
    good("cc", "-std=c11", "-fPIC", "-fvisibility=hidden", f"-I{tmp_path}", "-Iplugin", *flags, '-DPLUGIN_VERSION="1"', "-c", "plugin/plugin.c",
         "-o", tmp_path / "plugin.o")
    assert [line.split()[-1] for line in good("nm", "-g", "--defined-only", tmp_path / "plugin.o").splitlines()] == ["wireshark_load_module"]
