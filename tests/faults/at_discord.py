"""What goes wrong at Discord, or is done there by people."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from tests.e2e.panel import CHANNELS, MOVE
from tests.e2e.room import at_message, until
from tests.faults.scenario import Side
from tests.faults.story import EDIT, HISTORY, Story

SIDE = Side("Discord's side")


def saying(code: int, message: str) -> str:
    """The body of a refusal: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json"""
    return json.dumps({"code": code, "message": message})


AUTOMOD = saying(200000, "Message was blocked by automatic moderation")
INVALID = saying(50035, "Invalid Form Body")


def pause(seconds: float) -> str:
    return json.dumps({"message": "You are being rate limited.", "retry_after": seconds, "global": False})


async def failing(story: Story, **fault: Any) -> None:
    """On a day with two papers, for an hour."""
    story.publish()
    story.discord(**fault)
    await story.tick()
    await story.look()
    story.lab.move(hours=1)


async def forbidden(story: Story, permission: str) -> None:
    """Taken from the bot in #papers before the digest, and given back a day later."""
    story.world.deny(story.lab.channel, permission)
    await story.heard()
    story.publish()
    await story.days(1)
    await story.look()
    story.world.allow(story.lab.channel, permission)
    await story.heard()


async def move_to_general(story: Story) -> None:
    """The papers of #papers, by the panel of `/settings`."""
    panel = await story.manager.command("settings")
    panel = await story.manager.choose(panel, CHANNELS, str(story.lab.channel))
    await story.manager.choose(panel, MOVE, story.world.general)


async def follow_by_command(story: Story) -> None:
    """As most labs do: #papers is not listed in config.json."""
    query = story.lab.config["query"]
    await story.stop()
    story.lab.configure(query=None, channels=[])
    await story.start()
    await story.tick()
    reply = await story.manager.at(story.lab.channel).command("setquery", query=query)
    await story.manager.press(reply, "Save")
    assert reply.content.startswith("Saved."), reply.content
    await story.tick()
    story.until_the_next_digest()


@SIDE.scenario("Discord answers 500 and has not stored the message")
async def not_stored(story: Story) -> None:
    await failing(story, status=500)


@SIDE.scenario("Discord answers 500 although it has stored the message")
async def stored(story: Story) -> None:
    await failing(story, status=500, stored=True)


@SIDE.scenario("the connection breaks just after Discord stored a message, and later Discord does not know a repeat for one")
async def stored_and_forgotten(story: Story) -> None:
    story.world.nonce_window = timedelta(0)
    story.publish()
    story.discord(reset=True, stored=True, times=1)
    story.discord(reset=True)
    await story.tick()
    await story.look()
    story.lab.move(minutes=20)


@SIDE.scenario("Discord gives no answer for a day")
async def no_answer(story: Story) -> None:
    story.publish()
    story.discord(reset=True)
    story.discord(HISTORY, reset=True)
    await story.days(1)
    await story.look()


@SIDE.scenario("Discord asks for a pause of two seconds (429)")
async def short_pause(story: Story) -> None:
    await failing(story, status=429, body=pause(2), times=1)


@SIDE.scenario("Discord asks for a pause of two hours in the channel (429)")
async def long_pause(story: Story) -> None:
    await failing(story, status=429, body=pause(7200), times=1)
    story.lab.move(hours=1)


@SIDE.scenario("Discord's network shuts this machine out (429 without `Via`)")
async def shut_out(story: Story) -> None:
    await failing(story, status=429, headers={"Via": "", "Retry-After": "0"}, times=1)


@SIDE.scenario("the bot may not see the channel for a day")
async def cannot_see(story: Story) -> None:
    await forbidden(story, "VIEW_CHANNEL")


@SIDE.scenario("the bot may not send messages for a day")
async def cannot_send(story: Story) -> None:
    await forbidden(story, "SEND_MESSAGES")


@SIDE.scenario("Embed Links is taken from the bot for a day")
async def cannot_embed(story: Story) -> None:
    await forbidden(story, "EMBED_LINKS")


@SIDE.scenario("Embed Links is taken from it in the middle of a digest")
async def cannot_embed_any_more(story: Story) -> None:
    story.publish(6)
    at_message(story.lab, 3, lambda: story.world.deny(story.lab.channel, "EMBED_LINKS"))
    await story.tick()
    await story.heard()
    await story.look()
    story.world.allow(story.lab.channel, "EMBED_LINKS")
    await story.heard()


@SIDE.scenario("the thread that gets the papers is locked for a day")
async def locked_thread(story: Story) -> None:
    thread = story.world.open_thread(story.world.papers, "reading group", story.world.manager)
    await story.stop()
    story.lab.configure(channels=[{"id": str(thread.id)}])
    await story.start()
    await story.tick()
    story.until_the_next_digest()
    story.world.lock_thread(thread.id)
    await story.heard()
    story.publish()
    await story.days(1)
    await story.look()
    thread.locked = False
    story.world.archive_thread(thread.id)
    await story.heard()


@SIDE.scenario("AutoMod blocks the words of a title")
async def automod(story: Story) -> None:
    story.publish(1)
    story.publish(1, title="Bryophytes on basalt")
    story.discord(status=400, body=AUTOMOD, containing="Bryophytes")
    await story.tick()
    await story.look()


@SIDE.scenario("AutoMod blocks the link as well")
async def automod_of_links(story: Story) -> None:
    story.publish(1)
    (blocked,) = story.publish(1)
    story.discord(status=400, body=AUTOMOD, containing=blocked.id)
    await story.tick()
    await story.look()


@SIDE.scenario("Discord refuses the embed of a paper (50035)")
async def embed_refused(story: Story) -> None:
    await failing(story, status=400, body=INVALID, times=1)


@SIDE.scenario("Discord refuses its plain text too")
async def text_refused(story: Story) -> None:
    await failing(story, status=400, body=INVALID, times=2)


@SIDE.scenario("Discord never confirms one certain message")
async def never_confirmed(story: Story) -> None:
    story.publish(1, title="Bryophytes on basalt")
    story.discord(status=503, containing="Bryophytes")
    await story.days(2)
    await story.look()
    await story.days(2)


@SIDE.scenario("Discord refuses to have a message edited any more (30046)")
async def edit_refused(story: Story) -> None:
    record, _ = story.publish()
    await story.tick()
    story.until_the_next_digest()
    story.revise(record)
    story.publish(1)
    story.discord(EDIT, status=429, body=saying(30046, "Maximum number of edits to messages older than 1 hour reached"))
    await story.tick()
    await story.look()
    await story.days(4)


@SIDE.scenario("a member deletes a message, and its paper is revised the day after")
async def message_deleted(story: Story) -> None:
    record, _ = story.publish()
    await story.tick()
    (message,) = [each for each in story.lab.messages() if record.id in str(each.embeds) and "url" in each.embeds[0]]
    story.world.delete_message(story.lab.channel, message.id)
    story.until_the_next_digest()
    story.revise(record)
    await story.tick()
    await story.look()


@SIDE.scenario("the channel is deleted; a day later a manager moves its papers to #general")
async def channel_deleted(story: Story) -> None:
    await follow_by_command(story)
    story.world.delete_channel(story.lab.channel)
    await until(lambda: story.room.bot.get_channel(story.lab.channel) is None)
    story.publish()
    await story.days(1)
    await story.look()
    await move_to_general(story)


@SIDE.scenario("the papers are moved to #general while two of them wait for a pause of two hours")
async def moved(story: Story) -> None:
    await follow_by_command(story)
    story.publish()
    story.discord(status=429, body=pause(7200), times=1)
    await story.tick()
    await story.look()
    await move_to_general(story)


@SIDE.scenario("Discord has an outage: the server is not available, and messages get 503")
async def server_outage(story: Story) -> None:
    story.world.set_unavailable(story.world.lab)
    story.publish()
    story.discord(status=503)
    await story.days(1)
    story.world.set_unavailable(story.world.lab, False)
    await story.heard()
    await story.look()


@SIDE.scenario("the bot is removed from the server and invited again five days later")
async def removed(story: Story) -> None:
    servers = story.room.bot.app.storage.servers

    async def gone() -> bool:
        return not await servers.known()

    story.world.remove_member(story.world.lab, story.world.bot.id)
    await until(gone)
    for _ in range(5):
        story.publish(1)
        await story.days(1)
    await story.look()
    story.world.invite_bot(story.world.lab)
    await until(servers.known)


@SIDE.scenario("the connection for commands is lost in the middle of a digest")
async def gateway_lost(story: Story) -> None:
    story.publish(6)
    at_message(story.lab, 3, story.lab.sandbox.gateway.invalidate)
    await story.tick()
    await until(lambda: story.room.bot.connected)
    await story.look()


@SIDE.scenario(
    "a message is stored and not confirmed, and the bot may not read the channel",
    unkept="It prefers a message that stands there twice to a paper that is lost.",
)
async def cannot_read_back(story: Story) -> None:
    story.world.deny(story.lab.channel, "READ_MESSAGE_HISTORY")
    story.publish()
    story.discord(reset=True, stored=True, times=1)
    story.discord(reset=True)
    await story.tick()
    await story.look()
    story.lab.move(hours=1)
