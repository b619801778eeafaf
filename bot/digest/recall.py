"""What stands in a channel although the ledger does not know it: after a database was lost, or an older copy put in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.digest.model import Answer, Found, Subscription, Unknown
from bot.digest.ports import Outbox, Storage
from bot.digest.report import Report
from bot.paper import PaperId
from bot.text.words import counted


class Recall:
    """Looks into each channel once for as long as the program runs, before anything new is posted there."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._looked: set[int] = set()

    async def look(
        self, outbox: Outbox, subscriptions: Iterable[Subscription], now: datetime, report: Report
    ) -> Mapping[int, tuple[Found, ...] | Unknown]:
        """Take as sent what the channels show beyond the ledger, and tell how much that was; gives it by channel id. Where it is
        Unknown, nothing may be posted or seeded yet: that is told, and looked at again next time.
        """
        unread = [each for each in subscriptions if each.channel_id not in self._looked]
        if not unread:
            return {}
        known = await self._storage.deliveries.newest({each.destination_id for each in unread})
        found = await outbox.standing(unread, known)
        for channel_id, messages in found.items():
            called = report.called(channel_id)
            if isinstance(messages, Unknown):
                report.failed(f"{called} cannot be read, and what stands there would come twice: {messages.reason}")
            elif count := await self._storage.ledger.recall(channel_id, messages, now):
                report.notes.append(
                    f"{called}: {counted(count, 'paper')} in the bot's own messages there were not in its database, which is new "
                    "or older than they are; they are taken as posted"
                )
        self._looked.update(each.channel_id for each in unread if not isinstance(found.get(each.channel_id), Unknown))
        return found

    async def would_find(self, subscription: Subscription, answer: Answer) -> bool:
        """Whether to look: the channel's ledger lacks something of this answer, and nobody has looked there yet."""
        return subscription.channel_id not in self._looked and await self._storage.ledger.unknown(
            subscription.channel_id, answer.papers
        )


def owed_since(found: Iterable[Found], answer: Answer) -> frozenset[PaperId]:
    """Papers that appeared after the earliest of these messages and stand in none of them: by `updated`, as no database tells."""
    shown = {id.base for each in found for id in each.papers}
    for each in found:
        bases = {id.base for id in each.papers}
        if dates := [paper.updated for paper in answer.papers if paper.id.base in bases]:
            return frozenset(paper.id for paper in answer.papers if paper.updated > max(dates) and paper.id.base not in shown)
    return frozenset()
