"""mqtt5-report in a real browser: on a desk, on a phone, in the dark, on paper; with names that try to be something else. BROWSER_OUT keeps the pictures."""
import os
import pathlib
import re
import shutil

import browser as browsers
import harness
import hostile_names
import pytest
import rules

SHOWN = ("session-takeover", "message-size-limit", "several-clients")
# The colours of page.js and page.css that tell what was drawn.
LIGHT, DARK, PAPER = (0xff, 0xff, 0xff), (0x14, 0x18, 0x1d), (0xff, 0xff, 0xff)
BLUE, RED, ORANGE = (0x2f, 0x6f, 0xb7), (0xc8, 0x37, 0x2d), (0xd9, 0x8a, 0x1f)
BLUE_DARK, RED_DARK, ORANGE_DARK = (0x6a, 0xa5, 0xea), (0xff, 0x6f, 0x61), (0xf0, 0xa9, 0x4a)
DRAWN = {"session-takeover": (BLUE, RED), "message-size-limit": (BLUE,), "several-clients": (BLUE, ORANGE)}
DRAWN_DARK = {"session-takeover": (BLUE_DARK, RED_DARK), "message-size-limit": (BLUE_DARK,), "several-clients": (BLUE_DARK, ORANGE_DARK)}
ENOUGH = 300  # pixels: more than a letter has


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = browsers.Browser(tmp_path_factory.mktemp("browser"))
    yield made
    if os.environ.get("BROWSER_OUT"):
        out = pathlib.Path(os.environ["BROWSER_OUT"])
        out.mkdir(parents=True, exist_ok=True)
        for path in [*made.room.glob("report-*.png"), *made.room.glob("report-*.pdf")]:
            shutil.copy(path, out)


@pytest.fixture(scope="module")
def report(tshark, browser):
    """A function: capture to a page in a file."""
    def write(capture, name):
        done = tshark.tool("mqtt5-report", tshark.visible(capture))
        assert (done.status, done.err) == (0, "")
        path = browser.room / f"{name}.html"
        path.write_text(done.out, encoding="utf-8")
        return path
    return write


@pytest.fixture(scope="module", params=SHOWN)
def shown(request, report):
    return request.param, report(harness.CAPTURES / "real" / f"{request.param}.pcapng", request.param)


def test_all_charts_are_drawn(browser, shown):
    """Nothing is wrong on the console, and each place for a chart has one."""
    text = browser.document(shown[1])
    assert browser.said == "" and int(re.search(r'data-charts="(\d+)"', text)[1]) == text.count("<canvas") >= 2


def test_on_a_desk(browser, shown):
    seen = browser.picture(shown[1], f"report-{shown[0]}")
    assert seen.most_common(1)[0][0] == LIGHT and all(seen[colour] > ENOUGH for colour in DRAWN[shown[0]])


def test_in_the_dark(browser, shown):
    seen = browser.picture(shown[1], f"report-{shown[0]}-dark", 1200, 2400, browsers.DARK)
    assert seen.most_common(1)[0][0] == DARK and all(seen[colour] > ENOUGH for colour in DRAWN_DARK[shown[0]]) and seen[LIGHT] < ENOUGH


def test_on_a_phone(browser, shown):
    """390 pixels are enough: nothing has to be moved sideways."""
    seen, width, charts = browser.phone(shown[1], f"report-{shown[0]}-phone")
    assert width <= 390 and charts >= 2 and all(seen[colour] > ENOUGH for colour in DRAWN[shown[0]])


@pytest.mark.parametrize("how", [[], [browsers.DARK]], ids=["light", "dark"])
def test_on_paper(browser, shown, how):
    """Dark on white, whatever the screen is, with its charts, and all of its text."""
    text, pages = browser.paper(shown[1], f"report-{shown[0]}-{'dark-' if how else ''}paper", *how)
    seen = sum((browsers.colours(page) for page in pages), browsers.collections.Counter())
    assert 2 <= len(pages) <= 6 and seen.most_common(1)[0][0] == PAPER and all(seen[colour] > ENOUGH for colour in DRAWN[shown[0]])
    assert "Connections on a time line" in text and "About this report" in text


def test_a_capture_with_everything(browser, report, made):
    """All made captures in one: each kind of chart, and many rows."""
    path = report(made.merged, "everything")
    text = browser.document(path)
    assert browser.said == "" and int(re.search(r'data-charts="(\d+)"', text)[1]) == text.count("<canvas") == 5
    _, width, _ = browser.phone(path, "report-everything-phone", 6000)
    assert width <= 390
    printed, _ = browser.paper(path, "report-everything-paper")
    assert all(rule.summary in " ".join(printed.split()) for rule in rules.read() if rule.name in ("property_repeated", "retained_outdated"))


def test_names_that_try(browser, report, made_text):
    """Nothing in them runs or becomes an element; they are shown as they are."""
    path = report(made_text(hostile_names.TEXT), "hostile")
    text = browser.document(path)
    assert browser.said == "" and "<title>MQTT in" in text and "harmed</title>" not in text
    assert not re.search(r"<(img|svg|b>payload)", text) and text.count("<script") == 3
    assert int(re.search(r'data-charts="(\d+)"', text)[1]) == text.count("<canvas")
    browser.picture(path, "report-hostile", 1200, 3000)
    printed, _ = browser.paper(path, "report-hostile-paper")
    assert "</script><script>document.title" in printed.replace("\n", "")


def test_a_script_of_a_stranger_does_not_run(browser, report):
    """Should markup ever get through, the page's own policy stops it: shown by putting some in."""
    path = report(harness.CAPTURES / "real" / "ping.pcapng", "policy")
    foreign = "<script>document.title = 'harmed'</script><img src=x onerror=\"document.title = 'harmed'\">"
    path.write_text(path.read_text(encoding="utf-8").replace("<main>", "<main>" + foreign), encoding="utf-8")
    text = browser.document(path)
    assert "Content Security Policy" in browser.said and "<title>harmed" not in text and "data-charts" in text


def test_without_scripts(browser, report):
    """The tables hold all that matters; where a chart would be there is no empty place."""
    path = report(harness.CAPTURES / "real" / "several-clients.pcapng", "no-scripts")
    seen = browser.without_scripts(path, "report-no-scripts")
    assert seen[BLUE] < ENOUGH and seen[LIGHT] > ENOUGH
    drawn = browser.picture(path, "report-with-scripts")
    # It is shorter by its charts: at the end there is the bare ground.
    assert seen[LIGHT] > drawn[LIGHT] and drawn[BLUE] > ENOUGH
