"""The sandbox serves its page and, where somebody runs the bot beside it, restarts the bot."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.e2e.lab import ROOT


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(sandbox.url) as client:
        yield client


async def test_the_page_and_all_it_names_are_served(client: aiohttp.ClientSession) -> None:
    async with client.get("/") as answer:
        assert answer.content_type == "text/html"
        named = re.findall(r'(?:href|src)="(/[^"]+)"', await answer.text())
    assert {"/page/page.css", "/page/page.js"} <= set(named)
    modules = [f"/page/{file.name}" for file in (ROOT / "sandbox" / "page" / "static").glob("*.js")]
    for path in {*named, *modules}:
        async with client.get(path) as answer:
            assert answer.status == 200, path


async def test_nothing_is_loaded_from_elsewhere() -> None:
    files = [file for file in (ROOT / "sandbox").rglob("*") if file.suffix in (".html", ".css")]
    assert len(files) == 3
    for file in files:
        assert "://" not in file.read_text(encoding="utf-8"), file.name


async def test_an_invented_paper_has_a_page(sandbox: Sandbox, client: aiohttp.ClientSession) -> None:
    paper = sandbox.corpus.publish(sandbox.clock.now(), title="Moss & <i>Fern</i>", authors=("Emmy Noether", "Ada"))
    for path in (f"/abs/{paper.id}", f"/abs/{paper.base_id}", f"/pdf/{paper.id}"):
        async with client.get(path) as answer:
            text = await answer.text()
            assert answer.status == 200, path
        assert "<h1>Moss &amp; &lt;i&gt;Fern&lt;/i&gt;</h1>" in text
        assert "Emmy Noether, Ada" in text
        assert "An invented paper." in text
    async with client.get("/abs/1412.6980v9") as answer:
        assert (answer.status, await answer.text()) == (404, "No paper 1412.6980v9 was invented here.\n")


async def test_a_bot_that_runs_elsewhere_cannot_be_restarted(client: aiohttp.ClientSession) -> None:
    async with client.get("/_sandbox/bot") as answer:
        assert await answer.json() == {"restartable": False, "invents": True}
    async with client.post("/_sandbox/bot/restart") as answer:
        assert answer.status == 404
        assert "restart it where it runs" in (await answer.json())["problem"]


async def test_who_runs_the_bot_is_asked_to_restart_it(sandbox: Sandbox, client: aiohttp.ClientSession) -> None:
    restarts = []

    async def restart() -> None:
        restarts.append("bot")

    sandbox.site.restart = restart
    async with client.get("/_sandbox/bot") as answer:
        assert await answer.json() == {"restartable": True, "invents": True}
    async with client.post("/_sandbox/bot/restart") as answer:
        assert answer.status == 204
    assert restarts == ["bot"]
