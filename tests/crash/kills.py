"""Real processes, killed with SIGKILL at seeded moments."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from random import Random
from time import perf_counter

from bot.query import parse
from bot.storage.database import upgrade
from tests import databases
from tests.crash.matrix import LATER, NONCES, Stage
from tests.crash.scenario import Scenario
from tests.crash.scenarios import Command, Edits, Query, Seeding, Thread
from tests.e2e.lab import QUERY, Lab
from tests.e2e.panel import MOSS
from tests.e2e.room import Person, running, until
from tests.storage.test_database import first_version

DELAY = 0.04
"""Seconds at most from a request to the kill: the database is written between two requests."""


class Lists(Scenario):
    """Twenty titles in two lists."""

    async def prepare(self) -> None:
        self.lab.configure(max_posts=0)
        await self.yesterday()

    def begin(self) -> None:
        self.publish(20)


class Migration(Scenario):
    """The database is of the first version; then the channel gets its papers."""

    async def prepare(self) -> None:
        self.lab.url = await databases.empty_database(self.lab.folder)
        await first_version(self.lab.url, self._rows())
        self.introduced = 0
        self.lab.days()

    def _rows(self) -> str:
        guild, channel, query = self.lab.sandbox.world.lab.id, self.lab.channel, str(parse(QUERY))
        return f"""
INSERT INTO servers (guild_id, schedule, next_run_at, attempt, paused)
VALUES ({guild}, '14:00 Asia/Singapore', '2026-03-03 06:00:00.000000', 0, false);
INSERT INTO subscriptions (channel_id, guild_id, origin, seeded_query, seeded_at, seeded_lookback, seeded_max_results)
VALUES ({channel}, {guild}, 'file', '{query}', '2026-03-02 07:00:00.000000', 30, 500);
UPDATE subscriptions SET last_good_at = seeded_at;
"""

    async def live(self) -> None:
        await upgrade(self.lab.url)
        await super().live()


class Backup(Scenario):
    """A copy is made of the database; it is whole, or not there."""

    def begin(self) -> None:
        """The papers come on the good day."""

    def mend(self) -> None:
        file = self.lab.folder / "copy.db"
        if file.exists():
            with closing(sqlite3.connect(file)) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            file.unlink()

    async def live(self) -> None:
        made = await self.lab.bot("db", "backup", "copy.db")
        assert made.status == 0, made
        await super().live()


@dataclass(frozen=True, slots=True)
class Story:
    """`python -m bot` with these arguments, in this scenario."""

    scenario: Callable[[Lab], Scenario]
    arguments: tuple[str, ...]
    """None of them: `once`, at the sandbox's time."""
    typed: bool = False
    """A manager types `/setquery` and presses Save when it is there."""


STORIES = {
    "once": Story(Scenario, ("once",)),
    "seeding": Story(Seeding, ("once",)),
    "query change": Story(Query, ("once",)),
    "edits": Story(Edits, ("once",)),
    "lists": Story(Lists, ("once",)),
    "threads": Story(Thread, ("once",)),
    "run": Story(Scenario, ("run",)),
    "Save": Story(Command, ("run",), typed=True),
    "migration": Story(Migration, ("db", "upgrade")),
    "backup": Story(Backup, ("db", "backup", "copy.db")),
}


@dataclass(slots=True)
class Measured:
    """What an undisturbed run of a story takes."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Kill:
    """Written `story#seed`."""

    story: str
    seed: int

    def __str__(self) -> str:
        return f"{self.story}#{self.seed}"

    @classmethod
    def parse(cls, text: str) -> Kill:
        story, _, seed = text.rpartition("#")
        return cls(story, int(seed))


class Killer:
    """Of one story: runs it once undisturbed, and then kills it as often as it is asked to."""

    def __init__(self, stage: Stage, story: Story) -> None:
        self._stage = stage
        self._story = story
        self._lab = stage.scenario.lab
        self._measured = Measured(0, 0.0)

    @classmethod
    @asynccontextmanager
    async def of(cls, story: Story) -> AsyncIterator[Killer]:
        async with Stage.of(story.scenario) as stage:
            killer = cls(stage, story)
            misses = await stage.play(killer._measure(), later="minute", nonce="lapsed")
            assert misses == [], misses
            yield killer

    async def kill(self, kill: Kill) -> tuple[str | None, list[str]]:
        """At which moment that was (None: it had ended by itself), and what is not as it must be in the end."""
        chance = Random(str(kill))
        if self._measured.requests:
            requests, delay = chance.randint(1, self._measured.requests), chance.uniform(0, DELAY)
        else:
            requests, delay = 0, chance.uniform(0.3, 1.0) * self._measured.seconds
        later, nonce = chance.choice(list(LATER)), chance.choice(NONCES)
        moment: str | None = None

        async def first() -> None:
            nonlocal moment
            moment = await self._killed(requests, delay)

        misses = await self._stage.play(first(), later=later, nonce=nonce)
        return moment, misses

    async def _measure(self) -> None:
        begun, asked = perf_counter(), self._asked()
        async with self._child() as child, self._typing():
            asked = self._asked() if self._story.typed else asked
            if self._story.arguments == ("run",):
                await until(lambda: self._stage.scenario.misses() == [])
                child.terminate()
            assert await child.wait() == 0
        self._measured = Measured(self._asked() - asked, perf_counter() - begun)

    async def _killed(self, requests: int, delay: float) -> str | None:
        asked, stood = self._asked(), self._stood()
        async with self._child() as child, self._typing():
            asked = self._asked() if self._story.typed else asked
            await until(lambda: self._asked() - asked >= requests or child.returncode is not None)
            await asyncio.sleep(delay)
            alive = child.returncode is None
            if alive:
                child.kill()
                await child.wait()
        if not alive:
            return None
        return "after a message" if self._stood() > stood else "before any message"

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[asyncio.subprocess.Process]:
        now = self._lab.now_argument() if self._story.arguments == ("once",) else ()
        async with running(self._lab, *self._story.arguments, *now) as child:
            yield child

    @asynccontextmanager
    async def _typing(self) -> AsyncIterator[None]:
        """A manager uses the bot meanwhile, if that is the story."""
        if not self._story.typed:
            yield
            return
        sandbox = self._lab.sandbox
        await until(sandbox.gateway.connected.is_set)
        await sandbox.commands.wait_for("setquery")
        manager = Person(sandbox, sandbox.world.manager, self._lab.channel)

        async def save() -> None:
            await manager.press(await manager.command("setquery", query=MOSS), "Save")

        typing = asyncio.create_task(save())
        try:
            yield
        finally:
            typing.cancel()
            await asyncio.gather(typing, return_exceptions=True)

    def _asked(self) -> int:
        return len(self._lab.sandbox.requests) + len(self._lab.sandbox.arxiv.requests)

    def _stood(self) -> int:
        """Messages stand, and edits of them."""
        channels = self._lab.sandbox.world.channels.values()
        return sum(1 + (message.edited_timestamp is not None) for channel in channels for message in channel.messages.values())
