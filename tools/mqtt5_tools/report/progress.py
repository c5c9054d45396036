"""How far tshark is, on standard error, while it reads a long capture."""
import contextlib
import os
import pathlib
import sys
import threading
import time

FIRST, EVERY = 1.0, 0.5  # seconds until the first word, and between two


def read_so_far(pid, capture):
    """How far each open file of a process that is this capture has been read, in bytes, in the order in which it opened them. Linux tells, others do not."""
    found = []
    with contextlib.suppress(OSError, ValueError):
        wanted = os.stat(capture)
        for entry in sorted(pathlib.Path(f"/proc/{pid}/fd").iterdir(), key=lambda entry: int(entry.name)):
            status = entry.stat()
            if (status.st_dev, status.st_ino) == (wanted.st_dev, wanted.st_ino):
                told = pathlib.Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text(encoding="ascii")
                found.append(int(told.split("pos:", 1)[1].split()[0]))
    return found


class Progress:
    """A line that is written anew. tshark: mqtt5_tools.tshark.Tshark, which is running. gather: has `frames`, as many as were taken."""

    def __init__(self, tshark, capture, gather, passes, out=None):
        self.tshark, self.capture, self.gather, self.passes = tshark, capture, gather, passes
        self.out = out or sys.stderr
        self.ended = threading.Event()
        self.shown = False
        self.begun = time.monotonic()
        self.thread = threading.Thread(target=self.tell, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        if self.shown:
            self.write("")
            self.out.write("\r")
            self.out.flush()

    def tell(self):
        wait = FIRST
        while not self.ended.wait(wait):
            self.write(self.line())
            wait = EVERY

    def line(self):
        seconds = int(time.monotonic() - self.begun)
        part = self.part()
        percent = "" if part is None else f"{min(99, int(100 * part))} %, "
        return f"mqtt5-report: {percent}{self.gather.frames:,} frames with MQTT, {seconds // 60}:{seconds % 60:02} min"

    def part(self):
        """How much is done, from 0 to 1; None: nobody knows."""
        process = self.tshark.process
        size = os.stat(self.capture).st_size if os.path.exists(self.capture) else 0
        read = read_so_far(process.pid, self.capture) if process and size else []
        if not read:
            return None
        if self.passes == 1:
            return read[0] / size
        # The second pass reads by another file descriptor. It begins once there are rows.
        return (1 + max(read[1:] or [0]) / size) / 2 if self.gather.frames else read[0] / size / 2

    def write(self, text):
        with contextlib.suppress(OSError, ValueError):
            self.out.write("\r" + text.ljust(79)[:79] + ("\r" if not text else ""))
            self.out.flush()
            self.shown = True
