"""Runs tshark with and without the plugin, and measures it: CPU time, peak memory, instructions."""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

Run = collections.namedtuple("Run", "cpu wall memory")  # seconds, seconds, bytes
NOBODY = 65534


class Bench:
    """`plugins` is a folder for WIRESHARK_PLUGIN_DIR; the files that are needed are copied to `folder`, which everybody may read."""

    def __init__(self, plugins, folder):
        self.folder = pathlib.Path(folder)
        shutil.copytree(plugins, self.folder / "plugins", dirs_exist_ok=True)
        for name in ("none", "home"):
            (self.folder / name).mkdir(exist_ok=True)
        (self.folder / "home").chmod(0o777)
        self.readable()

    def readable(self):
        """Lets everybody read what is in the folder."""
        for path in [self.folder, *self.folder.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))

    def output(self, plugin, *arguments):
        return subprocess.run([*self.prefix(), "tshark", *arguments], env=self.environment(plugin), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=True).stdout

    def environment(self, plugin):
        return {**os.environ, "HOME": str(self.folder / "home"), "WIRESHARK_PLUGIN_DIR": str(self.folder / ("plugins" if plugin else "none"))}

    def prefix(self):
        """As root, Wireshark ignores WIRESHARK_PLUGIN_DIR."""
        return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []

    def once(self, plugin, *arguments):
        """One run of tshark; its output is thrown away."""
        with tempfile.TemporaryFile() as errors:
            child = subprocess.Popen([*self.prefix(), "tshark", *arguments], env=self.environment(plugin), stdout=subprocess.DEVNULL, stderr=errors)
            start = os.times().elapsed
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = status
            if status:
                errors.seek(0)
                raise RuntimeError(f"tshark {' '.join(arguments)}: {errors.read().decode(errors='replace')}")
        return Run(usage.ru_utime + usage.ru_stime, os.times().elapsed - start, usage.ru_maxrss * 1024)

    def instructions(self, plugin, *arguments):
        """Instructions that one run takes, by callgrind. They repeat within some tenths of a percent."""
        done = subprocess.run([*self.prefix(), "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "tshark", *arguments],
                              env=self.environment(plugin), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
        return int(re.search(r"Collected : (\d+)", done.stderr)[1])
