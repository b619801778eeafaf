"""The bot in the room: the real client on the sandbox's gateway, in this process, and the people who talk to it."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from bot.app import App
from bot.daemon.client import ArxivBot
from bot.delivery.addresses import point_at
from bot.digest.report import Report
from sandbox.discord.model import Channel, Json, Message, User
from sandbox.discord.reply import Reply
from sandbox.server import Sandbox
from tests.e2e.lab import OUR_OWN, Lab

PATIENCE = 30.0
"""Real seconds after which what was waited for is taken not to come."""


@dataclass(frozen=True, slots=True)
class Person:
    """Types, presses, chooses and submits in one channel, as a person in Discord's own app; each verb gives the settled reply."""

    sandbox: Sandbox
    user: User
    channel_id: int

    def at(self, channel_id: int) -> Person:
        """The same person in another channel."""
        return Person(self.sandbox, self.user, channel_id)

    async def command(self, name: str, /, *, force: bool = False, **options: str | int | float | Channel) -> Reply:
        """`force`: a server's own settings let this person use it, whatever the command's default is."""
        return await _settled(self.sandbox.visitor.command(self.user, self.channel_id, name, force=force, **options))

    async def press(self, target: Message | Reply, wanted: str, /) -> Reply:
        """A button, by custom_id, label or emoji."""
        return await _settled(self.sandbox.visitor.press(self.user, target, wanted))

    async def choose(self, target: Message | Reply, wanted: str, /, *values: str | Channel) -> Reply:
        """In a select, by custom_id or placeholder."""
        return await _settled(self.sandbox.visitor.choose(self.user, target, wanted, values))

    async def submit(self, modal: Reply, /, **fields: Any) -> Reply:
        """Fields by custom_id or label; the others keep what the bot had put there."""
        return await _settled(self.sandbox.visitor.submit(self.user, modal, **fields))

    async def autocomplete(self, name: str, focused: str, value: str, /, **options: str | int | float | Channel) -> list[Any]:
        """The choices suggested: {"name", "value"} each."""
        return await self.sandbox.visitor.autocomplete(self.user, self.channel_id, name, focused, value, **options)


class Room:
    """`async with Room(lab) as room:` the bot is connected and knows its servers. No tick runs but by `tick()`."""

    bot: ArxivBot
    _stack: AsyncExitStack

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    async def __aenter__(self) -> Room:
        settings = self.lab.settings()
        point_at(settings.discord_api_url, self.lab.sandbox.gateway_url)
        async with AsyncExitStack() as stack:
            app = await stack.enter_async_context(App.open(settings, self.lab.clock, look_again=True))
            self.bot = ArxivBot(app)
            connection = asyncio.create_task(self.bot.start(self.lab.sandbox.world.token))
            stack.push_async_callback(_closed, self.bot, connection)
            await until(lambda: self.bot.present.is_set() or connection.done())
            if connection.done():
                await connection
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._stack.aclose()

    async def tick(self) -> Report:
        """One tick, now."""
        return await self.bot.tick()

    @property
    def manager(self) -> Person:
        """May manage the server; stands in the lab's paper channel."""
        return Person(self.lab.sandbox, self.lab.sandbox.world.manager, self.lab.channel)

    @property
    def member(self) -> Person:
        """A plain member, there too."""
        return Person(self.lab.sandbox, self.lab.sandbox.world.member, self.lab.channel)


async def until(condition: Callable[[], object | Awaitable[object]]) -> None:
    """Wait for what the bot does by itself, upon an event or a tick; TimeoutError when it does not."""
    async with asyncio.timeout(PATIENCE):
        while True:
            met = condition()
            if await met if inspect.isawaitable(met) else met:
                return
            await asyncio.sleep(0.005)  # the rest of the world, and a child process, go on meanwhile


@asynccontextmanager
async def running(lab: Lab, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m bot run`, or with these arguments, as a child of its own, on the sandbox's clock; its log is in `run.log`."""
    environ = {**lab.environ, "DISCORD_GATEWAY_URL": lab.sandbox.gateway_url, "CLOCK_URL": lab.sandbox.clock_url}
    with (lab.folder / "run.log").open("ab") as log:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *(arguments or ("run",)),
            cwd=lab.folder,
            env={**OUR_OWN, **environ},
            stdout=log,
            stderr=log,
        )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


def at_message(lab: Lab, count: int, act: Callable[[], object]) -> None:
    """Once: do something at the moment when the sandbox has stored so many more messages, and answered the last one to nobody."""
    stored = 0

    def witness(event: str, payload: Json) -> None:
        nonlocal stored
        stored += event == "MESSAGE_CREATE"
        if stored == count:
            lab.sandbox.dispatch.witnesses.discard(witness)
            act()

    lab.sandbox.dispatch.witnesses.add(witness)


async def _settled(acting: Awaitable[Reply]) -> Reply:
    return await (await acting).settled()


async def _closed(bot: ArxivBot, connection: asyncio.Task[None]) -> None:
    await bot.close()
    await asyncio.gather(connection, return_exceptions=True)
