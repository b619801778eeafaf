"""Asking for papers: the one place that asks a source, doubts its answers, is patient with them, remembers them, and says how
many papers a day a query brings.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from bot.digest.model import Answer, Empty, Newest, Papers, QueryState, Reach
from bot.digest.ports import Progress, Queries, Source
from bot.errors import ArxivError, ArxivGarbled, ArxivImplausible, QueryRefused, QuerySyntaxError
from bot.query import Query, parse

PATIENCE = timedelta(hours=24)
"""An answer still implausible after this long is taken as it is."""
LAPSE = timedelta(days=2)
"""Without being asked for this long, a query starts afresh: what was wrong then says nothing about now."""
FRESH = timedelta(hours=24)
"""A stored answer younger than this is shown to people without asking again: a digest brings the next one within a day."""
WHOLE = 0.9
"""Share of the promised entries below which an answer is not believed."""
DAMAGED = 0.1
"""Share of damaged entries above which an answer is not believed; a damaged entry or two are their own misfortune."""
FEW = 3
"""So many damaged entries are always put up with, beside a sound one: an answer may be short."""

PAGE = 500
"""Entries that one request brings at most."""
EVERYTHING = 10_000
"""As many as arXiv's search gives at all (MAX_RESULTS in arxiv-search, services/index/util.py)."""
NEWEST = 50
"""Papers kept of each answer, for people to look at."""
DAY = timedelta(days=1)
MONTH = timedelta(days=30)


class Asker:
    """Asks a source about queries, believes only what can be believed, and remembers it for whoever asks next."""

    def __init__(self, source: Source, queries: Queries, *, max_results: int) -> None:
        self.source = source
        self._queries = queries
        self._max_results = max_results
        self._asking: dict[str, asyncio.Task[Newest]] = {}

    async def ask(
        self,
        text: str,
        now: datetime,
        *,
        since: datetime | None = None,
        limit: int | None = None,
        owed_since: datetime | None = None,
    ) -> Answer:
        """The answer to a canonical query, newest first: back to `since`, or (None) in full, up to `limit` or max_results.
        Papers updated since `owed_since` come all the same, up to what the source gives at all.

        Raises ArxivError: ArxivImplausible while an answer is not to be believed yet, QueryRefused when the query is at fault.
        """
        most = self._max_results if limit is None else min(limit, self._max_results)
        state = await self._queries.asked(text, now, lapsed_before=now - LAPSE)
        try:
            query = _parsed(text)
            first = given = await self.source.search(query, limit=most, since=since)
            reason = doubt(given, limit=most, last_total=state.last_total)
            if reason is None and _falls_short(first, owed_since):
                given = await self.source.search(query, limit=EVERYTHING, since=owed_since)
                reason = doubt(given, limit=EVERYTHING, last_total=state.last_total)
            if _contradicts_itself(given):
                raise ArxivGarbled(f"{reason}; nothing is posted on that", url=text)
            if reason is not None and not _patience_is_over(state, now):
                raise ArxivImplausible(f"{reason}; nothing is posted on that", url=text)
        except ArxivImplausible as error:
            await self._queries.held(text, str(error), now)
            raise
        except ArxivError as error:
            await self._queries.failed(text, str(error), now)
            raise
        answer = _newest_first(given)
        if isinstance(answer, Papers) and given is not first and owed_since is not None:
            # What is older than what is owed was never looked at before: nothing there is news.
            owed = (paper for paper in answer.papers[most:] if paper.updated >= owed_since)
            answer = replace(answer, papers=(*answer.papers[:most], *owed))
        # An answer asked shorter than a digest's says nothing about how far a digest reaches.
        reach = Reach(per_day(answer, now), covered_days(first, now)) if most == self._max_results else None
        await self._queries.answered(text, answer, now, believed=reason is None, reach=reach)
        return answer

    async def newest(self, query: Query, now: datetime, *, fresh: timedelta = FRESH) -> Newest:
        """The newest papers of a query for somebody who waits: what is stored while it is `fresh`, else what the source says
        now, else what it said last. Raises ArxivError where nothing is stored, and QueryRefused.
        """
        text = str(query)
        stored = await self._queries.newest(text)
        if stored is not None and now - stored.as_of < fresh:
            return stored
        try:
            return await self._shared(text, now)
        except QueryRefused:
            raise
        except ArxivError:
            if stored is None:
                raise
            return stored

    async def count(self, query: Query) -> int:
        """How many papers match by the source's own count; remembered nowhere. Raises ArxivError."""
        return (await self.source.search(query, limit=1, since=None)).total

    async def _shared(self, text: str, now: datetime) -> Newest:
        """Everybody who wants the same query meanwhile shares one question, and its answer or failure."""
        task = self._asking.get(text)
        if task is None:
            task = self._asking[text] = asyncio.create_task(self._ask_newest(text, now))
            task.add_done_callback(lambda _: self._asking.pop(text))
        return await asyncio.shield(task)

    async def _ask_newest(self, text: str, now: datetime) -> Newest:
        answer = await self.ask(text, now, limit=NEWEST)
        return Newest(answer.papers[:NEWEST], answer.total, now)


class NoMemory:
    """Queries for asking once without a database: knows nothing and keeps nothing."""

    async def state(self, text: str) -> QueryState:
        return QueryState()

    async def asked(self, text: str, now: datetime, *, lapsed_before: datetime) -> QueryState:
        return QueryState()

    async def answered(self, text: str, answer: Answer, now: datetime, *, believed: bool, reach: Reach | None) -> None:
        return None

    async def newest(self, text: str) -> None:
        return None

    async def failed(self, text: str, error: str, now: datetime) -> None:
        return None

    async def held(self, text: str, reason: str, now: datetime) -> None:
        return None


class Inquiry:
    """The questions of one digest: remembers answers and failures for its length, so that equal queries cost one request."""

    def __init__(self, asker: Asker, now: datetime, progress: Progress) -> None:
        self._asker = asker
        self._now = now
        self._progress = progress
        self._told: dict[str, tuple[datetime | None, datetime | None, Answer | ArxivError]] = {}

    @property
    def asked(self) -> int:
        """Distinct queries so far."""
        return len(self._told)

    async def ask(self, text: str, *, since: datetime | None, owed_since: datetime | None = None) -> Answer:
        """As Asker.ask; the ArxivError of a query is raised as often as it is asked again."""
        reach, owed_reach, told = self._told.get(text, (since, owed_since, None))
        short = isinstance(told, Papers) and (
            _reaches_further(since, reach) or (owed_reach is None and _falls_short(told, owed_since))
        )
        if told is None or short:
            try:
                told = await self._asker.ask(text, self._now, since=since, owed_since=owed_since)
            except ArxivError as error:
                told = error
            finally:
                self._progress.step()
            self._told[text] = (since, owed_since, told)
        if isinstance(told, ArxivError):
            raise told
        return told


def per_day(answer: Answer, now: datetime) -> float:
    """Papers a day, new and revised, over the last 30 days, or over as many as the newest 500 reach back.

    Of the newest 500 only, so that a short answer and a long one to the same query give the same number.
    """
    newest = answer.papers[:PAGE]
    if not newest:
        return 0.0
    if answer.total > len(newest) and newest[-1].updated > now - MONTH:
        # Between the newest and the oldest: arXiv shows papers days after they were submitted, which says nothing about the rate.
        days = (newest[0].updated - newest[-1].updated) / DAY
        return min((len(newest) - 1) / days, len(newest)) if days else len(newest)
    return sum(paper.updated >= now - MONTH for paper in newest) / (MONTH / DAY)


def covered_days(answer: Answer, now: datetime) -> float | None:
    """How many days back the newest `max_results` reach, by an answer that was cut there; None where nothing was cut off."""
    since = answer.covered_since
    return None if since is None else (now - since) / DAY


def doubt(answer: Answer, *, limit: int, last_total: int | None) -> str | None:
    """Why an answer is not to be believed yet, in a sentence; None when nothing speaks against it."""
    if isinstance(answer, Empty):
        known = max(answer.total, last_total or 0)
        return f"arXiv answered without a single entry although {known} papers match" if known else None
    received = len(answer.papers) + len(answer.damaged)
    if not answer.papers or len(answer.damaged) > max(FEW, DAMAGED * received):
        return f"{len(answer.damaged)} of arXiv's {received} entries lack an id, version, title or date"
    if any(earlier.updated < later.updated for earlier, later in zip(answer.papers, answer.papers[1:], strict=False)):
        return "arXiv's entries are not sorted as asked"
    promised = min(answer.total, limit)
    if not answer.reached_window and received < WHOLE * promised:
        return f"arXiv gave {received} entries where {promised} were promised"
    return None


def _contradicts_itself(answer: Answer) -> bool:
    """Counted papers, and none given: no answer at all, however long it lasts."""
    return isinstance(answer, Empty) and answer.total > 0


def _patience_is_over(state: QueryState, now: datetime) -> bool:
    return state.held_since is not None and now - state.held_since >= PATIENCE


def _reaches_further(since: datetime | None, reach: datetime | None) -> bool:
    """Whether `since` asks for more than `reach` did (None asks for everything)."""
    return reach is not None and (since is None or since < reach)


def _falls_short(answer: Answer, owed_since: datetime | None) -> bool:
    """Whether an answer was cut before it reached `owed_since`."""
    covered = answer.covered_since
    return owed_since is not None and covered is not None and covered > owed_since


def _parsed(text: str) -> Query:
    """A stored text that this version cannot read any more is its own query's failure, nobody else's."""
    try:
        return parse(text)
    except QuerySyntaxError as error:
        raise QueryRefused(f"it cannot be read: {error}", url=text) from error


def _newest_first(answer: Answer) -> Answer:
    """In order: an answer is also taken in spite of its order, in the end."""
    if isinstance(answer, Empty):
        return answer
    return replace(answer, papers=tuple(sorted(answer.papers, key=lambda paper: paper.updated, reverse=True)))
