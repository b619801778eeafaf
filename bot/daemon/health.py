"""Whether the bot works, which is more than whether it is up."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.daemon.client import ArxivBot
from bot.storage.digests import Pulse

log = logging.getLogger(__name__)

GRACE = timedelta(minutes=15)
"""How late a digest may be, and how long arXiv may fail, before that counts: the first retry comes after five minutes."""

LONGEST_LAG = 2.0
"""Seconds. Discord takes an answer to a command for three."""

PATIENCE = 5.0
"""Seconds for the database."""


@dataclass(frozen=True, slots=True)
class Part:
    """`problem` is a sentence without names or addresses, since anybody may read it; None while the part works."""

    problem: str | None
    facts: Mapping[str, float | int | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Findings:
    """What one examination found. Seconds for `latency`, None while the gateway is lost, and for `lag`."""

    at: datetime
    pulse: Pulse | None
    """None when the database did not answer."""
    latency: float | None
    lag: float

    @property
    def parts(self) -> dict[str, Part]:
        unknown = Part("Only the database knows.")
        return {
            "digests": unknown if self.pulse is None else self._digests(self.pulse),
            "arxiv": unknown if self.pulse is None else self._arxiv(self.pulse),
            "gateway": self._gateway(),
            "database": Part("The database is gone or does not answer; the log says more." if self.pulse is None else None),
            "loop": self._loop(),
        }

    def _digests(self, pulse: Pulse) -> Part:
        """One query that fails alone is its channel's trouble: others were served since."""
        missed = pulse.missed_at
        works = missed is None or (pulse.last_good_at is not None and pulse.last_good_at >= missed)
        problem = None if works else f"The digest that was due at {_written(missed)} has not been served."
        return Part(
            problem,
            {
                "last_good_at": _written(pulse.last_good_at),
                "last_good_age_seconds": self._age(pulse.last_good_at),
                "missed_at": _written(missed),
                "overdue_channels": pulse.overdue,
            },
        )

    def _arxiv(self, pulse: Pulse) -> Part:
        since = pulse.failing_since
        answered = since is None or (pulse.answered_at is not None and pulse.answered_at >= since)
        works = since is None or answered or self.at - since <= GRACE
        return Part(
            None if works else f"arXiv has given no usable answer since {_written(since)}.",
            {
                "last_answer_at": _written(pulse.answered_at),
                "last_answer_age_seconds": self._age(pulse.answered_at),
                "failing_queries": pulse.failing,
                "failing_since": _written(since),
            },
        )

    def _gateway(self) -> Part:
        problem = "The connection to Discord's gateway is not there." if self.latency is None else None
        return Part(problem, {"latency_seconds": self.latency})

    def _loop(self) -> Part:
        slow = self.lag > LONGEST_LAG
        return Part(f"Something held up everything else for {self.lag:.1f} s." if slow else None, {"lag_seconds": self.lag})

    def _age(self, moment: datetime | None) -> float | None:
        return None if moment is None else (self.at - moment).total_seconds()


class LoopLag:
    """How much later than asked for the event loop came back, at worst, in the last minute."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=60)

    @property
    def worst(self) -> float:
        return max(self._late, default=0.0)

    async def watch(self) -> None:
        """Until cancelled; one measure a second."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 1
            await asyncio.sleep(1)
            self._late.append(max(loop.time() - due, 0.0))


class Health:
    """Examines the bot when asked; keeps nothing but a question that the database has not answered yet."""

    def __init__(self, bot: ArxivBot, lag: LoopLag) -> None:
        self._bot = bot
        self._lag = lag
        self._question: asyncio.Task[Pulse] | None = None

    async def examine(self) -> Findings:
        pulse = await self._pulse()
        latency = self._bot.latency
        return Findings(
            at=self._bot.app.clock.now(),
            pulse=pulse,
            latency=latency if self._bot.connected and math.isfinite(latency) else None,
            lag=self._lag.worst,
        )

    async def _pulse(self) -> Pulse | None:
        """Nobody cancels a statement halfway: who comes while one hangs waits for the same answer."""
        app = self._bot.app
        if app.storage.vanished:
            log.warning("the file of the database was moved or deleted; what is written now ends with this program")
            return None
        if self._question is None:
            self._question = asyncio.create_task(app.storage.digests.pulse(app.clock.now() - GRACE))
        question = self._question
        done, _ = await asyncio.wait([question], timeout=PATIENCE)
        if not done:
            log.warning("the database has not answered for %.0f seconds", PATIENCE)
            return None
        if self._question is question:
            self._question = None
        if (error := question.exception()) is not None:
            log.warning("the database does not answer: %s", error)
            return None
        return question.result()


def _written(moment: datetime | None) -> str | None:
    """ISO 8601, to the second."""
    return None if moment is None else moment.isoformat(timespec="seconds")
