"""Asks arXiv: the pages of a search, and the retries around each."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
from yarl import URL

from bot.arxiv.exchange import LARGEST_BODY, Exchange
from bot.arxiv.feed import Page, parse
from bot.arxiv.gate import Gate
from bot.clock import Clock
from bot.digest.model import Answer, Empty, Papers
from bot.errors import ArxivError, ArxivGarbled, ArxivThrottled, ArxivUnreachable, QueryRefused
from bot.paper import Paper
from bot.query import Query

log = logging.getLogger(__name__)

PAGE_SIZE = 500
"""Entries asked for at once: about 1.3 MB, and half a second of feedparser in a thread."""

REACH = 10_000
"""arXiv fails with 500 beyond this start + max_results (MAX_RESULTS in arxiv-search, services/index/util.py)."""

TRIES: dict[type[ArxivError], int] = {ArxivUnreachable: 3, ArxivGarbled: 3, ArxivThrottled: 2, QueryRefused: 1}
"""How often a page is asked for; fewer when a cool-down stands in the way."""

PAUSES = (3.0, 10.0)
"""Seconds before the second and the third try."""

SHORT_PAGES = 2
"""So many pages more than the entries need are asked for: arXiv may give fewer entries than a page holds, but not for ever."""

SHRINKAGE = 0.9
"""arXiv's count may fall a little while the pages of a search are read; below this share it has collapsed."""


class ArxivClient:
    """The query API as a Source. All clients of a process share one gate; an interactive one passes it first."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        url: str,
        gate: Gate,
        clock: Clock,
        contact: str | None,
        interactive: bool = False,
        page_size: int = PAGE_SIZE,
        largest_body: int = LARGEST_BODY,
    ) -> None:
        """`url` is the whole address of the query endpoint, `contact` an e-mail or web address for arXiv's operators."""
        self._url = URL(url)
        self._gate = gate
        self._clock = clock
        self._page_size = page_size
        self._exchange = Exchange(
            session=session, gate=gate, clock=clock, contact=contact, interactive=interactive, largest_body=largest_body
        )

    async def search(self, query: Query, *, limit: int, since: datetime | None) -> Answer:
        """As Source.search. `limit` is at least 1; arXiv gives REACH entries at most."""
        gathered = _Gathered(limit=min(limit, REACH), since=since)
        for _ in range(-(-gathered.limit // self._page_size) + SHORT_PAGES):
            page = await self._page(str(query), gathered)
            gathered.add(page)
            if not page.received or gathered.complete:
                break
        return gathered.answer()

    async def _page(self, query: str, gathered: _Gathered) -> Page:
        """The next page, asked for again where that can heal within seconds."""
        failures = 0
        while True:
            try:
                return await self._ask(query, gathered)
            except ArxivError as error:
                failures += 1
                log.warning("arXiv, try %d for %s from %d: %s", failures, query, gathered.received, error)
                if failures >= TRIES[type(error)] or self._gate.refuses():
                    raise
            await self._clock.sleep(PAUSES[failures - 1])

    async def _ask(self, query: str, gathered: _Gathered) -> Page:
        start = gathered.received
        size = reachable(start, min(self._page_size, gathered.limit - start))
        began = self._clock.now()
        reply = await self._exchange.get(
            self._url.update_query(
                search_query=query, sortBy="lastUpdatedDate", sortOrder="descending", start=start, max_results=size
            )
        )
        page = await asyncio.to_thread(parse, reply.body, reply.url, reply.status)
        seconds = (self._clock.now() - began).total_seconds()
        log.info(
            "arXiv, %s from %d: %d of %d, %d bytes, %.1f s", query, start, page.received, page.total, len(reply.body), seconds
        )
        if gathered.contradicts(page):
            problem = f"arXiv gave nothing from entry {start} on, having counted {gathered.total}."
            raise ArxivGarbled(problem, url=reply.url, status=reply.status)
        return page


def reachable(start: int, wanted: int) -> int:
    """The largest page of `wanted` entries at most that arXiv gives from `start` on.

    It counts pages of that size, and rounds: 485 from 9,500 on would be page 21 of 20, and fails with 500 (`search` in
    services/index and `page` in domain/base.py of arxiv-search, 2026-07-01; not seen live).
    """
    return next(size for size in range(wanted, 0, -1) if 1 + round(start / size) <= REACH // size)


@dataclass(slots=True)
class _Gathered:
    """What the pages of one search have brought so far."""

    limit: int
    since: datetime | None
    papers: dict[str, Paper] = field(default_factory=dict)
    total: int = 0
    received: int = 0
    damaged: tuple[str, ...] = ()
    last_updated: datetime | None = None

    def add(self, page: Page) -> None:
        for paper in page.papers:
            # A revision made while the pages are read moves entries down: one may come twice, the newest first.
            self.papers.setdefault(paper.id.key, paper)
            self.last_updated = paper.updated
        self.received += page.received
        self.damaged += page.damaged
        # A page with entries may carry a count that collapsed to 1; an empty one that was let through is the end.
        self.total = max(self.total, page.total) if page.received else page.total

    def contradicts(self, page: Page) -> bool:
        """Whether a later page is empty though more was counted, and its own count does not explain it."""
        explained = SHRINKAGE * self.total <= page.total <= self.received
        return self.received > 0 and page.received == 0 and not explained

    @property
    def _passed_window(self) -> bool:
        return self.since is not None and self.last_updated is not None and self.last_updated < self.since

    @property
    def complete(self) -> bool:
        return self._passed_window or self.received >= min(self.limit, self.total)

    def answer(self) -> Answer:
        if not self.received:
            return Empty(self.total)
        more = self.total > self.received
        return Papers(
            papers=tuple(self.papers.values()),
            total=self.total,
            damaged=self.damaged,
            reached_window=more and self._passed_window,
            capped=more and not self._passed_window and self.received >= self.limit,
        )
