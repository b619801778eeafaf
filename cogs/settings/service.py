"""A server's settings: what holds and where it comes from, and every change to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Unpack

from bot.digest.model import Defaults, Server, ServerChanges, Subscription
from bot.digest.report import Report
from bot.errors import NotAllowedHere
from bot.settings.typed import BadValue, quoted

if TYPE_CHECKING:
    from bot.app import App
    from bot.storage.drafts import Draft

MOST_CARDS = 100
"""max_posts is at most this, here and in config.json."""


@dataclass(frozen=True, slots=True)
class Fed:
    """A channel that gets papers."""

    channel_id: int
    query: str
    """Canonical text."""
    own_query: bool
    """It does not follow its server's query, even where both read the same."""
    listed: bool
    """config.json names it: no command moves or stops it."""
    blocked: str | None
    """Why nothing can be posted there."""
    deleted: bool = False
    fixed_query: bool = False
    """config.json gives it its query too."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that is set for a server. `defaults` hold for what it has not set itself."""

    server: Server
    defaults: Defaults
    channels: tuple[Fed, ...]
    now: datetime
    made_since: datetime | None = None
    """When somebody began to make the digest that is due."""

    @property
    def next_at(self) -> datetime | None:
        """When papers come next; None while none do."""
        return None if self.server.paused or not self.channels else self.server.retry_at or self.server.next_run_at

    @property
    def due(self) -> bool:
        """Their time has come."""
        return self.next_at is not None and self.next_at <= self.now


@dataclass(frozen=True, slots=True)
class Posted:
    """What a digest did for one channel: papers that were new, revised or held back, and what went wrong.

    `unposted` are the new and revised ones that Discord has not confirmed.
    """

    channel_id: int
    new: int = 0
    revised: int = 0
    held_back: int = 0
    unposted: int = 0
    problem: str | None = None


class SettingsService:
    """Every change happens under the lock of its server. Changes raise NotAllowedHere where config.json decides."""

    def __init__(self, app: App) -> None:
        self._servers = app.storage.servers
        self._subscriptions = app.storage.subscriptions
        self._queries = app.storage.queries
        self._digests = app.storage.digests
        self._drafts = app.storage.drafts
        self._digest_lock = app.digest_lock
        self._locks = app.locks
        self._clock = app.clock
        self._defaults = app.defaults
        self._listed = app.listed

    async def of(self, guild_id: int) -> Panel:
        server = await self._servers.get(guild_id) or await self._servers.change(guild_id, self._clock.now())
        living = await self._subscriptions.of_server(guild_id)
        made_since = self._digest_lock.since(server.retry_at or server.next_run_at)
        return Panel(server, self._defaults, tuple(self._fed(each) for each in living), self._clock.now(), made_since)

    async def channel(self, guild_id: int, channel_id: int) -> Fed:
        """Raises NotAllowedHere when it gets no papers, or is another server's."""
        panel = await self.of(guild_id)
        for fed in panel.channels:
            if fed.channel_id == channel_id:
                return fed
        raise NotAllowedHere(f"<#{channel_id}> gets no papers now. `/setquery` can start them.")

    # --- the server ---------------------------------------------------------------------------

    async def keep(self, guild_id: int, **changes: Unpack[ServerChanges]) -> None:
        """None goes back to the default. A new hour holds from its next occurrence on; what appears in a pause comes after it."""
        async with self._locks(guild_id):
            await self._servers.change(guild_id, self._clock.now(), **changes)

    async def erase(self, guild_id: int) -> None:
        """Every row of this server."""
        async with self._locks(guild_id):
            await self._servers.erase(guild_id)

    # --- one channel --------------------------------------------------------------------------

    async def draft(self, fed: Fed, guild_id: int, user_id: int) -> Draft:
        """The channel's query, for `/setquery` to change."""
        return await self._drafts.put(guild_id, fed.channel_id, user_id, fed.query, self._clock.now())

    async def share_query(self, guild_id: int, channel_id: int) -> None:
        """The channel follows its server's query; the next tick asks arXiv for both, and what the old one owes still comes."""
        async with self._locks(guild_id):
            await self.channel(guild_id, channel_id)
            if (await self.of(guild_id)).server.settings.query is None:
                raise NotAllowedHere("This server has no query that channels could share. `/setquery` can set one.")
            await self._subscriptions.requery(channel_id, None)

    async def move(self, guild_id: int, channel_id: int, to_channel_id: int) -> None:
        """With all it has been given; `to_channel_id` is of the same server."""
        async with self._locks(guild_id):
            await self.channel(guild_id, channel_id)
            await self._subscriptions.move(channel_id, to_channel_id, self._clock.now())

    async def stop(self, guild_id: int, channel_id: int) -> None:
        async with self._locks(guild_id):
            await self.channel(guild_id, channel_id)
            await self._subscriptions.stop(channel_id, self._clock.now())

    # --- posting now --------------------------------------------------------------------------

    async def check_ready(self, guild_id: int) -> None:
        """Raises NotAllowedHere when a digest would serve nobody."""
        panel = await self.of(guild_id)
        if panel.server.paused:
            raise NotAllowedHere("Posting is paused. Press Resume first.")
        if not panel.channels:
            raise NotAllowedHere("No channel gets papers yet. Type `/setquery` in the one that should.")

    async def posted(self, guild_id: int, report: Report) -> tuple[Posted, ...]:
        """What a digest did for each of the server's channels."""
        living = await self._subscriptions.of_server(guild_id)
        return tuple([await self._posted(each, report) for each in living])

    async def _posted(self, subscription: Subscription, report: Report) -> Posted:
        """A channel that the digest did not reach is one whose query got no usable answer."""
        told = report.channels.get(subscription.channel_id)
        if told is not None and (told.slot_at is not None or told.problem is not None):
            unposted = await self._digests.unposted(told.channel_id, report.started_at)
            return Posted(told.channel_id, told.new, told.revised, told.held_back, unposted, told.problem)
        state = await self._queries.state(subscription.settled_query)
        return Posted(subscription.channel_id, problem=state.last_error or "arXiv could not be asked yet")

    def _fed(self, subscription: Subscription) -> Fed:
        channel_id = subscription.channel_id
        return Fed(
            channel_id,
            subscription.query,
            subscription.own_query,
            listed=channel_id in self._listed,
            blocked=subscription.blocked_reason,
            deleted=subscription.deleted,
            fixed_query=subscription.fixed_query,
        )


# --- what people type -------------------------------------------------------------------------


def cards(typed: str) -> int | None:
    """0 to MOST_CARDS; None when nothing was typed. Raises BadValue."""
    if not typed.strip():
        return None
    if not re.fullmatch(r"[0-9]{1,3}", typed.strip()) or int(typed) > MOST_CARDS:
        raise BadValue(f"{quoted(typed)} is no number of cards. Write a whole number from 0 to {MOST_CARDS}.")
    return int(typed)
