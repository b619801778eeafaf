"""The demo's page, used as a stranger would: with a browser, a keyboard and a phone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.e2e.lab import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ADDRESS = re.compile(r"Your turn: (\S+)")
PATIENCE = 20_000
"""Milliseconds; the bot looks at the clock every second."""
TOO_WIDE = """
    [...document.querySelectorAll("body *")]
        .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > window.innerWidth + 1)
        .map((each) => each.outerHTML.slice(0, 80))
"""

CONTRAST = """
    (input) => {
        const brightness = (colour) => {
            const [red, green, blue] = colour.match(/[0-9.]+/g).map((part) => part / 255)
                .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
        };
        const text = brightness(getComputedStyle(input, "::placeholder").color);
        const ground = brightness(getComputedStyle(input.form).backgroundColor);
        return Math.max(text, ground) / Math.min(text, ground);
    }
"""
"""Of the placeholder, as https://www.w3.org/TR/WCAG22/#contrast-minimum reckons it."""
CUT = "(input) => ((input.value = input.placeholder), input.scrollWidth > input.clientWidth)"
"""Whether the placeholder is."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (apt-get install chromium)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a demo of its own, whose bot has lived through the first morning."""
    command = [sys.executable, "-m", "sandbox.demo", "--headless"]
    with (
        (tmp_path / "demo.log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, stderr=log, text=True) as child,
    ):
        try:
            assert child.stdout is not None
            yield next(found[1] for line in child.stdout if (found := ADDRESS.search(line)))
        finally:
            child.terminate()
            child.communicate(timeout=30)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """On the page; in the end nothing may have been complained of, or asked of another machine."""
    context = browser.new_context(timezone_id="Asia/Singapore", locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(address) else complaints.append(request.url))
    page.goto(address)
    last(page).wait_for()
    yield page
    context.close()
    assert complaints == []


def command(page: Page, typed: str) -> None:
    """By keyboard alone: out of the list, and without options."""
    line(page).fill(typed)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Send").press("Enter")


def ask_status_until(page: Page, words: str) -> None:
    """The bot takes a moment to find out; what it answered before stays as it was."""
    for _ in range(PATIENCE // 1000):
        command(page, "/status")
        expect(last(page)).to_contain_text("Last digest")
        if words in last(page).inner_text():
            return
        page.wait_for_timeout(1000)
    raise AssertionError(f"/status never said {words!r}; last it said: {last(page).inner_text()}")


def line(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Message or command")


def last(page: Page) -> Locator:
    return page.get_by_role("article").last


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).last.click()


def test_a_morning_a_new_query_and_the_next_morning(page: Page) -> None:
    expect(page.get_by_text("Tue 3 Mar · 2 new")).to_be_visible()
    expect(last(page).get_by_role("link", name="PDF")).to_be_visible()

    line(page).fill("/set")
    expect(page.get_by_role("option")).to_contain_text(["/setquery", "/settings"])
    page.keyboard.press("Enter")
    page.keyboard.type("cat:cs.L")
    page.get_by_role("option", name="cat:cs.LG · Machine Learning").click()
    expect(page.get_by_role("combobox", name="query")).to_have_value("cat:cs.LG")
    page.keyboard.press("Enter")
    expect(last(page)).to_contain_text("Follow this query?")
    expect(last(page)).to_contain_text("Only you can see this")
    press(page, "Save")
    expect(last(page)).to_contain_text("following another")

    press(page, "Tomorrow")
    expect(page.get_by_text(re.compile(r"^Wed 4 Mar · \d+ new$"))).to_be_visible()
    expect(last(page)).to_contain_text("cs.LG")


def test_a_member_asks_alone_and_shares_with_everybody(page: Page) -> None:
    page.get_by_role("button", name="emmy").click()
    line(page).fill("/")
    expect(page.get_by_role("option")).to_contain_text(["/help", "/latest", "/status"])

    command(page, "/latest")
    expect(last(page)).to_contain_text("Only you can see this")
    page.get_by_role("button", name="grace").click()
    expect(page.get_by_role("log")).not_to_contain_text("Only you can see this")
    page.get_by_role("button", name="emmy").click()
    press(page, "Share here")
    expect(last(page)).to_contain_text("Shared by @emmy")
    page.reload()
    expect(last(page)).to_contain_text("emmy pressed Share here")
    expect(last(page)).to_contain_text("Shared by @emmy")


def test_a_command_typed_in_one_line(page: Page) -> None:
    line(page).focus()
    page.keyboard.type("/latest count:abc query:cat:cs.LG AND abs:results")
    expect(page.get_by_label("count")).to_have_value("abc")
    expect(page.get_by_label("query")).to_have_value("cat:cs.LG AND abs:results")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("count takes a whole number, not 'abc'")
    expect(page.get_by_label("count")).to_have_value("abc")
    page.get_by_label("count").fill("1")
    page.keyboard.press("Enter")
    expect(last(page)).to_contain_text("grace used /latest")
    expect(last(page)).to_contain_text("cs.LG")
    expect(page.get_by_role("alert")).to_have_count(0)

    line(page).fill("/setquery cat:cs.LG")
    page.keyboard.press("Enter")
    expect(last(page)).to_contain_text("Follow this query?")
    press(page, "Save")
    expect(last(page)).to_contain_text("following another")
    press(page, "3 papers")
    expect(page.get_by_role("status")).to_contain_text("3 new papers that match cat:cs.LG.")

    line(page).fill("/nothing of the kind")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is no command /nothing of the kind")
    expect(line(page)).to_have_value("/nothing of the kind")


def test_a_form_stays_filled_in_when_nobody_answers(page: Page) -> None:
    command(page, "/setquery")
    form = page.get_by_role("dialog")
    form.get_by_label("Topics").fill("glass")
    for trouble in ("refuse", "drop"):
        page.request.post(f"{page.url}_sandbox/gateway/{trouble}")
    expect(page.get_by_text("Broken: the bot is off line.")).to_be_visible()
    form.get_by_role("button", name="Submit").click()
    expect(form.get_by_role("alert")).to_have_text("The application did not respond")
    expect(form.get_by_label("Topics")).to_have_value("glass")


def test_what_is_broken_is_said_to_everybody_until_it_is_mended(page: Page) -> None:
    page.get_by_label("What breaks").select_option("arXiv: no answer (timeout)")
    press(page, "Break")
    page.reload()
    expect(page.get_by_text("Broken: arXiv does not answer.")).to_be_visible()
    press(page, "Tomorrow")
    ask_status_until(page, "arXiv")
    other = page.context.new_page()
    other.goto(page.url)
    press(other, "Fix everything")
    expect(other.get_by_text("Nothing is broken.")).to_be_visible()
    expect(page.get_by_text("Nothing is broken.")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Wed 4 Mar · \d+ new$"))).to_be_visible()

    page.get_by_label("What breaks").select_option("Discord: 429, too many requests")
    press(page, "Break")
    expect(page.get_by_text("Broken: Discord answers the next 3 posts with 429.")).to_be_visible()
    press(page, "Tomorrow")
    expect(page.get_by_text("Nothing is broken.")).to_be_visible()


def test_an_invented_paper_is_read_here(page: Page, address: str) -> None:
    title = last(page).get_by_role("heading").inner_text()
    for way in (last(page).get_by_role("heading").get_by_role("link"), last(page).get_by_role("link", name="PDF")):
        with page.expect_popup() as opened:
            way.click()
        paper = opened.value
        expect(paper.get_by_role("heading", level=1)).to_have_text(title)
        expect(paper.get_by_text("An invented paper.")).to_be_visible()
        assert paper.url.startswith(address)


def test_the_keyboard_finds_the_line_at_once(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message line")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(line(page)).to_be_focused()


def test_a_flood_leaves_the_channel_calm_and_an_outage_is_named(page: Page) -> None:
    press(page, "250 old ones at once")
    expect(page.get_by_role("status")).to_contain_text("250 old papers")
    press(page, "Tomorrow")
    expect(last(page)).to_contain_text("kept in the backlog")
    assert page.get_by_role("article").count() < 10

    press(page, "Break")
    expect(page.get_by_text("Broken: arXiv answers 429.")).to_be_visible()
    press(page, "Tomorrow")
    ask_status_until(page, "arXiv asks for a pause (HTTP 429)")
    press(page, "Fix everything")
    press(page, "An hour later")
    expect(page.get_by_text(re.compile(r"^Thu 5 Mar · \d+ new$"))).to_be_visible()


def test_a_killed_bot_posts_nothing_twice(page: Page) -> None:
    expect(last(page)).to_contain_text("arXiv:2603.")
    before = page.get_by_role("article").count()
    press(page, "Kill and restart it")
    expect(page.get_by_role("status")).to_contain_text("A new bot is running")
    press(page, "3 papers")
    expect(page.get_by_role("status")).to_contain_text("arXiv shows 3 new papers")
    press(page, "Tomorrow")
    expect(page.get_by_text(re.compile(r"^Wed 4 Mar · \d+ new$"))).to_be_visible()
    links = page.get_by_role("article").get_by_role("link", name="PDF").evaluate_all("all => all.map(each => each.href)")
    assert len(links) > before - 1
    assert len(links) == len(set(links))


def test_a_phone_has_no_sideways_scroll(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(TOO_WIDE) == []
    assert not line(page).evaluate(CUT)
    line(page).fill("/setq")
    page.keyboard.press("Enter")
    assert page.evaluate(TOO_WIDE) == []
    page.get_by_role("button", name="Send").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Which papers do you want?")
    assert page.evaluate(TOO_WIDE) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("button", name="Tomorrow")).to_be_visible()
    assert page.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(page: Page, scheme: str) -> None:
    spec = find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-playwright-python, which brings axe-core, is not installed")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    assert line(page).evaluate(CONTRAST) >= 4.5
    command(page, "/status")
    expect(last(page)).to_contain_text("Next digest")
    page.evaluate(Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(result => result.violations)")
    grave = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in grave] == []
