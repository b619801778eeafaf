"""The panel of `/settings`, as whoever manages the server uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.digest.model import Server
from sandbox.discord.reply import Reply
from tests.e2e.lab import Lab
from tests.e2e.room import Person, Room

MOSS, FERN = "ti:moss", "ti:fern"
CHANNELS, REVISED, MOVE = "Change a channel", "When a paper is revised", "Move to another channel"


@pytest.fixture
async def room(lab: Lab) -> AsyncIterator[Room]:
    """#papers follows ti:moss by a command, from Monday 2 March, 15:00 in Singapore, on."""
    lab.configure(query=None, channels=[])
    async with Room(lab) as room:
        await follow(room, MOSS)
        yield room


def publish(lab: Lab, title: str = "Moss") -> str:
    return lab.sandbox.corpus.publish(lab.sandbox.clock.now(), title=title, abstract="Green.").id


async def follow(room: Room, query: str, **options: Any) -> None:
    reply = await room.manager.press(await room.manager.command("setquery", query=query, **options), "Save")
    assert reply.content.startswith("Saved."), reply.content


async def panel(room: Room) -> Reply:
    reply = await room.manager.command("settings")
    assert reply.ephemeral
    return reply


async def one(room: Room, channel_id: int | None = None) -> Reply:
    """The panel of one channel."""
    return await room.manager.choose(await panel(room), CHANNELS, str(channel_id or room.lab.channel))


async def filled(person: Person, reply: Reply, button: str, **fields: str) -> Reply:
    return await person.submit(await person.press(reply, button), **fields)


def standing(form: Reply) -> dict[str, str]:
    """What stands in a form's fields before anything is typed."""
    assert form.modal is not None
    return {label["component"]["custom_id"]: label["component"].get("value", "") for label in form.modal["components"]}


async def server(room: Room) -> Server:
    found = await room.bot.app.storage.servers.get(room.lab.sandbox.world.lab.id)
    assert found is not None
    return found


async def followed(room: Room) -> dict[int, str]:
    found = await room.bot.app.storage.subscriptions.of_server(room.lab.sandbox.world.lab.id)
    return {each.channel_id: each.query for each in found}


def text(reply: Reply) -> str:
    return "\n".join(filter(None, [reply.content, *(f"{e.get('title')}\n{e.get('description')}" for e in reply.embeds)]))


def told(reply: Reply) -> str:
    """What was said beside the panel, to whoever pressed alone."""
    (message,) = reply.followups
    assert message.visible_to is not None
    return message.content


def offered(reply: Reply) -> dict[str, str]:
    """Labels in the select of channels, by value."""
    select = next(each for each in reply.selects.values() if each["placeholder"] == CHANNELS)
    return {option["value"]: option["label"] for option in select["options"]}


def may_embed(room: Room, channel_id: int) -> bool:
    """As the bot's cache has it."""
    channel = room.bot.get_channel(channel_id)
    assert channel is not None
    return channel.permissions_for(room.bot.guilds[0].me).embed_links  # type: ignore[union-attr]
