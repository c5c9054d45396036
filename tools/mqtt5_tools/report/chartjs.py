"""Chart.js, which draws the charts: found where Debian's package puts it, or where the user says, to be written into the page."""
import base64
import hashlib
import pathlib
import re

from mqtt5_tools.program import ToolError

PACKAGE = "libjs-chart.js"
PLACES = ("/usr/share/javascript/chart.js/chart.umd.js", "/usr/share/javascript/chart.js/chart.min.js", "/usr/share/javascript/chart.js/chart.js",
          "/usr/share/javascript/chart.js/Chart.min.js")
COPYRIGHT = f"/usr/share/doc/{PACKAGE}/copyright"
SUPPORTED = ("3", "4")


class ChartJs:
    """text: the script. version: of Chart.js. notice: its licence, as it came with it."""

    def __init__(self, chosen=None):
        path = pathlib.Path(chosen) if chosen else next((path for path in map(pathlib.Path, PLACES) if path.exists()), None)
        if path is None:
            raise ToolError(f"Chart.js is missing, which draws the charts: apt install {PACKAGE}, or --library FILE")
        self.text = source_of(path)
        found = re.search(r"Chart\.js v(\d+)([.\d]*)", self.text[:2000])
        if not found or found[1] not in SUPPORTED:
            raise ToolError(f"{path}: not Chart.js {' or '.join(SUPPORTED)}, as one script for browsers (chart.umd.js, chart.min.js)")
        self.version = found[1] + found[2]
        notice = pathlib.Path(COPYRIGHT)
        self.notice = notice.read_text(encoding="utf-8", errors="replace") if not chosen and notice.exists() else ""


def source_of(path):
    """The script as it can stand in a page."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ToolError(f"{path}: not a text") from None
    text = re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)
    if re.search(r"</script|<!--", text, re.IGNORECASE):
        raise ToolError(f"{path}: it cannot stand in a page (it has </script or <!-- in it)")
    return text


def digest(script):
    """A script, as a Content Security Policy names it."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
