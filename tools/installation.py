#!/usr/bin/python3
"""Knows what an installation of this plugin has put where: puts it there, finds what is in its way, takes it away again.

tools/install is the front door. What each command does:

    installation.py rivals personal|system [--replace]
        Looks for another installation that the same Wireshark would load. Fails and says what it is; with --replace it prints
        "personal" or "system" where it is one of ours, which `remove` can take away.
    installation.py place personal|system STAGE VERSION
        Puts the files below STAGE (a DESTDIR of `meson install`) in their places, takes away what an earlier installation had and this one
        has not, and writes the manifest.
    installation.py record PREFIX VERSION
        Writes the manifest of what `meson install` has just put there. Meson calls it, with its own variables set.
    installation.py remove personal|system [PREFIX] [--dry-run]
        Takes away what the manifest lists and names what stays; with --dry-run it only says what it would take away, if anything.

The manifest is PREFIX/share/mqtt5-wireshark/manifest, where PREFIX is ~/.local for one user, and for all users /usr/local or what `meson setup
--prefix` said. Release 1.0.0 wrote none: its files are found by their names.
"""
import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys

PLUGIN = "mqtt5.so"
PROFILE = "MQTT 5"
SYSTEM_PREFIX = pathlib.Path("/usr/local")
SYSTEM_PLUGIN_FOLDERS = ("/usr/lib/*/wireshark/plugins", "/usr/lib/wireshark/plugins", "/usr/lib64/wireshark/plugins",
                         "/usr/local/lib/*/wireshark/plugins", "/usr/local/lib/wireshark/plugins", "/usr/local/lib64/wireshark/plugins")
PERSONAL_PLUGINS = ".local/lib/wireshark/plugins"
# What is ours in the folder of the profile, where no manifest says so.
OUR_PROFILE = ("preferences", "colorfilters", "coloring_rules.jsonc", "dfilter_buttons", "io_graphs", "recent")
# Folders that are there without us; everything below them that was made for our files goes with them, once it is empty.
STANDARD = {"bin", "lib", "lib64", "share", "man", ".config", ".local"}


class Refused(Exception):
    """It cannot be done; the message says why, and what to do, in a sentence or two."""


class Manifest:
    """What an installation has put where: `files` (path to SHA-256, or None where it is not known) and `folders` that it made."""

    def __init__(self, path, version=None):
        self.path, self.version = path, version
        self.files, self.folders = {}, set()

    @classmethod
    def read(cls, prefix):
        """That of an installation below `prefix`; without files where there is none."""
        manifest = cls(prefix / "share/mqtt5-wireshark/manifest")
        if manifest.path.exists():
            for line in manifest.path.read_text(encoding="utf-8").splitlines():
                kind, *rest = line.split(" ", 2 if line.startswith("file ") else 1)
                if kind == "version":
                    manifest.version = rest[0]
                elif kind == "file":
                    manifest.files[pathlib.Path(rest[1])] = rest[0]
                elif kind == "folder":
                    manifest.folders.add(pathlib.Path(rest[0]))
        return manifest

    def write(self):
        make_folder(self.path.parent, self.folders)
        lines = ["# What MQTT 5 analysis for Wireshark has installed. `tools/install --uninstall` takes it away, and this file with it.",
                 f"version {self.version}",
                 *(f"file {checksum} {path}" for path, checksum in sorted(self.files.items())),
                 *(f"folder {path}" for path in sorted(self.folders))]
        put(self.path, ("\n".join(lines) + "\n").encode(), 0o644)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_folder(path, made):
    """Makes it with all above it, and adds those that were not there to the set `made`."""
    if not path.exists():
        make_folder(path.parent, made)
        path.mkdir(mode=0o755)
        path.chmod(0o755)
        made.add(path)


def put(path, content, mode):
    """Writes a file in one step: a Wireshark that runs goes on with the one that it has loaded."""
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(content)
    draft.chmod(mode)
    draft.replace(path)


def owner(path):
    """The package that `path` belongs to, or None."""
    for command in (["dpkg-query", "-S"], ["rpm", "-qf", "--qf", "%{NAME}"], ["pacman", "-Qoq"], ["apk", "info", "-q", "-W"]):
        if shutil.which(command[0]):
            done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
            if done.returncode == 0 and done.stdout.strip():
                return done.stdout.split(": /")[0].strip()
    return None


def homes():
    """Home folders to look at: this user's, and that of who called sudo; with the user's number, for whom root may have to act."""
    found = {}
    if os.environ.get("HOME"):
        found[pathlib.Path(os.environ["HOME"])] = os.geteuid()
    if os.geteuid() == 0 and os.environ.get("SUDO_USER"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(os.environ["SUDO_USER"])
            found[pathlib.Path(user.pw_dir)] = user.pw_uid
    return found


def configuration(home):
    return pathlib.Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "wireshark"


def system_plugin_folders():
    """Folders of plugins for all users, each with a folder X.Y for a release of Wireshark."""
    known = subprocess.run(["pkg-config", "--variable=plugindir", "wireshark"], capture_output=True, text=True, check=False).stdout.strip() \
        if shutil.which("pkg-config") else ""
    found = [pathlib.Path(known).parent] if known else []
    return found + [path for pattern in SYSTEM_PLUGIN_FOLDERS for path in pathlib.Path("/").glob(pattern[1:]) if path not in found]


def release():
    """A pattern for the folder X.Y of the Wireshark that is installed (macOS: X-Y); any where that is not known."""
    for command in (["pkg-config", "--modversion", "wireshark"], ["tshark", "--version"]):
        if shutil.which(command[0]):
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            number = re.search(r"(\d+)\.(\d+)\.\d+", said)
            if number:
                return f"{number[1]}[.-]{number[2]}"
    return "*"


def plugins(folders, wanted="*"):
    """Each mqtt5.so below these folders of plugins, of the release X.Y or of all."""
    return [path for folder in folders for path in sorted(folder.glob(f"{wanted}/epan/{PLUGIN}"))]


def of_the_first_release(prefix, plugin_files, profiles):
    """A manifest of what release 1.0.0 put there, which wrote none; without files where it is not there."""
    manifest = Manifest(prefix / "share/mqtt5-wireshark/manifest", "1.0.0")
    if plugin_files:
        documents = prefix / "share/doc/mqtt5-wireshark"
        found = [*plugin_files, *(path for path in documents.rglob("*") if not path.is_dir()),
                 *(path for path in (profiles / PROFILE).glob("*") if path.name in OUR_PROFILE),
                 *prefix.glob("bin/mqtt5-*"), *prefix.glob("share/man/man1/mqtt5-*.1")]
        manifest.files = dict.fromkeys(found)
        manifest.folders = {folder for path in found for folder in own_folders(path)}
        if prefix.name == ".local":  # an empty folder in a home is missed by nobody
            manifest.folders |= {folder for path in found for folder in path.parents if prefix.parent in folder.parents}
    return manifest


def own_folders(path, prefix=None):
    """The folders above `path` that are there for programs like ours: up to one that is there in any case, or, below a prefix that was made for
    us alone, all of them."""
    if prefix in path.parents and prefix not in (SYSTEM_PREFIX, pathlib.Path("/usr")) and prefix.name not in STANDARD:
        return [prefix, *(folder for folder in path.parents if prefix in folder.parents)]
    folders = []
    for folder in path.parents:
        if folder.name in STANDARD:
            break
        folders.append(folder)
    return folders


def plugin_folder(path):
    """The folder of plugins with X.Y/epan/mqtt5.so in it."""
    return path.parent.parent.parent


def installed(mode, home=None, prefix=None, folders=()):
    """The manifest of an installation of that mode, wherever it came from, with the plugins for other releases of Wireshark beside its own, and
    in `folders`."""
    if mode == "personal":
        prefix, profiles, everywhere = home / ".local", configuration(home) / "profiles", [home / PERSONAL_PLUGINS]
    else:
        prefix, profiles, everywhere = prefix or SYSTEM_PREFIX, pathlib.Path("/usr/share/wireshark/profiles"), system_plugin_folders()
    manifest = Manifest.read(prefix)
    beside = {plugin_folder(path) for path in manifest.files if path.name == PLUGIN}
    found = [path for path in plugins(sorted(beside | set(folders)) or everywhere) if mode == "personal" or not owner(path)]
    if not manifest.files:
        return of_the_first_release(prefix, found, profiles)
    for path in found:
        manifest.files.setdefault(path, None)
        manifest.folders.update(own_folders(path))
    return manifest


def is_changed(path, checksum):
    """Is it a file of the profile that somebody has made their own? Not `recent`: Wireshark writes the state of its window there."""
    return path.parent.name == PROFILE and path.name != "recent" and checksum is not None and sha256(path) != checksum


def take_away(paths, manifest):
    """Takes files away, and folders that are empty then. Returns a line for each file that stays, and why."""
    kept = []
    for path in paths:
        if not (path.exists() or path.is_symlink()):
            continue
        package = owner(path) if str(path).startswith("/usr/") and SYSTEM_PREFIX not in path.parents else None
        if package:
            kept.append(f"{path}: belongs to the package {package}")
        elif is_changed(path, manifest.files[path]):
            kept.append(f"{path}: was changed since it was installed")
        else:
            path.unlink()
            for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
                compiled.unlink()
    for folder in sorted({*manifest.folders, *(path.parent / "__pycache__" for path in paths)}, key=lambda folder: len(folder.parts), reverse=True):
        with contextlib.suppress(OSError):  # it is not empty, or not there
            folder.rmdir()
    return kept


# --- the commands


def rivals(mode, replace):
    """Another installation that Wireshark would load beside this one: it would complain at every start, and take either of them."""
    here = release()
    for path in plugins(system_plugin_folders(), here):
        package = owner(path)
        if package:
            raise Refused(f"The package {package} has installed the plugin already ({path}). Remove the package first, or stay with it.")
        if mode == "personal":
            if not replace:
                raise Refused(f"The plugin is installed for all users already ({path}), and Wireshark takes only one. "
                              "With --replace that one is taken away first; with --system it is brought up to date.")
            print("system")
            return
    if mode == "system":
        found = [path for path in plugins([home / PERSONAL_PLUGINS for home in homes()], here)]
        if found and not replace:
            raise Refused(f"The plugin is installed for one user already ({found[0]}), and Wireshark takes only one. "
                          "With --replace that one is taken away first.")
        if found:
            print("personal")


def place(mode, stage, version):
    os.umask(0o022)
    home = pathlib.Path(os.environ["HOME"]) if mode == "personal" else None
    staged = {pathlib.Path("/") / path.relative_to(stage): path for path in sorted(stage.rglob("*")) if not path.is_dir()}
    before = installed(mode, home, folders=[plugin_folder(path) for path in staged if path.name == PLUGIN])
    new = Manifest(before.path, version)
    new.files = {path: sha256(source) for path, source in staged.items()}
    new.folders = set(before.folders)
    for path in new.files:  # before anything is touched
        package = owner(path) if path.exists() and path.name in (PLUGIN, "preferences") and mode == "system" else None
        if package:
            raise Refused(f"{path} belongs to the package {package}. Remove the package first, or stay with it.")
    for path, source in staged.items():
        make_folder(path.parent, new.folders)
        if path.exists() and is_changed(path, before.files.get(path) or new.files[path]) and sha256(path) != new.files[path]:
            kept = path.with_name(path.name + ".yours")
            path.replace(kept)
            print(f"Changed since it was installed, so it was kept, as {kept}")
        put(path, source.read_bytes(), source.stat().st_mode & 0o777)
    old = [path for path in before.files if path not in new.files]
    for path in old:
        if path.name == PLUGIN and path.exists():
            print(f"Taken away: the plugin for Wireshark {path.parent.parent.name}, {path}")
    for line in take_away(old, before):
        print(f"Left: {line}")
    new.folders = {folder for folder in new.folders if folder.exists()}
    new.write()


def record(prefix, version):
    if os.environ.get("DESTDIR") or os.environ.get("MESON_INSTALL_DRY_RUN"):
        return
    manifest = Manifest.read(prefix)
    manifest.version = version
    listed = json.loads((pathlib.Path(os.environ["MESON_BUILD_ROOT"]) / "meson-info/intro-installed.json").read_text(encoding="utf-8"))
    for source, target in ((pathlib.Path(source), pathlib.Path(target)) for source, target in listed.items()):
        names = [path.relative_to(source) for path in source.rglob("*") if not path.is_dir()] if source.is_dir() else [pathlib.Path()]
        for path in (target / name for name in names):
            if path.exists():
                manifest.files[path] = sha256(path)
                manifest.folders.update(own_folders(path, prefix))
    manifest.folders.update(own_folders(manifest.path, prefix))
    manifest.write()


def remove_one(mode, home, prefix, dry_run):
    """Takes one installation away, if it is there, and says what stays."""
    manifest = installed(mode, home, prefix)
    what = f"release {manifest.version}, installed for {'all users' if mode == 'system' else f'one user, in {home}'}"
    if not manifest.files:
        return
    if dry_run:
        print(what)
        return
    with contextlib.suppress(FileNotFoundError):
        manifest.path.unlink()
    profiles = {path.parent for path in manifest.files if path.parent.name == PROFILE}
    if mode == "system":
        profiles |= {configuration(home) / "profiles" / PROFILE for home in homes()}
    kept = take_away(manifest.files, manifest)
    print(f"Taken away: {what}.")
    for line in kept:
        print(f"Left: {line}")
    for folder in sorted(profiles):
        if folder.exists() and not any(line.startswith(str(folder)) for line in kept):
            print(f"Left: {folder}: Wireshark itself has written {', '.join(sorted(path.name for path in folder.iterdir()))} there")


def remove(mode, prefix, dry_run):
    if mode == "system":
        remove_one(mode, None, prefix, dry_run)
        return
    mine = os.geteuid()
    for home, user in homes().items():
        os.seteuid(user)  # root does nothing in another's home that they could not do themselves
        try:
            remove_one(mode, home, None, dry_run)
        finally:
            os.seteuid(mine)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    modes = ["personal", "system"]
    sub = commands.add_parser("rivals")
    sub.add_argument("mode", choices=modes)
    sub.add_argument("--replace", action="store_true")
    sub = commands.add_parser("place")
    sub.add_argument("mode", choices=modes)
    sub.add_argument("stage", type=pathlib.Path)
    sub.add_argument("version")
    sub = commands.add_parser("record")
    sub.add_argument("prefix", type=pathlib.Path)
    sub.add_argument("version")
    sub = commands.add_parser("remove")
    sub.add_argument("mode", choices=modes)
    sub.add_argument("prefix", type=pathlib.Path, nargs="?")
    sub.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    try:
        if options.command == "rivals":
            rivals(options.mode, options.replace)
        elif options.command == "place":
            place(options.mode, options.stage, options.version)
        elif options.command == "record":
            record(options.prefix, options.version)
        else:
            remove(options.mode, options.prefix, options.dry_run)
    except Refused as refused:
        print(f"tools/install: {refused}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"tools/install: {problem.filename or ''}: {problem.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
