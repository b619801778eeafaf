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
    yield page
    context.close()
    assert complaints == []


def command(page: Page, typed: str) -> None:
    """By keyboard alone: out of the list, and without options."""
    page.get_by_role("combobox", name="Message or command").fill(typed)
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


def last(page: Page) -> Locator:
    return page.get_by_role("article").last


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).last.click()


def test_a_morning_a_new_query_and_the_next_morning(page: Page) -> None:
    expect(page.get_by_text("Tue 3 Mar · 2 new")).to_be_visible()
    expect(last(page).get_by_role("link", name="PDF")).to_be_visible()

    page.get_by_role("combobox", name="Message or command").fill("/set")
    expect(page.get_by_role("option")).to_contain_text(["/setquery", "/settings"])
    page.keyboard.press("Enter")
    page.keyboard.type("cat:cs.L")
    page.get_by_role("option", name="cat:cs.LG · Machine Learning").click()
    expect(page.get_by_role("combobox", name="query")).to_have_value("cat:cs.LG")
    page.keyboard.press("Enter")
    expect(last(page)).to_contain_text("Follow this query?")
    expect(last(page)).to_contain_text("Only you can see this")
    press(page, "Save")
    expect(last(page)).to_contain_text("Now following another query")

    press(page, "Tomorrow")
    expect(page.get_by_text(re.compile(r"^Wed 4 Mar · \d+ new$"))).to_be_visible()
    expect(last(page)).to_contain_text("cs.LG")


def test_a_member_asks_alone_and_shares_with_everybody(page: Page) -> None:
    page.get_by_role("button", name="emmy").click()
    page.get_by_role("combobox", name="Message or command").fill("/")
    expect(page.get_by_role("option")).to_contain_text(["/help", "/latest", "/status"])

    command(page, "/latest")
    expect(last(page)).to_contain_text("Only you can see this")
    page.get_by_role("button", name="grace").click()
    expect(page.get_by_role("log")).not_to_contain_text("Only you can see this")
    page.get_by_role("button", name="emmy").click()
    press(page, "Share here")
    expect(last(page)).to_contain_text("Shared by @emmy")
    page.get_by_role("button", name="grace").click()
    expect(last(page)).to_contain_text("Shared by @emmy")


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
    press(page, "Mend everything")
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
    expect(last(page)).to_be_visible()
    assert page.evaluate(TOO_WIDE) == []
    page.get_by_role("combobox", name="Message or command").fill("/setq")
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
    command(page, "/status")
    expect(last(page)).to_contain_text("Next digest")
    page.evaluate(Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(result => result.violations)")
    grave = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in grave] == []
