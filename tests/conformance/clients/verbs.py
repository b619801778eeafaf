"""What a bot does at Discord, verb by verb, as the server and the people in it see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import aiohttp

from sandbox.discord.model import Json
from sandbox.discord.reply import Reply
from sandbox.server import Sandbox
from tests.conformance.clients.process import Bot

Got = TypeVar("Got")

QUICK = 1.0
"""Seconds of a channel's limit, where it is not what is tried."""


class Stage:
    """A bot of someone else's and the sandbox it is in, with what is done to either."""

    def __init__(self, bot: Bot, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.world, self.visitor = sandbox.world, sandbox.visitor
        self.told = bot.told
        self._bot = bot

    async def ask(self, verb: str) -> Any:
        self._bot.say(verb)
        return await self.told(verb)

    async def use(self, way: str) -> Reply:
        """The command that the bot registered; the reply once it is complete."""
        return (await self.seeing(self.visitor.command(self.world.member, self.world.papers.id, "answer", how=way), way))[0]

    async def seeing(self, deed: Awaitable[Got], verb: str) -> tuple[Got, Any]:
        """What a person got for doing this, and what the bot says of it: its own error comes before the person's time-out."""
        telling = asyncio.ensure_future(self.told(verb))
        try:
            return await asyncio.gather(deed, telling)
        finally:
            telling.cancel()
            await asyncio.wait([telling])

    def posted(self) -> list[str]:
        """The contents of the bot's messages in #papers."""
        messages = self.world.messages(self.world.papers.id)
        return [message.content for message in messages if message.author_id == self.world.bot.id]


# --- the connection


async def connect(stage: Stage) -> None:
    assert await stage.told("connect") == "arXiv Daily"


async def see(stage: Stage) -> None:
    assert await stage.ask("see") == {"server": "Materials Lab", "channels": ["general", "papers"]}


async def permissions(stage: Stage) -> None:
    """Some are denied in the channel alone."""
    assert await stage.ask("permissions") == _granted(stage)


def _granted(stage: Stage) -> str:
    return str(int(stage.world.permissions(stage.world.papers, stage.world.bot.id)))


async def member(stage: Stage) -> None:
    assert await stage.ask("member") == "ada"


async def resume(stage: Stage) -> None:
    """It hears what happened while its connection was lost, which a bot that logs in anew does not."""
    stage.sandbox.gateway.drop()
    stage.world.add_channel(stage.world.lab, "meanwhile")
    assert await stage.told("resume") == "meanwhile"


# --- messages


async def post(stage: Stage) -> None:
    assert await stage.ask("post") == {"by": "arXiv Daily", "titles": ["Graphene"]}
    [embed] = stage.world.messages(stage.world.papers.id)[-1].embeds
    shown: Json = {
        "title": "Graphene",
        "description": "An abstract.",
        "url": "https://example.org/paper",
        "color": 0xB31B1B,
        "fields": [{"name": "Authors", "value": "A. Author", "inline": True}],
    }
    assert {name: embed[name] for name in shown} == shown
    assert embed["footer"]["text"] == "cs.LG"


async def nonce(stage: Stage) -> None:
    """The same message sent twice stands there once."""
    assert await stage.ask("nonce") is True
    assert stage.posted().count("Once") == 1


async def wait(stage: Stage) -> None:
    """Another process of the bot has just used up #general's limit: the first try is refused, the second comes in time."""
    stage.sandbox.limits.channel_window = 5.0  # long enough that it is still used up when the bot tries
    route = f"/channels/{stage.world.general.id}/messages"
    headers = {"Authorization": f"Bot {stage.world.token}"}
    async with aiohttp.ClientSession(headers=headers) as other:
        while (await other.post(stage.sandbox.discord_api_url + route, json={"content": "Busy"})).status != 429:
            pass
    before = len(stage.sandbox.requests)
    assert await stage.ask("wait") == "Patient"
    stage.sandbox.limits.channel_window = QUICK
    statuses = [asked.status for asked in stage.sandbox.requests[before:] if asked.path == route]
    assert statuses == [429, 200]


async def history(stage: Stage) -> None:
    said = [["arXiv Daily", content] for content in stage.posted()]
    assert {"Today", "Once"} <= set(stage.posted())
    assert await stage.ask("history") == said[::-1]


async def edit(stage: Stage) -> None:
    assert await stage.ask("edit") == ["New", True]
    assert {"Old", "New"} & set(stage.posted()) == {"New"}


async def delete(stage: Stage) -> None:
    assert await stage.ask("delete") == "gone"
    assert "Wrong" not in stage.posted()


async def attach(stage: Stage) -> None:
    assert await stage.ask("attach") == [["abstract.txt", 12]]


async def reply(stage: Stage) -> None:
    assert await stage.ask("reply") == "Question"


async def react(stage: Stage) -> None:
    assert await stage.ask("react") == [["👍", 1]]


async def pin(stage: Stage) -> None:
    assert await stage.ask("pin") == ["Keep"]


async def webhook(stage: Stage) -> None:
    assert await stage.ask("webhook") == "Press"


# --- threads


async def thread(stage: Stage) -> None:
    assert await stage.ask("thread") == ["Alone", "Inside"]
    assert _thread(stage, "Alone") == ["Inside"]


async def thread_under(stage: Stage) -> None:
    """Under a message, with which the thread begins."""
    assert await stage.ask("thread_under") == ["Under", "Inside"]
    assert _thread(stage, "Under") == ["", "Inside"]


def _thread(stage: Stage, name: str) -> list[str]:
    [found] = [channel for channel in stage.world.channels.values() if channel.name == name]
    assert found.parent_id == stage.world.papers.id
    return [message.content for message in found.messages.values()]


async def archive(stage: Stage) -> None:
    assert await stage.ask("archive") is True


async def lock(stage: Stage) -> None:
    assert await stage.ask("lock") is True


# --- interactions


async def register(stage: Stage) -> None:
    assert await stage.ask("register") == ["answer"]
    [option] = stage.sandbox.commands.find("answer", stage.world.lab.id)["options"]
    assert (option["name"], option["required"], option["autocomplete"]) == ("how", True, True)


async def answer(stage: Stage) -> None:
    """It also sees what it may do there."""
    typed = stage.visitor.command(stage.world.member, stage.world.papers.id, "answer", how="answer")
    reply, may = await stage.seeing(typed, "answer")
    assert (reply.kind, reply.content, reply.ephemeral) == ("message", "Here", False)
    assert may == _granted(stage)


async def defer(stage: Stage) -> None:
    reply = await stage.use("defer")
    assert (reply.kind, reply.content) == ("deferred", "Later")


async def ephemeral(stage: Stage) -> None:
    reply = await stage.use("ephemeral")
    assert (reply.content, reply.ephemeral) == ("For you", True)


async def follow_up(stage: Stage) -> None:
    reply = await stage.use("follow_up")
    assert [reply.content, *(each.content for each in reply.followups)] == ["First", "Second"]


async def suggest(stage: Stage) -> None:
    typed = stage.visitor.autocomplete(stage.world.member, stage.world.papers.id, "answer", "how", "de")
    choices, _ = await stage.seeing(typed, "suggest")
    assert [choice["value"] for choice in choices] == ["defer"]


async def button(stage: Stage) -> None:
    reply = await stage.use("button")
    pressed, by = await stage.seeing(stage.visitor.press(stage.world.manager, reply, "Press"), "pressed")
    assert by == "grace"
    assert (pressed.kind, reply.content, reply.components) == ("update", "Pressed", [])


async def select(stage: Stage) -> None:
    reply = await stage.use("select")
    chosen, _ = await stage.seeing(stage.visitor.choose(stage.world.member, reply, "chosen", ["cs.LG"]), "chosen")
    assert (chosen.kind, reply.content, reply.components) == ("deferred update", "cs.LG", [])


async def modal(stage: Stage) -> None:
    opened = await stage.use("modal")
    assert opened.kind == "modal"
    submitted, content = await stage.seeing(stage.visitor.submit(stage.world.member, opened, title="Graphene"), "submitted")
    assert (submitted.kind, submitted.content, content) == ("message", "Graphene", "Graphene")


async def form(stage: Stage) -> None:
    """A modal from a button, that changes the message of the button."""
    reply = await stage.use("button")
    opened, _ = await stage.seeing(stage.visitor.press(stage.world.member, reply, "Form"), "form")
    filled, content = await stage.seeing(stage.visitor.submit(stage.world.member, opened, title="Graphene"), "filled")
    assert (filled.kind, reply.content, content) == ("update", "Graphene", "Graphene")


async def dismiss(stage: Stage) -> None:
    """A modal from a command, after which nothing is said."""
    opened = await stage.use("dismiss")
    dismissed, _ = await stage.seeing(stage.visitor.submit(stage.world.member, opened, title="Graphene"), "dismissed")
    assert dismissed.kind == "deferred update"


VERBS = (
    connect,
    see,
    permissions,
    member,
    post,
    nonce,
    wait,
    history,
    edit,
    delete,
    attach,
    reply,
    react,
    pin,
    webhook,
    thread,
    thread_under,
    archive,
    lock,
    register,
    answer,
    defer,
    ephemeral,
    follow_up,
    suggest,
    button,
    select,
    modal,
    form,
    dismiss,
    resume,
)
"""In the order in which they are tried."""


async def failing(stage: Stage) -> dict[str, str]:
    """The verbs that do not work, and what was said about each; what the sandbox does not imitate does not work.

    Who does not even connect is asked for nothing else.
    """
    found: dict[str, str] = {}
    for verb in VERBS:
        before = len(stage.sandbox.refusals)
        try:
            await verb(stage)
        except Exception as error:
            found[verb.__name__] = f"{type(error).__name__}: {error}"
        if refused := stage.sandbox.refusals[before:]:
            found[verb.__name__] = refused[0]
        if "connect" in found:
            break
    return found
