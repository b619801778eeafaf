"""The whole story of a digest."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from bot.digest.inquiry import Inquiry
from bot.digest.model import Answer, Defaults, Delivery, Outcome, Plan, Sighting, Slot, Subscription, Unknown
from bot.digest.plan import LATE, Situation, decide
from bot.digest.ports import Ledger, Outbox, Progress, Queries, Source, Subscriptions
from bot.digest.report import Report
from bot.digest.schedule import next_run, retry_delay
from bot.digest.seeding import Seeder, window_start
from bot.errors import ArxivError

Attempt = Callable[[Sequence[Delivery]], AsyncGenerator[tuple[Delivery, Outcome], None]]


class Digest:
    """Given everything it needs of the world as ports; holds no state between runs."""

    def __init__(
        self,
        *,
        source: Source,
        subscriptions: Subscriptions,
        queries: Queries,
        ledger: Ledger,
        defaults: Defaults,
        progress: Progress,
    ) -> None:
        self._source = source
        self._subscriptions = subscriptions
        self._queries = queries
        self._ledger = ledger
        self._defaults = defaults
        self._progress = progress

    async def run(self, now: datetime, outbox: Outbox, *, force: bool = False) -> Report:
        """Finish what is unfinished, seed what is new, serve what is due, and tell.

        `force` serves everybody and moves no due time.
        """
        report = Report(now)
        inquiry = Inquiry(self._source, self._queries, self._progress, now=now, limit=self._defaults.max_results)

        stuck = await self._deliver(outbox.resume, await self._ledger.unfinished(), now, report)
        deliveries = await Seeder(self._subscriptions, self._ledger, self._defaults).seed(inquiry, now, report)
        slots = await self._subscriptions.due(now, force=force)
        answers = await self._ask(inquiry, slots, now, report)
        barred = await self._barred(outbox, slots, report)
        for slot in slots:
            deliveries += await self._serve(slot, answers, barred, now, report, force=force)
        await self._deliver(outbox.send, [one for one in deliveries if one.channel_id not in stuck], now, report)

        await self._record(now, report)
        report.queries, report.slots = inquiry.asked, len(slots)
        return report

    async def _ask(self, inquiry: Inquiry, slots: Iterable[Slot], now: datetime, report: Report) -> dict[str, Answer]:
        """Every distinct query once, as far back as the channel that needs most; a query that failed is missing."""
        windows: dict[str, datetime] = {}
        for subscription in (subscription for slot in slots for subscription in slot.subscriptions):
            since = window_start(subscription, now, self._defaults.lookback_days)
            text = subscription.settled_query
            windows[text] = min(since, windows.get(text, since))
        self._progress.stage("Asking arXiv", len(windows))
        answers: dict[str, Answer] = {}
        for text, since in windows.items():
            try:
                answers[text] = await inquiry.ask(text, since=since)
                _note_the_reach(text, answers[text], since, now, report)
            except ArxivError as error:
                report.failed(f"{error} (query: {text})")
        return answers

    async def _barred(self, outbox: Outbox, slots: Iterable[Slot], report: Report) -> Collection[int]:
        """Channels blocked last time that still are: they are asked about before anything is planned for them."""
        blocked = [one for slot in slots for one in slot.subscriptions if one.blocked_reason is not None]
        barred = await outbox.barred(blocked) if blocked else {}
        for channel_id, reason in barred.items():
            report.channel(channel_id).problem = f"blocked: {reason}"
        return barred

    async def _serve(
        self, slot: Slot, answers: dict[str, Answer], barred: Collection[int], now: datetime, report: Report, *, force: bool
    ) -> list[Delivery]:
        """Claim for each channel; the slot is complete when every query was answered and claimed."""
        deliveries: list[Delivery] = []
        for subscription in slot.subscriptions:
            if subscription.settled_query in answers:
                answer = answers[subscription.settled_query]
                deliveries += await self._claim(slot, subscription, answer, now, report, barred=subscription.channel_id in barred)
        if not force:
            await self._move_on(slot, answers, now)
        return deliveries

    async def _move_on(self, slot: Slot, answers: dict[str, Answer], now: datetime) -> None:
        """To the next due time, or to the next try of this one."""
        if all(subscription.settled_query in answers for subscription in slot.subscriptions):
            await self._subscriptions.complete(slot.guild_id, next_run(slot.schedule, now))
        else:
            await self._subscriptions.postpone(slot.guild_id, now + retry_delay(slot.attempt + 1))

    async def _claim(
        self, slot: Slot, subscription: Subscription, answer: Answer, now: datetime, report: Report, *, barred: bool
    ) -> list[Delivery]:
        last_good_at = subscription.last_good_at or now
        situation = Situation(
            now=now,
            since=window_start(subscription, now, self._defaults.lookback_days),
            last_good_at=last_good_at,
            rate=await self._ledger.rate(subscription, now),
            late=slot.due_at is not None and now - max(slot.due_at, last_good_at) > LATE,
            barred=barred,
        )
        told = report.channel(subscription.channel_id)

        def plan(sightings: Sequence[Sighting]) -> Plan:
            decided = decide(sightings, subscription, situation)
            told.planned(decided, slot.due_at or now)
            return decided

        return await self._ledger.claim(subscription, answer.papers, now, plan)

    async def _deliver(self, attempt: Attempt, deliveries: Sequence[Delivery], now: datetime, report: Report) -> frozenset[int]:
        """Write down each outcome as it comes. Gives the channels where something stays filed for next time: nothing newer
        may go there before it."""
        self._progress.stage("Posting", len(deliveries))
        left = {delivery.id: delivery.channel_id for delivery in deliveries}
        async with aclosing(attempt(deliveries)) as outcomes:
            async for delivery, outcome in outcomes:
                await self._ledger.settle(delivery, outcome, now)
                report.channel(delivery.channel_id).settled(delivery, outcome)
                if not isinstance(outcome, Unknown):
                    del left[delivery.id]
                self._progress.step()
        if left:
            report.failed(f"{len(left)} messages are not confirmed; they are finished first next time")
        return frozenset(left.values())

    async def _record(self, now: datetime, report: Report) -> None:
        for channel in report.channels.values():
            if channel.slot_at is not None:
                await self._ledger.record(channel.channel_id, channel.slot_at, now, channel.as_row())


def _note_the_reach(text: str, answer: Answer, since: datetime, now: datetime, report: Report) -> None:
    """A query broader than its cap is said, not hidden."""
    covered = answer.covered_since
    if covered is not None and covered > since:
        days = (now - covered) / timedelta(days=1)
        report.notes.append(
            f"arXiv's answer was cut at {len(answer.papers)} papers and reaches back {days:.1f} days; "
            f"what is older was not looked at. Narrow the query or raise max_results (query: {text})"
        )
