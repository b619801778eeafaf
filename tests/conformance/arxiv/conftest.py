"""An arXiv on loopback with its clock stopped, and one way to ask it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from sandbox.arxiv.corpus import Corpus, Record
from sandbox.arxiv.server import ArxivServer
from sandbox.control.clock import SandboxClock
from sandbox.control.faults import Faults

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
DEFAULT_QUERY = (
    "(cat:cond-mat.mtrl-sci OR cat:cs.AI OR cat:cs.LG)"
    ' AND (all:"materials design" OR all:"materials discovery" OR all:"inverse design")'
    ' AND (all:"generative" OR all:"crystal structure prediction")'
)
ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def feed(self) -> ET.Element:
        return ET.fromstring(self.text)

    @property
    def ids(self) -> list[str]:
        return [entry.findtext(f"{ATOM}id", "").removeprefix("http://arxiv.org/abs/") for entry in self.feed.iter(f"{ATOM}entry")]

    @property
    def total(self) -> int:
        return int(self.feed.findtext(f"{OPENSEARCH}totalResults", "-1"))


class Arxiv:
    """The server, what it stands on, and `ask`. It may be asked at any time, but for test_terms, which is about that."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.corpus = Corpus()
        self.clock = SandboxClock(NOW)
        self.faults = Faults()
        self.server = ArxivServer(self.corpus, self.clock, self.faults, interval=None)
        self.url = ""
        self._session = session

    async def ask(self, search_query: str = "", **parameters: str | int) -> Answer:
        query = {"search_query": search_query, **parameters} if search_query else parameters
        async with self._session.get(self.url, params=query) as response:
            return Answer(response.status, response.headers, await response.text())


@pytest.fixture
async def arxiv() -> AsyncIterator[Arxiv]:
    async with aiohttp.ClientSession() as session:
        arxiv = Arxiv(session)
        app = web.Application()
        app.add_routes(arxiv.server.routes())
        runner = web.AppRunner(app, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        arxiv.url = f"http://127.0.0.1:{runner.addresses[0][1]}/arxiv/api/query"
        yield arxiv
        await runner.cleanup()


MakeRecord = Callable[..., Record]


@pytest.fixture
def record() -> MakeRecord:
    """A record to which only what matters is given."""

    def make(base_id: str = "2602.00001", **fields: object) -> Record:
        day = datetime(2026, 2, 20, tzinfo=UTC)
        plain: dict[str, object] = {
            "version": 1,
            "title": "A Title",
            "abstract": "An abstract.",
            "authors": ("Ana Peñalver",),
            "categories": ("cs.LG",),
            "published": day,
            "updated": day,
            "appears": day,
        }
        return Record(base_id=base_id, **{**plain, **fields})  # type: ignore[arg-type]

    return make
