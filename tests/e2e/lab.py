"""A lab with the bot in it: the sandbox, one clock for everybody, and verbs for what a person does and sees."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import App
from bot.delivery.outbox import connected
from bot.digest.report import Report
from bot.settings import Settings, load
from sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
OUR_OWN = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | {
    name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")
}
"""What a child of ours needs of the environment, and nothing else of it."""
LINK = re.compile(r"https://arxiv\.org/abs/(\S+?v\d+)(?=[)>\s\"]|$)")
QUERY = (
    "(cat:cond-mat.mtrl-sci OR cat:cs.AI OR cat:cs.LG) "
    'AND (all:"materials design" OR all:"materials discovery" OR all:"inverse design") '
    'AND (all:"generative" OR all:"crystal structure prediction")'
)


@dataclass(frozen=True, slots=True)
class Finished:
    """A child process that ended."""

    status: int
    out: str
    err: str


class LabClock:
    """The sandbox's clock, as the bot asks for it, or one that is ahead of it; sleeping moves it on."""

    def __init__(self, sandbox: Sandbox, ahead: timedelta = timedelta(0)) -> None:
        self._sandbox = sandbox
        self._ahead = ahead

    def now(self) -> datetime:
        return self._sandbox.clock.now() + self._ahead

    async def sleep(self, seconds: float) -> None:
        self._sandbox.clock.advance(seconds=seconds)
        await asyncio.sleep(0)


@dataclass(slots=True)
class Lab:
    """One Discord server, its paper channel, the bot's files in `folder` and its database."""

    sandbox: Sandbox
    folder: Path
    url: str
    channel: int
    config: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    clock_ahead: timedelta = timedelta(0)
    """Of the bot's own clock, before everybody else's."""

    @property
    def clock(self) -> LabClock:
        """The bot's."""
        return LabClock(self.sandbox, self.clock_ahead)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "DISCORD_TOKEN": self.sandbox.world.token,
            "DISCORD_API_URL": self.sandbox.discord_api_url,
            "ARXIV_API_URL": self.sandbox.arxiv_api_url,
            "ARXIV_INTERVAL": "0.5",  # more than the sandbox asks for here: a busy machine may hold up the first of two requests
            "ARXIV_CONTACT": "lab@example.org",
            "DATABASE_URL": self.url,
            **self.environment,
        }

    @property
    def config_path(self) -> Path:
        return self.folder / "config.json"

    def configure(self, **keys: Any) -> None:
        """Change config.json, as an operator would."""
        self.config |= keys
        self.config_path.write_text(json.dumps(self.config), encoding="utf-8")

    def settings(self) -> Settings:
        return load(self.config_path, self.environ)

    def move(self, to: datetime | None = None, **delta: float) -> None:
        """The clock of everybody."""
        if to is not None:
            self.sandbox.clock.set(to)
        else:
            self.sandbox.clock.advance(**delta)

    @asynccontextmanager
    async def app(self) -> AsyncIterator[App]:
        async with App.open(self.settings(), self.clock) as app:
            yield app

    async def once(self, *, force: bool = False, arxiv_timeout: float = 60) -> Report:
        """What `python -m bot once` does, in this process: opened, run and closed again."""
        settings = self.settings()
        timeout = aiohttp.ClientTimeout(total=arxiv_timeout)
        async with (
            App.open(settings, self.clock, arxiv_timeout=timeout) as app,
            connected(self.sandbox.world.token, settings.discord_api_url, app.clock) as channels,
        ):
            return await app.run_digest(channels, force=force)

    async def bot(self, *arguments: str, module: str = "bot") -> Finished:
        """`python -m bot …` as a child of its own, in the lab's folder, with the lab's environment."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            cwd=self.folder,
            env={**OUR_OWN, **self.environ},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, err = await asyncio.wait_for(child.communicate(), 60)
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        return Finished(child.returncode or 0, out.decode(), err.decode())

    def now_argument(self) -> tuple[str, str]:
        return ("--now", self.sandbox.clock.now().isoformat())

    # --- what stands in the channel -----------------------------------------------------------

    def messages(self, channel: int | None = None) -> list[Any]:
        return list(self.sandbox.world.messages(channel or self.channel))

    def posted(self, channel: int | None = None) -> list[str]:
        """Ids with version of every paper in cards and lists, in the order they stand there."""
        return [paper for message in self.messages(channel) if not is_intro(message) for paper in links(message)]

    def days(self, count: float = 1) -> None:
        self.move(days=count)


def new_lab(sandbox: Sandbox, folder: Path, url: str) -> Lab:
    """It follows the default query in #papers; nothing has run yet."""
    lab = Lab(sandbox, folder, url, sandbox.world.papers.id)
    lab.configure(
        query=QUERY,
        max_results=500,
        post_at="14:00",
        timezone="Asia/Singapore",
        channels=[{"id": str(lab.channel)}],
    )
    return lab


def links(message: Any) -> list[str]:
    """Versioned ids a reader can click in a message, each once."""
    found: list[str] = []
    for embed in message.embeds:
        found += LINK.findall(embed.get("url", ""))
        found += LINK.findall(embed.get("description", ""))
    found += LINK.findall(message.content)
    return list(dict.fromkeys(found))


def is_intro(message: Any) -> bool:
    return "next digest" in f"{message.content} {json.dumps(message.embeds)}".lower()


def hours(count: float) -> timedelta:
    return timedelta(hours=count)
