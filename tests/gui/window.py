"""Wireshark's windows as a person sees them: read through the accessibility tree (AT-SPI), worked with mouse and keyboard (xdotool)."""
import os
import subprocess
import tempfile
import time

PATIENCE = 20  # seconds until something that should appear is given up
# Seconds that Wireshark needs to register with AT-SPI after its window is there: nothing can be asked before. More at each new attempt.
SETTLED = 2 * int(os.environ.get("MQTT5_GUI_ATTEMPT", "1"))


class GuiError(Exception):
    """Something that should be on the screen is not; the message says what."""


class NoTree(GuiError):
    """Wireshark is there, but AT-SPI does not show it; a new D-Bus session helps."""


def wait(what, look, patience=PATIENCE):
    """The first true value that `look` gives; asks again until then."""
    end = time.monotonic() + patience
    while True:
        try:
            found = look()
        except Exception as problem:  # a window that has just gone: D-Bus has many errors for that
            found, last = None, problem
        else:
            last = None
        if found:
            return found
        if time.monotonic() > end:
            raise GuiError(f"waited {patience} s for {what}" + (f" ({last})" if last else ""))
        time.sleep(0.1)


def xdotool(*arguments):
    return subprocess.run(["xdotool", *map(str, arguments)], capture_output=True, text=True, check=False).stdout.split()


def keys(*names):
    xdotool("key", "--clearmodifiers", *names)
    time.sleep(0.15)


def type_text(text):
    xdotool("type", "--delay", 5, text)
    time.sleep(0.15)


def children(node):
    """What is below it now."""
    node.clear_cache()
    for at in range(node.childCount):
        child = node.getChildAtIndex(at)
        if child is not None:
            yield child


def role_of(node):
    """AT-SPI from 2.54 on says "button" where older ones say "push button", and has another word for a button with a menu."""
    name = node.getRoleName()
    return "button" if name == "push button" or name.endswith("button menu") else name


def find_all(node, role=None, name=None, depth=14):
    """All below `node` of this role whose name equals `name`, or for which it is true, in order. Tables are not entered."""
    for child in children(node):
        child_role = role_of(child)
        if (role is None or child_role == role) and (name is None or (name(child.name) if callable(name) else child.name == name)):
            yield child
        if depth > 0 and child_role not in ("tree", "table", "menu bar", "combo box"):
            yield from find_all(child, role, name, depth - 1)


def find(node, role=None, name=None):
    return next(find_all(node, role, name), None)


def box(node):
    extents = node.queryComponent().getExtents(0)  # of the whole screen
    return extents.x, extents.y, extents.width, extents.height


def click(node, button=1, twice=False):
    """A click into the left part of it: a cell can be wider than what is seen of it."""
    x, y, width, height = box(node)
    xdotool("mousemove", x + min(width // 2, 40), y + height // 2, "click", *(["--repeat", 2, "--delay", 60] if twice else []), button)
    time.sleep(0.2)


def press(node):
    """What a click on a button, a menu item or a check box does, without the mouse."""
    node.queryAction().doAction(0)
    time.sleep(0.2)


class Tree:
    """A tree or table: AT-SPI has its cells row by row, after the headers of the columns."""

    def __init__(self, node):
        self.node = node

    def columns(self):
        return [child.name for child in children(self.node) if child.getRoleName() == "table column header"]

    def cells(self):
        return [child for child in children(self.node) if child.getRoleName() in ("table cell", "list item", "tree item")]

    def rows(self):
        """What is seen, as one list of texts a row."""
        width, texts = max(1, len(self.columns())), [cell.name for cell in self.cells()]
        return [texts[at:at + width] for at in range(0, len(texts), width)]

    def cell(self, name):
        for cell in self.cells():
            if name(cell.name) if callable(name) else cell.name == name:
                return cell
        return None


def find_cell(node, name):
    """The cell of that text in any tree or table below `node`."""
    return wait(f"a cell {name}", lambda: next((cell for role in ("tree", "table", "list") for tree in find_all(node, role)
                                                if (cell := Tree(tree).cell(name))), None))


class Wireshark:
    """One running Wireshark, its main window in front."""

    def __init__(self, *arguments, size=(1280, 900), title=None):
        # Not a pipe: Qt prints a warning for each row of the preferences that is searched for, and Wireshark would wait for a reader.
        self.said = tempfile.TemporaryFile("w+", errors="replace")
        self.process = subprocess.Popen(["wireshark", "-o", "gui.update.enabled:FALSE", *map(str, arguments)], stdout=self.said, stderr=subprocess.STDOUT)
        self.title = title
        # Wireshark registers with AT-SPI only if nobody has used it before in this D-Bus session. So each Wireshark has its own session,
        # and pyatspi, which uses it as soon as it is imported, is imported afterwards.
        wait(f"a window with the title {title}", lambda: xdotool("search", "--onlyvisible", "--name", title), 40)
        time.sleep(SETTLED)
        try:
            self.app = wait("Wireshark in the accessibility tree", self._application, 8)
        except GuiError as problem:
            self.close()
            raise NoTree(str(problem)) from None
        self.window = wait(f"a window with the title {title}", lambda: self.frame(lambda name: name.startswith(title)), 40)
        self.resize(title, *size)

    def _application(self):
        import pyatspi
        from gi.repository import Atspi

        Atspi.set_timeout(10000, 20000)  # a window on a busy machine answers late
        desktop = pyatspi.Registry.getDesktop(0)
        desktop.set_cache_mask(Atspi.Cache.NONE)
        for app in children(desktop):
            if app.get_process_id() == self.process.pid:
                return app
        return None

    def windows(self):
        return [child for child in children(self.app) if child.getRoleName() in ("frame", "dialog", "window")]

    def dialog(self, title):
        return wait(f"the window {title}", lambda: self.frame(lambda name: title in name))

    def frame(self, title):
        for child in self.windows():
            if title(child.name) if callable(title) else child.name == title:
                return child
        return None

    @staticmethod
    def resize(title, width, height, x=20, y=40):
        """Through the window manager, as a person would; all windows of that title."""
        for number in xdotool("search", "--onlyvisible", "--name", title):
            xdotool("windowsize", "--sync", number, width, height)
            xdotool("windowmove", number, x, y)
            xdotool("windowactivate", number)
        time.sleep(0.5)

    def tree(self, name):
        return Tree(wait(f"the pane {name}", lambda: find(self.window, "tree", name)))

    def packets(self):
        """The rows of the packet list by frame number, each a list of texts."""
        return {int(row[0]): row for row in self.tree("Packet list").rows() if row[0].isdigit()}

    def info(self, number):
        return wait(f"frame {number} in the packet list", lambda: self.packets().get(number))[-1]

    def details(self):
        return [row[0] for row in self.tree("Packet details").rows()]

    def select(self, number):
        """A click on a frame in the packet list."""
        click(wait(f"frame {number}", lambda: self.tree("Packet list").cell(str(number))))
        wait(f"the details of frame {number}", lambda: any(text.startswith(f"Frame {number}:") for text in self.details()))

    def expand(self, start):
        """Opens a row of the packet details with all that is below it."""
        click(wait(f"a row {start}", lambda: self.tree("Packet details").cell(lambda text: text.startswith(start))))
        before = len(self.details())
        keys("shift+Right")
        wait(f"what is below {start}", lambda: len(self.details()) > before)

    def go_down(self, start, goal):
        """From one row of the packet details, which is clicked, down to another one by keyboard: a click reaches only what is seen."""
        rows = self.details()
        places = [next((at for at, text in enumerate(rows) if text.startswith(wanted)), None) for wanted in (start, goal)]
        if None in places:
            raise GuiError(f"no rows {start} and {goal} in {rows}")
        keys(*["Down"] * (places[1] - places[0]))

    def menu(self, *path):
        """Chooses a menu item, e.g. menu("Analyze", "Expert Information")."""
        node = find(self.window, "menu bar")
        for depth, name in enumerate(path):
            if depth:
                node = next(iter(children(node)))  # the popup below the item
            node = next((child for child in children(node) if child.name.replace("…", "") == name), None)
            if node is None:
                raise GuiError(f"no menu item {' > '.join(path[:depth + 1])}")
        press(node)

    def has_menu(self, *path):
        node = find(self.window, "menu bar")
        for depth, name in enumerate(path):
            node = next(iter(children(node)), None) if depth else node
            node = node and next((child for child in children(node) if child.name.replace("…", "") == name), None)
        return node is not None

    def status(self):
        return [label.name for label in find_all(find(self.window, "status bar") or self.window, "label") if label.name]

    def filter(self, text):
        """Types a display filter and waits for what it leaves."""
        keys("ctrl+slash")
        keys("ctrl+a")
        if text:
            type_text(text)
        else:
            keys("BackSpace")
        keys("Escape", "Return")
        time.sleep(0.5)

    def close(self):
        """Ends it; returns what it said on stdout and stderr meanwhile."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.said.seek(0)
        return self.said.read()
