#!/usr/bin/python3
"""One scenario in a real Wireshark: `drive.py SCENARIO ROOM`. Prints "ok WHAT" or "not ok WHAT: WHY" for each thing that it looks at.

ROOM holds the captures, and takes the screenshots. Started by tests/gui/run, which sees to the display and to a D-Bus session of its own.
"""
import csv
import pathlib
import re
import subprocess
import sys
import time

from window import GuiError, NoTree, Tree, Wireshark, box, children, click, find, find_all, find_cell, keys, press, type_text, wait, xdotool

LIMIT = "message-size-limit.pcapng"
LATE = "late-twice-never.pcapng"
MESSAGE = ("PUBACK from server: reason code 0x95 (Packet too large) is not allowed in PUBACK, only in CONNACK and DISCONNECT "
           "[MQTT-3.4.2-1]")
COMPLAINT = re.compile("^(?!.*(QXcb|ccessible|host portal)).*(mqtt|warning|critical)", re.IGNORECASE)  # but not what Qt says of itself
MARK = "[Warning: reason_code_not_allowed]"


class Scenario:
    """Checks that go on after a failure, and screenshots."""

    def __init__(self, room):
        self.room = pathlib.Path(room)
        self.failed = 0
        self.wireshark = None

    def check(self, what, good, seen=""):
        print(f"ok {what}" if good else f"not ok {what}: {seen}", flush=True)
        self.failed += not good

    def equal(self, what, seen, expected):
        self.check(what, seen == expected, f"expected {expected!r}, saw {seen!r}")

    def wait(self, what, look):
        try:
            wait(what, look)
            self.check(what, True)
        except GuiError as problem:
            self.check(what, False, problem)

    def shot(self, name, title=None):
        """The window of this title, or the whole screen."""
        numbers = xdotool("search", "--onlyvisible", "--name", title) if title else []
        subprocess.run(["import", "-window", numbers[-1] if numbers else "root", str(self.room / f"{name}.png")], check=False)

    def colour(self, x, y):
        """The colour of one pixel of the screen."""
        out = subprocess.run(["import", "-window", "root", "-crop", f"1x1+{x}+{y}", "-depth", "8", "txt:-"], capture_output=True, text=True,
                             check=False).stdout
        hexadecimal = out.split("#")[-1][:6]
        return tuple(int(hexadecimal[at:at + 2], 16) for at in (0, 2, 4))

    def tshark(self, *arguments):
        done = subprocess.run(["tshark", *map(str, arguments)], capture_output=True, text=True, check=False)
        return done.stdout.splitlines()

    def open(self, *arguments, capture=LIMIT):
        return self.start(*arguments, self.room / capture, title=capture)

    def start(self, *arguments, title):
        self.wireshark = Wireshark(*arguments, title=title)
        return self.wireshark


def row_colour(scenario, wireshark, number):
    """The background of a frame in the packet list: between its number and its upper edge."""
    x, y, _, _ = box(wireshark.tree("Packet list").cell(str(number)))
    return scenario.colour(x + 4, y + 2)


def click_left_of(node, distance):
    x, y, _, height = box(node)
    xdotool("mousemove", x - distance, y + height // 2, "click", 1)
    time.sleep(0.2)


def press_ok(dialog):
    press(wait("OK", lambda: find(dialog, "button", "OK")))


def finding(s):
    """A capture is opened: the finding is in the list, the tree and the status bar, and tshark shows the same."""
    w = s.open("-C", "MQTT 5")
    expected = s.tshark("-C", "MQTT 5", "-r", s.room / LIMIT, "-Y", "frame.number == 9", "-T", "fields", "-e", "_ws.col.Info")
    s.equal("the Info column has the mark", w.info(9), (expected or ["nothing from tshark"])[0])
    s.check("which names the rule", w.info(9).endswith(MARK), w.info(9))
    yellow, plain = row_colour(s, w, 9), row_colour(s, w, 3)
    s.equal("a row with a warning has the profile's yellow", yellow, (255, 231, 120))
    s.check("a row without one has not", plain != yellow, plain)
    w.select(9)
    w.expand("MQ Telemetry Transport")
    rows = w.details()
    mqtt, analysis = rows.index("MQ Telemetry Transport Protocol, Publish Ack"), rows.index("[MQTT 5 Analysis]")
    s.check("the analysis is below MQTT", analysis > mqtt, rows)
    s.check("with the message", any(MESSAGE in row for row in rows), rows)
    w.go_down("MQ Telemetry Transport", "[Finding: ")
    s.wait("a click on the finding marks its one byte", lambda: any("(mqtt5.finding), 1 byte" in label for label in w.status()))
    s.shot("finding", LIMIT)
    w.filter("mqtt5.finding")
    s.wait("the filter leaves the two packets with findings", lambda: sorted(w.packets()) == [9, 22])
    s.check("and the status bar counts them", any("Displayed: 2 " in label for label in w.status()), w.status())
    w.filter("")
    s.wait("without the filter all are back", lambda: len(w.packets()) > 10)
    press(wait("the button Findings", lambda: find(w.window, "button", "Findings")))
    s.wait("so does the profile's button", lambda: sorted(w.packets()) == [9, 22])
    w.filter("")
    w.menu("View", "Reload")
    s.wait("read again they are the same", lambda: w.info(9).endswith(MARK))
    w.menu("Statistics", "I/O Graphs")
    dialog = w.dialog("I/O Graphs")
    s.wait("I/O Graphs has those of the profile", lambda: {"MQTT messages", "MQTT findings"} <= {
        text for tree in find_all(dialog, "tree") for row in Tree(tree).rows() for text in row})
    s.shot("io-graphs", "I/O Graphs")


def buttons(s):
    """In a window of 1,280 pixels each button of the profile is seen, none hides behind the arrow at the end; those of a group are in its menu."""
    rows = [row[1:3] for row in csv.reader((pathlib.Path.home() / ".config/wireshark/profiles/MQTT 5/dfilter_buttons").open(encoding="utf-8"))]
    w = s.open("-C", "MQTT 5")
    left, _, width, _ = box(w.window)
    s.equal("the window is as wide as that of a laptop", width, 1280)
    labels = list(dict.fromkeys(label.split("//")[0] for label, _ in rows))
    shown = {button.name: box(button) for button in find_all(w.window, "button", lambda name: name in labels)}
    s.equal("each button of the profile, and of each group one", sorted(shown), sorted(labels))
    s.check("is seen whole", all(x >= left and 0 < wide and x + wide <= left + width for x, _, wide, _ in shown.values()), shown)
    grouped = [(label.split("//"), chosen) for label, chosen in rows if "//" in label]
    (group, item), chosen = grouped[0]
    expected = s.tshark("-r", s.room / LIMIT, "-Y", chosen, "-T", "fields", "-e", "frame.number")
    click(wait(f"the button {group}", lambda: find(w.window, "button", group)))
    s.shot("buttons")
    keys("Down", "Return")
    s.wait(f"the group {group} has the filter {item}", lambda: expected and [str(number) for number in sorted(w.packets())] == expected)


def expert(s):
    """Expert Information groups by rule, and the plugin is listed in About."""
    w = s.open()
    w.menu("Analyze", "Expert Information")
    dialog = wait("the window Expert Information", lambda: w.frame(f"Wireshark · Expert Information · {LIMIT}"))
    table = Tree(wait("its table", lambda: find(dialog, "tree")))
    row = wait("a row of ours", lambda: next((row for row in table.rows() if "not allowed" in row[1]), None))
    s.equal("Expert Information groups by rule", row[:3] + row[4:],
            ["Warning", "Reason code is not allowed in this packet type", "Protocol", "2"])
    s.shot("expert", "Expert Information")
    keys("Escape")
    w.menu("Help", "About Wireshark")
    dialog = wait("the window About Wireshark", lambda: w.frame("About Wireshark"))
    listed = [row for tree in find_all(dialog, "tree") if (table := Tree(tree)).columns() == ["Name", "Version", "Type", "Path"]
              for row in table.rows() if row[0] == "mqtt5.so"]
    s.equal("About > Plugins lists the plugin", [row[2].lower() for row in listed], ["dissector"])  # from 4.6 on, "Dissector"
    keys("Escape")
    w.menu("Statistics", "I/O Graphs")
    s.wait("I/O Graphs open", lambda: w.frame(f"Wireshark · I/O Graphs · {LIMIT}"))
    keys("Escape")


def show_statistics(s, wireshark, title, *path, shown="", capture=LIMIT):
    """Opens a window of the Statistics menu, gives it a filter if there is one, and returns its rows; then closes it."""
    def is_it(name):
        return re.fullmatch(f"Wireshark · (MQTT 5 / )?{title} · {capture}", name)

    wireshark.menu("Statistics", *path)
    window = wait(f"the window {title}", lambda: wireshark.frame(is_it))
    table = Tree(wait("its table", lambda: find(window, "tree")))
    if shown:
        wait("rows", table.rows)
        click(wait("the field for the filter", lambda: find(window, "text")))
        type_text(shown)
        press(wait("Apply", lambda: find(window, "button", "Apply")))
    rows = [[cell.strip() for cell in row] for row in wait("rows", table.rows)]  # 4.6 pads them, as tshark does
    s.shot(title.replace(" ", "-").lower() + ("-filtered" if shown else ""), title)
    press(wait("Close", lambda: find(window, "button", "Close")))
    wait("the window to go", lambda: not wireshark.frame(is_it))
    return rows


def show_again(wireshark, title, count):
    """Opens a window of the Statistics menu although it is open; the newest of `count` then."""
    wireshark.menu("Statistics", title)
    return wait(f"{count} windows", lambda: len(found := [window for window in wireshark.windows() if title in window.name]) == count and found[-1])


def statistics(s):
    """The windows of the Statistics menu, with and without a filter; the filters for a conversation."""
    w = s.open()
    rows = show_statistics(s, w, "Packets", "MQTT 5", "Packets")
    s.check("Packets counts by sender, type and code",
            {("From clients", "6"), ("From servers", "4"), ("CONNECT", "2"), ("0x95 Packet too large", "1")} <= {tuple(row[:2]) for row in rows}, rows)
    rows = show_statistics(s, w, "Packets", "MQTT 5", "Packets", shown="mqtt5.finding")
    s.check("and with a filter only what passes it", ["Packet types", "2"] in [row[:2] for row in rows], rows)
    rows = show_statistics(s, w, "Findings", "MQTT 5", "Findings")
    s.equal("Findings counts by severity and rule", [row[:2] for row in rows[:2]], [["Warning", "2"], ["reason_code_not_allowed", "2"]])
    rows = show_statistics(s, w, "Topics", "MQTT 5", "Topics")
    s.check("Topics counts messages and bytes", {("demo/limit", "2"), ("demo/limit", "436")} <= {tuple(row[:2]) for row in rows}, rows)
    rows = show_statistics(s, w, "MQTT5 Service Response Time Statistics", "Service Response Time", "MQTT5")
    s.equal("Service Response Time has the exchanges", [row[1:3] for row in rows],
            [["CONNECT-CONNACK", "2"], ["PUBLISH-PUBACK, server", "1"], ["PUBLISH-PUBREC, server", "1"]])
    rows = show_statistics(s, w, "MQTT 5 Sessions", "MQTT 5 Sessions")
    s.equal("Sessions has a row for each", [(row[0], row[1], row[3], row[6], row[-1]) for row in rows],
            [(number, client, "0x00 Success", "3", "DISCONNECT from client, 0x00 Normal disconnection") for number, client in (("0", "limit-1"), ("1", "limit-2"))])
    rows = show_statistics(s, w, "MQTT 5 Sessions", "MQTT 5 Sessions", shown="tcp.stream == 1")
    s.equal("and one where the filter leaves one", [row[0] for row in rows], ["1"])
    sessions = [show_again(w, "MQTT 5 Sessions", count) for count in (1, 2)]
    for at, number in enumerate(xdotool("search", "--onlyvisible", "--name", "MQTT 5 Sessions")):
        xdotool("windowsize", "--sync", number, 700, 400)
        xdotool("windowmove", number, 20 + 750 * at, 500)
    time.sleep(0.5)
    tables = [Tree(wait("its table", lambda: find(window, "tree"))) for window in sessions]
    for _ in "up", "down":
        click(next(child for child in children(tables[0].node) if child.name.strip() == "Client ID"))
        time.sleep(1)  # else it would be a double click
    s.shot("two-windows")
    s.equal("an older window still sorts its rows when a newer one has filled the table again", [row[1].strip() for row in tables[0].rows()], ["limit-2", "limit-1"])
    for window in sessions:
        press(find(window, "button", "Close"))
    rows = show_statistics(s, w, "MQTT 5 Deliveries", "MQTT 5 Deliveries")
    s.check("Deliveries is one sentence as long as copies are not linked", len(rows) == 1 and "mqtt5.journey_memory" in rows[0][0]
            and not any(rows[0][1:]), rows)
    w.select(17)  # high enough in the list to be seen with the profile's buttons above it
    w.menu("Analyze", "Conversation Filter", "MQTT session")
    expected = s.tshark("-r", s.room / LIMIT, "-Y", "tcp.stream == 1", "-T", "fields", "-e", "frame.number")
    s.wait("the conversation filter leaves the session, TCP's part of it too",
           lambda: expected and [str(number) for number in sorted(w.packets())] == expected)
    w.menu("Analyze", "Conversation Filter", "MQTT client")
    expected = s.tshark("-r", s.room / LIMIT, "-Y", 'mqtt5.client_id == "limit-2"', "-T", "fields", "-e", "frame.number")
    s.wait("that of the client leaves its control packets",
           lambda: expected and [str(number) for number in sorted(w.packets())] == expected)


def journey(s):
    """Deliveries, response times with them, endpoints by Client ID, and a graph that shows something of a capture of three seconds."""
    w = s.open("-C", "MQTT 5", "-o", "mqtt5.journey_memory:64", capture=LATE)
    rows = show_statistics(s, w, "MQTT 5 Deliveries", "MQTT 5 Deliveries", capture=LATE)
    s.equal("Deliveries has a row for each topic and publisher", [row[1:6] for row in rows if row[0].startswith("plant")],
            [["sensor", "9", "0", "0", "0"], ["edge", "9", "36", "32", "4"]])
    rows = show_statistics(s, w, "MQTT5 Service Response Time Statistics", "Service Response Time", "MQTT5", capture=LATE)
    s.check("Service Response Time has the deliveries", ["Message to its copy, QoS 1", "32"] in [row[1:3] for row in rows], rows)
    press(wait("the button Late", lambda: find(w.window, "button", "Late")))
    s.wait("the button Late leaves the late copies", lambda: len(w.packets()) == 3)
    press(wait("the button Lost", lambda: find(w.window, "button", "Lost")))
    s.wait("the button Lost leaves what does not come, and the copy that shows it", lambda: sorted(w.packets()) == [111, 125, 139, 153, 191])
    w.filter("")
    w.menu("Statistics", "Endpoints")
    window = wait("the window Endpoints", lambda: w.frame(lambda name: "Endpoints" in name))
    click(wait("the filter of the types", lambda: find(window, "text")))  # the list of them is longer than what is seen of it
    type_text("MQTT5")
    time.sleep(0.5)
    click_left_of(find_cell(window, "MQTT5"), 20)  # its check box
    s.wait("Endpoints has the Client IDs", lambda: {("overlapping", "41"), ("sensor", "24")} <= {
        tuple(row[:2]) for tree in find_all(window, "tree") for row in Tree(tree).rows()})
    s.shot("endpoints", "Endpoints")
    press(wait("Close", lambda: find(window, "button", "Close")))
    w.menu("Statistics", "I/O Graphs")
    dialog = w.dialog("I/O Graphs")
    w.resize("Wireshark · I/O Graphs", 1100, 800)
    s.wait("I/O Graphs has that of the delivery time", lambda: "MQTT delivery time, longest" in {
        text for tree in find_all(dialog, "tree") for row in Tree(tree).rows() for text in row})
    click(wait("the intervals", lambda: find(dialog, "combo box")))
    keys("Up", "Up", "Up", "Return")
    time.sleep(1)
    s.shot("io-graphs-late", "I/O Graphs")
    keys("Escape")


def any_port(s):
    """MQTT on a port that nobody knows is dissected without Decode As, and Enabled Protocols lists what finds it."""
    w = s.open(capture="any-port.pcapng")
    expected = s.tshark("-r", s.room / "any-port.pcapng", "-Y", "mqtt", "-T", "fields", "-e", "frame.number")
    s.equal("MQTT on any port is shown", sorted(number for number, row in w.packets().items() if "MQTT" in row[4]), [int(number) for number in expected])
    s.check("of which there is some", expected, expected)
    s.shot("any-port", "any-port")
    w.menu("Analyze", "Enabled Protocols")
    dialog = w.dialog("Enabled Protocols")
    w.resize("Wireshark · Enabled Protocols", 900, 700)
    click(wait("the search field", lambda: next((field for field in find_all(dialog, "text") if box(field)[2] > 100), None)))
    type_text("mqtt5_")
    s.wait("Enabled Protocols lists the heuristics", lambda: {"mqtt5_tcp", "mqtt5_tls", "mqtt5_ws"} <= {
        row[0] for tree in find_all(dialog, "tree") for row in Tree(tree).rows()})
    s.shot("enabled-protocols", "Enabled Protocols")
    keys("Escape")


def payloads(s):
    """A payload is shown below the analysis by the dissector that the user's table names."""
    w = s.open("-C", "MQTT 5", "-o", 'uat:mqtt5_payloads:"zigbee2mqtt/+","","none","json",""', capture="payloads.pcapng")
    w.select(8)
    w.expand("MQ Telemetry Transport")
    rows = w.details()
    analysis = rows.index("[MQTT 5 Analysis]")
    s.check("the payload is decoded below the analysis", any(row.startswith("JavaScript Object Notation") for row in rows[analysis:]), rows)
    w.go_down("MQ Telemetry Transport", "JavaScript Object Notation")
    s.shot("payload", "payloads")
    w.filter('json.key == "temperature"')
    s.wait("its fields are filters", lambda: sorted(w.packets()) == [7, 8])


def security(s):
    """What weakens security is said on request: the preference and the profile's button."""
    w = s.open("-C", "MQTT 5", "-o", "mqtt5.security:TRUE", capture="refused-password.pcapng")
    press(wait("the button Security", lambda: find(w.window, "button", "Security")))
    s.wait("the button Security leaves the credentials in clear", lambda: sorted(w.packets()) == [4, 24, 34, 44, 56, 66])
    w.select(4)
    w.expand("MQ Telemetry Transport")
    s.check("and the finding says what to do", any("TLS would protect them" in row for row in w.details()), w.details())
    s.shot("security", "refused-password")


def objects(s):
    """File > Export Objects."""
    w = s.open()
    w.menu("File", "Export Objects", "MQTT5")
    window = wait("the list of objects", lambda: w.frame(lambda name: "Export" in name and "MQTT5" in name))
    rows = wait("its rows", lambda: Tree(find(window, "tree")).rows())
    s.shot("objects", "Export")
    s.equal("Export Objects lists each message with its topic and client", [[row[0], row[1], row[-1]] for row in rows],
            [["8", "limit-1", "demo_limit-8"], ["21", "limit-2", "demo_limit-21"]])
    keys("Escape")


def follow(s):
    """Analyze > Follow: Wireshark 4.0 has a fixed list of protocols there."""
    w = s.open()
    w.select(8)
    if not w.has_menu("Analyze", "Follow", "MQTT5 Stream"):
        print("ok Follow is not in the window of this Wireshark # its menu has a fixed list", flush=True)
        return
    w.menu("Analyze", "Follow", "MQTT5 Stream")
    window = wait("the dialogue", lambda: w.frame(lambda name: name.startswith("Wireshark · Follow MQTT5 Stream")))
    text = wait("its text", lambda: find(window, "text"))
    s.shot("follow", "Follow")
    said = wait("what is in it", lambda: text.queryText().getText(0, -1))
    s.check("Follow shows the packets in words", "CONNECT" in said and "DISCONNECT" in said, said)
    keys("Escape")


def preference(s):
    """A preference that is changed while a capture is open re-dissects it; the protocol disabled takes everything away."""
    w = s.open()
    for on in (False, True):
        w.menu("Edit", "Preferences")
        dialog = w.dialog("Preferences")
        w.resize("Wireshark · Preferences", 1500, 800)  # so wide that the values are seen
        click(find_cell(dialog, "Advanced"))
        # Each page of the dialog has text fields; those of the hidden pages have no position on the screen.
        search = wait("the search field", lambda: next((field for field in find_all(dialog, "text")
                                                        if box(field)[2] > 100 and box(field)[1] > 0), None))
        click(search)
        type_text("mqtt5.info_column")
        find_cell(dialog, lambda text: "info_column" in text)
        click(find_cell(dialog, "FALSE" if on else "TRUE"), twice=True)  # its value: a double click changes it
        if not on:
            s.shot("preference")
        press_ok(dialog)
        s.wait(f"the Info column has {'a' if on else 'no'} mark when the preference is {'on' if on else 'off'}",
               lambda: w.info(9).endswith(MARK) == on)
    for on in (False, True):
        w.menu("Analyze", "Enabled Protocols")
        dialog = wait("the enabled protocols", lambda: w.frame("Wireshark · Enabled Protocols"))
        wait("the list of protocols", lambda: find(dialog, "tree").childCount > 100)
        keys("ctrl+a")
        type_text("MQTT5")
        wait("MQTT5 alone among them", lambda: find(dialog, "tree").childCount < 40)  # with its heuristics
        click(find_cell(dialog, "MQTT5"))
        keys("space")
        press_ok(dialog)
        s.wait(f"the plugin is {'back' if on else 'silent'} when MQTT5 is {'enabled' if on else 'disabled'}",
               lambda: w.info(9).endswith(MARK) == on and w.info(9).startswith("Publish Ack"))


def decode_as(s):
    """MQTT on another port: Decode As brings it to the plugin."""
    capture = "port-other-late.pcapng"  # without CONNECT, which the plugin would know by itself
    w = s.open(capture=capture)
    s.check("before, it is no MQTT", all("MQTT" not in row for row in w.packets().values()), w.packets())
    w.select(1)
    click(find_cell(w.window, lambda text: text.startswith("Transmission Control")))
    w.menu("Analyze", "Decode As")
    dialog = w.dialog("Decode As")
    press(wait("the button +", lambda: find(dialog, "button")))  # the first
    cell = wait("a row for the port", lambda: Tree(find(dialog, "tree")).cells())[-1]
    x, y, width, height = box(cell)
    xdotool("mousemove", x + width // 2, y + height // 2, "click", "--repeat", 2, "--delay", 60, 1)
    time.sleep(0.5)
    type_text("MQTT")
    keys("Return")
    s.shot("decode-as")
    press_ok(dialog)
    s.wait("after, it is", lambda: any("MQTT" in row for row in w.packets().values()))
    w.filter("mqtt5.finding")
    expected = s.tshark("-r", s.room / capture, "-d", "tcp.port==18830,mqtt", "-Y", "mqtt5.finding", "-T", "fields", "-e", "frame.number")
    s.wait("with the findings that tshark has", lambda: expected and [str(number) for number in sorted(w.packets())] == expected)


def live(s):
    """Live capture on loopback, while a client speaks to a real broker."""
    port = (s.room / "broker-port").read_text(encoding="ascii").strip()
    w = s.start("-C", "MQTT 5", "-i", "lo", "-k", "-f", f"tcp port {port}", "-d", f"tcp.port=={port},mqtt", title="Capturing from Loopback")
    subprocess.run(["mosquitto_pub", "-V", "mqttv5", "-p", port, "-t", "demo/live", "-q", "1", "-m", "x" * 300], check=False, timeout=10,
                   capture_output=True)
    s.wait("what was sent is seen while capturing", lambda: any("PUBACK" in row for row in w.packets().values()))
    s.wait("and judged", lambda: any(row[-1].endswith(MARK) for row in w.packets().values()))
    s.shot("live", "Capturing")
    w.menu("Capture", "Stop")
    s.wait("it stops", lambda: not w.frame(lambda name: name.startswith("Capturing")))
    s.wait("and the findings stay", lambda: any(row[-1].endswith(MARK) for row in w.packets().values()))


SCENARIOS = {scenario.__name__: scenario for scenario in (
    finding, buttons, expert, statistics, journey, any_port, payloads, security, objects, follow, preference, decode_as, live)}


def main(name, room):
    """0 where all is well, 1 where not, 3 where it is worth another try in a new D-Bus session."""
    scenario = Scenario(room)
    try:
        SCENARIOS[name](scenario)
        status = scenario.wireshark.process.poll()
        scenario.check("Wireshark is alive", status is None, f"it ended with status {status}")
    except NoTree:
        return 3
    except Exception as problem:
        scenario.shot(f"{name}-failed")
        scenario.check(name, False, f"{type(problem).__name__}: {problem}")
    if scenario.wireshark:
        said = [line for line in scenario.wireshark.close().splitlines() if COMPLAINT.search(line)]
        scenario.check("Wireshark prints no complaint", not said, said)
    return 1 if scenario.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in SCENARIOS:
        sys.exit(f"usage: drive.py {'|'.join(SCENARIOS)} ROOM")
    sys.exit(main(*sys.argv[1:]))
