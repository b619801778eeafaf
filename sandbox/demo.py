"""The command `make demo`: runs the real bot through two days of the sandbox, lets people talk to it, and checks it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.arxiv.corpus import Corpus
from sandbox.arxiv.grammar import adapt, parse
from sandbox.arxiv.record import Record
from sandbox.arxiv.search import Search, SortBy, SortOrder
from sandbox.control.clock import SandboxClock
from sandbox.discord.model import Json, Message, User
from sandbox.discord.reply import Reply
from sandbox.server import Sandbox
from sandbox.transcript import answered, links, posted

ROOT = Path(__file__).parents[1]
FIRST_DAY = datetime.fromisoformat("2026-03-02T15:00:00+08:00")
"""A Monday, an hour after the shipped configuration's time."""
ROBOTS = 'cat:cs.RO OR (cat:cs.LG AND all:"materials")'
# Windows has no SIGTERM for others; Ctrl+Break reaches those who were started apart.
if sys.platform == "win32":
    STOP, APART = signal.CTRL_BREAK_EVENT, subprocess.CREATE_NEW_PROCESS_GROUP
else:
    STOP, APART = signal.SIGTERM, 0
PATIENCE = 30.0
"""Real seconds that any one step may take."""
ASKING = "Still asking arXiv"
"""What the bot says while arXiv's three seconds between two questions are not over."""


class WrongError(Exception):
    """Raised when the bot did something that the demo knows to be wrong."""


@dataclass(slots=True)
class Demo:
    """A run of the demo: one server, its #papers, the bot as a child process, a manager and a member who type."""

    sandbox: Sandbox
    folder: Path
    query: str
    live: bool
    told: int = 0
    """How many of the channel's messages have been printed."""
    expected: list[str] = field(default_factory=list)
    _child: asyncio.subprocess.Process = field(init=False)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the bot's process; with `live` it asks the real arXiv at the real time."""
        invented = {
            "ARXIV_API_URL": self.sandbox.arxiv_api_url,
            "ARXIV_CONTACT": "demo@example.org",
            "CLOCK_URL": self.sandbox.clock_url,
        }
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DISCORD_TOKEN": self.sandbox.world.token,
            "DISCORD_API_URL": self.sandbox.discord_api_url,
            "DISCORD_GATEWAY_URL": self.sandbox.gateway_url,
            "DATABASE_URL": f"sqlite:///{self.folder / 'demo.db'}",
            "LOG_LEVEL": "WARNING",
            **({} if self.live else invented),
        }

    async def first_morning(self) -> None:
        """Start the bot, let a day pass, let a member ask. Raises WrongError."""
        member = self.sandbox.world.member
        say(f"{self.sandbox.world.lab.name}, a Discord server at {self.sandbox.url}. Nothing is posted anywhere else.")
        self.today("the bot starts and reads what is there already")
        await self.until(lambda: len(self.messages) > self.told)
        self.show()
        if self.live:
            await self.type(member, "latest", count=3)
            return

        await self.tomorrow("what arXiv shows for the first time is posted", self.query)
        await self.type(member, "latest", count=3)
        await self.type(member, "status")

    async def second_morning(self) -> None:
        """Let the manager change the query, and a day pass. Raises WrongError."""
        manager = self.sandbox.world.manager
        reply = await self.type(manager, "setquery", query=ROBOTS)
        say(f"  {manager.name} presses Save")
        await self.act(self.sandbox.visitor.press(manager, reply, "Save"))
        await self.until(lambda: len(self.messages) > self.told)
        self.show()
        await self.tomorrow("from now on the new query", ROBOTS)

    def today(self, story: str) -> None:
        now = self.sandbox.clock.now().astimezone(FIRST_DAY.tzinfo)
        say(f"\n== {now:%A} {now.day} {now:%B %Y, %H:%M}: {story}")

    async def tomorrow(self, story: str, query: str) -> None:
        """Let a day pass; WrongError unless the channel then has exactly what the sandbox's own search finds new."""
        known = {record.base_id for record in self.matching(query)}
        self.sandbox.clock.advance(days=1)
        self.today(story)
        self.expected = [record.id for record in self.matching(query) if record.base_id not in known]
        await self.until(lambda: len(self.fresh()) >= len(self.expected))
        fresh = self.fresh()
        self.show()
        if sorted(fresh) != sorted(self.expected):
            raise WrongError(f"the channel got {fresh}; arXiv's index says {self.expected}")
        say(f"  The channel got exactly what arXiv's index says it must: {len(fresh)} new papers, each once.")

    def fresh(self) -> list[str]:
        """The papers in messages that have not been printed."""
        return [paper for message in self.messages[self.told :] for paper in links(message)]

    def matching(self, query: str) -> list[Record]:
        """The papers that match by the sandbox's own parser, which shares no code with the bot's."""
        tree = parse(adapt(query))
        return Search(self.sandbox.corpus).find(tree, [], self.sandbox.clock.now(), SortBy.UPDATED, SortOrder.DESCENDING)

    @property
    def messages(self) -> list[Message]:
        return self.sandbox.world.messages(self.sandbox.world.papers.id)

    def show(self) -> None:
        for message in self.messages[self.told :]:
            tell("#papers |", posted(message))
        self.told = len(self.messages)

    async def type(self, member: User, name: str, **options: Any) -> Reply:
        """Use a slash command as `member`, and print what comes back."""
        typed = " ".join(f"{option}:{value}" for option, value in options.items())
        say(f"\n  {member.name} types /{name} {typed}".rstrip())
        channel = self.sandbox.world.papers.id
        return await self.act(self.sandbox.visitor.command(member, channel, name, **options))

    async def act(self, acting: Awaitable[Reply]) -> Reply:
        reply = await (await acting).settled(PATIENCE)
        await self.until(lambda: ASKING not in reply.content)
        tell("  (only you) |" if reply.ephemeral else "  |", answered(reply))
        return reply

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the bot has made `condition` true; WrongError after PATIENCE seconds."""
        changed = asyncio.Event()

        def witness(_event: str, _payload: Json) -> None:
            changed.set()

        self.sandbox.dispatch.witnesses.add(witness)
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    changed.clear()
                    await changed.wait()
        except TimeoutError:
            raise WrongError(f"after {PATIENCE:.0f} seconds what was expected had not come: {self.expected}") from None
        finally:
            self.sandbox.dispatch.witnesses.discard(witness)

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """Run `python -m bot run` during the block; it must then end within 10 seconds, with status 0."""
        await self._start()
        try:
            yield
            self._child.send_signal(STOP)
            status = await asyncio.wait_for(self._child.wait(), 10)
        finally:
            await self._kill()
        if status != 0:
            raise WrongError(f"the bot ended with status {status}")

    async def restart(self) -> None:
        """Kill the bot without a warning and start another."""
        await self._kill()
        await self._start()

    async def _start(self) -> None:
        command = [sys.executable, "-m", "bot", "run"]
        self._child = await asyncio.create_subprocess_exec(*command, cwd=self.folder, env=self.environ, creationflags=APART)

    async def _kill(self) -> None:
        if self._child.returncode is None:
            self._child.kill()
            await self._child.wait()

    async def once_more(self) -> None:
        """Run `once --force` on the same day: it must ask arXiv and post nothing. Raises WrongError."""
        say("\n== The same day, by hand: python -m bot once --force")
        before, asked = len(self.messages), len(self.sandbox.arxiv.requests)
        command = [sys.executable, "-m", "bot", "once", "--force", "--now", self.sandbox.clock.now().isoformat()]
        child = await asyncio.create_subprocess_exec(*command, cwd=self.folder, env=self.environ, stdout=asyncio.subprocess.PIPE)
        out, _ = await child.communicate()
        tell("$", out.decode().splitlines())
        questions, fresh = len(self.sandbox.arxiv.requests) - asked, len(self.messages) - before
        say(f"  arXiv was asked {questions} time(s); {fresh} message(s) were posted.")
        if child.returncode != 0 or questions == 0 or fresh:
            raise WrongError(f"once --force ended with status {child.returncode}")


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def tell(mark: str, lines: Iterable[str]) -> None:
    for line in lines:
        say(f"  {mark} {line}")


async def demonstrate(*, once: bool, live: bool, headless: bool) -> None:
    """Run the whole demo. Raises WrongError."""
    clock = SandboxClock() if live else SandboxClock(FIRST_DAY)
    corpus = Corpus.fictional(clock.now())
    with tempfile.TemporaryDirectory(prefix="arxiv-daily-") as folder:
        # The bot reads CLOCK_URL once a second, and so measures a pause a second wrong: arXiv's three seconds are not told here.
        async with Sandbox(clock, corpus=corpus, arxiv_interval=None) as sandbox:
            config = json.loads((ROOT / "config.json").read_text(encoding="utf-8"))
            config["channels"] = [{"id": str(sandbox.world.papers.id)}]
            (Path(folder) / "config.json").write_text(json.dumps(config), encoding="utf-8")
            demo = Demo(sandbox, Path(folder), config["query"], live)
            async with demo.bot():
                await demo.first_morning()
                if not once:
                    await hand_over(demo, headless=headless)
                if not live:
                    await demo.second_morning()
            if not live:
                await demo.once_more()
            if sandbox.refusals:
                raise WrongError(f"the bot asked for what Discord does not have: {sandbox.refusals}")


async def hand_over(demo: Demo, *, headless: bool) -> None:
    """Leave the sandbox to the person at the keyboard until they end the program."""
    demo.sandbox.site.restart = demo.restart
    demo.sandbox.site.invents = not demo.live
    demo.sandbox.clock.run()  # so that what the bot says of seconds, such as "try again in 60", comes true
    say(f"\nYour turn: {demo.sandbox.url}/ is this Discord as a page. Ctrl-C ends it.")
    if not headless:
        await asyncio.to_thread(webbrowser.open, f"{demo.sandbox.url}/")
    await asyncio.Event().wait()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="run the script, check, and exit")
    parser.add_argument("--live", action="store_true", help="ask the real arXiv instead of the invented one; nothing is checked")
    parser.add_argument("--headless", action="store_true", help="print the page's address, open no browser")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C, and the bot with it
    try:
        asyncio.run(demonstrate(once=options.once, live=options.live, headless=options.headless))
    except WrongError as error:
        say(f"\nWRONG: {error}")
        return 1
    except KeyboardInterrupt:
        return 0
    say("\nAll as it must be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
