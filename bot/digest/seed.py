"""A new query starts with everything it returns marked as seen; a changed one loses nothing it still owes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.digest.ask import Inquiry, per_day
from bot.digest.model import Answer, Defaults, Delivery, Found, Intro, Kind, Message, Seeding, Showing, Subscription, Unknown
from bot.digest.ports import Ledger, Subscriptions
from bot.digest.recall import owed_since
from bot.digest.report import Report
from bot.digest.schedule import next_run
from bot.errors import ArxivError, QueryRefused
from bot.paper import PaperId

NEWEST = 5
"""Titles in the first message."""


def window_start(subscription: Subscription, now: datetime, lookback_days: int) -> datetime:
    """Papers updated since then are in the window; after a longer silence it reaches back to the last good digest."""
    start = now - timedelta(days=lookback_days)
    return start if subscription.last_good_at is None else min(start, subscription.last_good_at)


class Seeder:
    """Settles subscriptions whose query, lookback_days or max_results is new or changed."""

    def __init__(self, subscriptions: Subscriptions, ledger: Ledger, defaults: Defaults) -> None:
        self._subscriptions = subscriptions
        self._ledger = ledger
        self._defaults = defaults

    async def seed(
        self,
        inquiry: Inquiry,
        now: datetime,
        report: Report,
        *,
        guild_id: int,
        found: Mapping[int, Sequence[Found] | Unknown] = MappingProxyType({}),
    ) -> list[Delivery]:
        """A server's first messages to send; whoever calls holds its lock. `found`: what stands in its channels that the ledger
        did not know. A channel of config.json where anything does goes on from there: its database was lost. Where it is Unknown,
        nothing is seeded yet.

        What arXiv does not answer keeps its old query, or none, and is tried again.
        """
        deliveries: list[Delivery] = []
        for subscription in await self._subscriptions.unsettled():
            standing = found.get(subscription.channel_id, ())
            if subscription.guild_id != guild_id or isinstance(standing, Unknown):
                continue
            try:
                deliveries += await self._settle(subscription, standing, inquiry, now, report)
            except ArxivError as error:
                report.failed(f"{error} (query: {subscription.query})")
        return deliveries

    async def _settle(
        self, subscription: Subscription, found: Sequence[Found], inquiry: Inquiry, now: datetime, report: Report
    ) -> list[Delivery]:
        answer = await inquiry.ask(subscription.query, since=None)
        resumed = subscription.seeding is None and subscription.listed and bool(found)
        if resumed:
            owed = owed_since(found, answer)
            await self._subscriptions.resume(subscription, found[-1].at, now)
        else:
            owed = await self._owed(subscription, inquiry, now)
        seen = [paper for paper in answer.papers if paper.id not in owed]
        seeding = Seeding(subscription.query, now, self._defaults.lookback_days, self._defaults.max_results)
        report.channel(subscription.channel_id).seeded = len(seen)
        often = per_day(answer, now)
        intro = None if resumed else self._intro(subscription, answer, often, now)
        return await self._ledger.seed(subscription, seen, seeding, often, intro)

    async def _owed(self, subscription: Subscription, inquiry: Inquiry, now: datetime) -> frozenset[PaperId]:
        """Papers the old query was going to bring: they stay unclaimed, so that the next digest posts them."""
        old = subscription.seeding
        if old is None:
            return frozenset()
        try:
            answer = await inquiry.ask(old.query, since=None)
        except QueryRefused:
            return frozenset()
        since = window_start(subscription, now, old.lookback_days)
        return frozenset(paper.id for paper in answer.papers[: old.max_results] if paper.updated >= since)

    def _intro(self, subscription: Subscription, answer: Answer, often: float, now: datetime) -> Message | None:
        """None where only the reach grew: the channel follows what it followed. Nor is a deleted channel told anything."""
        old = subscription.seeding
        if subscription.deleted or (old is not None and old.query == subscription.query):
            return None
        intro = Intro(
            query=subscription.query,
            total=answer.total,
            per_day=often,
            next_digest=next_run(subscription.settings.schedule, now),
            newest=tuple(Showing(paper) for paper in answer.papers[:NEWEST]),
            changed=old is not None,
        )
        return Message(Kind.INTRO, intro=intro)
