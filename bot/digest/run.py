"""A digest: collect what is due, ask, claim, send, settle, report."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.digest.ask import Asker, Inquiry
from bot.digest.calendar import last_evening, look_again_at
from bot.digest.journal import DeliveryJournal
from bot.digest.model import Answer, Blocked, Defaults, Delivery, Found, Slot, State, Subscription, Unknown
from bot.digest.outage import OutageNotices
from bot.digest.plan import LATE, SHOWN_WITHIN, Situation, decide
from bot.digest.ports import Locks, Outbox, Progress, Storage
from bot.digest.recall import Recall
from bot.digest.report import Report
from bot.digest.schedule import LONGEST_RETRY, retry_delay
from bot.digest.seed import Seeder, window_start
from bot.errors import AlreadyRunning, ArxivError, BotError, StorageUnreachable, TokenRefused
from bot.text.words import counted

log = logging.getLogger(__name__)

ABSENT = timedelta(days=2)
"""A channel whose last digest is longer ago may be owed more papers than max_results."""

Answers = dict[str, Answer | ArxivError]
"""By canonical text."""


class Digest:
    """Given everything it needs of the world as ports; between runs it knows only which channels it has looked into.

    `look_again`: somebody runs it again within the hour, so that a batch which the search does not show yet can be waited for.
    """

    def __init__(
        self, *, asker: Asker, storage: Storage, locks: Locks, defaults: Defaults, progress: Progress, look_again: bool = False
    ) -> None:
        self._asker = asker
        self._storage = storage
        self._locks = locks
        self._defaults = defaults
        self._progress = progress
        self._look_again = look_again
        self._recall = Recall(storage)

    async def run(
        self,
        now: datetime,
        outbox: Outbox,
        *,
        force: bool = False,
        guild_id: int | None = None,
        retry: Collection[int] | None = None,
    ) -> Report:
        """Finish what is unfinished, seed what is new, serve what is due, and tell.

        `guild_id`: for that server alone; nothing of any other is finished, seeded, served or tried again. `force` serves what
        is not due too, and moves no due time. `retry` names the servers whose blocked
        channels are tried again although nothing is due there; None: all.
        """
        report = Report(now, name_of=outbox.name_of)
        inquiry = Inquiry(self._asker, now, self._progress)

        def wanted(each: Subscription | Delivery | Slot) -> bool:
            return guild_id in (None, each.guild_id)

        blocked = [*filter(wanted, await self._storage.subscriptions.blocked())]
        tried_again = await self._tried_again(blocked, now, force=force, retry=retry)
        left_alone = {each.channel_id for each in blocked} - {each.channel_id for each in tried_again}
        pending = [*filter(wanted, await self._storage.deliveries.unfinished())]
        report.resting = _resting(pending, now)
        left_alone |= report.resting.keys()
        unfinished = [each for each in pending if each.channel_id not in left_alone and (each.retry_at or now) <= now]
        stuck = report.resting.keys() | await self._send(outbox, unfinished, now, report, resuming=True)
        unsettled = [*filter(wanted, await self._storage.subscriptions.unsettled())]
        found = await self._recall.look(outbox, [each for each in unsettled if each.seeding is None], now, report)
        deliveries = await self._seed(unsettled, found, inquiry, now, report)
        slots = [*filter(wanted, await self._storage.subscriptions.due(now, force=force))]
        answers = await self._ask(inquiry, slots, now, report)
        served = {each.channel_id for slot in slots for each in slot.subscriptions}
        barred = await self._barred(outbox, tried_again, report)
        gaining = [each for slot in slots for each in slot.subscriptions if await self._has_news(each, answers)]
        released = [each for each in tried_again if each.channel_id not in barred]
        looked_into = {each.channel_id: each for each in (*gaining, *released)}.values()
        unread = _unread(await self._recall.look(outbox, looked_into, now, report))
        for slot in slots:
            async with self._apart(slot.guild_id, report):
                waits = [unread[each.channel_id] for each in slot.subscriptions if each.channel_id in unread]
                if waits:
                    if not force:
                        wait = min(max(retry_delay(slot.attempt + 1), *waits), LONGEST_RETRY)
                        await self._storage.subscriptions.postpone(slot.guild_id, now + wait)
                elif await self._is_unchanged(slot):
                    deliveries += await self._serve(slot, answers, barred, now, report, force=force)
        for subscription in tried_again:
            if subscription.channel_id not in served | barred | unread.keys():
                async with self._apart(subscription.guild_id, report):
                    deliveries += await self._release(subscription, now, report)
        await self._send(outbox, [each for each in deliveries if each.channel_id not in stuck], now, report)

        await self._record(now, report)
        report.queries, report.slots = inquiry.asked, len(slots)
        return report

    @asynccontextmanager
    async def _apart(self, guild_id: int, report: Report) -> AsyncIterator[None]:
        """Holds the server's lock. What goes wrong unexpectedly stays with this server: it is told, and the others go on.

        What was filed for it by then is finished first next time.
        """
        try:
            async with self._locks(guild_id):
                yield
        except (TokenRefused, StorageUnreachable, AlreadyRunning):
            raise
        except Exception as error:
            told = isinstance(error, BotError)  # it says what is wrong by itself
            log.error("server %d: its part of this digest failed; the others go on", guild_id, exc_info=not told)
            report.failed(f"server {guild_id}: {error if told else f'{type(error).__name__}: {error}'}")

    async def _tried_again(
        self, blocked: Sequence[Subscription], now: datetime, *, force: bool, retry: Collection[int] | None
    ) -> list[Subscription]:
        """Blocked channels of the servers in `retry`, and of those where something is due."""
        if retry is None or not blocked:
            return list(blocked)
        due = {slot.guild_id for slot in await self._storage.subscriptions.due(now, force=force)}
        return [subscription for subscription in blocked if subscription.guild_id in due.union(retry)]

    async def _has_news(self, subscription: Subscription, answers: Answers) -> bool:
        answer = answers[subscription.settled_query]
        return not isinstance(answer, ArxivError) and await self._recall.would_find(subscription, answer)

    async def _seed(
        self,
        unsettled: Sequence[Subscription],
        found: Mapping[int, Sequence[Found] | Unknown],
        inquiry: Inquiry,
        now: datetime,
        report: Report,
    ) -> list[Delivery]:
        seeder = Seeder(self._storage.subscriptions, self._storage.ledger, self._defaults)
        deliveries: list[Delivery] = []
        for guild_id in sorted({each.guild_id for each in unsettled}):
            async with self._apart(guild_id, report):
                deliveries += await seeder.seed(inquiry, now, report, guild_id=guild_id, found=found)
        return deliveries

    async def _ask(self, inquiry: Inquiry, slots: Iterable[Slot], now: datetime, report: Report) -> Answers:
        """Every distinct query once, as far back as the channel that needs most."""
        windows: dict[str, datetime] = {}
        owed: dict[str, datetime] = {}
        for subscription in (subscription for slot in slots for subscription in slot.subscriptions):
            since = window_start(subscription, now, self._defaults.lookback_days)
            text = subscription.settled_query
            windows[text] = min(since, windows.get(text, since))
            if (missed_since := await self._missed_since(subscription, now)) is not None:
                owed[text] = min(missed_since, owed.get(text, missed_since))
        self._progress.stage("Asking arXiv", len(windows))
        answers: Answers = {}
        for text, since in windows.items():
            try:
                answer = await inquiry.ask(text, since=since, owed_since=owed.get(text))
            except ArxivError as error:
                answers[text] = error
                report.failed(f"{error} (query: {text})")
            else:
                answers[text] = answer
                _note_what_is_missing(text, answer, since, now, report)
        return answers

    async def _missed_since(self, subscription: Subscription, now: datetime) -> datetime | None:
        """After an absence, the date from which on a paper that the ledger does not know is news; None on ordinary days.

        What lies further back than the last answer reached was never looked at, and may have been there for long.
        """
        last_good_at = subscription.last_good_at
        if last_good_at is None or now - last_good_at <= ABSENT:
            return None
        reach = (await self._storage.queries.state(subscription.settled_query)).reach
        if reach is None or reach.covered_days is None:
            return last_good_at - SHOWN_WITHIN
        reached = last_good_at - timedelta(days=reach.covered_days) + timedelta(seconds=1)  # days have been rounded
        return max(last_good_at - SHOWN_WITHIN, reached)

    async def _barred(self, outbox: Outbox, blocked: Sequence[Subscription], report: Report) -> set[int]:
        """Of the channels blocked last time, those that still are: asked about before anything is planned for them. One that is
        open again is called blocked no longer; where Discord does not say, it stays as it was.
        """
        found = await outbox.barred(blocked) if blocked else {}
        barred: set[int] = set()
        for channel_id in (each.channel_id for each in blocked):
            match found.get(channel_id):
                case Blocked(reason):
                    report.channel(channel_id).problem = f"blocked: {reason}"
                    barred.add(channel_id)
                case None:
                    await self._storage.subscriptions.unblock(channel_id)
        return barred

    async def _is_unchanged(self, slot: Slot) -> bool:
        """Whether the answers are still to what its channels follow. A command may have changed that while arXiv was asked;
        such a server stays due, and the next tick serves it."""
        follows = {each.channel_id: each.settled_query for each in await self._storage.subscriptions.of_server(slot.guild_id)}
        return all(follows.get(each.channel_id) == each.settled_query for each in slot.subscriptions)

    async def _serve(
        self, slot: Slot, answers: Answers, barred: Collection[int], now: datetime, report: Report, *, force: bool
    ) -> list[Delivery]:
        """Claim for each channel; the slot is complete when every query was answered and claimed."""
        notices = OutageNotices(self._storage.subscriptions, self._storage.queries, now)
        deliveries: list[Delivery] = []
        try:
            for subscription in slot.subscriptions:
                answer = answers[subscription.settled_query]
                if isinstance(answer, ArxivError):
                    deliveries += await notices.failed(slot, subscription, answer)
                else:
                    deliveries += await notices.answered(subscription)
                    barred_here = subscription.channel_id in barred
                    deliveries += await self._claim(slot, subscription, answer, now, report, barred=barred_here)
        except Exception:
            if not force:  # else every tick would ask arXiv for this server again
                await self._storage.subscriptions.postpone(slot.guild_id, now + retry_delay(slot.attempt + 1))
            raise
        if not force:
            await self._move_on(slot, answers, now, report)
        return deliveries

    async def _move_on(self, slot: Slot, answers: Answers, now: datetime, report: Report) -> None:
        """To the next due time, or to the next try of this one."""
        if any(isinstance(answers[subscription.settled_query], ArxivError) for subscription in slot.subscriptions):
            await self._storage.subscriptions.postpone(slot.guild_id, now + retry_delay(slot.attempt + 1))
        elif (again := self._incomplete(slot, now, report)) is not None:
            await self._storage.subscriptions.postpone(slot.guild_id, again)
        else:
            await self._storage.subscriptions.complete(slot.guild_id, now)

    def _incomplete(self, slot: Slot, now: datetime, report: Report) -> datetime | None:
        """When to look for the batch of the evening before, while arXiv's search may not show it yet."""
        if slot.due_at is None or any(report.channel(subscription.channel_id).unseen for subscription in slot.subscriptions):
            return None
        again = look_again_at(slot.due_at, now)
        if again is not None and not self._look_again:
            report.notes.append(
                f"server {slot.guild_id}: nothing unseen since arXiv announced at {last_evening(slot.due_at):%d %b %H:%M} UTC; "
                "its search can take six hours to show a batch, and the next digest brings what comes late"
            )
            return None
        return again

    async def _claim(
        self, slot: Slot, subscription: Subscription, answer: Answer, now: datetime, report: Report, *, barred: bool
    ) -> list[Delivery]:
        slot_at = slot.due_at or now
        served_at = max(slot.due_at or now, subscription.last_good_at or now)
        situation = await self._situation(subscription, now, late=now - served_at > LATE, barred=barred)
        told = report.channel(subscription.channel_id)
        async with self._storage.ledger.claim(subscription, answer.papers, now) as claim:
            if not claim.open:
                return []
            plan = decide(claim.sightings, subscription, situation)
            deliveries = await claim.file(plan, slot_at=slot_at)
        told.unseen = sum(sighting.prior is not State.WAITING for sighting in claim.sightings)
        told.planned(plan, slot_at)
        return deliveries

    async def _release(
        self, subscription: Subscription, now: datetime, report: Report, *, refused: bool = False
    ) -> list[Delivery]:
        """What waited for a blocked channel, as if its digest came now, or (`refused`) was just refused; no due time moves."""
        situation = await self._situation(subscription, now, late=False)
        told = report.channel(subscription.channel_id)
        async with self._storage.ledger.release(subscription, now) as claim:
            if not claim.sightings:
                return []
            plan = decide(claim.sightings, subscription, situation)
            deliveries = await claim.file(plan)
        if not refused:  # else they were counted when they were planned first
            told.planned(plan, None)
        return deliveries

    async def _situation(self, subscription: Subscription, now: datetime, *, late: bool, barred: bool = False) -> Situation:
        return Situation(
            now=now,
            since=window_start(subscription, now, self._defaults.lookback_days),
            last_good_at=subscription.last_good_at or now,
            rate=await self._storage.ledger.rate(subscription, now),
            seeded_at=_seeded_at(subscription),
            late=late,
            barred=barred,
        )

    async def _send(
        self, outbox: Outbox, deliveries: Sequence[Delivery], now: datetime, report: Report, *, resuming: bool = False
    ) -> frozenset[int]:
        """Gives the channels that are left for next time: nothing newer may go there before. A paper that Discord takes neither
        as a card nor as text gets a link at once.
        """
        self._progress.stage("Posting", len(deliveries))
        journal = DeliveryJournal(self._storage.deliveries, deliveries, now, report, self._progress)
        left = await outbox.send(deliveries, journal, resuming=resuming)
        if unconfirmed := await journal.unconfirmed():
            report.failed(f"Discord has not confirmed {counted(len(unconfirmed), 'message')}: finished first next time")
        if links := await self._links(journal.refused, now, report):
            left |= await self._send(outbox, links, now, report)
        return left

    async def _links(self, refused: Collection[tuple[int, int]], now: datetime, report: Report) -> list[Delivery]:
        """Lists of links for the channels (by server and id) that could not be given a paper."""
        deliveries: list[Delivery] = []
        for guild_id, channel_id in sorted(refused):
            async with self._apart(guild_id, report):
                for subscription in await self._storage.subscriptions.of_server(guild_id):
                    if subscription.channel_id == channel_id:
                        deliveries += await self._release(subscription, now, report, refused=True)
        return deliveries

    async def _record(self, now: datetime, report: Report) -> None:
        for channel in report.channels.values():
            if channel.slot_at is not None:
                await self._storage.digests.record(channel.channel_id, channel.slot_at, now, channel.as_row())


def _resting(pending: Iterable[Delivery], now: datetime) -> dict[int, datetime]:
    """Until when each channel rests where Discord is not to be asked yet for a message; an edit holds up nothing."""
    rests: dict[int, datetime] = {}
    for each in pending:
        if each.retry_at is not None and each.retry_at > now and each.message.edits is None:
            rests[each.channel_id] = max(each.retry_at, rests.get(each.channel_id, each.retry_at))
    return rests


def _unread(found: Mapping[int, Sequence[Found] | Unknown]) -> dict[int, timedelta]:
    """How long Discord asks not to be asked again, by the id of each channel that could not be read."""
    return {channel_id: messages.retry_after for channel_id, messages in found.items() if isinstance(messages, Unknown)}


def _seeded_at(subscription: Subscription) -> datetime | None:
    """When the channel was first seeded, until an answer to a digest has been taken there."""
    seeding = subscription.seeding
    return seeding.at if seeding is not None and subscription.last_good_at == seeding.at else None


def _note_what_is_missing(text: str, answer: Answer, since: datetime, now: datetime, report: Report) -> None:
    """What arXiv's answer lacks is said, not hidden: entries that cannot be read, and what is beyond the cap of a broad query."""
    if answer.damaged:
        report.notes.append(
            f"arXiv's answer has damaged entries, which are asked for again: {', '.join(answer.damaged)} (query: {text})"
        )
    covered = answer.covered_since
    if covered is not None and covered > since:
        days = (now - covered) / timedelta(days=1)
        report.notes.append(
            f"arXiv's answer was cut at {counted(len(answer.papers), 'paper')} and reaches back {days:.1f} days; "
            f"what is older was not looked at. Narrow the query or raise max_results (query: {text})"
        )
