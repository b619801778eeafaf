"""config.json names channels; which servers they are in, only Discord knows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.digest.model import DELETED, Blocked, Place, Unknown
from bot.digest.ports import Outbox, Subscriptions

AT_ONCE = 8
"""Channels asked for at once."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A channel of config.json that could not be found, in a sentence."""

    sentence: str
    mistaken: bool
    """Only a change of config.json helps; else it is worth trying again."""


class Placement:
    """Remembers, for as long as the program runs, what could not be found."""

    def __init__(self, subscriptions: Subscriptions, channels: Mapping[int, str | None]) -> None:
        """`channels` are config.json's: id to canonical query or None."""
        self._subscriptions = subscriptions
        self._channels = channels
        self._never_placed: frozenset[int] = frozenset()
        self._unplaced: dict[int, Blocked | Unknown] | None = None

    async def look_up(self, outbox: Outbox, now: datetime, *, again: bool) -> list[Unplaced]:
        """What could not be found this time; those channels wait and the others go on.

        The first time the database is brought in line with config.json. Later Discord is asked where it did not answer before,
        and where it refused only with `again`.
        """
        if self._unplaced is None:
            last_known = await self._subscriptions.reconcile(self._channels, now)
            self._never_placed = frozenset(channel_id for channel_id, guild_id in last_known.items() if guild_id is None)
            self._unplaced = dict.fromkeys(last_known, Unknown("not looked up yet"))
        wanted = [channel_id for channel_id, why in self._unplaced.items() if again or isinstance(why, Unknown)]
        bound = asyncio.Semaphore(AT_ONCE)

        async def find(channel_id: int) -> Unplaced | None:
            async with bound:
                return await self._find(channel_id, outbox, now)

        return [problem for problem in await asyncio.gather(*map(find, wanted)) if problem is not None]

    async def _find(self, channel_id: int, outbox: Outbox, now: datetime) -> Unplaced | None:
        assert self._unplaced is not None
        found = await outbox.locate(channel_id)
        if isinstance(found, Place):
            await self._subscriptions.place(channel_id, found.guild_id, now)
            del self._unplaced[channel_id]
            return None
        await self._subscriptions.block(channel_id, found.reason, now)
        self._unplaced[channel_id] = found
        if found == Blocked(DELETED) and channel_id in self._never_placed:
            return Unplaced(f"Discord knows no channel {channel_id}; correct config.json (key channels)", mistaken=True)
        return Unplaced(f"channel {channel_id} in config.json waits: {found.reason}", mistaken=False)
