"""The dry-run outbox: prints what would stand in each channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from zoneinfo import ZoneInfo

from bot.delivery.plain import plain
from bot.digest.model import Blocked, Delivery, Found, Kind, Place, Sent, Subscription, Unknown
from bot.digest.ports import Journal


class Console:
    """Implements digest.ports.Outbox without Discord; every message counts as sent."""

    def __init__(self, zone: ZoneInfo) -> None:
        """Times are printed on the clocks of `zone`."""
        self._zone = zone
        self._ids = count(1)

    @property
    def clock_ahead(self) -> None:
        """Discord is not asked."""
        return None

    def name_of(self, channel_id: int) -> None:
        """Discord is not asked."""

    async def locate(self, channel_id: int) -> Place:
        """Only Discord knows the server; a rehearsal, rolled back anyway, can do without."""
        return Place(guild_id=channel_id, name=str(channel_id))

    async def barred(self, subscriptions: Sequence[Subscription]) -> dict[int, Blocked | Unknown]:
        return {}

    async def standing(
        self, subscriptions: Sequence[Subscription], known: Mapping[int, int]
    ) -> dict[int, tuple[Found, ...] | Unknown]:
        return {}

    async def send(self, deliveries: Sequence[Delivery], journal: Journal, *, resuming: bool = False) -> frozenset[int]:
        for delivery in deliveries:
            verb = "would edit a message in" if delivery.message.kind is Kind.EDIT else "would post in"
            print(f"\n--- {verb} channel {delivery.channel_id} ---\n{plain(delivery.message, self._zone)}")
            await journal.settle(delivery, Sent(next(self._ids)))
        return frozenset()
