"""A morning in the middle of which the bot may die, and what must stand in the channels in the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any, ClassVar

from bot.digest.report import Report
from sandbox.control.faults import Fault
from tests.e2e.conftest import START
from tests.e2e.lab import Lab, is_intro


class Scenario:
    """Six new papers on Tuesday: two cards and a list.

    `owed` names, for each channel, the papers that must stand there once in the end.
    """

    reads: ClassVar[bool] = False
    """It begins with reading what stands in the channel: without the permission there is nothing to test."""
    matching: ClassVar[dict[str, str]] = {}
    """What a paper is like that the query finds; by default the query is the default one, and finds whatever is invented."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.owed: defaultdict[int, list[str]] = defaultdict(list)
        self.introduced = 1
        """First messages that each channel has in the end."""

    async def prepare(self) -> None:
        """What has come to its end before. It is made once for many deaths."""
        self.lab.configure(max_posts=2)
        await self.yesterday()

    def begin(self) -> None:
        """The morning: what is new, and what goes wrong."""
        self.publish(6)

    async def live(self) -> None:
        """The life that may end too early, and the one after it."""
        await self.digest()

    async def digest(self) -> Report:
        return await self.lab.once()

    def mend(self) -> None:
        """What a person has mended by the time of the next start; that Discord and arXiv answer again goes without saying."""

    async def good_day(self) -> None:
        """A day later everything works; one more paper has come."""
        self.lab.days()
        self.publish(1)
        report = await self.digest()
        assert report.complete, report.failures

    def misses(self) -> list[str]:
        """What is not as it must be, in sentences."""
        return [miss for channel, owed in self.owed.items() for miss in (*self._missed(channel, owed), *self._noise(channel))]

    def _missed(self, channel: int, owed: list[str]) -> list[str]:
        posted = self.lab.posted(channel)
        found = [f"{paper} stands {posted.count(paper)} times" for paper in owed if posted.count(paper) != 1]
        return found + [f"{paper} stands there and is not owed" for paper in sorted(set(posted) - set(owed))]

    def _noise(self, channel: int) -> list[str]:
        """First messages too many or too few, and a day on which people were notified twice."""
        messages = [each for each in self.lab.messages(channel) if each.author_id == self.lab.sandbox.world.bot.id]
        intros = sum(map(is_intro, messages))
        found = [] if intros == self.introduced else [f"{intros} messages introduce the bot"]
        loud = Counter(each.timestamp.astimezone(START.tzinfo).date() for each in messages if not each.silent)
        return found + [f"{count} messages notify on {day}" for day, count in loud.items() if count > 1]

    # --- how it is told

    @property
    def channels(self) -> list[int]:
        """Who gets the papers."""
        return [self.lab.channel]

    async def yesterday(self, papers: int = 2) -> None:
        """Monday: some papers are there, the channel is seeded, and it becomes Tuesday."""
        for _ in range(papers):
            self.lab.sandbox.corpus.publish(self.lab.sandbox.clock.now())
        assert (await self.lab.once()).complete
        self.lab.days()

    def publish(self, count: int, **metadata: Any) -> list[str]:
        """They appear a minute apart, and are owed."""
        now, metadata = self.lab.sandbox.clock.now(), {**self.matching, **metadata}
        ages = [timedelta(minutes=count - number) for number in range(1, count + 1)]
        new = [self.lab.sandbox.corpus.publish(now - age, **metadata).id for age in ages]
        for channel in self.channels:
            self.owed[channel] += new
        return new

    def revise(self, paper: str) -> None:
        """Its message is to be edited."""
        revised = self.lab.sandbox.corpus.revise(paper.partition("v")[0], self.lab.sandbox.clock.now()).id
        for owed in self.owed.values():
            owed[:] = [revised if each == paper else each for each in owed]

    def fault(self, *faults: Fault) -> None:
        for each in faults:
            self.lab.sandbox.faults.add(each)
