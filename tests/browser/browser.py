"""Chromium without a window: what it makes of a page, as a picture, as a document and on paper."""
import collections
import pathlib
import re
import shutil
import subprocess
import tempfile

# As little as it can do besides showing a page.
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--hide-scrollbars", "--allow-file-access-from-files", "--enable-logging=stderr", "--host-resolver-rules=MAP * ~NOTFOUND")
DARK = "--blink-settings=preferredColorScheme=0"
WITHOUT_SCRIPTS = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0"><iframe sandbox src="{page}" style="border:0;width:1200px;height:2400px"></iframe>
"""

# As wide as a phone: a window of Chromium itself is never that narrow. What it says of the page is in the title.
PHONE = """<!DOCTYPE html><meta charset="utf-8"><title>waiting</title><body style="margin:0"><iframe src="{page}" style="border:0;width:390px;height:{height}px"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {{
  const root = frame.contentDocument.documentElement;
  document.title = `${{root.scrollWidth}} ${{root.dataset.charts}} ${{root.scrollHeight}}`;
}});
</script>
"""


class Browser:
    """room: a folder for what it writes."""

    def __init__(self, room):
        self.room = pathlib.Path(room)
        self.said = ""

    def run(self, page, *arguments):
        """Its standard output. What the page writes on the console, in `said`."""
        profile = tempfile.mkdtemp(dir=self.room)
        try:
            command = ["chromium", *QUIET, f"--user-data-dir={profile}", *arguments, pathlib.Path(page).as_uri()]
            done = subprocess.run(command, capture_output=True, check=True, timeout=120)
        finally:
            shutil.rmtree(profile, ignore_errors=True)
        self.said = "\n".join(re.findall(r"CONSOLE.*", done.stderr.decode(errors="replace")))
        return done.stdout.decode(errors="replace")

    def document(self, page, *arguments):
        """The document as it stands once its scripts have run."""
        return self.run(page, "--dump-dom", *arguments)

    def picture(self, page, name, width=1200, height=2400, *arguments):
        """A screenshot as room/NAME.png, and its colours."""
        path = self.room / f"{name}.png"
        self.run(page, f"--window-size={width},{height}", f"--screenshot={path}", *arguments)
        return colours(path)

    def without_scripts(self, page, name):
        """A screenshot in which no script has run, and its colours."""
        wrapper = self.room / f"{name}-wrapper.html"
        wrapper.write_text(WITHOUT_SCRIPTS.format(page=pathlib.Path(page).as_uri()), encoding="utf-8")
        return self.picture(wrapper, name)

    def phone(self, page, name, height=4000):
        """A screenshot 390 pixels wide, its colours, and the width that the page takes there, with the number of its charts."""
        wrapper = self.room / f"{name}-phone.html"
        wrapper.write_text(PHONE.format(page=pathlib.Path(page).as_uri(), height=height), encoding="utf-8")
        width, charts, _ = map(int, re.search(r"<title>(\d+) (\d+) (\d+)</title>", self.document(wrapper)).groups())
        path = self.room / f"{name}.png"
        self.run(wrapper, f"--window-size=500,{height}", f"--screenshot={path}")
        subprocess.run(["convert", path, "-crop", f"390x{height}+0+0", "+repage", path], check=True)
        return colours(path), width, charts

    def paper(self, page, name, *arguments):
        """Printed: room/NAME.pdf, the text of it, and room/NAME-1.ppm and so on, a picture a page."""
        path = self.room / f"{name}.pdf"
        self.run(page, "--no-pdf-header-footer", f"--print-to-pdf={path}", *arguments)
        subprocess.run(["pdftoppm", "-r", "60", "-png", path, path.with_suffix("")], check=True)
        text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout
        return text, sorted(self.room.glob(f"{name}-*.png"))


def colours(path):
    """How many pixels of a picture have which colour, as (red, green, blue)."""
    done = subprocess.run(["convert", path, "-depth", "8", "rgb:-"], check=True, capture_output=True)
    return collections.Counter(zip(*(done.stdout[part::3] for part in range(3))))
