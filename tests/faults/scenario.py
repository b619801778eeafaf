"""What a scenario is, and how one is played from its first day to its last."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.databases import new_database
from tests.e2e.conftest import new_sandbox
from tests.e2e.lab import new_lab
from tests.faults.story import Seen, Story


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fault, in words that a member understands, and how it happens. `happens` looks once, when it is at its worst."""

    fault: str
    happens: Callable[[Story], Awaitable[None]]
    unkept: str | None = None
    """The rule that cannot hold then."""
    on_file: bool = False
    """It is about a database that is a file."""


@dataclass(frozen=True, slots=True)
class Side:
    """Whose faults these are: a heading of the page and the scenarios under it, in order."""

    heading: str
    scenarios: list[Scenario] = field(default_factory=list)

    def scenario(
        self, fault: str, *, unkept: str | None = None, on_file: bool = False
    ) -> Callable[[Callable[[Story], Awaitable[None]]], Callable[[Story], Awaitable[None]]]:
        """Adds what it decorates."""

        def add(happens: Callable[[Story], Awaitable[None]]) -> Callable[[Story], Awaitable[None]]:
            self.scenarios.append(Scenario(fault, happens, unkept, on_file))
            return happens

        return add


async def play(scenario: Scenario, folder: Path) -> Seen:
    """From a Monday on; `folder` is empty. AssertionError where a rule does not hold in the end, or one holds that cannot."""
    async with _beginning(folder) as story:
        await scenario.happens(story)
        seen, broken = await story.ended()
        assert bool(broken) is (scenario.unkept is not None), broken
        return seen


@asynccontextmanager
async def _beginning(folder: Path) -> AsyncIterator[Story]:
    """On Monday the channel begins to follow the query; now it is Tuesday, when the digest is due."""
    async with new_sandbox() as sandbox:
        story = Story(new_lab(sandbox, folder, await new_database(folder)))
        for _ in range(3):
            sandbox.corpus.publish(story.now)
        await story.start()
        try:
            await story.tick()
            story.until_the_next_digest()
            yield story
        finally:
            await story.stop()
        assert sandbox.refusals + sandbox.arxiv.refusals == []
