"""One digest's questions to arXiv: each distinct query once, and only believable answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.digest.model import Answer, Empty, Papers, QueryState
from bot.digest.plan import doubt
from bot.digest.ports import Progress, Queries, Source
from bot.errors import ArxivError, ArxivImplausible, QueryRefused, QuerySyntaxError
from bot.query import Query, parse

PATIENCE = timedelta(hours=24)
"""An answer still implausible after this long is taken as it is."""
LAPSE = timedelta(days=2)
"""Without being asked for this long, a query starts afresh: what was wrong then says nothing about now."""


class Inquiry:
    """Remembers answers and failures for the length of one digest, so that equal queries cost one request."""

    def __init__(self, source: Source, queries: Queries, progress: Progress, *, now: datetime, limit: int) -> None:
        self._source = source
        self._queries = queries
        self._progress = progress
        self._now = now
        self._limit = limit
        self._told: dict[str, tuple[datetime | None, Answer | ArxivError]] = {}

    @property
    def asked(self) -> int:
        """Distinct queries so far."""
        return len(self._told)

    async def ask(self, text: str, *, since: datetime | None) -> Answer:
        """The answer to a canonical query, back to `since` or (None) in full; ArxivError as often as it is asked again."""
        reach, told = self._told.get(text, (since, None))
        if told is None or (isinstance(told, Papers) and _reaches_further(since, reach)):
            told = await self._ask(text, since)
            self._told[text] = (since, told)
        if isinstance(told, ArxivError):
            raise told
        return told

    async def _ask(self, text: str, since: datetime | None) -> Answer | ArxivError:
        state = await self._queries.asked(text, self._now, lapsed_before=self._now - LAPSE)
        try:
            given = await self._source.search(_parsed(text), limit=self._limit, since=since)
            believed = self._believable(text, given, state)
        except ArxivImplausible as error:
            await self._queries.held(text, str(error), self._now)
            return error
        except ArxivError as error:
            await self._queries.failed(text, str(error), self._now)
            return error
        finally:
            self._progress.step()
        answer = _newest_first(given)
        await self._queries.answered(
            text,
            total=_total(answer),
            covered_days=self._covered(answer),
            believed=believed,
            papers=answer.papers,
            now=self._now,
        )
        return answer

    def _believable(self, text: str, answer: Answer, state: QueryState) -> bool:
        """False: taken in spite of a doubt, which has lasted too long. Raises ArxivImplausible while it has not."""
        reason = doubt(answer, limit=self._limit, last_total=state.last_total)
        if reason is None:
            return True
        if state.held_since is None or self._now - state.held_since < PATIENCE:
            raise ArxivImplausible(f"{reason}; nothing is posted on that", url=text)
        return False

    def _covered(self, answer: Answer) -> float | None:
        reaches = answer.covered_since
        return None if reaches is None else (self._now - reaches) / timedelta(days=1)


def _reaches_further(since: datetime | None, reach: datetime | None) -> bool:
    """Whether `since` asks for more than `reach` did (None asks for everything)."""
    return reach is not None and (since is None or since < reach)


def _parsed(text: str) -> Query:
    """A stored text that this version cannot read any more is its own query's failure, nobody else's."""
    try:
        return parse(text)
    except QuerySyntaxError as error:
        raise QueryRefused(f"it cannot be read: {error}", url=text) from error


def _newest_first(answer: Answer) -> Answer:
    """An answer taken in spite of its order is put in order."""
    if isinstance(answer, Empty):
        return answer
    return replace(answer, papers=tuple(sorted(answer.papers, key=lambda paper: paper.updated, reverse=True)))


def _total(answer: Answer) -> int:
    return 0 if isinstance(answer, Empty) else answer.total
