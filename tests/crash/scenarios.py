"""Every morning in which the bot may die."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from typing import Any, ClassVar
from unittest.mock import patch

from sqlalchemy import delete, insert

from bot.app import App
from bot.delivery import worker
from bot.delivery.console import Console
from bot.digest.model import State
from bot.digest.report import Report
from bot.storage import schema
from sandbox.arxiv.server import ROUTE, empty_feed
from sandbox.control.faults import Fault
from sandbox.discord.model import Channel
from tests.crash.scenario import Scenario
from tests.databases import new_database
from tests.e2e.lab import Lab, is_intro
from tests.e2e.panel import FERN, MOSS, MOVE, follow, one
from tests.e2e.room import Room, at_message

POST = "POST /channels/{channel_id}/messages"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
HISTORY = "GET /channels/{channel_id}/messages"
CHANNEL = "GET /channels/{channel_id}"
SERVER = "GET /guilds/{guild_id}"
TITLE = "Bryophytes on basalt"
INVALID = json.dumps({"code": 50035, "message": "Invalid Form Body"})


def wait(seconds: float, route: str = POST, **where: Any) -> Fault:
    """Discord asks for a pause."""
    return Fault(route, status=429, body=json.dumps({"retry_after": seconds, "global": False}), **where)


class Revisions(Scenario):
    """A card and a line of a list are revised, and nothing is new."""

    async def prepare(self) -> None:
        await super().prepare()
        self.old = self.publish(6)
        await self.lab.once()
        self.lab.days()

    def begin(self) -> None:
        self.revise(self.old[0])
        self.revise(self.old[-1])


class Edits(Revisions):
    """Two revisions, and two new papers whose day line leads to them."""

    def begin(self) -> None:
        super().begin()
        self.publish(2)


class Seeding(Scenario):
    """A channel of config.json is seen for the first time: all that is there counts as seen."""

    async def prepare(self) -> None:
        for _ in range(3):
            self.lab.sandbox.corpus.publish(self.lab.sandbox.clock.now())

    def begin(self) -> None:
        """Nothing is owed yet."""


class Query(Scenario):
    """The query in config.json is another one than yesterday; one paper is owed by both."""

    matching: ClassVar[dict[str, str]] = {"title": "Fern"}

    async def prepare(self) -> None:
        self.lab.configure(query=MOSS)
        await self.yesterday()
        self.introduced = 2

    def begin(self) -> None:
        self.lab.sandbox.corpus.publish(self.lab.sandbox.clock.now(), title="Fern")
        self.publish(1, title="Moss and fern")
        self.lab.configure(query=FERN)


class Rest(Scenario):
    """Discord asks for a pause of minutes: the channel rests."""

    def begin(self) -> None:
        super().begin()
        self.fault(wait(400, after=1))


class Pauses(Scenario):
    """Discord asks for pauses of seconds."""

    def begin(self) -> None:
        super().begin()
        self.fault(wait(2, times=2))


class Lost(Scenario):
    """The database is new, and two days of papers stand in the channel."""

    reads = True

    async def prepare(self) -> None:
        await super().prepare()
        for _ in range(2):
            self.publish(3)
            await self.lab.once()
            self.lab.days()
        await new_database(self.lab.folder)

    def begin(self) -> None:
        self.publish(2)


class Blocked(Scenario):
    """The bot may not post until somebody mends it."""

    def begin(self) -> None:
        super().begin()
        self.lab.sandbox.world.deny(self.lab.channel, "SEND_MESSAGES")

    def mend(self) -> None:
        self.lab.sandbox.world.allow(self.lab.channel, "SEND_MESSAGES")


class BlockedMeanwhile(Blocked):
    """Discord drops the embed of the second message: a permission was taken away a moment ago."""

    def begin(self) -> None:
        self.publish(6)
        at_message(self.lab, 1, lambda: self.lab.sandbox.world.deny(self.lab.channel, "EMBED_LINKS"))

    def mend(self) -> None:
        self.lab.sandbox.world.allow(self.lab.channel, "EMBED_LINKS")


class StillBlocked(Blocked):
    """For the second day."""

    async def prepare(self) -> None:
        await super().prepare()
        Blocked.begin(self)
        await self.lab.once()
        self.lab.days()

    def begin(self) -> None:
        self.publish(1)


class Released(StillBlocked):
    """It may post again, and nothing is due: what waited comes."""

    def begin(self) -> None:
        self.lab.move(hours=-2)
        self.mend()


class Moved(Scenario):
    """A manager moved the channel while four messages were unconfirmed. Two of them stand where it was; they may come again where
    it is now, or not: a nonce counts for all channels.
    """

    matching: ClassVar[dict[str, str]] = {"title": "Moss"}

    async def prepare(self) -> None:
        general = self.lab.sandbox.world.general
        self.lab.configure(query=None, channels=[])
        async with Room(self.lab) as room:
            await follow(room, MOSS)
            self.lab.days()
            await room.tick()
            self.publish(4)
            self.fault(Fault(POST, status=503, stored=True, times=-1))
            self.lab.days()
            await room.tick()
            self.lab.sandbox.faults.clear()
            await room.manager.choose(await one(room), MOVE, general)
        self.lab.move(hours=1)

    def begin(self) -> None:
        """The bot starts after that."""

    @property
    def channels(self) -> list[int]:
        return [self.lab.channel, self.lab.sandbox.world.general.id]

    def misses(self) -> list[str]:
        old, new = (Counter(self.lab.posted(channel)) for channel in self.channels)
        found = [f"{paper} is missing" for paper in self.owed[self.lab.channel] if paper not in old | new]
        return found + [f"{paper} stands twice in one channel" for paper, count in (old | new).items() if count > 1]


class Thread(Scenario):
    """The papers go to a thread that Discord has archived meanwhile."""

    thread: Channel

    async def prepare(self) -> None:
        world = self.lab.sandbox.world
        self.thread = world.open_thread(world.papers, "reading group", world.manager)
        self.lab.configure(channels=[{"id": str(self.thread.id)}], max_posts=2)
        await self.yesterday()

    def begin(self) -> None:
        super().begin()
        self.lab.sandbox.world.archive_thread(self.thread.id)

    @property
    def channels(self) -> list[int]:
        return [self.thread.id]


class ThreadUnknown(Thread):
    """And Discord does not say what has become of it."""

    def begin(self) -> None:
        super().begin()
        self.fault(Fault(CHANNEL, status=503))


class Flood(Scenario):
    """Forty papers at once: thirty come, and ten are held back, as one line says."""

    async def prepare(self) -> None:
        self.lab.configure(max_posts=1)
        await self.yesterday()

    def begin(self) -> None:
        now = self.lab.sandbox.clock.now()
        for age in range(40, 30, -1):
            self.lab.sandbox.corpus.publish(now - timedelta(hours=age))
        self.publish(30)

    def misses(self) -> list[str]:
        told = sum("10 more" in _words(message) or "10 papers" in _words(message) for message in self.lab.messages())
        return super().misses() + ([] if told == 1 else [f"what was held back is told {told} times"])


class Outage(Scenario):
    """arXiv does not answer for the second day: one line says so, unless it answers by the time of the next start."""

    told: ClassVar[frozenset[int]] = frozenset({0, 1})

    async def prepare(self) -> None:
        await super().prepare()
        self.fault(Fault(ROUTE, status=500, times=-1))
        await self.lab.once()
        self.lab.days()

    def begin(self) -> None:
        self.fault(Fault(ROUTE, status=500, times=-1))
        self.publish(3)

    def misses(self) -> list[str]:
        said = [_words(message) for message in self.lab.messages() if not is_intro(message)]
        told = sum("arXiv" in words and "arxiv.org/abs" not in words for words in said)
        return super().misses() + ([] if told in self.told else [f"the outage is told {told} times"])


class OutageOver(Outage):
    """arXiv answers again: the line is edited, and the papers come."""

    told = frozenset({1})

    async def prepare(self) -> None:
        await super().prepare()
        await self.lab.once()
        self.lab.sandbox.faults.clear()
        self.lab.days()

    def begin(self) -> None:
        self.publish(3)


class Servers(Scenario):
    """Three channels in two servers are served side by side."""

    async def prepare(self) -> None:
        world = self.lab.sandbox.world
        hall = world.add_channel(world.add_guild("Glass Group"), "hall")
        self.others = [world.general.id, hall.id]
        self.lab.configure(channels=[{"id": str(channel)} for channel in self.channels], max_posts=2)
        await self.yesterday()

    def begin(self) -> None:
        self.publish(3)

    @property
    def channels(self) -> list[int]:
        return [self.lab.channel, *self.others]


class Plain(Scenario):
    """Discord does not take an embed, and takes it as text."""

    def begin(self) -> None:
        self.publish(1)
        self.publish(1, title=TITLE)
        self.publish(1)
        self.fault(Fault(POST, status=400, body=INVALID, containing=TITLE))


class Refused(Plain):
    """Discord takes neither: a link comes."""

    def begin(self) -> None:
        super().begin()
        self.fault(Fault(POST, status=400, body=INVALID, containing=TITLE))


class Unconfirmed(Scenario):
    """Yesterday Discord confirmed nothing; two of its messages stand all the same."""

    async def prepare(self) -> None:
        self.lab.configure(max_posts=4)
        await self.yesterday()
        self.publish(6)
        self.fault(Fault(POST, status=503, stored=True, times=-1))
        await self.lab.once()
        self.lab.sandbox.faults.clear()
        self.lab.move(hours=1)

    def begin(self) -> None:
        """The bot finishes what it began."""


class Unreadable(Unconfirmed):
    """And the channel cannot be read back yet."""

    def begin(self) -> None:
        self.fault(Fault(HISTORY, status=503))


class Unreachable(Unconfirmed):
    """And Discord does not say what may be done there."""

    def begin(self) -> None:
        self.fault(wait(1, SERVER))


class Unseen(Lost):
    """The database is new, and the channel cannot be read yet."""

    def begin(self) -> None:
        self.publish(2)
        self.fault(Fault(HISTORY, status=503), Fault(HISTORY, status=503))


class Forgotten(Scenario):
    """Discord has forgotten the nonce by the time of a repeat: the channel is read back first."""

    reads = True

    def begin(self) -> None:
        super().begin()
        self.lab.sandbox.world.nonce_window = timedelta(0)
        self.fault(Fault(POST, status=502, stored=True, after=1))

    async def live(self) -> None:
        with patch.object(worker, "NONCE_LIFE", 0.0):
            await super().live()


class Unauthorized(Scenario):
    """One 401 among good answers."""

    def begin(self) -> None:
        super().begin()
        self.fault(Fault(POST, status=401, after=1))


class Banned(Scenario):
    """Discord's network refuses this machine in the middle."""

    def begin(self) -> None:
        super().begin()
        self.fault(Fault(POST, status=429, headers={"Via": "", "Retry-After": "600"}, after=1))


class Silent(Scenario):
    """arXiv answers without any entry: that is not believed yet."""

    def begin(self) -> None:
        super().begin()
        self.fault(Fault(ROUTE, status=200, body=empty_feed(0)))


class Absent(Scenario):
    """Nobody ran it for four days, and more came than one answer holds."""

    async def prepare(self) -> None:
        self.lab.configure(max_results=5)
        await self.yesterday()
        self.lab.days(4)

    def begin(self) -> None:
        for _ in range(3):
            self.publish(3)


class Rehearsed(Scenario):
    """Somebody looks first what would come."""

    async def live(self) -> None:
        with redirect_stdout(StringIO()):
            async with self.lab.app() as app, app.storage.database.rehearsal():
                await app.run_digest(Console(app.settings.zone))
        await super().live()


class InTheRoom(Scenario):
    """It lives in the server, on the gateway."""

    async def digest(self) -> Report:
        async with Room(self.lab) as room:
            return await room.tick()


class NothingYet(InTheRoom):
    """arXiv's search does not show the evening's papers yet: it looks again."""

    def begin(self) -> None:
        self.lab.move(hours=-1)


class BlockedInTheRoom(StillBlocked):
    """It may post again, and hears so from the gateway."""

    def begin(self) -> None:
        self.publish(1)
        self.mend()

    async def digest(self) -> Report:
        async with Room(self.lab) as room:
            return await room.tick()


class Asked(Thread):
    """Beside that, people type `/latest` and press Check in `/status`."""

    async def live(self) -> None:
        async with Room(self.lab) as room:
            await room.manager.command("latest", query=FERN)
            await room.manager.press(await room.manager.command("status"), "Check")
            await room.tick()


class Unplaced(Scenario):
    """A second channel is new in config.json, and Discord does not say where it is."""

    async def prepare(self) -> None:
        await super().prepare()
        self.general = self.lab.sandbox.world.general.id
        self.lab.configure(channels=[{"id": str(channel)} for channel in self.channels])

    def begin(self) -> None:
        super().begin()
        self.owed[self.general].clear()  # they are there before the channel is
        self.fault(Fault(CHANNEL, status=503))

    @property
    def channels(self) -> list[int]:
        return [self.lab.channel, self.general]


class Spoiled(Servers):
    """The row of one paper in the first server is bad: the others get theirs."""

    async def prepare(self) -> None:
        await super().prepare()
        row = {"channel_id": self.lab.channel, "paper_id": "arxiv:2601.00001", "version": 1, "state": State.WAITING}
        async with self.lab.app() as app, app.storage.database.begin() as connection:
            await connection.execute(insert(schema.claims), {**row, "first_seen_at": self.lab.sandbox.clock.now()})

    async def good_day(self) -> None:
        """The row is gone."""
        async with self.lab.app() as app, app.storage.database.begin() as connection:
            await connection.execute(delete(schema.claims).where(schema.claims.c.paper_id == "arxiv:2601.00001"))
        await super().good_day()


class Command(Scenario):
    """A manager types `/setquery` and presses Save; who finds nothing saved does so again."""

    matching: ClassVar[dict[str, str]] = {"title": "Moss"}

    async def prepare(self) -> None:
        self.lab.configure(query=None, channels=[])
        for _ in range(2):
            self.lab.sandbox.corpus.publish(self.lab.sandbox.clock.now(), title="Moss")

    def begin(self) -> None:
        """Nothing is owed yet."""

    async def live(self) -> None:
        async with Room(self.lab) as room:
            if not await _follows(room.bot.app):
                await follow(room, MOSS)
            await room.tick()

    async def digest(self) -> Report:
        async with Room(self.lab) as room:
            return await room.tick()


async def _follows(app: App) -> bool:
    return bool(await app.storage.subscriptions.unsettled() or await app.storage.subscriptions.next_due())


def _words(message: Any) -> str:
    return f"{message.content} {json.dumps(message.embeds, ensure_ascii=False)}"


SCENARIOS: dict[str, Callable[[Lab], Scenario]] = {
    "day": Scenario,
    "edits": Edits,
    "revisions": Revisions,
    "seeding": Seeding,
    "query": Query,
    "rest": Rest,
    "pauses": Pauses,
    "lost": Lost,
    "blocked": Blocked,
    "blocked-meanwhile": BlockedMeanwhile,
    "still-blocked": StillBlocked,
    "released": Released,
    "moved": Moved,
    "thread": Thread,
    "thread-unknown": ThreadUnknown,
    "flood": Flood,
    "outage": Outage,
    "outage-over": OutageOver,
    "servers": Servers,
    "plain": Plain,
    "refused": Refused,
    "unconfirmed": Unconfirmed,
    "unreadable": Unreadable,
    "unreachable": Unreachable,
    "unseen": Unseen,
    "forgotten": Forgotten,
    "unauthorized": Unauthorized,
    "banned": Banned,
    "silent": Silent,
    "absent": Absent,
    "rehearsed": Rehearsed,
    "room": InTheRoom,
    "nothing-yet": NothingYet,
    "blocked-in-the-room": BlockedInTheRoom,
    "asked": Asked,
    "unplaced": Unplaced,
    "spoiled": Spoiled,
    "command": Command,
}
