#!/usr/bin/python3
"""A fair field: what others do with the same file, in one run. Prints the table of docs/comparison.md.

    field.py [--plugins FOLDER] [--packets N] [--rounds N] [--suricata ROOT] [--scapy FOLDER] [--modules FOLDER]

--plugins  a folder for WIRESHARK_PLUGIN_DIR (build-bench/plugins)
--packets  control packets of the capture (100000), made by traffic.py: some are broken on purpose
--rounds   runs of each (5), in turn, so that a machine that slows down slows down all
--suricata a folder with usr/bin/suricata and etc/suricata, as `dpkg -x` leaves it; default: / (Debian: bookworm-backports has it)
--scapy    a folder to import scapy from; default: Python's own (Debian: python3-scapy)
--modules  a folder with node_modules/mqtt-packet; default: npm installs it in a folder that is thrown away

Who is not there is left out. Of each: the median of CPU time with the least and the most, the median of the time that passes, the peak of memory, the control
packets that it tells, and the frames in which it has something to say against MQTT: those that traffic.py broke, and others. mqtt-packet does not say which packet
it refuses; its count stands with the broken ones.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import measure  # noqa: E402
import traffic  # noqa: E402

MQTT_PACKET = "mqtt-packet@9.0.2"
PACKETS = {"connect", "connack", "publish", "puback", "pubrec", "pubrel", "pubcomp", "subscribe", "suback", "unsubscribe", "unsuback", "pingreq", "pingresp", "auth",
           "disconnect"}
SCAPY = """
import sys
sys.path.insert(0, sys.argv[1])
from scapy.all import PcapReader, Raw, TCP, bind_layers
from scapy.contrib.mqtt import MQTT
bind_layers(TCP, MQTT, sport=1883)
bind_layers(TCP, MQTT, dport=1883)
packets = rest = 0
for frame in PcapReader(sys.argv[2]):
    if MQTT in frame:
        packets += 1
        rest += Raw in frame
print(packets, rest)
"""
SURICATA = """%YAML 1.1
---
stats: {{enabled: no}}
outputs:
  - eve-log: {{enabled: yes, filetype: regular, filename: eve.json, types: [{{alert: {{}}}}, {{anomaly: {{types: {{applayer: yes}}}}}}, {{mqtt: {{}}}}]}}
logging: {{default-log-level: error, outputs: [{{console: {{enabled: no}}}}]}}
app-layer: {{protocols: {{mqtt: {{enabled: yes}}}}}}
default-rule-path: {root}/etc/suricata/rules
rule-files: [mqtt-events.rules]
classification-file: {root}/etc/suricata/classification.config
reference-config-file: {root}/etc/suricata/reference.config
"""


def wait(command, **how):
    """Runs it; returns what it took, and its output."""
    with tempfile.TemporaryFile() as out:
        before = os.times()
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, **how)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise RuntimeError(f"{command[0]} ended with {child.returncode}")
        out.seek(0)
        return measure.Run(usage.ru_utime + usage.ru_stime, os.times().elapsed - before.elapsed, usage.ru_maxrss * 1024), out.read().decode(errors="replace")


class Field:
    """One capture, and a function for each competitor: it runs it once, and returns what it took and (packets, frames found, other frames)."""

    def __init__(self, options, folder):
        self.options, self.folder = options, pathlib.Path(folder)
        self.bench = measure.Bench(options.plugins, folder)
        self.capture = f"{folder}/field.pcap"
        self.packets = traffic.write_mqtt(self.capture, options.packets)
        expected = pathlib.Path(f"{self.capture}.expected").read_text().splitlines()
        self.broken = {int(line.split("\t")[0]) for line in expected}
        self.bench.readable()

    def count(self, frames):
        frames = set(frames)
        return len(frames & self.broken), len(frames - self.broken)

    def tshark(self, plugin):
        fields = ["-T", "fields", "-e", "frame.number", "-e", "mqtt.msgtype"]
        said = "mqtt5.finding" if plugin else "_ws.expert.severity >= \"Warning\""
        took, out = wait([*self.bench.prefix(), "tshark", "-r", self.capture, *fields], env=self.bench.environment(plugin))
        found = self.bench.output(plugin, "-r", self.capture, "-Y", f"mqtt and {said}", "-T", "fields", "-e", "frame.number").split()
        packets = sum(line.count(",") + 1 for line in (line.split("\t")[1] for line in out.splitlines()) if line)
        return took, packets, *self.count(map(int, found))

    def stock(self):
        return self.tshark(False)

    def ours(self):
        return self.tshark(True)

    def suricata(self):
        root = self.options.suricata.rstrip("/")
        configuration, logs = self.folder / "suricata.yaml", self.folder / "logs"
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir()
        configuration.write_text(SURICATA.format(root=root))
        libraries = {"LD_LIBRARY_PATH": f"{root}/usr/lib/x86_64-linux-gnu"} if root else {}
        took, _ = wait([f"{root}/usr/bin/suricata", "-c", configuration, "-r", self.capture, "-l", logs, "-k", "none", "--runmode", "single"],
                       env={**os.environ, **libraries})
        events = [json.loads(line) for line in (logs / "eve.json").read_text().splitlines()]
        told = sum(sum(name in PACKETS for name in event["mqtt"]) for event in events if event["event_type"] == "mqtt")
        return took, told, *self.count(event["pcap_cnt"] for event in events if event["event_type"] in ("alert", "anomaly") and "pcap_cnt" in event)

    def mqtt_packet(self):
        took, out = wait(["node", HERE / "parser.js", self.modules(), self.capture, "1"])
        packets, refused = map(int, re.match(r"(\d+) packets, (\d+) refused", out).groups())
        return took, packets, refused, 0

    def modules(self):
        if self.options.modules:
            return self.options.modules
        if not (self.folder / "node_modules").exists():
            subprocess.run(["npm", "install", "--silent", "--prefix", self.folder, MQTT_PACKET], check=True, stdout=subprocess.DEVNULL)
        return self.folder

    def scapy(self):
        took, out = wait([sys.executable, "-c", SCAPY, self.options.scapy, self.capture])
        packets, _ = map(int, out.split())
        return took, packets, 0, 0


def there(options):
    """The names of those that can run here, with what they are called in the table."""
    def imports(module):
        return subprocess.run([sys.executable, "-c", f"import sys; sys.path.insert(0, sys.argv[1]); import {module}", options.scapy], capture_output=True,
                              check=False).returncode == 0
    field = {"stock": "tshark alone", "ours": "tshark with the plugin"}
    if pathlib.Path(f"{options.suricata.rstrip('/')}/usr/bin/suricata").exists():
        field["suricata"] = "Suricata, with its 11 MQTT events"
    if shutil.which("node"):
        field["mqtt_packet"] = "mqtt-packet (Node.js)"
    if imports("scapy.contrib.mqtt"):
        field["scapy"] = "Scapy (Python; it knows 3.1.1 only)"
    return field


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", default="build-bench/plugins")
    parser.add_argument("--packets", type=int, default=100000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--suricata", default="/")
    parser.add_argument("--scapy", default=".")
    parser.add_argument("--modules")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        field = Field(options, folder)
        names, runs = there(options), collections.defaultdict(list)
        for _ in range(options.rounds):
            for name in names:
                runs[name].append(getattr(field, name)())
        print(f"{field.packets} control packets, {len(field.broken)} of them broken on purpose\n")
        print("| | CPU seconds (least to most) | time that passes | memory | packets told | broken ones found | others |\n|---|---|---|---|---|---|---|")
        for name, title in names.items():
            cpu = sorted(run[0].cpu for run in runs[name])
            wall, memory = (statistics.median(getattr(run[0], what) for run in runs[name]) for what in ("wall", "memory"))
            print(f"| {title} | {statistics.median(cpu):.2f} ({cpu[0]:.2f} to {cpu[-1]:.2f}) | {wall:.2f} s | {memory / 1e6:.0f} MB "
                  f"| {' | '.join(str(number) for number in runs[name][-1][1:])} |")


if __name__ == "__main__":
    main()
