"""From a typed query to a followed one: asked and shown first, and nothing changes before Save."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, time
from typing import TYPE_CHECKING

from bot.digest.ask import PAGE, Inquiry
from bot.digest.journal import DeliveryJournal
from bot.digest.model import Defaults, Delivery, Server
from bot.digest.ports import Outbox
from bot.digest.report import Report
from bot.digest.schedule import next_run
from bot.digest.seed import Seeder
from bot.errors import ArxivError, QueryRefused, QuerySyntaxError
from bot.query import clauses, lint, parse
from bot.query.nodes import AndNot
from cogs.setquery.completion import Completion, complete, in_full
from cogs.setquery.proposal import (
    Diagnosis,
    Malformed,
    NobodyFollows,
    NoSuchDraft,
    Proposal,
    Saved,
    SavedBefore,
    Target,
    Unanswered,
    Unposted,
    prospect_of,
)

if TYPE_CHECKING:
    from bot.app import App
    from bot.storage.drafts import Draft

log = logging.getLogger(__name__)

MOST_CLAUSES = 5
"""Parts of a query that are asked one by one: each costs three seconds of everybody's turn."""
SCHEDULE = frozenset({"post_at", "timezone"})
"""The settings that say when papers come."""
SERVER = 0
"""A draft's channel_id when it is for the server: no channel has this id."""


class SetQuery:
    """Every change happens under the lock of its server."""

    def __init__(self, app: App) -> None:
        self._asker = app.interactive
        self._subscriptions = app.storage.subscriptions
        self._servers = app.storage.servers
        self._drafts = app.storage.drafts
        self._ledger = app.storage.ledger
        self._deliveries = app.storage.deliveries
        self._locks = app.locks
        self._clock = app.clock
        self._defaults = app.defaults
        self._listed = app.listed
        self._progress = app.progress

    # --- before anything is saved -------------------------------------------------------------

    async def target(self, guild_id: int, typed_in: int, named: int | None) -> Target:
        """The channel named; else the one typed in while the server has none, or deleted ones only; else the server's query.

        Raises NobodyFollows.
        """
        standing = [each for each in await self._subscriptions.of_server(guild_id) if not each.deleted]
        channel_id = named if named is not None or standing else typed_in
        return await self._target(guild_id, channel_id)

    async def target_of(self, draft: Draft) -> Target:
        """As things stand now. Raises NobodyFollows."""
        return await self._target(draft.guild_id, draft.channel_id or None)

    async def completions(self, guild_id: int, typed: str) -> list[Completion]:
        return complete(typed, await self._drafts.earlier(guild_id))

    async def draft(self, draft_id: str, guild_id: int) -> Draft:
        """Raises NoSuchDraft."""
        draft = await self._drafts.get(draft_id)
        if draft is None or draft.guild_id != guild_id:
            raise NoSuchDraft(
                "This draft was not saved within a day, so it is gone. Nothing was changed; type `/setquery` again."
            )
        return draft

    async def write(self, guild_id: int, channel_id: int | None, user_id: int, text: str) -> Draft:
        """Keep what was typed; `channel_id` as in Target."""
        text = in_full(text.strip(), await self._drafts.earlier(guild_id))
        return await self._drafts.put(guild_id, channel_id or SERVER, user_id, text, self._clock.now())

    async def rewrite(self, draft: Draft, user_id: int, text: str) -> Draft:
        """Another draft, for the same target; the old one stays as it is."""
        return await self.write(draft.guild_id, draft.channel_id, user_id, text)

    async def propose(self, draft: Draft) -> Proposal | Malformed | Unanswered:
        """Read a draft and ask arXiv one question about it. Raises NobodyFollows."""
        try:
            query, hints = parse(draft.text), lint(draft.text, self._clock.now())
        except QuerySyntaxError as error:
            return Malformed(draft, error)
        target = await self.target_of(draft)
        try:
            answer = await self._asker.ask(str(query), self._clock.now(), limit=PAGE)
        except ArxivError as error:
            return Unanswered(draft, error)
        prospect = prospect_of(answer, self._clock.now(), self._defaults.max_results)
        server = await self._server(draft.guild_id)
        return Proposal(
            draft=draft,
            target=target,
            query=str(query),
            parts=clauses(query.wanted if isinstance(query, AndNot) else query),
            hints=hints,
            prospect=prospect,
            schedule=server.settings.schedule,
            next_digest=self._next_digest(server),
            lists_only=server.settings.max_posts == 0,
            asks_when=server.own.isdisjoint(SCHEDULE) and not await self._subscriptions.of_server(draft.guild_id),
        )

    async def when(self, guild_id: int) -> tuple[Server, Defaults]:
        """What holds for the hour and the zone now."""
        return await self._server(guild_id), self._defaults

    async def schedule(self, guild_id: int, post_at: time | None, timezone: str | None) -> None:
        """Keep when papers come; None: config.json's value."""
        async with self._locks(guild_id):
            await self._servers.change(guild_id, self._clock.now(), post_at=post_at, timezone=timezone)

    async def diagnose(self, proposal: Proposal) -> Diagnosis | None:
        """Ask for each part of a query that found nothing. None: there are no parts, or arXiv did not answer."""
        if len(proposal.parts) < 2:
            return None
        try:
            found = [(part, await self._asker.count(part)) for part in proposal.parts[:MOST_CLAUSES]]
        except ArxivError as error:
            log.info("could not tell which part finds nothing: %s", error)
            return None
        return Diagnosis(tuple(str(part) for part, count in found if not count))

    async def _target(self, guild_id: int, channel_id: int | None) -> Target:
        living = await self._subscriptions.of_server(guild_id)
        standing = [each for each in living if not each.deleted]
        if channel_id is not None:
            alone = all(subscription.channel_id == channel_id for subscription in standing)
            left = [each.channel_id for each in living if each.channel_id not in {channel_id, *self._listed}]
            instead_of = left[0] if left and not standing else None
            return Target(channel_id, (channel_id,), shared=alone, instead_of=instead_of)
        followers = tuple(each.channel_id for each in standing if not each.own_query)
        if not followers:
            raise NobodyFollows(
                "Every channel here has a query of its own. Name the one you mean: `/setquery` has the option `channel`."
                if standing
                else "No channel of this server gets papers now. Type `/setquery` in the one that should."
            )
        return Target(None, followers, shared=True)

    async def _server(self, guild_id: int) -> Server:
        return await self._servers.get(guild_id) or await self._servers.change(guild_id, self._clock.now())

    # --- saving -------------------------------------------------------------------------------

    async def save(
        self, draft_id: str, guild_id: int, outbox: Outbox, *, lists_only: bool = False
    ) -> Saved | SavedBefore | Malformed | Unanswered:
        """Follow a draft's query and post each channel's first message. Raises NoSuchDraft, NobodyFollows."""
        async with self._locks(guild_id):
            draft = await self.draft(draft_id, guild_id)
            if draft.saved_at is not None:
                return SavedBefore(in_force=await self._in_force(draft))
            try:
                return await self._save(draft, outbox, lists_only=lists_only)
            except QuerySyntaxError as error:
                return Malformed(draft, error)
            except ArxivError as error:
                return Unanswered(draft, error)

    async def _save(self, draft: Draft, outbox: Outbox, *, lists_only: bool) -> Saved:
        """Both queries are asked before anything is written: where arXiv fails, the old one stays."""
        text, now = str(parse(draft.text)), self._clock.now()
        target = await self.target_of(draft)
        inquiry = Inquiry(self._asker, now, self._progress)
        await self._ask_in_full(inquiry, text, draft.guild_id, target)
        await self._follow(draft.guild_id, target, text, now)
        if lists_only:
            await self._servers.change(draft.guild_id, now, max_posts=0)
        seeder = Seeder(self._subscriptions, self._ledger, self._defaults)
        deliveries = await seeder.seed(inquiry, now, Report(now), guild_id=draft.guild_id)
        await self._drafts.mark_saved(draft.id, now)
        unposted = await self._send(outbox, deliveries)
        return Saved(target, text, self._next_digest(await self._server(draft.guild_id)), lists_only, unposted)

    async def _ask_in_full(self, inquiry: Inquiry, text: str, guild_id: int, target: Target) -> None:
        """As seeding will: what arXiv refuses to search any more cannot be owed. Raises ArxivError."""
        await inquiry.ask(text, since=None)
        for subscription in await self._subscriptions.of_server(guild_id):
            if subscription.channel_id in (*target.channels, target.instead_of) and subscription.seeding is not None:
                with suppress(QueryRefused):
                    await inquiry.ask(subscription.seeding.query, since=None)

    async def _follow(self, guild_id: int, target: Target, text: str, now: datetime) -> None:
        """Raises NotAllowedHere, having changed nothing, where config.json sets the channel's query."""
        own = None if target.shared else text
        if target.channel_id is not None and target.instead_of is not None:
            await self._subscriptions.move(target.instead_of, target.channel_id, now)
        living = {subscription.channel_id for subscription in await self._subscriptions.of_server(guild_id)}
        if target.channel_id in living:
            await self._subscriptions.requery(target.channel_id, own)
        if target.shared:
            await self._servers.change(guild_id, now, query=text)
        if target.channel_id is not None and target.channel_id not in living:
            await self._subscriptions.follow(target.channel_id, guild_id, own, now)

    async def _send(self, outbox: Outbox, deliveries: Sequence[Delivery]) -> tuple[Unposted, ...]:
        """Those that did not reach their channels; the next digest's first step finishes them."""
        now = self._clock.now()
        journal = DeliveryJournal(self._deliveries, deliveries, now, Report(now), self._progress)
        await outbox.send(deliveries, journal)
        return tuple(Unposted(channel_id, reason) for channel_id, reason in journal.reasons.items())

    async def _in_force(self, draft: Draft) -> bool:
        text = str(parse(draft.text))
        if draft.channel_id == SERVER:
            return (await self._server(draft.guild_id)).settings.query == text
        followed = await self._subscriptions.get(draft.channel_id)
        return followed is not None and followed.query == text

    def _next_digest(self, server: Server) -> datetime | None:
        """None while it is paused."""
        if server.paused:
            return None
        now = self._clock.now()
        coming = server.next_run_at
        return coming if coming is not None and coming > now else next_run(server.settings.schedule, now)
