"""Writing down what becomes of each delivery, as soon as it is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.digest.model import Delivery, Kind, Outcome, Rejected, Sent, Unknown
from bot.digest.ports import Deliveries, Progress
from bot.digest.report import Report
from bot.digest.schedule import rest_until


class DeliveryJournal:
    """Implements digest.ports.Journal: each outcome goes to storage, to the report and to whoever watches the progress."""

    def __init__(
        self, deliveries: Deliveries, filed: Sequence[Delivery], now: datetime, report: Report, progress: Progress
    ) -> None:
        """`filed` are the deliveries that are about to be sent."""
        self._deliveries = deliveries
        self._now = now
        self._report = report
        self._progress = progress
        self._left = {delivery.id: delivery for delivery in filed}
        self.reasons: dict[int, str] = {}
        """Why a channel's last message did not arrive, by channel id."""
        self.refused: set[tuple[int, int]] = set()
        """Servers and channels where Discord took neither a card nor text of a paper."""

    async def wanted(self, delivery: Delivery) -> bool:
        return await self._deliveries.wanted(delivery)

    async def last_message_id(self, delivery: Delivery) -> int | None:
        return await self._deliveries.last_message_id(delivery)

    async def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        await self._deliveries.settle(delivery, outcome, self._now)
        self._report.channel(delivery.channel_id).settled(delivery, outcome)
        if not isinstance(outcome, Sent):
            self.reasons[delivery.channel_id] = outcome.reason
        if isinstance(outcome, Rejected) and delivery.message.kind in (Kind.CARD, Kind.LIST) and not delivery.message.bare:
            self.refused.add((delivery.guild_id, delivery.channel_id))
        if not isinstance(outcome, Unknown):
            self._left.pop(delivery.id, None)
        elif delivery.message.edits is None and (until := rest_until(delivery, outcome, self._now)) is not None:
            self._report.resting[delivery.channel_id] = until
        self._progress.step()

    async def unconfirmed(self) -> list[Delivery]:
        """Deliveries that stay filed for next time, without those that a command has taken back meanwhile."""
        return [delivery for delivery in self._left.values() if await self._deliveries.wanted(delivery)]
