"""`python scripts/pictures.py`: the pictures of the README, taken of the demo's page with Debian's or any other Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
ADDRESS = re.compile(r"Your turn: (\S+)")
SETTLING = 4000
"""Milliseconds in which the bot sees that the clock moved and has posted everything."""


@contextmanager
def demo() -> Iterator[str]:
    """The page's address; its bot has lived through the first morning."""
    command = [sys.executable, "-m", "sandbox.demo", "--headless"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield next(found[1] for line in child.stdout if (found := ADDRESS.search(line)))
        finally:
            child.terminate()


def take(page: Page) -> None:
    """One after another: each shows what the one before led to."""
    look(page, "dark", 390, 844)
    reading(page, page.get_by_text("Tue 3 Mar"))
    shoot(page, "phone")
    look(page, "light", 1200, 760)
    reading(page, page.get_by_text("Tue 3 Mar"))
    shoot(page, "morning")

    command(page, "/setquery", "cat:cs.LG AND all:generative")
    shoot(page, "setquery")
    page.get_by_role("button", name="Cancel").last.click()
    page.get_by_role("button", name="Dismiss message").last.click()

    for count in (17, 3, 3):
        page.get_by_role("button", name=f"{count} papers").click()
        page.get_by_text(f"arXiv shows {count} new papers").wait_for()
        page.wait_for_timeout(1000)
    tomorrow(page)
    reading(page, page.locator(".embed", has_text=re.compile(r"^(?!.*arXiv:).*", re.DOTALL)).last)
    shoot(page, "list")

    for _ in ("Thursday", "Friday", "Saturday", "Sunday"):
        tomorrow(page)
    command(page, "/status")
    shoot(page, "status")


def look(page: Page, scheme: Literal["light", "dark"], width: int, height: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})


def reading(page: Page, place: Locator) -> None:
    """Scroll the message with this in it to the top."""
    place.first.evaluate("element => element.closest('article').scrollIntoView()")
    page.wait_for_timeout(200)


def command(page: Page, name: str, query: str = "") -> None:
    """Type it as a person would, and wait for the answer."""
    page.locator("#composer").fill(name)
    page.keyboard.press("Enter")
    page.keyboard.type(query)
    page.get_by_role("button", name="Send").click()
    page.wait_for_timeout(SETTLING)


def tomorrow(page: Page) -> None:
    page.get_by_role("button", name="Tomorrow").click()
    page.wait_for_timeout(SETTLING)


def shoot(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    page.screenshot(path=PICTURES / f"{name}.png")


def main() -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("No Chromium is installed here: apt-get install chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-lcd-text"])
        page = chromium.new_page(timezone_id="Asia/Singapore", locale="en-GB")
        page.goto(address)
        page.locator("article").first.wait_for()
        take(page)
        chromium.close()


if __name__ == "__main__":
    main()
