"""The sandbox's arXiv over HTTP on loopback, and a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.arxiv import ArxivClient, Gate, open_session
from sandbox.arxiv.atom import Asking, feed
from sandbox.arxiv.corpus import Corpus
from sandbox.arxiv.record import Record
from sandbox.arxiv.server import ArxivServer
from sandbox.control.clock import SandboxClock
from sandbox.control.faults import Fault, Faults

NOW = datetime(2099, 5, 4, 9, 0, tzinfo=UTC)
PATH = "/arxiv/api/query"


class ManualClock:
    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds=seconds)
        await asyncio.sleep(0)

    def advance(self, **delta: float) -> None:
        self._now += timedelta(**delta)


class Arxiv:
    """The sandbox's arXiv, what reached it and when, and clients for it that share one gate."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.corpus = Corpus()
        self.faults = Faults()
        # The sandbox's clock is not the clients' here: test_gate itself looks at how far apart requests arrive.
        self.server = ArxivServer(self.corpus, SandboxClock(NOW), self.faults, interval=None)
        self.gate = Gate(clock=clock)
        self.arrivals: list[datetime] = []
        """When each request came, by the manual clock."""
        self.most_at_once = 0
        self.on_request: Callable[[], None] = lambda: None
        self._at_once = 0
        self._sessions: list[aiohttp.ClientSession] = []
        self._app = web.Application(middlewares=[self._watch])
        self._app.add_routes(self.server.routes())
        self._app.router.add_get("/moved", self._moved)
        self._app.router.add_get("/circle", self._circle)
        self._web = TestServer(self._app)

    async def start(self) -> None:
        await self._web.start_server()

    async def stop(self) -> None:
        await self._web.close()

    async def close(self) -> None:
        for session in self._sessions:
            await session.close()
        await self.stop()

    def client(self, *, path: str = PATH, timeout: float = 5, **options: Any) -> ArxivClient:
        session = open_session(aiohttp.ClientTimeout(total=timeout))
        self._sessions.append(session)
        settings = {"contact": "moss@lab.invalid", **options}
        return ArxivClient(session=session, url=self.url(path), gate=self.gate, clock=self.clock, **settings)

    def url(self, path: str = PATH) -> str:
        return str(self._web.make_url(path))

    def fails(self, **fault: Any) -> None:
        """One fault, striking once unless told otherwise."""
        self.faults.add(Fault("GET /arxiv", **fault))

    def holds(self, count: int) -> list[str]:
        """Put so many papers about moss there, the newest an hour old, and give their ids, newest first."""
        return [self.corpus.add(moss(hours)).id for hours in range(1, count + 1)]

    @web.middleware
    async def _watch(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.arrivals.append(self.clock.now())
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        self.on_request()
        try:
            return await handler(request)
        finally:
            self._at_once -= 1

    async def _moved(self, request: web.Request) -> web.Response:
        """Redirects to the address in `to`, with the question."""
        question = {key: value for key, value in request.query.items() if key != "to"}
        target = URL(request.query["to"]).update_query(question)
        return web.Response(status=301, headers={"Location": str(target)})

    async def _circle(self, request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": str(request.url)})


def moss(hours: int) -> Record:
    """The paper submitted so many hours before NOW."""
    at = NOW - timedelta(hours=hours)
    return Record(
        base_id=f"9905.{hours:05}",
        version=1,
        title=f"Moss {hours}",
        abstract="We look at moss.",
        authors=("Petra Ängström",),
        categories=("q-bio.PE",),
        published=at,
        updated=at,
        appears=at,
    )


def page(hours: Sequence[int], *, total: int, start: int = 0) -> str:
    """A feed of those papers that claims what it likes."""
    return feed(Asking(start=start), [moss(number) for number in hours], total, NOW)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def arxiv(clock: ManualClock) -> AsyncIterator[Arxiv]:
    arxiv = Arxiv(clock)
    await arxiv.start()
    yield arxiv
    await arxiv.close()
