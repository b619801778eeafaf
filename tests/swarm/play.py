"""Plays a story: the real bot on the sandbox, in virtual time, with a witness that writes down what its channels got."""

from __future__ import annotations

import asyncio
import heapq
import json
import logging
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from unittest.mock import patch

from bot.app import App
from bot.delivery.outbox import Channels, connected
from bot.delivery.pacer import Pacer
from bot.digest.report import Report
from bot.errors import BotError
from bot.query import parse
from bot.settings import load
from bot.storage.copies import back_up
from cogs.status.service import PAGE, Status
from sandbox.arxiv.corpus import Corpus
from sandbox.arxiv.record import Record
from sandbox.arxiv.server import ROUTE, empty_feed
from sandbox.control.clock import SandboxClock
from sandbox.control.faults import Fault
from sandbox.discord.limits import RateLimits
from sandbox.discord.model import Guild, Json, Message
from sandbox.server import Sandbox
from tests.databases import new_database
from tests.e2e.lab import LabClock, links
from tests.swarm.rules import Broken, Era, Papers, Place, Seen, Tick, Told, after_tick, at_the_end
from tests.swarm.story import BARRING, DARK, HOUR, KINDS, SETTLING, Story, Topic, Trouble, Version

POST = "POST /channels/{channel_id}/messages"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
READ = "GET /channels/{channel_id}/messages"
FOLLOW_UPS = (timedelta(minutes=5), timedelta(minutes=30), 3 * HOUR)
"""When the bot ticks again while something is unfinished. `run` ticks every minute, and most minutes bring nothing."""
GAPS = {True: 2 * HOUR, False: 4 * HOUR}
"""Between two ticks at least, by whether the bot stays: an outage is no better understood for being asked about each minute."""
AT_LEAST = timedelta(hours=26)
"""Between two ticks, whatever is due."""
ASKS = timedelta(days=7)
"""So often at least somebody asks for `/status` on each server."""
FIRST_PAGE = 400
"""A query that has found more is not read to its end each day, and what old papers then appear there nobody promises."""
A_DAY = timedelta(hours=27)
"""Long enough for every server's hour to have come, and for a second look."""


@dataclass(slots=True)
class Played:
    """How a year went."""

    broken: list[Broken] = field(default_factory=list)
    ticks: int = 0
    papers: int = 0
    """Posted, over all channels."""


class Player:
    """One story on one sandbox; `folder` holds the bot's config.json and database."""

    def __init__(self, story: Story, sandbox: Sandbox, folder: Path, url: str) -> None:
        self._story = story
        self._sandbox = sandbox
        self._folder = folder
        self._url = url
        self._template = folder / "new.db"
        self._random = Random(story.seed + 1)
        self._ahead = timedelta()
        self._asked = story.start
        self._off = 0
        self._kill_after: int | None = None
        self._faults: dict[Trouble, Fault] = {}
        self._hidden: set[Place] = set()
        """Places that config.json leaves out."""
        self._guilds: list[Guild] = []
        self._places: list[Place] = []
        self._versions = {version: None for version in story.versions}
        self._app: App | None = None
        self._stack = AsyncExitStack()
        self.played = Played()

    @property
    def _now(self) -> datetime:
        return self._sandbox.clock.now()

    # --- the year -----------------------------------------------------------------------------

    async def play(self) -> Played:
        """Until the end, or until a rule is broken."""
        shutil.copyfile(self._folder / "lab.db", self._template)
        self._found_labs()
        for version in self._story.versions:
            self._show(version)
        coming = self._calendar()
        follow_ups = iter(FOLLOW_UPS)
        wake = self._story.start
        try:
            while wake < self._story.end and not self.played.broken:
                while coming and coming[0][0] <= wake:
                    moment, _, act = heapq.heappop(coming)
                    self._sandbox.clock.set(max(moment, self._now))
                    if (result := act()) is not None:
                        await result
                self._sandbox.clock.set(max(wake, self._now))
                unfinished = not self._off and await self._tick()
                follow_ups = follow_ups if unfinished else iter(FOLLOW_UPS)
                wake = await self._next_wake(next(follow_ups, AT_LEAST) if unfinished else AT_LEAST)
                if coming:
                    wake = max(min(wake, coming[0][0]), self._now + timedelta(seconds=1))
            if not self.played.broken:
                self.played.broken += at_the_end(self._places, self._papers(), await self._statuses(), self._now)
        finally:
            await self._close()
        return self.played

    def _calendar(self) -> list[tuple[datetime, int, Callable[[], Awaitable[None] | None]]]:
        """What happens by itself, in the order of time; the second field keeps equal moments in order."""
        coming: list[tuple[datetime, int, Callable[[], Awaitable[None] | None]]] = []
        for number, trouble in enumerate(self._story.troubles):
            coming.append((trouble.at, 2 * number, partial(self._begin, trouble)))
            coming.append((trouble.until, 2 * number + 1, partial(self._end, trouble)))
            if trouble.kind == "an older copy of the database is put in its place":
                day_before = trouble.at - timedelta(days=trouble.number)
                coming.append((max(day_before, self._story.start + HOUR), -1 - number, partial(self._copy, trouble)))
        for number, version in enumerate(self._story.versions):
            if version.damaged_until is not None:
                mended = replace(version, damaged_until=None)
                coming.append((version.damaged_until, 10**6 + number, partial(self._show, mended)))
        heapq.heapify(coming)
        return coming

    async def _next_wake(self, within: timedelta) -> datetime:
        """Up to a minute after the bot's next due time, by its own clock."""
        latest = self._now + within
        if self._off or self._app is None:
            return latest
        due = await self._app.storage.subscriptions.next_due()
        late = timedelta(seconds=self._random.randrange(60))
        return latest if due is None else min(latest, max(due - self._ahead, self._now + GAPS[self._story.stays]) + late)

    # --- one tick -----------------------------------------------------------------------------

    async def _tick(self) -> bool:
        """Whether something is left unfinished."""
        began, before = self._now, self._papers()
        self.played.ticks += 1
        report: Report | None = None
        if not self._story.stays and self._random.random() < 0.2:
            await self._close()
        with suppress(BotError):
            app = await self._opened()
            async with connected(self._sandbox.world.token, app.settings.discord_api_url, app.clock) as outbox:
                report = await self._run(app, outbox)
        if report is None and self._app is not None:
            await self._close()
        new = self._take_stock()
        if report is not None:
            await self._settle(began)
            statuses = await self._statuses() if self._now > self._asked + ASKS or self._random.random() < 0.02 else {}
            tick = Tick(
                began,
                self._now,
                new,
                statuses,
                calm=self._is_calm(began),
                dark=any(each.kind in DARK for each in self._lasting(began)),
                dated=all(each.kind != "the machine's clock is wrong" for each in self._near(began)),
                barred=frozenset(self._place(each) for each in self._lasting(began) if each.kind in BARRING),
            )
            self.played.broken += after_tick(tick, self._places, before)
        self._sandbox.requests.clear()
        self._sandbox.arxiv.requests.clear()
        return report is None or not report.complete

    async def _run(self, app: App, outbox: Channels) -> Report | None:
        """None where the process was killed over it."""
        if self._kill_after is None:
            return await app.run_digest(outbox, retry=() if self._story.stays else None)
        left, self._kill_after = self._kill_after, None
        digest = asyncio.ensure_future(app.run_digest(outbox))

        def witness(event: str, payload: Json) -> None:
            nonlocal left
            left -= event in ("MESSAGE_CREATE", "MESSAGE_UPDATE")
            if left == 0:
                digest.cancel()

        self._sandbox.dispatch.witnesses.add(witness)
        try:
            await asyncio.wait([digest])
            return None if digest.cancelled() else digest.result()
        finally:
            self._sandbox.dispatch.witnesses.discard(witness)

    def _is_calm(self, moment: datetime) -> bool:
        """Whether nothing has gone wrong for some days."""
        return moment > self._story.start + SETTLING and not self._near(moment)

    def _near(self, moment: datetime) -> list[Trouble]:
        """What has gone wrong in the last days."""
        return [each for each in self._story.troubles if each.at <= moment <= each.until + SETTLING]

    def _lasting(self, moment: datetime) -> list[Trouble]:
        """What has gone wrong for more than a day, and still does."""
        return [each for each in self._story.troubles if each.at + A_DAY < moment < each.until]

    async def _settle(self, began: datetime) -> None:
        """Note which channels have begun to follow what config.json says."""
        assert self._app is not None
        waiting = [place for place in self._places if place.eras[-1].settled is None and place not in self._hidden]
        for guild_id in {place.guild_id for place in waiting}:
            known = {each.channel_id: each for each in await self._app.storage.subscriptions.of_server(guild_id)}
            for place in waiting:
                found = known.get(place.channel_id)
                era = place.eras[-1]
                if found is not None and found.seeding is not None and found.seeding.query == str(parse(era.topic.query)):
                    era.settled = (began, self._now)
        for guild, plan in zip(self._guilds, self._story.labs, strict=True):
            server = await self._app.storage.servers.get(guild.id)
            if server is not None and not server.own:  # also after a database was lost: whoever manages it sets it again
                changes = self._app.storage.servers.change
                await changes(guild.id, self._app.clock.now(), post_at=plan.post_at, timezone=plan.zone)

    def _take_stock(self) -> dict[Place, list[Seen]]:
        """What each channel got since the last look."""
        new: dict[Place, list[Seen]] = {}
        for place in self._places:
            channel = self._sandbox.world.channels.get(place.channel_id)
            messages = list(channel.messages.values())[place.read :] if channel is not None else []
            place.read += len(messages)
            for message in messages:
                if message.author_id == self._sandbox.world.bot.id and not _is_first(message):
                    shown = (link.split("v") for link in links(message))
                    new.setdefault(place, []).extend(Seen(base, version, message.timestamp) for base, version in shown)
            for seen in new.get(place, ()):
                place.posted.setdefault(seen.base, []).append(seen)
                self.played.papers += 1
        return new

    async def _statuses(self) -> dict[int, Told]:
        """What `/status` says on each server, by guild id."""
        self._asked = self._now
        status, told = Status(await self._opened()), {}
        for guild in self._guilds:
            on_server = await status.of(guild.id)
            backlog: dict[int, frozenset[str]] = {}
            for channel in on_server.channels:
                page = await status.backlog(guild.id, channel.channel_id, 0)
                pages = [page, *[await status.backlog(guild.id, channel.channel_id, n) for n in range(PAGE, page.total, PAGE)]]
                backlog[channel.channel_id] = frozenset(paper.id.base for each in pages for paper in each.papers)
            told[guild.id] = Told(on_server, backlog)
        return told

    def _papers(self) -> Papers:
        """Every version that arXiv has had by now, by base."""
        found: dict[str, list[Version]] = {}
        for version in self._versions:
            if version.appears <= self._now:
                found.setdefault(version.base, []).append(version)
        return found

    # --- the bot ------------------------------------------------------------------------------

    async def _opened(self) -> App:
        if self._app is None:
            settings = load(self._folder / "config.json", self._environ())
            clock = LabClock(self._sandbox, self._ahead)
            self._app = await self._stack.enter_async_context(App.open(settings, clock, look_again=self._story.stays))
        return self._app

    async def _close(self) -> None:
        self._app = None
        await self._stack.aclose()

    def _environ(self) -> dict[str, str]:
        return {
            "DISCORD_TOKEN": self._sandbox.world.token,
            "DISCORD_API_URL": self._sandbox.discord_api_url,
            "ARXIV_API_URL": self._sandbox.arxiv_api_url,
            "ARXIV_INTERVAL": "0",
            "DATABASE_URL": self._url,
        }

    def _configure(self) -> None:
        listed = [place for place in self._places if place not in self._hidden and place.ended is None]
        config = {
            "max_results": 500,
            "updates": self._story.updates,
            "max_posts": self._story.max_posts,
            "channels": [{"id": str(place.channel_id), "query": place.eras[-1].topic.query} for place in listed],
        }
        (self._folder / "config.json").write_text(json.dumps(config), encoding="utf-8")

    def _found_labs(self) -> None:
        for number, plan in enumerate(self._story.labs):
            guild = self._sandbox.world.lab if number == 0 else self._sandbox.world.add_guild(f"Lab {number}")
            self._guilds.append(guild)
            for topic in plan.topics:
                self._add_place(guild, number, topic)
        self._configure()

    def _add_place(self, guild: Guild, lab: int, topic: Topic) -> None:
        channel = self._sandbox.world.add_channel(guild, f"papers-{len(self._places)}")
        self._places.append(Place(channel.id, guild.id, self._story.labs[lab], [Era(topic)], self._story.updates))

    def _place(self, trouble: Trouble) -> Place:
        """The channel that stands now for the one a trouble names."""
        living = [place for place in self._places if place.guild_id == self._guilds[trouble.lab].id and place.ended is None]
        return living[trouble.channel % len(living)]

    def _show(self, version: Version) -> None:
        """In arXiv's index, from the moment on that its record says."""
        title = "" if version.damaged_until else f"On {', '.join(sorted(version.words))}, part {int(version.base[-5:])}"
        record = Record(
            base_id=version.base,
            version=version.number,
            title=title,
            abstract=f"Of {' and '.join(sorted(version.words))}.",
            authors=("Ida Noddack",),
            categories=("cond-mat.mtrl-sci",),
            published=version.dated,
            updated=version.dated,
            appears=version.appears,
        )
        self._sandbox.corpus.add(record)

    # --- what goes wrong ----------------------------------------------------------------------

    def _refault(self) -> None:
        self._sandbox.faults.clear()
        for fault in self._faults.values():
            self._sandbox.faults.add(fault)

    async def _restart(self, _: Trouble | None = None) -> None:
        await self._close()
        self._configure()

    def _copy(self, trouble: Trouble) -> None:
        back_up(self._url, self._folder / f"copy-{trouble.at:%Y%m%d%H%M%S}.db")

    def _replace_database(self, by: Path) -> None:
        for end in ("", "-wal", "-shm"):
            (self._folder / f"lab.db{end}").unlink(missing_ok=True)
        shutil.copyfile(by, self._folder / "lab.db")

    async def _begin(self, trouble: Trouble) -> None:
        if (fault := _fault(trouble)) is not None:
            self._faults[trouble] = fault
            self._refault()
        elif (done := _BEGINNINGS[trouble.kind](self, trouble)) is not None:
            await done

    async def _end(self, trouble: Trouble) -> None:
        if trouble.lasts and self._faults.pop(trouble, None) is not None:
            self._refault()
        if trouble.kind in _ENDINGS and (done := _ENDINGS[trouble.kind](self, trouble)) is not None:
            await done

    def _forbid(self, permission: str, trouble: Trouble) -> None:
        self._sandbox.world.deny(self._place(trouble).channel_id, permission)

    def _allow(self, permission: str, _: Trouble) -> None:
        for place in self._places:
            if place.channel_id in self._sandbox.world.channels:
                self._sandbox.world.allow(place.channel_id, permission)

    def _put_out(self, trouble: Trouble) -> None:
        if self._sandbox.world.bot.id in self._guilds[trouble.lab].members:
            self._sandbox.world.remove_member(self._guilds[trouble.lab], self._sandbox.world.bot.id)

    def _ask_back(self, trouble: Trouble) -> None:
        if self._sandbox.world.bot.id not in self._guilds[trouble.lab].members:
            self._sandbox.world.invite_bot(self._guilds[trouble.lab])

    def _delete(self, trouble: Trouble) -> None:
        place = self._place(trouble)
        place.ended = self._now
        self._sandbox.world.delete_channel(place.channel_id)

    async def _list_another(self, trouble: Trouble) -> None:
        gone = next(place for place in reversed(self._places) if place.ended is not None)
        self._add_place(self._guilds[trouble.lab], trouble.lab, gone.eras[-1].topic)
        await self._restart(trouble)

    def _kill(self, trouble: Trouble) -> None:
        self._kill_after = trouble.number

    async def _switch_off(self, _: Trouble) -> None:
        self._off += 1
        await self._close()

    def _switch_on(self, _: Trouble) -> None:
        self._off -= 1

    async def _set_clock_wrong(self, trouble: Trouble) -> None:
        self._ahead = timedelta(hours=4 * trouble.number - 26)
        await self._close()

    async def _set_clock_right(self, _: Trouble) -> None:
        self._ahead = timedelta()
        await self._close()

    async def _restore(self, trouble: Trouble) -> None:
        await self._close()
        self._replace_database(self._folder / f"copy-{trouble.at:%Y%m%d%H%M%S}.db")
        self._forget()

    async def _lose(self, _: Trouble) -> None:
        await self._close()
        self._replace_database(self._template)
        self._forget()

    async def _leave_out(self, trouble: Trouble) -> None:
        self._hidden.add(self._place(trouble))
        await self._restart(trouble)

    async def _put_in(self, trouble: Trouble) -> None:
        self._hidden.clear()
        await self._restart(trouble)

    async def _follow(self, trouble: Trouble) -> None:
        assert trouble.topic is not None
        place = self._place(trouble)
        place.eras[-1].left = self._now
        place.eras.append(Era(trouble.topic))
        await self._restart(trouble)

    def _flood(self, trouble: Trouble) -> None:
        word = min(self._place(trouble).eras[-1].topic.words)
        there = sum(word in version.words for version in self._versions)
        for number in range(min(15 * trouble.number, FIRST_PAGE - there)):
            dated = trouble.at - timedelta(days=100 + self._random.randrange(900))
            base = f"{dated:%y%m}.{20_000 + len(self._versions) + number:05}"
            version = Version(base, 1, frozenset({word}), dated, trouble.at)
            self._versions[version] = None
            self._show(version)

    def _forget(self) -> None:
        """What no channel had got by now was known to the lost database alone; and the bot must find its way in again."""
        for place in self._places:
            place.excused |= self._papers().keys() - place.posted.keys()
            place.eras[-1].left = self._now
            place.eras.append(Era(place.eras[-1].topic))


Act = Callable[[Player, Trouble], Awaitable[None] | None]

_BEGINNINGS: dict[str, Act] = {
    "arXiv shows old papers by the hundred": Player._flood,
    "nobody lets the bot post in a channel": lambda player, trouble: player._forbid("SEND_MESSAGES", trouble),
    "nobody lets the bot embed in a channel": lambda player, trouble: player._forbid("EMBED_LINKS", trouble),
    "a server puts the bot out, and asks it back": Player._put_out,
    "a channel is deleted, and another one listed for it": Player._delete,
    "the bot is restarted": Player._restart,
    "the bot is killed over its work": Player._kill,
    "the machine is off": Player._switch_off,
    "the machine's clock is wrong": Player._set_clock_wrong,
    "an older copy of the database is put in its place": Player._restore,
    "the database is lost": Player._lose,
    "a channel is missing from config.json": Player._leave_out,
    "a channel follows something else": Player._follow,
}
_ENDINGS: dict[str, Act] = {
    "nobody lets the bot post in a channel": lambda player, trouble: player._allow("SEND_MESSAGES", trouble),
    "nobody lets the bot embed in a channel": lambda player, trouble: player._allow("EMBED_LINKS", trouble),
    "a server puts the bot out, and asks it back": Player._ask_back,
    "a channel is deleted, and another one listed for it": Player._list_another,
    "the machine is off": Player._switch_on,
    "the machine's clock is wrong": Player._set_clock_right,
    "a channel is missing from config.json": Player._put_in,
}


def _is_first(message: Message) -> bool:
    """Whether it says what the channel follows from now on; some of the newest titles stand under it, which are not posted."""
    return "next digest" in json.dumps([message.content, message.embeds]).lower()


def _refusal(code: int, message: str) -> str:
    return json.dumps({"code": code, "message": message})


_FAULTS: dict[str, Callable[[int], Fault]] = {
    "arXiv answers 503": lambda _: Fault(ROUTE, status=503),
    "arXiv breaks off every connection": lambda _: Fault(ROUTE, reset=True),
    "arXiv answers with a page of HTML": lambda _: Fault(ROUTE, status=200, body="<html><body>Back soon.</body></html>"),
    "arXiv gives half of each answer": lambda _: Fault(ROUTE, keep=0.5),
    "arXiv asks to wait": lambda _: Fault(ROUTE, status=429, headers={"Retry-After": "1800"}),
    "arXiv finds nothing at all": lambda _: Fault(ROUTE, status=200, body=empty_feed(0)),
    "arXiv counts papers and gives none": lambda _: Fault(ROUTE, status=200, body=empty_feed(40)),
    "Discord stores messages and answers 500": lambda _: Fault(POST, status=500, stored=True),
    "Discord stores messages and breaks off": lambda _: Fault(POST, stored=True, reset=True),
    "Discord answers 502 without storing": lambda _: Fault(POST, status=502),
    "Discord asks for a long pause": lambda number: Fault(POST, status=429, headers={"Retry-After": str(number * 1800)}),
    "Discord's network refuses the machine": lambda _: Fault(
        POST, status=429, body="<html>error code: 1015</html>", headers={"Via": "", "Retry-After": "1800"}
    ),
    "Discord's filter refuses messages": lambda _: Fault(POST, status=403, body=_refusal(200_000, "Blocked by a filter")),
    "Discord finds messages malformed": lambda _: Fault(POST, status=400, body=_refusal(50_035, "Invalid Form Body")),
    "Discord refuses every edit": lambda _: Fault(EDIT, status=400, body=_refusal(30_046, "Too many edits of an old message")),
    "Discord does not let anything be read back": lambda _: Fault(READ, status=503),
}


def _fault(trouble: Trouble) -> Fault | None:
    """What the sandbox does to requests, if that is what the trouble is: while it lasts."""
    if trouble.kind not in _FAULTS:
        return None
    times = trouble.number if KINDS[trouble.kind].counted else -1
    return replace(_FAULTS[trouble.kind](trouble.number), times=times)


class _AtOnce:
    """A thread's queue without the thread: what is put in is done at once. Most of a year's time went into waking threads."""

    daemon = True

    def __init__(self, **_: object) -> None:
        return None

    def start(self) -> None:
        return None

    def put_nowait(self, item: tuple[asyncio.Future[object], Callable[[], object]]) -> None:
        future, function = item
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)


async def _at_once(function: Callable[..., object], *arguments: object) -> object:
    return function(*arguments)


@contextmanager
def swift() -> Iterator[None]:
    """Without threads, without the pace that a real Discord asks for, and without a log."""
    logging.disable(logging.CRITICAL)
    with (
        patch("aiosqlite.core.SimpleQueue", _AtOnce),
        patch("aiosqlite.core.Thread", _AtOnce),
        patch("asyncio.to_thread", _at_once),
        patch("bot.delivery.outbox.Pacer", partial(Pacer, 1_000_000)),
    ):
        yield
    logging.disable(logging.NOTSET)


async def played(story: Story, folder: Path) -> Played:
    """The story from its first day to its last, in an empty folder; without limits, since a year passes in seconds."""
    url = await new_database(folder)
    clock = SandboxClock(story.start)
    with swift():
        async with Sandbox(clock, RateLimits.off(), Corpus(), arxiv_interval=None) as sandbox:
            return await Player(story, sandbox, folder, url).play()
