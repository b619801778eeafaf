"""One channel's deliveries, one after another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

import discord

from bot.delivery.access import Access, Open
from bot.delivery.outcomes import FAILURES, outcome_of
from bot.digest.model import Blocked, Delivery, Kind, Outcome, Rejected, Sent, Unknown
from bot.render.components import view
from bot.render.embeds import Post, links_in, render, versioned_links
from bot.render.text import plain

log = logging.getLogger(__name__)

TRIES = 2
"""For one delivery in one run, always with its nonce; discord.py makes up to five requests of each."""
SKEW = timedelta(minutes=1)
"""How far Discord's clock may be behind ours when the channel is read back."""


class Worker:
    """Sends, edits and reads back in one channel. `settle` hears of every delivery attempted."""

    def __init__(self, client: discord.Client, sample: Delivery, settle: Callable[[Delivery, Outcome], None]) -> None:
        self._client = client
        self._channel = client.get_partial_messageable(sample.channel_id, guild_id=sample.guild_id)
        self._settle = settle

    async def serve(self, deliveries: Sequence[Delivery], access: Access, *, resuming: bool) -> None:
        """In the order given. Unknown ends the channel for now; Blocked holds for all that follow."""
        if isinstance(access, Unknown):
            return self._settle(deliveries[0], access)
        standing = await self._standing(deliveries) if resuming and isinstance(access, Open) and access.readable else {}
        blocked = access if isinstance(access, Blocked) else None
        for delivery in deliveries:
            outcome = standing.get(delivery.id) or blocked or await self._attempt(delivery)
            self._settle(delivery, outcome)
            if isinstance(outcome, Unknown):
                break
            if isinstance(outcome, Blocked):
                blocked = outcome
        return None

    async def _attempt(self, delivery: Delivery) -> Outcome:
        """Asks again after Unknown: within minutes Discord answers the same nonce with the message it already has."""
        outcome: Outcome = Unknown("not attempted")
        for _ in range(TRIES):
            outcome = await self._try(delivery, render(delivery.message))
            if isinstance(outcome, Rejected) and delivery.message.kind is not Kind.EDIT:
                log.error("Discord rejected the embed of delivery %s (%s); sending it as plain text", delivery.id, outcome.reason)
                outcome = await self._try(delivery, Post(plain(delivery.message), None, ()))
            if not isinstance(outcome, Unknown):
                break
        return outcome

    async def _try(self, delivery: Delivery, post: Post) -> Outcome:
        try:
            return await (self._edit(delivery, post) if delivery.message.edits else self._post(delivery, post))
        except FAILURES as error:
            return outcome_of(error)

    async def _post(self, delivery: Delivery, post: Post) -> Sent:
        sent = await self._channel.send(
            post.content,
            embeds=[post.embed] if post.embed else [],
            view=_finished(post),  # type: ignore[arg-type]  # None is taken as "no view"; the overloads only say so by absence
            nonce=delivery.nonce,
            silent=delivery.message.notifies_on is None,
        )
        return Sent(sent.id)

    async def _edit(self, delivery: Delivery, post: Post) -> Sent:
        assert delivery.message.edits is not None
        message = self._channel.get_partial_message(delivery.message.edits.message_id)
        await message.edit(embeds=[post.embed] if post.embed else [], view=_finished(post))
        return Sent(message.id)

    async def _standing(self, deliveries: Sequence[Delivery]) -> dict[int, Outcome]:
        """Deliveries that already stand in the channel. Discord gives no nonces back: the papers' links tell."""
        wanted = {delivery.id: delivery for delivery in deliveries if delivery.message.edits is None}
        found: dict[int, Outcome] = {}
        after = min(delivery.created_at for delivery in deliveries) - SKEW
        try:
            async for message in self._channel.history(after=after, limit=None, oldest_first=True):
                if self._client.user is not None and message.author.id == self._client.user.id:
                    found.update(_match(message, wanted, found))
        except FAILURES as error:
            log.warning("channel %s cannot be read back: %s", self._channel.id, error)
            return {deliveries[0].id: Unknown(f"the channel cannot be read back: {error}")}
        return found


def _match(message: discord.Message, wanted: dict[int, Delivery], found: dict[int, Outcome]) -> dict[int, Outcome]:
    """The first unmatched delivery this message shows: the same versioned links, or without links the same words."""
    for delivery in wanted.values():
        if delivery.id not in found and _shows(message, delivery):
            return {delivery.id: Sent(message.id)}
    return {}


def _shows(message: discord.Message, delivery: Delivery) -> bool:
    links = versioned_links(delivery.message)
    if links:
        return links == links_in(message.content, message.embeds)
    expected = render(delivery.message)
    standing = message.embeds[0] if message.embeds else None
    return _words(expected.content, expected.embed) == _words(message.content, standing)


def _words(content: str | None, embed: discord.Embed | None) -> tuple[str, str | None, str | None]:
    return (content or "", embed.title if embed else None, embed.description if embed else None)


def _finished(post: Post) -> discord.ui.View | None:
    """A stopped view: discord.py then keeps nothing of it in memory; link buttons need no listener."""
    buttons = view(post.buttons)
    if buttons is not None:
        buttons.stop()
    return buttons
