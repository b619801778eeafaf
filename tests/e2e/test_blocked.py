"""A channel that cannot be posted to, before a digest and in the middle of one: the others complete, and its papers arrive
when it is fixed, without waiting for the next day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from sandbox.control.faults import Fault
from sandbox.discord.model import MessageFlag, Overwrite
from sandbox.discord.permissions import Permission
from sandbox.discord.world import World
from tests.e2e.lab import Lab
from tests.e2e.room import Room, at_message, until
from tests.e2e.test_daily import seeded as seeded_once
from tests.e2e.test_run import published, seeded

PAPERS = 12
POST = "POST /channels/{channel_id}/messages"


@dataclass(frozen=True, slots=True)
class Harm:
    """`named` stands in the reason that the report gives."""

    named: str
    do: Callable[[World], None]
    undo: Callable[[World], None]


def _lose_role(world: World) -> None:
    """#papers is for the bot's role alone."""
    world.set_roles(world.lab, world.bot.id, [])


def _regain_role(world: World) -> None:
    own = next(role.id for role in world.lab.roles.values() if role.bot_id == world.bot.id)
    world.set_roles(world.lab, world.bot.id, [own])


def _deny_all_roles(world: World) -> None:
    for role in world.lab.roles.values():
        world.set_role(world.lab, role.id, role.permissions & ~Permission.SEND_MESSAGES)


def _allow_own_role(world: World) -> None:
    own = next(role for role in world.lab.roles.values() if role.bot_id == world.bot.id)
    world.set_role(world.lab, own.id, own.permissions | Permission.SEND_MESSAGES)


HARMS = {
    "Embed Links": Harm(
        "Embed Links",
        lambda world: world.deny(world.papers.id, "EMBED_LINKS"),
        lambda world: world.allow(world.papers.id, "EMBED_LINKS"),
    ),
    "Send Messages": Harm(
        "Send Messages",
        lambda world: world.deny(world.papers.id, "SEND_MESSAGES"),
        lambda world: world.allow(world.papers.id, "SEND_MESSAGES"),
    ),
    "its role": Harm("View Channel", _lose_role, _regain_role),
    "what its role grants": Harm("Send Messages", _deny_all_roles, _allow_own_role),
}


@pytest.fixture
def two_channels(lab: Lab) -> Lab:
    """#papers, which only the bot's role may see, and #general, where it may write whatever its role grants."""
    world = lab.sandbox.world
    own = next(role.id for role in world.lab.roles.values() if role.bot_id == world.bot.id)
    world.deny(world.papers.id, "VIEW_CHANNEL", target_id=world.lab.id)
    world.allow(world.papers.id, "VIEW_CHANNEL", target_id=own)
    world.allow(world.general.id, "SEND_MESSAGES", target_id=own)
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(world.general.id)}])
    return lab


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
async def test_blocked_before_the_digest(two_channels: Lab, harm: Harm) -> None:
    lab, world = two_channels, two_channels.sandbox.world
    async with Room(lab) as room:
        await seeded(room)
        harm.do(world)
        await _told(room, lab, may=False)
        new = published(lab, PAPERS)
        report = await room.tick()
        assert harm.named in str(report.channel(lab.channel).problem)
        assert lab.posted() == []
        assert lab.posted(world.general.id) == new

        asked, due = len(lab.sandbox.arxiv.requests), await room.bot.app.storage.subscriptions.next_due()
        harm.undo(world)
        await _posted(room, lab, PAPERS)

        assert lab.posted() == new
        assert lab.posted(world.general.id) == new
        assert len(lab.sandbox.arxiv.requests) == asked
        assert await room.bot.app.storage.subscriptions.next_due() == due


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
async def test_blocked_in_the_middle_of_the_digest(two_channels: Lab, harm: Harm) -> None:
    lab, world = two_channels, two_channels.sandbox.world
    async with Room(lab) as room:
        await seeded(room)
        at_message(lab, PAPERS, lambda: harm.do(world))
        new = published(lab, PAPERS)
        report = await room.tick()
        assert report.channel(lab.channel).problem
        assert len(lab.posted()) < PAPERS
        assert lab.posted(world.general.id) == new

        await _told(room, lab, may=False)
        harm.undo(world)
        await _posted(room, lab, PAPERS)

        assert sorted(lab.posted()) == sorted(new)
        assert lab.posted(world.general.id) == new
        assert all(message.embeds for message in lab.messages())


def _lose_embeds(world: World) -> None:
    """Embed Links is taken away in #papers, and the gateway is late: the bot hears of it from refusals."""
    world.papers.overwrites[world.bot.id] = Overwrite(world.bot.id, 1, deny=int(Permission.EMBED_LINKS))


async def test_a_day_line_whose_card_discord_drops_does_not_stay_alone(two_channels: Lab) -> None:
    """Beside content Discord drops embeds without a word. The card of an earlier day is not edited then."""
    lab, world = two_channels, two_channels.sandbox.world
    async with Room(lab) as room:
        await seeded(room)
        [earlier] = published(lab, 1)
        assert (await room.tick()).complete
        standing = [message.id for message in lab.messages()]
        lab.days(1)
        revised = lab.sandbox.corpus.revise(earlier.removesuffix("v1"), lab.sandbox.clock.now()).id
        new = published(lab, 3)
        _lose_embeds(world)
        report = await room.tick()
        assert "the bot lacks Embed Links" in str(report.channel(lab.channel).problem)
        assert [message.id for message in lab.messages()] == standing
        assert all(message.embeds for message in lab.messages())
        assert lab.posted(world.general.id) == [revised, *new]

        world.allow(lab.channel, "EMBED_LINKS")
        await _posted(room, lab, 1 + len(new))

    assert lab.posted() == [revised, *new]
    assert "3 new" in lab.messages()[len(standing)].content


@pytest.mark.parametrize(("most", "papers", "bare"), [(20, 3, 1), (0, 17, 0)], ids=["cards", "a second list"])
async def test_edits_whose_embeds_discord_drops_are_made_again(two_channels: Lab, most: int, papers: int, bare: int) -> None:
    """A card is left with its buttons, and the cards after it are not touched; of a list nothing would be left, so it stays."""
    lab, world = two_channels, two_channels.sandbox.world
    lab.configure(max_posts=most)
    async with Room(lab) as room:
        await seeded(room)
        *kept, one, other = published(lab, papers)
        assert (await room.tick()).complete
        lab.days(1)
        for paper in (one, other):
            lab.sandbox.corpus.revise(paper.removesuffix("v1"), lab.sandbox.clock.now())
        _lose_embeds(world)
        report = await room.tick()
        assert "the bot lacks Embed Links" in str(report.channel(lab.channel).problem)
        assert sum(not message.embeds for message in lab.messages()) == bare

        world.allow(lab.channel, "EMBED_LINKS")

        async def mended() -> bool:
            await room.tick()
            return lab.posted() == [*kept, one.replace("v1", "v2"), other.replace("v1", "v2")]

        await until(mended)


async def test_a_card_whose_embed_a_moderator_hides_is_edited_and_blocks_nothing(two_channels: Lab) -> None:
    lab, world = two_channels, two_channels.sandbox.world
    async with Room(lab) as room:
        await seeded(room)
        [paper] = published(lab, 1)
        assert (await room.tick()).complete
        card = lab.messages()[-1]
        world.edit(card, {"flags": card.flags | MessageFlag.SUPPRESS_EMBEDS})
        lab.days(1)
        revised = lab.sandbox.corpus.revise(paper.removesuffix("v1"), lab.sandbox.clock.now()).id
        report = await room.tick()

    assert (report.complete, report.channel(lab.channel).problem) == (True, None)
    assert lab.posted() == [revised]


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
async def test_mended_while_the_bot_was_away(two_channels: Lab, harm: Harm) -> None:
    lab, world = two_channels, two_channels.sandbox.world
    async with Room(lab) as room:
        await seeded(room)
        harm.do(world)
        await _told(room, lab, may=False)
        new = published(lab, 3)
        await room.tick()
    harm.undo(world)

    async with Room(lab) as room:
        assert (await room.tick()).complete

    assert lab.posted() == new


async def test_a_blocked_channel_is_left_alone_until_something_changes(two_channels: Lab) -> None:
    lab = two_channels
    async with Room(lab) as room:
        await seeded(room)
        lab.sandbox.world.deny(lab.channel, "SEND_MESSAGES")
        await _told(room, lab, may=False)
        published(lab, 3)
        await room.tick()
        sent = len(lab.sandbox.requests)
        for _ in range(3):
            assert (await room.tick()).channels == {}

    assert len(lab.sandbox.requests) == sent


@pytest.mark.parametrize("at", [0, PAPERS], ids=["before", "in the middle"])
async def test_a_deleted_channel_holds_up_nobody(two_channels: Lab, at: int) -> None:
    lab, world = two_channels, two_channels.sandbox.world
    async with Room(lab) as room:
        await seeded(room)
        new = published(lab, PAPERS)
        if at:
            at_message(lab, at, lambda: world.delete_channel(lab.channel))
        else:
            world.delete_channel(lab.channel)
            await until(lambda: room.bot.get_channel(lab.channel) is None)
        report = await room.tick()

    assert "no longer exists" in str(report.channel(lab.channel).problem)
    assert lab.posted(world.general.id) == new


async def _told(room: Room, lab: Lab, *, may: bool) -> None:
    """The gateway has told the bot whether it may post."""

    def allowed() -> bool:
        channel = room.bot.get_guild(lab.sandbox.world.lab.id).get_channel(lab.channel)  # type: ignore[union-attr]
        granted = channel.permissions_for(channel.guild.me)  # type: ignore[union-attr]
        return granted.view_channel and granted.send_messages and granted.embed_links

    await until(lambda: allowed() is may)


async def _posted(room: Room, lab: Lab, count: int) -> None:
    """The bot has heard of the change, ticked, and posted. It may hear in two events, so one tick may come too early."""

    async def arrived() -> bool:
        assert (await room.tick()).complete
        return len(lab.posted()) >= count

    await until(arrived)


async def test_a_ban_while_a_blocked_channel_is_asked_about_ends_nothing(two_channels: Lab) -> None:
    """A 429 without `Via` is a ban by Discord's network; `once` asks about permissions over REST."""
    lab, world = two_channels, two_channels.sandbox.world
    await seeded_once(lab)
    world.deny(lab.channel, "SEND_MESSAGES")
    published(lab, 1)
    await lab.once()
    lab.days()
    new = published(lab, 1)
    lab.sandbox.faults.add(Fault("GET /guilds/{guild_id}", status=429, headers={"Via": "", "Retry-After": "0"}))

    assert (await lab.once()).status == 1
    lab.move(hours=1)
    await lab.once()

    assert lab.posted(world.general.id)[-1:] == new


async def test_what_discord_stored_without_its_embed_is_not_taken_for_sent(lab: Lab) -> None:
    """The bot takes it back, and does not hear that this was done; its nonce then leads to a message that is gone."""
    world = lab.sandbox.world
    await seeded_once(lab)
    new = published(lab, 3)
    at_message(lab, 1, lambda: world.deny(lab.channel, "EMBED_LINKS"))
    lab.sandbox.faults.add(Fault("DELETE /channels/{channel_id}/messages/{message_id}", stored=True, reset=True))
    await lab.once()
    world.allow(lab.channel, "EMBED_LINKS")
    lab.move(minutes=1)

    assert (await lab.once()).complete

    assert sorted(lab.posted()) == sorted(new)
    assert all(message.embeds for message in lab.messages())


async def test_nor_if_it_had_been_tried_before(lab: Lab) -> None:
    world = lab.sandbox.world
    await seeded_once(lab)
    new = published(lab, 2)
    lab.sandbox.faults.add(Fault("POST /channels/{channel_id}/messages", status=503, times=6))
    await lab.once()
    at_message(lab, 1, lambda: world.deny(lab.channel, "EMBED_LINKS"))
    lab.move(minutes=20)
    await lab.once()
    world.allow(lab.channel, "EMBED_LINKS")
    lab.move(minutes=1)

    await lab.once()

    assert lab.posted() == new


async def test_a_running_bot_that_is_banned_sends_nothing_more(two_channels: Lab) -> None:
    lab = two_channels
    async with Room(lab) as room:
        await seeded(room)
        published(lab, 3)
        lab.sandbox.faults.add(Fault(POST, status=429, headers={"Via": "", "Retry-After": "3600"}))
        assert (await room.tick()).status == 1
        sent = len(lab.sandbox.requests)
        lab.days()
        published(lab, 3)
        assert (await room.tick()).status == 1
        assert len(lab.sandbox.requests) == sent


async def test_nor_does_it_ask_about_a_channel_that_is_blocked(two_channels: Lab) -> None:
    """A deleted one: nothing that the gateway has told answers for it."""
    lab, world = two_channels, two_channels.sandbox.world
    async with Room(lab) as room:
        await seeded(room)
        world.delete_channel(lab.channel)
        await until(lambda: room.bot.get_channel(lab.channel) is None)
        published(lab, 1)
        assert (await room.tick()).status == 1
        lab.days()
        published(lab, 1)
        lab.sandbox.faults.add(Fault(POST, status=429, headers={"Via": "", "Retry-After": "3600"}))
        await room.tick()
        asked = len(lab.sandbox.requests)
        lab.days()

        await room.tick()

        assert len(lab.sandbox.requests) == asked
