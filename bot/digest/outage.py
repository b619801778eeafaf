"""When arXiv stays away: one silent message, edited when it answers again.

A due time has failed when arXiv could not be asked for it, neither then nor in the hours after. So when the next due time comes
with the first still unserved and arXiv does not answer again, that makes two in a row: the channel is told. Due times that passed
while nothing was asked, in a pause or while the bot was down, do not count. What arXiv answers but is not believed, or refuses,
is no outage. A channel that papers stop coming to meanwhile, because they move or a manager stops them, does not hear of the
end: its notice is edited to say that they stopped.
"""

from __future__ import annotations

from datetime import datetime

from bot.digest.model import Delivery, Kind, Message, Notice, NoticeKind, Outage, Shown, Slot, Subscription
from bot.digest.ports import Queries, Subscriptions
from bot.digest.schedule import due_times, next_run
from bot.errors import ArxivError, ArxivImplausible, QueryRefused

PATIENCE = 2
"""Due times that fail before a channel is told."""


class OutageNotices:
    """Of one digest."""

    def __init__(self, subscriptions: Subscriptions, queries: Queries, now: datetime) -> None:
        self._subscriptions = subscriptions
        self._queries = queries
        self._now = now

    async def failed(self, slot: Slot, subscription: Subscription, error: ArxivError) -> list[Delivery]:
        """The notice, when it is time for it and the channel has none."""
        if subscription.outage_since is not None or isinstance(error, ArxivImplausible | QueryRefused) or slot.due_at is None:
            return []
        if due_times(slot.schedule, slot.due_at, self._now) < PATIENCE:
            return []
        since = (await self._queries.state(subscription.settled_query)).failing_since
        if since is None or next_run(slot.schedule, since) > self._now:
            return []
        notice = Notice(NoticeKind.OUTAGE, since=since)
        return await self._subscriptions.begin_outage(subscription, since, Message(Kind.NOTICE, notice=notice), self._now)

    async def answered(self, subscription: Subscription) -> list[Delivery]:
        """The edit that ends the notice, where one stands."""
        if subscription.outage_since is None:
            return []
        outage = await self._subscriptions.outage(subscription.channel_id)
        if outage is None:
            return []
        return await self._subscriptions.end_outage(subscription, rewritten(outage, NoticeKind.OUTAGE, self._now), self._now)


def rewritten(outage: Outage, kind: NoticeKind, until: datetime) -> Message | None:
    """The edit that makes the notice an account of what is past; None where there is no message to edit."""
    if outage.message_id is None:
        return None
    notice = Notice(kind, since=outage.since, until=until)
    return Message(Kind.EDIT, notice=notice, edits=Shown(outage.message_id, outage.destination_id, Kind.NOTICE, ()))
