"""tools/installation.py: what an installation puts where, what it finds in its way, and that all of it goes again. In a home of our own;
tests/package/second-day does the same for all users on a machine that may be changed."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import harness
import pytest

TOOL = harness.TOP / "tools" / "installation.py"
PLUGINS = ".local/lib/wireshark/plugins"
PROFILE = ".config/wireshark/profiles/MQTT 5"


class Home:
    """A user's home, with installation.py to work in it. What it finds of dpkg and Wireshark is made up."""

    def __init__(self, folder):
        self.folder, self.bin, self.stages = folder / "home", folder / "bin", folder / "stages"
        for path in (self.folder, self.bin, self.stages):
            path.mkdir()
        self.program("pkg-config", f'case $1 in --modversion) echo 4.4.6;; --variable=plugindir) echo {folder}/system/4.4;; esac')
        self.program("dpkg-query", "exit 1")

    def program(self, name, script):
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def call(self, *words, **more):
        return subprocess.run([sys.executable, TOOL, *map(str, words)], capture_output=True, text=True, check=False,
                              env={"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.folder), **more})

    def good(self, *words, **more):
        done = self.call(*words, **more)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def place(self, files, version="2.0.0"):
        """Installs these files, by name below the home with their content."""
        stage = self.stages / str(len(list(self.stages.iterdir())))
        for name, content in files.items():
            path = stage / self.folder.relative_to("/") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return self.good("place", "personal", stage, version)

    def write(self, name, content="theirs"):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def text(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def left(self):
        """Everything in the home, with its folders."""
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}


FILES = {f"{PLUGINS}/4.4/epan/mqtt5.so": "plugin", ".local/bin/mqtt5-check": "tool", f"{PROFILE}/preferences": "columns",
         f"{PROFILE}/recent": "widths", ".local/share/doc/mqtt5-wireshark/README.md": "read me", ".local/share/man/man1/mqtt5-check.1": "page"}


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def test_all_of_it_goes_again(home):
    home.place(FILES)
    assert set(FILES) < home.left() and home.text(".local/bin/mqtt5-check") == "tool"
    assert home.good("remove", "personal") == f"Taken away: release 2.0.0, installed for one user, in {home.folder}.\n"
    assert home.left() == set()


def test_what_python_compiled_goes_too(home):
    module = ".local/share/mqtt5-wireshark/mqtt5_tools/program.py"
    home.place({**FILES, module: "code"})
    home.write(f"{os.path.dirname(module)}/__pycache__/program.cpython-313.pyc")
    home.good("remove", "personal")
    assert home.left() == set()


def test_nothing_to_take_away(home):
    assert home.good("remove", "personal") == ""


def test_what_is_not_ours_stays(home):
    home.write(".local/bin/another")
    home.write(f"{PLUGINS}/4.4/epan/another.so")
    (home.folder / ".local/share/man").mkdir(parents=True)
    before = home.left()
    home.place(FILES)
    home.good("remove", "personal")
    assert home.left() == before


def test_installed_twice(home):
    home.place(FILES)
    home.place(FILES)
    home.good("remove", "personal")
    assert home.left() == set()


def test_an_older_version_had_more_files(home):
    home.place({**FILES, ".local/bin/mqtt5-old": "tool", ".local/share/old/page": "page"}, "1.5.0")
    home.place(FILES)
    assert not {".local/bin/mqtt5-old", ".local/share/old"} & home.left()
    home.good("remove", "personal")
    assert home.left() == set()


def test_wireshark_was_upgraded(home):
    """The plugin for the older release goes, whoever put it there."""
    home.place({f"{PLUGINS}/4.2/epan/mqtt5.so": "plugin", **{name: text for name, text in FILES.items() if not name.startswith(PLUGINS)}})
    home.write(f"{PLUGINS}/4.0/epan/mqtt5.so")
    said = home.place(FILES)
    assert [path for path in home.left() if path.endswith(".so")] == [f"{PLUGINS}/4.4/epan/mqtt5.so"]
    for release in ("4.0", "4.2"):
        assert f"Taken away: the plugin for Wireshark {release}, {home.folder}/{PLUGINS}/{release}/epan/mqtt5.so\n" in said
        assert f"{PLUGINS}/{release}" not in home.left()


def test_all_of_the_profile_is_known():
    """Where there is no manifest, files are found by their names."""
    names = {path.name for path in (harness.TOP / "plugin" / "profile" / "MQTT 5").iterdir()}
    assert names == set(re.findall(r'"([a-z_.]+)"', re.search(r"^OUR_PROFILE = (.*)$", TOOL.read_text(encoding="utf-8"), re.MULTILINE)[1]))


def test_the_first_release_wrote_no_manifest(home):
    for name, content in FILES.items():
        home.write(name, content)
    home.write(f"{PROFILE}/mine")
    home.good("remove", "personal")
    assert home.left() == {f"{PROFILE}/mine", PROFILE, ".config/wireshark/profiles", ".config/wireshark", ".config"}


def test_changes_to_the_profile_are_kept(home):
    home.place(FILES)
    home.write(f"{PROFILE}/preferences", "my columns")
    home.write(f"{PROFILE}/recent", "my window")
    said = home.place({**FILES, f"{PROFILE}/preferences": "new columns"})
    assert f"Changed since it was installed, so it was kept, as {home.folder}/{PROFILE}/preferences.yours\n" in said
    assert (home.text(f"{PROFILE}/preferences"), home.text(f"{PROFILE}/preferences.yours")) == ("new columns", "my columns")
    home.write(f"{PROFILE}/preferences", "my columns again")
    said = home.good("remove", "personal")
    assert f"Left: {home.folder}/{PROFILE}/preferences: was changed since it was installed\n" in said
    assert {name for name in home.left() if (home.folder / name).is_file()} == {f"{PROFILE}/preferences", f"{PROFILE}/preferences.yours"}


def test_an_unchanged_profile_is_replaced(home):
    home.place(FILES)
    said = home.place({**FILES, f"{PROFILE}/preferences": "new columns"})
    assert said == "" and home.text(f"{PROFILE}/preferences") == "new columns" and f"{PROFILE}/preferences.yours" not in home.left()


def test_what_wireshark_wrote_into_the_profile_is_named(home):
    home.place(FILES)
    home.write(f"{PROFILE}/disabled_protos")
    assert f"Left: {home.folder}/{PROFILE}: Wireshark itself has written disabled_protos there\n" in home.good("remove", "personal")


def for_all(home):
    path = home.folder.parent / "system/4.4/epan/mqtt5.so"
    path.parent.mkdir(parents=True)
    path.write_text("plugin", encoding="utf-8")
    return path


def test_a_package_is_in_the_way(home):
    path = for_all(home)
    home.program("dpkg-query", f'[ "$2" = {path} ] && echo "wireshark-plugin-mqtt5: $2"')
    for mode in ("personal", "system"):
        for more in ([], ["--replace"]):
            done = home.call("rivals", mode, *more)
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr == (f"tools/install: The package wireshark-plugin-mqtt5 has installed the plugin already ({path}). "
                                   "Remove the package first, or stay with it.\n")


def test_one_for_all_users_is_in_the_way(home):
    path = for_all(home)
    done = home.call("rivals", "personal")
    assert done.returncode == 1 and done.stderr.startswith(f"tools/install: The plugin is installed for all users already ({path})")
    assert home.good("rivals", "personal", "--replace") == "system\n"
    assert home.good("rivals", "system") == ""


def test_one_for_this_user_is_in_the_way(home):
    home.place(FILES)
    done = home.call("rivals", "system")
    assert done.returncode == 1 and done.stderr.startswith("tools/install: The plugin is installed for one user already (")
    assert home.good("rivals", "system", "--replace") == "personal\n"
    assert home.good("rivals", "personal") == ""


def test_one_for_another_release_is_in_nobodys_way(home):
    home.write(f"{PLUGINS}/4.2/epan/mqtt5.so")
    assert home.good("rivals", "system") == ""


def test_a_place_that_cannot_be_written(home):
    """One sentence, no traceback."""
    (home.folder / ".local").write_text("a file", encoding="utf-8")
    stage = home.stages / "one" / home.folder.relative_to("/") / ".local/bin"
    stage.mkdir(parents=True)
    (stage / "mqtt5-check").write_text("tool", encoding="utf-8")
    done = home.call("place", "personal", home.stages / "one", "2.0.0")
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and done.stderr.startswith("tools/install: ")


# --- tools/install and tools/setup themselves, as far as they go without changing the machine


def tool(name, *words, path=None, **variables):
    environment = {"PATH": path or os.environ["PATH"], "HOME": "/nonexistent", **variables}
    return subprocess.run([harness.TOP / "tools" / name, *words], capture_output=True, text=True, check=False, timeout=60,
                          env={name: value for name, value in environment.items() if value is not None})


@pytest.mark.parametrize("name", ["install", "setup", "make-deb"])
def test_help(name):
    done = tool(name, "--help")
    assert (done.returncode, done.stderr) == (0, "") and f"tools/{name}" in done.stdout


@pytest.mark.parametrize("name", ["install", "setup", "make-deb"])
def test_unknown_option(name):
    done = tool(name, "--wrong")
    assert done.returncode == 2 and "--wrong" in done.stderr and done.stdout == ""


def test_prefix_without_uninstall():
    done = tool("install", "--prefix=/opt/x")
    assert done.returncode == 2 and "--uninstall" in done.stderr


@pytest.fixture
def bare(tmp_path):
    """A function: a PATH with the plain programs of any system and those named besides, which print what is said."""
    folder = tmp_path / "bare"
    folder.mkdir()
    for name in ("sed", "tr", "awk", "paste", "cut", "cat", "printf", "sh", "id", "mktemp", "rm", "dirname", "env", "grep"):
        (folder / name).symlink_to(f"/usr/bin/{name}")

    def path(**programs):
        for name, script in programs.items():
            program = folder / name.replace("_", "-")
            program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            program.chmod(0o755)
        return str(folder)
    return path


@pytest.mark.parametrize("manager, command", [
    ("dnf", "sudo dnf install gcc pkgconf-pkg-config meson ninja-build python3 glib2-devel wireshark-devel wireshark-cli"),
    ("pacman", "sudo pacman -S gcc pkgconf meson ninja python glib2 wireshark-cli"),
    ("zypper", "sudo zypper install gcc pkg-config meson ninja python3 glib2-devel wireshark-devel wireshark"),
    ("apk", "sudo apk add gcc musl-dev pkgconf meson samurai python3 glib-dev wireshark-dev tshark"),
    ("brew", "brew install gcc pkgconf meson ninja python glib wireshark"),
])
def test_needs_elsewhere(bare, manager, command):
    done = tool("setup", "build", path=bare(**{manager: "exit 9"}))
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.splitlines()[1:] == [f"    {command}"]


def test_needs_where_nothing_is_known(bare):
    done = tool("setup", "build", path=bare())
    assert done.returncode == 1
    assert [line.split()[1 if "sudo" in line else 0] for line in done.stderr.splitlines()[1:]] == ["apt-get", "dnf", "pacman", "zypper", "apk", "brew"]


def test_needs_that_are_met_from_elsewhere(bare):
    """Tested by what they do: no package manager knows of them."""
    there = dict.fromkeys(["cc", "meson", "ninja", "python3"], "cat >/dev/null 2>&1 || :")
    done = tool("setup", "build", path=bare(**there, pkg_config='[ "$1" != --modversion ] || echo 4.2.5', tshark='echo "TShark (Wireshark) 4.2.5."'))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("programs", [{"pkg_config": 'echo 3.6.2'}, {"tshark": 'echo "TShark (Wireshark) 3.6.2 (Git v3.6.2)"'}])
def test_wireshark_is_too_old(bare, programs):
    done = tool("setup", "build", path=bare(**programs, apt_get="echo apt-get ran"))
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == "tools/setup: Wireshark 3.6.2 is too old: this plugin needs 4.0 or later. Nothing was installed.\n"


def test_no_such_compiler(bare):
    done = tool("setup", "build", path=bare(apt_get="echo apt-get ran"), CC="nonesuch-cc")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == 'tools/setup: CC names the compiler "nonesuch-cc", which is not there: name another, or unset CC.\n'


def test_no_home():
    drop = ["setpriv", f"--reuid={harness.NOBODY}", f"--regid={harness.NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder:  # not pytest's own, which is closed to other users
        os.chmod(folder, 0o755)
        shutil.copytree(harness.TOP / "tools", pathlib.Path(folder) / "tools")
        done = subprocess.run([*drop, "env", "-u", "HOME", f"{folder}/tools/install"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "tools/install: HOME is not set, so there is no place to install for this user: set it, or use --system.\n"
