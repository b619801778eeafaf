"""One channel's deliveries, one after another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import discord

from bot.clock import Clock
from bot.delivery.components import view
from bot.delivery.embeds import Post, links_in, render, versioned_links
from bot.delivery.fallback import without_embed
from bot.delivery.outcomes import FAILURES, NO_EMBEDS, judged
from bot.delivery.permissions import Access, Open
from bot.delivery.requests import Throttled
from bot.digest.model import Blocked, Delivery, Found, Intro, Outcome, Rejected, Sent, Unknown
from bot.digest.ports import Journal
from bot.paper import PaperId

log = logging.getLogger(__name__)

PATIENCE = 30.0
"""Seconds for one request, the wait for its slot included. What takes longer may have been stored all the same."""
PAUSES = (1.0, 4.0)
"""Seconds before the second and the third try."""
NONCE_LIFE = 60.0
"""Seconds in which a repeat with the same nonce is safe: Discord remembers it "for the past few minutes", and does not say how
many. https://docs.discord.com/developers/resources/message#create-message"""
LONGEST_PAUSE = timedelta(seconds=10)
"""A longer pause that Discord asks for is not sat out: it is written down, and the channel rests until then."""
STRIKES = 2
"""Messages in a row without an answer after which the channel is left for next time. One alone may be its own trouble."""
LONGEST_DOUBT = timedelta(hours=72)
"""A message that Discord has not confirmed for so long is tried as plain text, and then given up: its papers get a link."""
NEWEST = 200
"""Messages read back in a channel where nothing of ours is known to stand."""


class Worker:
    """Sends, edits and reads back in one channel, until `ending`. The journal hears of each outcome before the next attempt."""

    def __init__(
        self,
        client: discord.Client,
        sample: Delivery,
        journal: Journal,
        *,
        clock: Clock,
        ending: Callable[[], bool],
    ) -> None:
        self._client = client
        self._channel = client.get_partial_messageable(sample.destination_id, guild_id=sample.guild_id)
        self._journal = journal
        self._clock = clock
        self._ending = ending
        self._blocked: Blocked | None = None
        self._bare: discord.Message | None = None
        """One that Discord stored without its embed, to be taken back."""

    async def serve(self, deliveries: Sequence[Delivery], access: Access, *, resuming: bool) -> bool:
        """New messages in the order given, then edits, which never hold one up. `resuming`: any of them may stand there already.

        False when the channel is left for next time, because Discord does not answer there: nothing newer may go there before.
        """
        if isinstance(access, Unknown):
            await self._journal.settle(deliveries[0], access)
            return False
        posts = [delivery for delivery in deliveries if delivery.message.edits is None]
        edits = [delivery for delivery in deliveries if delivery.message.edits is not None]
        readable = resuming and isinstance(access, Open) and access.readable
        standing = await self._read_back(posts) if readable and posts else {}
        self._blocked = access if isinstance(access, Blocked) else None
        if not await self._post_all(posts, standing):
            return False
        for delivery in edits:
            if self._ending() or _is_sent_away(await self._settle(delivery)):
                break
        return True

    async def _post_all(self, posts: Sequence[Delivery], standing: Mapping[int, Sent] | Unknown) -> bool:
        """False when the channel is left for next time."""
        if isinstance(standing, Unknown):  # unread, any of them may stand there: none may be sent again, and none is forgotten
            for delivery in posts:
                await self._journal.settle(delivery, standing)
            return False
        for delivery in posts:  # first of all: what is sent now must not become the place that reading back begins at
            if delivery.id in standing:
                await self._journal.settle(delivery, standing[delivery.id])
        strikes = 0
        for delivery in posts:
            if self._ending():
                break
            if delivery.id in standing or (outcome := await self._settle(delivery)) is None:
                continue
            strikes = strikes + 1 if isinstance(outcome, Unknown) else 0
            if strikes == STRIKES or _is_sent_away(outcome):
                return False
        return True

    async def _settle(self, delivery: Delivery) -> Outcome | None:
        """Try it and tell the journal; None when it is not wanted any more. Blocked holds for all that follow."""
        if self._blocked is None and not await self._journal.wanted(delivery):
            return None
        outcome = self._blocked or await self._attempt(delivery)
        await self._journal.settle(delivery, outcome)
        await self._take_back()
        if isinstance(outcome, Blocked):
            self._blocked = Blocked(outcome.reason)
        return outcome

    async def _attempt(self, delivery: Delivery) -> Outcome:
        """As an embed, or as plain text where Discord does not take the embed."""
        try:
            post = render(delivery.message)
        except Exception as error:
            log.exception("delivery %s cannot be rendered; the channel goes on without it", delivery.id)
            return Rejected(f"it cannot be rendered: {error}")
        old, is_edit = self._clock.now() - delivery.created_at >= LONGEST_DOUBT, delivery.message.edits is not None
        outcome: Outcome = Rejected("Discord has not confirmed it for three days")
        if is_edit or not old:
            outcome = await self._insist(delivery, post)
        if isinstance(outcome, Rejected) and not is_edit:
            log.error("Discord does not take the embed of delivery %s (%s); sending plain text", delivery.id, outcome.reason)
            outcome = await self._insist(delivery, Post(without_embed(delivery.message), None, ()))
        if old and isinstance(outcome, Unknown):  # nothing is tried for ever
            return Rejected(f"Discord has not confirmed it for three days: {outcome.reason}")
        return outcome

    async def _insist(self, delivery: Delivery, post: Post) -> Outcome:
        """Try a few times. Within a minute a repeat with the same nonce is answered with the message that the first try made;
        later the channel is read back before any repeat.
        """
        outcome: Outcome = Unknown("Discord was not asked")
        doubtful_since: float | None = None  # the start of the first try that Discord may have stored
        for pause in (0.0, *PAUSES):
            if pause:
                await self._clock.sleep(pause)
            now = asyncio.get_running_loop().time()
            if doubtful_since is not None and now - doubtful_since > NONCE_LIFE:
                standing = await self._stands(delivery)
                if standing is not None:
                    return standing
            try:
                async with asyncio.timeout(PATIENCE):
                    outcome = await (self._edit(delivery, post) if delivery.message.edits else self._post(delivery, post))
            except Throttled as throttled:
                outcome = Unknown(str(throttled), timedelta(seconds=throttled.retry_after))
                if _is_sent_away(outcome):
                    return outcome
                await self._clock.sleep(throttled.retry_after)
                continue
            except FAILURES as error:
                outcome = await judged(self._client, error)
            if isinstance(outcome, Unknown):
                doubtful_since = now if doubtful_since is None else doubtful_since
            elif doubtful_since is None:
                return outcome
            else:
                return await self._in_doubt(delivery, outcome)
        return outcome

    async def _in_doubt(self, delivery: Delivery, outcome: Outcome) -> Outcome:
        """What an outcome is worth after a try that Discord may have stored: a refusal says nothing about that one."""
        if isinstance(outcome, Rejected):
            return await self._stands(delivery) or outcome
        return Unknown(outcome.reason) if isinstance(outcome, Blocked) and not outcome.nothing_stands else outcome

    async def _post(self, delivery: Delivery, post: Post) -> Sent | Blocked:
        sent = await self._channel.send(
            post.content,
            embeds=[post.embed] if post.embed else [],
            view=_finished(post),  # type: ignore[arg-type]  # None is taken as "no view"; the overloads only say so by absence
            nonce=delivery.nonce,
            silent=delivery.message.notifies_on is None,
        )
        if post.embed is not None and not sent.embeds:
            # Embed Links was taken away since the permissions were read: Discord refuses embeds alone, and drops others silently.
            self._bare = sent
            return Blocked(NO_EMBEDS, nothing_stands=True)
        return Sent(sent.id)

    async def _take_back(self) -> None:
        """Delete what stands without its embed. Not before that is written down, and its nonce given up: of this nonce Discord
        would say that its message is gone, as of one that was sent and that people deleted.
        """
        message, self._bare = self._bare, None
        if message is None:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await message.delete()
        except (*FAILURES, Throttled) as error:
            log.warning(
                "channel %d: a message without its embed cannot be deleted: %s",
                self._channel.id,
                await judged(self._client, error),
            )

    async def _edit(self, delivery: Delivery, post: Post) -> Sent | Blocked:
        assert delivery.message.edits is not None
        message = self._channel.get_partial_message(delivery.message.edits.message_id)
        edited = await message.edit(embeds=[post.embed] if post.embed else [], view=_finished(post))
        # Dropped silently, as above: the edit is made again. Where a moderator has hidden the embeds, none are ever shown.
        if post.embed is not None and not edited.embeds and not edited.flags.suppress_embeds:
            return Blocked(NO_EMBEDS)
        return Sent(message.id)

    # --- reading back

    async def _stands(self, delivery: Delivery) -> Outcome | None:
        """Where a message in doubt stands by now; None when it does not, and Unknown while nobody can tell."""
        if delivery.message.edits is not None:
            return None  # an edit made twice is the same edit
        standing = await self._read_back([delivery])
        return standing if isinstance(standing, Unknown) else standing.get(delivery.id)

    async def _read_back(self, posts: Sequence[Delivery]) -> dict[int, Sent] | Unknown:
        """Those of `posts` that stand in the channel, by delivery id. Discord gives no nonces back: the papers' links tell.

        Read from the last message of ours that is known, and never by our own clock, which has been found wrong by a day. Where
        Discord refuses to let the bot read, sending again is preferred to losing.
        """
        last = await self._journal.last_message_id(min(posts, key=lambda post: post.id))
        found: dict[int, Sent] = {}
        try:
            async with asyncio.timeout(PATIENCE):
                history = (
                    self._channel.history(after=discord.Object(last), limit=None, oldest_first=True)
                    if last is not None
                    else self._channel.history(limit=NEWEST)
                )
                seen = [message async for message in history if is_ours(message, self._client)]
        except (*FAILURES, Throttled) as error:
            outcome = await judged(self._client, error)
            log.warning("channel %d cannot be read back: %s", self._channel.id, outcome)
            return outcome if isinstance(outcome, Unknown) else {}
        for message in sorted(seen, key=lambda message: message.id):
            # The first that is not found yet: two notices may read alike.
            match = next((post for post in posts if post.id not in found and _shows(message, post)), None)
            if match is not None:
                found[match.id] = Sent(message.id)
        return found


def _is_sent_away(outcome: Outcome | None) -> bool:
    return isinstance(outcome, Unknown) and outcome.retry_after > LONGEST_PAUSE


def is_ours(message: discord.Message, client: discord.Client) -> bool:
    """Whether a digest may have posted it: the bot did, and not to answer somebody's command."""
    return (
        client.user is not None
        and message.author.id == client.user.id
        and message.interaction_metadata is None
        and message.webhook_id is None
    )


def _shows(message: discord.Message, delivery: Delivery) -> bool:
    """The same versioned links, or in messages without links the same words."""
    try:
        expected, links = render(delivery.message), versioned_links(delivery.message)
    except Exception:  # it was never sent; why not is told when it is attempted
        return False
    standing = message.embeds[0] if message.embeds else None
    if not links:
        return _words(expected.content, expected.embed) == _words(message.content, standing)
    # An introduction may name the one paper that a card shows: the card's title is a link, the introduction's is not.
    return links == links_in(message.content, message.embeds) and (standing is None or _address(expected.embed) == standing.url)


def as_found(message: discord.Message) -> Found:
    """A message that stands in a channel, for who does not know what was sent there."""
    links = links_in(message.content, message.embeds)
    first_line = (message.embeds[0].title if message.embeds else message.content.partition("\n")[0]) or ""
    return Found(
        message_id=message.id,
        at=message.created_at,
        papers=tuple(id for id in map(PaperId.parse, sorted(links)) if id.version is not None),
        introduces=first_line.strip("*") in Intro.HEADINGS,
    )


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
