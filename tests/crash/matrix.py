"""Deaths at failpoints, in process: a scenario is prepared once, put back for each death, and judged at its end."""

from __future__ import annotations

import copy
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import create_async_engine

from bot.daemon import client
from bot.delivery import outbox
from bot.delivery.pacer import Pacer
from bot.storage import database
from sandbox.arxiv.corpus import Corpus
from sandbox.control.clock import SandboxClock
from sandbox.control.faults import Fault
from sandbox.discord.limits import RateLimits
from sandbox.server import Sandbox
from tests import databases
from tests.crash.failpoints import Life
from tests.crash.scenario import Scenario
from tests.crash.scenarios import EDIT, POST
from tests.e2e.conftest import START
from tests.e2e.lab import QUERY, Lab

LATER = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "days": timedelta(days=3)}
"""Until the next start."""
NONCES = ("alive", "lapsed")
"""Alive: the nonce alone tells what was stored, for the channel may not be read. Lapsed: reading it back alone does."""
ANY = "any"
REPLIES = ("heard", "lost")
"""Lost: one message is stored, and nobody is told, before the death."""


@dataclass(frozen=True, slots=True)
class Death:
    """One cell of the matrix. Written `scenario,point,nth,later,nonce,reply,again`."""

    scenario: str
    point: str
    """ANY counts all of them."""
    nth: int
    later: str
    nonce: str
    reply: str
    again: int = 0
    """At its so-manieth point the next life dies as well; 0: it does not."""

    def __str__(self) -> str:
        return ",".join(map(str, astuple(self)))

    @classmethod
    def parse(cls, text: str) -> Death:
        scenario, point, nth, later, nonce, reply, again = text.split(",")
        return cls(scenario, point, int(nth), later, nonce, reply, int(again))


class _Compiled(dict[tuple[Any, ...], Any]):
    """Statements in the database's own words, for all engines of this process: the keys' first part is one engine's dialect."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(key[1:], value)


def hasten() -> None:
    """A thousand starts of the bot in one process: nothing is spread over the seconds, and no statement is compiled anew."""
    quick = partial(Pacer, 1e6)
    engine = partial(create_async_engine, execution_options={"compiled_cache": _Compiled()})
    for module, name, value in ((outbox, "Pacer", quick), (client, "Pacer", quick), (database, "create_async_engine", engine)):
        setattr(module, name, value)


class Stage:
    """A scenario that has been prepared, in a sandbox of its own."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._lab = scenario.lab
        self._sandbox = scenario.lab.sandbox

    @classmethod
    @asynccontextmanager
    async def of(cls, kind: Callable[[Lab], Scenario]) -> AsyncIterator[Stage]:
        with tempfile.TemporaryDirectory() as folder:
            # Without limits: one life follows upon another at once, and knows nothing of the pauses that the last one kept.
            async with Sandbox(SandboxClock(START), RateLimits.off(), Corpus(), arxiv_interval=None) as sandbox:
                lab = Lab(sandbox, Path(folder), await databases.new_database(Path(folder)), sandbox.world.papers.id)
                lab.configure(
                    query=QUERY,
                    max_results=500,
                    post_at="14:00",
                    timezone="Asia/Singapore",
                    channels=[{"id": str(lab.channel)}],
                )
                stage = cls(kind(lab))
                await stage.scenario.prepare()
                await stage._save()
                yield stage

    async def play(self, first: Awaitable[object], *, later: str, nonce: str, reply: str = "heard", again: int = 0) -> list[str]:
        """A morning whose first life may end too early, and what follows; gives what is not as it must be in the end."""
        await self._restore()
        if reply == "lost":
            for route in (POST, EDIT):
                self._sandbox.faults.add(Fault(route, stored=True, reset=True))
        self.scenario.begin()
        await first
        self._forget(nonce)
        self._sandbox.faults.clear()
        self._sandbox.dispatch.witnesses.clear()
        self.scenario.mend()
        self._lab.move(seconds=LATER[later].total_seconds())
        if again:
            await Life(None, again).live(self.scenario.live())
            self._lab.move(minutes=1)
        await self.scenario.live()
        await self.scenario.good_day()
        return self.scenario.misses()

    def _forget(self, nonce: str) -> None:
        world = self._sandbox.world
        world.nonce_window = timedelta(0) if nonce == "lapsed" else timedelta(days=30)
        if nonce == "alive" and not self.scenario.reads:
            for channel_id in self.scenario.channels:
                world.deny(world.channel(channel_id).parent_id or channel_id, "READ_MESSAGE_HISTORY")

    # --- as it was prepared

    async def _save(self) -> None:
        self._saved = copy.deepcopy(self._state(), self._kept())
        self._now: datetime = self._sandbox.clock.now()
        self._config = dict(self._lab.config)
        await databases.keep(self._lab.folder)

    async def _restore(self) -> None:
        for owner, state in zip(self._owners, copy.deepcopy(self._saved, self._kept()), strict=True):
            vars(owner).update(state)
        self._sandbox.faults.clear()
        self._sandbox.dispatch.witnesses.clear()
        self._lab.move(to=self._now)
        self._lab.config = {}
        self._lab.configure(**self._config)
        await databases.put_back(self._lab.folder)

    @property
    def _owners(self) -> tuple[object, ...]:
        return self._sandbox.world, self._sandbox.corpus, self.scenario

    def _state(self) -> list[dict[str, Any]]:
        return [dict(vars(owner)) for owner in self._owners]

    def _kept(self) -> dict[int, Any]:
        """What is not copied, as copy.deepcopy wants to be told."""
        kept = (self._lab, self._sandbox.clock, self._sandbox.world.listener)
        return {id(each): each for each in kept}


async def passed(stage: Stage, reply: str) -> Counter[str]:
    """How often a life that ends well comes to each point."""
    life = Life()
    misses = await stage.play(life.live(stage.scenario.live()), later="minute", nonce="lapsed", reply=reply)
    assert misses == [], misses
    return life.passed


async def died(stage: Stage, death: Death) -> tuple[bool, list[str]]:
    """Whether it came to that point, and what is not as it must be in the end."""
    life = Life(None if death.point == ANY else death.point, death.nth)
    story = life.live(stage.scenario.live())
    misses = await stage.play(story, later=death.later, nonce=death.nonce, reply=death.reply, again=death.again)
    return life.died.is_set(), misses
