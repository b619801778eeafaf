"""One channel's deliveries, one after another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import discord

from bot.delivery.components import view
from bot.delivery.embeds import Post, links_in, render, versioned_links
from bot.delivery.fallback import without_embed
from bot.delivery.outcomes import FAILURES, outcome_of
from bot.delivery.permissions import Access, Open
from bot.digest.model import Blocked, Delivery, Kind, Outcome, Rejected, Sent, Unknown

log = logging.getLogger(__name__)

SKEW = timedelta(minutes=1)
"""How far Discord's clock may be behind ours when the channel is read back."""


Wanted = Callable[[Delivery], Awaitable[bool]]
"""Whether a delivery is still to be sent; asked right before it is."""


class Worker:
    """Sends, edits and reads back in one channel, until `stopping`. `settle` hears of every delivery attempted; one that is not
    `wanted` any more is passed over.
    """

    def __init__(
        self,
        client: discord.Client,
        sample: Delivery,
        settle: Callable[[Delivery, Outcome], None],
        *,
        wanted: Wanted,
        stopping: asyncio.Event,
    ) -> None:
        self._client = client
        self._channel = client.get_partial_messageable(sample.destination_id, guild_id=sample.guild_id)
        self._settle = settle
        self._wanted = wanted
        self._stopping = stopping

    async def serve(self, deliveries: Sequence[Delivery], access: Access, *, resuming: bool) -> None:
        """In the order given. Unknown ends the channel for now; Blocked holds for all that follow."""
        if isinstance(access, Unknown):
            return self._settle(deliveries[0], access)
        standing = await self._standing(deliveries) if resuming and isinstance(access, Open) and access.readable else {}
        blocked = access if isinstance(access, Blocked) else None
        for delivery in deliveries:
            if self._stopping.is_set():
                break
            known = standing.get(delivery.id) or blocked
            if known is None and not await self._wanted(delivery):
                continue
            outcome = known or await self._attempt(delivery)
            self._settle(delivery, outcome)
            if isinstance(outcome, Unknown):
                break
            # One message that cannot be edited says nothing about posting: an archived thread opens for a post.
            if isinstance(outcome, Blocked) and delivery.message.edits is None:
                blocked = outcome
        return None

    async def _attempt(self, delivery: Delivery) -> Outcome:
        """As an embed, or as plain text where Discord does not take the embed."""
        try:
            post = render(delivery.message)
        except Exception as error:
            log.exception("delivery %s cannot be rendered; the channel goes on without it", delivery.id)
            return Rejected(f"it cannot be rendered: {error}")
        outcome = await self._insist(delivery, post)
        if isinstance(outcome, Rejected) and delivery.message.kind is not Kind.EDIT:
            log.error("Discord rejected the embed of delivery %s (%s); sending it as plain text", delivery.id, outcome.reason)
            outcome = await self._insist(delivery, Post(without_embed(delivery.message), None, ()))
        return outcome

    async def _insist(self, delivery: Delivery, post: Post) -> Outcome:
        """Asks again after Unknown: within minutes Discord answers the same nonce with the message it already has."""
        outcome = await self._try(delivery, post)
        if not isinstance(outcome, Unknown):
            return outcome
        again = await self._try(delivery, post)
        return outcome if isinstance(again, Blocked) else again  # blocked by now: the first may stand there all the same

    async def _try(self, delivery: Delivery, post: Post) -> Outcome:
        try:
            return await (self._edit(delivery, post) if delivery.message.edits else self._post(delivery, post))
        except FAILURES as error:
            return outcome_of(error)

    async def _post(self, delivery: Delivery, post: Post) -> Sent | Blocked:
        sent = await self._channel.send(
            post.content,
            embeds=[post.embed] if post.embed else [],
            view=_finished(post),  # type: ignore[arg-type]  # None is taken as "no view"; the overloads only say so by absence
            nonce=delivery.nonce,
            silent=delivery.message.notifies_on is None,
        )
        if post.embed is not None and not sent.embeds:
            # Embed Links was taken away since the permissions were read: Discord then drops embeds without a word.
            await sent.delete()
            return Blocked("the bot lacks Embed Links; grant it in the channel's settings, Permissions")
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
            return self._unread(deliveries[0], outcome_of(error))
        return found

    def _unread(self, first: Delivery, outcome: Outcome) -> dict[int, Outcome]:
        """Refused to read, sending again is preferred to losing; not answered, the channel waits for the next run."""
        log.warning("channel %s cannot be read back: %s", self._channel.id, outcome)
        return {first.id: outcome} if isinstance(outcome, Unknown) else {}


def _match(message: discord.Message, wanted: dict[int, Delivery], found: dict[int, Outcome]) -> dict[int, Outcome]:
    """The first unmatched delivery this message shows: the same versioned links, or without links the same words."""
    for delivery in wanted.values():
        if delivery.id not in found and _shows(message, delivery):
            return {delivery.id: Sent(message.id)}
    return {}


def _shows(message: discord.Message, delivery: Delivery) -> bool:
    try:
        expected, links = render(delivery.message), versioned_links(delivery.message)
    except Exception:  # it was never sent; why not is told when it is attempted
        return False
    standing = message.embeds[0] if message.embeds else None
    if not links:
        return _words(expected.content, expected.embed) == _words(message.content, standing)
    # An introduction may name the one paper that a card shows: the card's title is a link, the introduction's is not.
    return links == links_in(message.content, message.embeds) and (standing is None or _address(expected.embed) == standing.url)


def _words(content: str | None, embed: discord.Embed | None) -> tuple[str, str | None, str | None]:
    return (content or "", embed.title if embed else None, embed.description if embed else None)


def _address(embed: discord.Embed | None) -> str | None:
    return embed.url if embed else None


def _finished(post: Post) -> discord.ui.View | None:
    """A stopped view: discord.py then keeps nothing of it in memory; link buttons need no listener."""
    buttons = view(post.buttons)
    if buttons is not None:
        buttons.stop()
    return buttons
