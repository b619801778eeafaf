"""May the bot post there? Said alike before a digest, by commands and by buttons, with what would let it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import cast

import discord
import pytest

from bot.delivery.outbox import connected
from bot.digest.model import Blocked, Subscription, Unknown
from sandbox.discord.model import Channel, ChannelKind
from sandbox.discord.world import World
from tests.e2e.lab import Lab, LabClock
from tests.e2e.panel import text
from tests.e2e.room import Room
from tests.settings import SETTINGS

ODD = "[x](https://evil.example) **b**"
"""The name of a thread, as any member may choose it."""
GRANT = "; grant it in the channel's settings, Permissions"


def _papers(world: World) -> Channel:
    return world.papers


def _thread(world: World) -> Channel:
    return world.open_thread(world.papers, ODD, world.manager)


def _voice(world: World) -> Channel:
    return world.add_channel(world.lab, "talk", kind=2)


def _nothing(world: World, channel: Channel) -> None:
    return None


def _lock(world: World, channel: Channel) -> None:
    world.lock_thread(channel.id)


def _lock_and_let_in(world: World, channel: Channel) -> None:
    world.lock_thread(channel.id)
    world.allow(world.papers.id, "MANAGE_THREADS")


def denied(*names: str) -> Callable[[World, Channel], None]:
    def deny(world: World, channel: Channel) -> None:
        world.deny(world.papers.id, *names)

    return deny


@pytest.mark.parametrize(
    ("where", "harm", "sentence"),
    [
        (_papers, _nothing, None),
        (_papers, denied("EMBED_LINKS"), f"the bot lacks Embed Links in #papers{GRANT}"),
        (_papers, denied("SEND_MESSAGES"), f"the bot lacks Send Messages and Embed Links in #papers{GRANT}"),
        (_thread, _nothing, None),
        (_thread, denied("SEND_MESSAGES"), None),
        (_thread, denied("SEND_MESSAGES_IN_THREADS"), f"the bot lacks Send Messages in Threads in #{ODD}{GRANT}"),
        (_thread, _lock, f"the thread #{ODD} is locked; unlock it"),
        (_thread, _lock_and_let_in, None),
        (_voice, _nothing, "a voice channel cannot take papers; name a text channel, an announcement channel or a public thread"),
    ],
)
async def test_what_is_missing_and_where_to_grant_it(
    lab: Lab, where: Callable[[World], Channel], harm: Callable[[World, Channel], None], sentence: str | None
) -> None:
    channel = where(lab.sandbox.world)
    harm(lab.sandbox.world, channel)

    barred = await _barred(lab, channel)

    assert barred == ({} if sentence is None else {channel.id: Blocked(sentence)})


async def test_a_timeout_is_named_for_what_it_is_and_until_when(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes nearly every permission away, and none of those could be granted."""
    monkeypatch.setattr(discord.utils, "utcnow", lab.sandbox.clock.now)  # discord.py decides by the machine's own clock
    async with Room(lab) as room:
        await room.tick()
        reply = await room.manager.command("status")
        _time_out(lab)
        checked = text(await room.manager.press(reply, "Check"))
        lab.days()
        lab.sandbox.corpus.publish(lab.sandbox.clock.now())
        await room.tick()
        told = text(await room.manager.command("status"))
        lab.days(2)
        await room.tick()

    assert f"<#{lab.channel}>: a moderator has timed the bot out until <t:1772607600:F>; lift that timeout" in checked
    assert "I cannot post there**: a moderator has timed the bot out until Wed 4 Mar 2026 07:00 UTC; lift that timeout." in told
    assert len(lab.posted()) == 1


async def test_over_rest_a_timeout_is_named_too(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord.utils, "utcnow", lab.sandbox.clock.now)
    _time_out(lab)
    said = "a moderator has timed the bot out until Wed 4 Mar 2026 07:00 UTC; lift that timeout"
    assert await _barred(lab, lab.sandbox.world.papers) == {lab.channel: Blocked(said)}


async def test_a_threads_name_is_no_markup_wherever_it_is_told(lab: Lab) -> None:
    world = lab.sandbox.world
    thread = _thread(world)
    lab.configure(channels=[{"id": str(thread.id)}])
    async with Room(lab) as room:
        await room.tick()
        reply = await room.manager.command("status")
        world.lock_thread(thread.id)
        checked = text(await room.manager.press(reply, "Check"))
        refused = (await room.manager.at(thread.id).command("setquery", query="ti:moss", channel=thread)).content
        lab.days()
        lab.sandbox.corpus.publish(lab.sandbox.clock.now())
        report = await room.tick()
        told = text(await room.manager.command("status"))
        panel = text(await room.manager.command("settings"))

    shown = r"the thread #\[x\](https://evil.example) \*\*b\*\* is locked; unlock it"
    for screen in (checked, refused, told, panel):
        assert shown in screen
    assert report.channels[thread.id].problem == f"blocked: the thread #{ODD} is locked; unlock it"


def _time_out(lab: Lab) -> None:
    """For two days."""
    world = lab.sandbox.world
    world.time_out(world.lab, world.bot.id, lab.sandbox.clock.now() + timedelta(days=2))


async def _barred(lab: Lab, channel: Channel) -> dict[int, Blocked | Unknown]:
    target = Subscription(channel.id, lab.sandbox.world.lab.id, "ti:moss", SETTINGS)
    async with connected(lab.sandbox.world.token, lab.sandbox.discord_api_url, LabClock(lab.sandbox)) as channels:
        return await channels.barred([target])


async def test_a_kind_of_channel_that_discord_py_does_not_know_hinders_nothing_elsewhere(lab: Lab) -> None:
    world = lab.sandbox.world
    world.add_channel(world.lab, "of a new kind").kind = cast(ChannelKind, 99)
    assert (await lab.once()).complete
    new = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id for _ in range(2)]
    lab.days(1)

    assert (await lab.once()).complete
    assert lab.posted() == new
