"""A lab's days in which something goes wrong: the verbs for what happens to it, and for looking at it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.delivery.theme import AMBER
from bot.digest.report import Report
from bot.errors import StorageError
from sandbox.arxiv.record import Record
from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from sandbox.discord.reply import Reply
from tests.e2e.lab import Lab
from tests.e2e.room import Person, Room
from tests.faults.watcher import ZONE, Watcher, description

POST = "POST /channels/{channel_id}/messages"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
HISTORY = "GET /channels/{channel_id}/messages"


@dataclass(frozen=True, slots=True)
class Seen:
    """What could be seen while something was wrong, in words for the page, and after the next good day."""

    channel: str
    ledger: str
    status: str
    afterwards: str


class Story:
    """Of one server with the bot in it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.world = lab.sandbox.world
        self._watcher = Watcher(lab)
        self._room: Room | None = None
        self._looked: list[tuple[str, str, str]] = []

    # --- the bot

    @property
    def room(self) -> Room:
        assert self._room is not None, "the bot is off"
        return self._room

    async def start(self) -> None:
        self._room = await Room(self.lab).__aenter__()

    async def stop(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            await room.__aexit__(None, None, None)

    async def tick(self) -> Report | None:
        """None where the database failed: `run` writes that into its log, and the next tick comes."""
        with suppress(StorageError):
            return await self.room.tick()
        return None

    async def heard(self) -> None:
        """Whatever Discord has told the bot so far: events arrive in order, and this one is answered."""
        await self.member.command("help")

    @property
    def member(self) -> Person:
        """In #general."""
        return Person(self.lab.sandbox, self.world.member, self.world.general.id)

    @property
    def manager(self) -> Person:
        """There too."""
        return Person(self.lab.sandbox, self.world.manager, self.world.general.id)

    # --- time

    @property
    def now(self) -> datetime:
        return self.lab.sandbox.clock.now()

    async def hours(self, count: int, *, each: int = 1) -> None:
        """A tick now and one every hour, or every `each` hours; the last one so many hours later."""
        await self.tick()
        for _ in range(count // each):
            self.lab.move(hours=each)
            await self.tick()

    async def days(self, count: int) -> None:
        """Four ticks a day."""
        await self.hours(24 * count, each=6)

    def until_the_next_digest(self) -> None:
        """To two in the afternoon, and the tick that comes within a minute."""
        there = self.now.astimezone(ZONE)
        at = there.replace(hour=14, minute=0, second=20, microsecond=0)
        self.lab.move(to=at if at > there else at + timedelta(days=1))

    # --- papers and faults

    def publish(self, count: int = 2, *, late: timedelta = timedelta(0), **metadata: Any) -> list[Record]:
        """The channel is to get them, from now on; arXiv's search shows them `late`."""
        new = [self.lab.sandbox.corpus.publish(self.now, **metadata) for _ in range(count)]
        self.owe(new)
        return [self.lab.sandbox.corpus.add(replace(record, appears=self.now + late)) for record in new]

    def revise(self, record: Record, **metadata: Any) -> None:
        self._watcher.due[record.base_id] = self.lab.sandbox.corpus.revise(record.base_id, self.now, **metadata)

    def owe(self, records: Iterable[Record]) -> None:
        """The channel is to get what stands in arXiv's search already."""
        for record in records:
            self._watcher.owe(record)

    def arxiv(self, **fault: Any) -> None:
        """Until it is mended, unless `times` says otherwise."""
        self.lab.sandbox.faults.add(Fault(ROUTE, **({"times": -1} | fault)))

    def discord(self, route: str = POST, **fault: Any) -> None:
        self.lab.sandbox.faults.add(Fault(route, **({"times": -1} | fault)))

    def mend(self) -> None:
        self.lab.sandbox.faults.clear()

    # --- what can be seen

    async def look(self, *, check: str | None = None, terminal: str | None = None) -> None:
        """Now it is at its worst. `check`: the line with this word, when a manager presses *Check*, is shown too; `terminal`:
        what whoever runs the bot reads there.
        """
        said = [await self._asked()]
        if check is not None:
            reply = await self.manager.press(await self.manager.command("status"), "Check")
            said += [f"*Check*: “{self._watcher.plain(line)}”" for line in description(reply).splitlines() if check in line]
        if terminal is not None:
            said.append(f"in the terminal: “{self._watcher.plain(terminal)}”")
        self._looked.append((self._watcher.channel(), await self._watcher.ledger(), "; ".join(said)))

    async def ended(self) -> tuple[Seen, list[str]]:
        """All faults end; on the next day everything is well. The list has the rules that do not hold then, a sentence each."""
        self.mend()
        await self.tick()
        self.lab.move(minutes=15)
        await self.hours(2)
        self.until_the_next_digest()
        self.publish()
        await self.hours(1)
        (looked,) = self._looked
        reply = await self.member.command("status")
        broken = self._watcher.broken(description(reply) + await self._backlog(reply))
        if any(embed["color"] == AMBER for embed in reply.embeds):
            broken += [f"there is still trouble: {said}" for said in _reasons(description(reply))]
        return Seen(*looked, self._watcher.outcome()), broken

    async def _asked(self) -> str:
        if self._room is None:
            return "the bot does not run"
        if self.world.bot.id not in self.world.lab.members:
            return "the bot is not in the server"
        reply = await self.member.command("status")
        return " / ".join(f"“{self._watcher.plain(said)}”" for said in _reasons(description(reply)))

    async def _backlog(self, reply: Reply) -> str:
        """Every page of it, in the server's channels together."""
        pages = []
        for label in reply.buttons:
            if label.startswith("Show the backlog"):
                page = await self.member.press(reply, label)
                pages.append(description(page))
                while "Older" in page.buttons and not page.buttons["Older"].get("disabled"):
                    page = await self.member.press(page, "Older")
                    pages.append(description(page))
        return "\n".join(pages)


def _reasons(said: str) -> list[str]:
    """What `/status` gives as reasons, else what it says of the last digest and of one that is due, else all of it."""
    text = re.sub(r"```.*?```\n?", "", said, flags=re.DOTALL)
    reasons = re.findall(r"^- (.+(?:\n(?!- |\n|<#).+)*)", text, re.MULTILINE)
    return reasons or re.findall(r"^(?:Last|No|The) (?:digest|try).*", text, re.MULTILINE) or [text]
