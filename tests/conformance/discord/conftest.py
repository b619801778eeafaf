"""A running sandbox, with its clock stopped, and two ways to speak to it: discord.py and bare HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.control.clock import SandboxClock
from sandbox.discord.limits import RateLimits
from sandbox.server import Sandbox
from tests.conformance.discord.labbot import LabBot, joined, point_discord_py_at

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    def faults(self, path: str) -> list[str]:
        """The codes that a form error (50035) has under this dotted path."""
        assert (self.status, self.json["code"]) == (400, 50035), self.text
        node = self.json["errors"]
        for step in path.split("."):
            node = node[step]
        return [error["code"] for error in node["_errors"]]


class Http:
    """Speaks to the sandbox as any client could. Paths starting with /_sandbox go there, others to the Discord API."""

    def __init__(self, session: aiohttp.ClientSession, sandbox: Sandbox) -> None:
        self._session = session
        self._sandbox = sandbox

    async def __call__(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, form: Any = None, kind: str | None = None
    ) -> Reply:
        """With `form`, a form or bytes instead of JSON, of the content type `kind`."""
        base = self._sandbox.url if path.startswith("/_sandbox") else self._sandbox.discord_api_url
        headers = {"Authorization": f"Bot {token or self._sandbox.world.token}"} | ({"Content-Type": kind} if kind else {})
        sent = {"json": body} if form is None else {"data": form}
        async with self._session.request(method, base + path, headers=headers, **sent) as response:
            return Reply(response.status, response.headers, await response.text())

    async def post(self, body: Any, channel_id: int | None = None, **more: Any) -> Reply:
        """A message, usually into #papers."""
        return await self("POST", f"/channels/{channel_id or self._sandbox.world.papers.id}/messages", body, **more)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Without rate limits, which test_limits is about: the other tests ask for all they want to see in no time."""
    async with Sandbox(SandboxClock(NOW), RateLimits.off()) as running:
        yield running


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[Http]:
    async with aiohttp.ClientSession() as session:
        yield Http(session, sandbox)


@pytest.fixture
async def client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[discord.Client]:
    """Logged in over REST alone. Whatever the sandbox did not know how to answer fails the test."""
    point_discord_py_at(sandbox, monkeypatch.setattr)
    nobody = discord.AllowedMentions.none()
    async with discord.Client(intents=discord.Intents(guilds=True), allowed_mentions=nobody, max_messages=None) as running:
        await running.login(sandbox.world.token)
        yield running
    assert sandbox.refusals == []


@pytest.fixture
async def bot(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LabBot]:
    """On line. Whatever the sandbox did not know how to answer fails the test."""
    point_discord_py_at(sandbox, monkeypatch.setattr)
    running = LabBot()
    connection = await joined(running, sandbox)
    yield running
    await running.close()
    await connection
    assert sandbox.refusals == []
