#!/usr/bin/python3
"""What a long live capture costs: memory, and CPU time for each packet, from its first minute to its last.

    tests/bench/live.py [--plugins build-bench/plugins] [--minutes 30] [--rate 100] [--window]

Real clients and a real mosquitto talk on a loopback of their own (a network namespace); tshark captures it twice, with the plugin and without, and with
--window a Wireshark window under Xvfb does, too. All of them write into ring buffers. Wants root. Needs tools/setup bench, and for --window tools/setup gui.

--rate  messages a second, from 10 publishers to 20 subscribers, with QoS 0, 1 and 2; some clients come and go
"""
import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

import paho.mqtt.client as paho

import measure

HERE = pathlib.Path(__file__).resolve()
EVERY = 60  # seconds between two lines
CAPABILITIES = "+net_raw,+net_admin"
TICKS = os.sysconf("SC_CLK_TCK")


def client(name, version=paho.MQTTv5):
    callbacks = [paho.CallbackAPIVersion.VERSION2] if hasattr(paho, "CallbackAPIVersion") else []  # paho-mqtt 2 wants to know
    made = paho.Client(*callbacks, client_id=name, protocol=version)
    made.connect("127.0.0.1", 1883, keepalive=20)
    made.loop_start()
    return made


def talk(over, rate):
    """Publishers and subscribers, until `over` is set."""
    chance = random.Random(1)
    subscribers = [client(f"subscriber-{number}", paho.MQTTv5 if number % 3 else paho.MQTTv311) for number in range(20)]
    for number, each in enumerate(subscribers):
        each.subscribe(f"plant/{number % 10}/#", number % 3)
    publishers = [client(f"publisher-{number}") for number in range(10)]
    started, sent = time.monotonic(), 0
    while not over.is_set():
        if sent >= (time.monotonic() - started) * rate:
            time.sleep(0.01)
            continue
        number = chance.randrange(10)
        publishers[number].publish(f"plant/{number}/{chance.randrange(50)}", os.urandom(chance.randrange(8, 300)), chance.randrange(3))
        sent += 1
        if sent % (10 * rate) == 0:
            publishers[number].disconnect()
            publishers[number].loop_stop()
            publishers[number] = client(f"publisher-{number}")
    for each in publishers + subscribers:
        each.disconnect()
        each.loop_stop()


def packets():
    """That went over the loopback."""
    line = next(line for line in open("/proc/net/dev", encoding="ascii") if "lo:" in line)
    return int(line.split(":")[1].split()[1])


class Program:
    """A program that captures, and what it has taken."""

    def __init__(self, name, arguments, bench, plugin, **environment):
        self.name = name
        prefix = ["setpriv", f"--reuid={measure.NOBODY}", f"--regid={measure.NOBODY}", "--clear-groups", f"--inh-caps={CAPABILITIES}",
                  f"--ambient-caps={CAPABILITIES}"]
        self.process = subprocess.Popen([*prefix, *arguments], env={**bench.environment(plugin), **environment}, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def taken(self):
        """CPU seconds, megabytes."""
        folder = pathlib.Path(f"/proc/{self.process.pid}")
        fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        memory = next(line for line in (folder / "status").read_text().splitlines() if line.startswith("VmRSS"))
        return (int(fields[11]) + int(fields[12])) / TICKS, int(memory.split()[1]) / 1024

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(bench, folder, window):
    ring = ["-i", "lo", "-f", "tcp port 1883", "-b", "filesize:20000", "-b", "files:3"]
    programs = [Program(name, ["tshark", *ring, "-P", "-w", f"{folder}/home/{name}.pcapng"], bench, plugin)
                for name, plugin in (("tshark", False), ("tshark+plugin", True))]
    if window:
        display = subprocess.Popen(["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        number = display.stdout.readline().strip()
        programs.append(Program("window+plugin", ["wireshark", *ring, "-k", "-w", f"{folder}/home/window.pcapng"], bench, True, DISPLAY=f":{number}",
                                XDG_RUNTIME_DIR=f"{folder}/home", QT_QPA_PLATFORM="xcb"))
        return programs, display
    return programs, None


def watch(programs, minutes):
    """A line each minute; then what the last third took, compared with the first."""
    rows = []
    print(f"{'minute':>6} {'packets':>9}" + "".join(f" {each.name + ' MB':>18} {'µs a packet':>12}" for each in programs), flush=True)
    before, taken = packets(), [each.taken() for each in programs]
    for minute in range(1, minutes + 1):
        time.sleep(EVERY)
        now, latest = packets(), [each.taken() for each in programs]
        cost = [(new[0] - old[0]) / max(now - before, 1) * 1e6 for new, old in zip(latest, taken)]
        rows.append((now, latest, cost))
        print(f"{minute:6} {now:9}" + "".join(f" {each[1]:18.1f} {paid:12.1f}" for each, paid in zip(latest, cost)), flush=True)
        before, taken = now, latest
    third = max(len(rows) // 3, 1)
    for number, each in enumerate(programs):
        early, late = (sum(row[2][number] for row in part) / third for part in (rows[:third], rows[-third:]))
        grown = (rows[-1][1][number][1] - rows[third - 1][1][number][1]) * 1024 * 1024 / max(rows[-1][0] - rows[third - 1][0], 1)
        print(f"{each.name}: {early:.1f} µs a packet in the first third, {late:.1f} in the last; {grown:.0f} bytes for each packet after the first third")


def inside(options):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        bench = measure.Bench(options.plugins, folder)
        (pathlib.Path(folder) / "home").chmod(0o777)
        (pathlib.Path(folder) / "broker.conf").write_text("listener 1883 127.0.0.1\nallow_anonymous true\nuser root\n", encoding="ascii")
        broker = subprocess.Popen(["/usr/sbin/mosquitto", "-c", f"{folder}/broker.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        programs, display = start(bench, folder, options.window)
        time.sleep(5)
        over = threading.Event()
        talking = threading.Thread(target=talk, args=(over, options.rate))
        talking.start()
        try:
            watch(programs, options.minutes)
        finally:
            over.set()
            talking.join()
            for each in programs:
                each.stop()
            for each in (broker, display):
                if each:
                    each.terminate()
                    each.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", default="build-bench/plugins")
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--window", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("live.py: a network namespace of its own wants root")
    if options.inside:
        inside(options)
    else:
        os.execvp("unshare", ["unshare", "--net", sys.executable, str(HERE), "--inside", *sys.argv[1:]])


if __name__ == "__main__":
    main()
