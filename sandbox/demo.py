"""`make demo`: the real bot lives through a few days of a small Discord and a small arXiv, and its channel is checked."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.arxiv.corpus import Corpus
from sandbox.arxiv.grammar import adapt, parse
from sandbox.arxiv.search import Search, SortBy, SortOrder
from sandbox.clock import SandboxClock
from sandbox.discord.model import Message
from sandbox.server import Sandbox

ROOT = Path(__file__).parents[1]
FIRST_DAY = datetime.fromisoformat("2026-03-02T15:00:00+08:00")
"""A Monday, an hour after the shipped configuration's time."""
LINK = re.compile(r"https://arxiv\.org/abs/(\S+?v\d+)(?=[)\s]|$)")
WIDTH = 110


@dataclass(slots=True)
class Demo:
    """The bot's files in `folder`, its configuration as shipped, its channel #papers."""

    sandbox: Sandbox
    folder: Path
    config: dict[str, Any]

    async def play(self, days: int) -> bool:
        """Day 0 and so many more; whether the channel held exactly what it must after each."""
        say(f"{self.sandbox.world.lab.name}, a Discord server, and an invented arXiv; both at {self.sandbox.url}")
        right = await self._day(0, known=set())
        for day in range(1, days + 1):
            known = {record.base_id for record in self._matching()}
            self.sandbox.clock.advance(days=1)
            right = await self._day(day, known) and right
        return await self._again() and right

    async def _day(self, day: int, known: set[str]) -> bool:
        """The bot runs once, as cron would start it."""
        say(f"\n== Day {day}: {self.sandbox.clock.now().astimezone(FIRST_DAY.tzinfo):%A %d %B %Y, %H:%M} in Singapore")
        before = len(self._messages())
        expected = [] if day == 0 else [record.id for record in self._matching() if record.base_id not in known]
        worked = await self._bot("once", *self._now())
        fresh = self._messages()[before:]
        for message in fresh:
            say(described(message))
        posted = [paper for message in fresh if day > 0 for paper in links(message)]
        return worked and self._judge(posted, expected, introduced=day > 0 or len(fresh) == 1)

    async def _again(self) -> bool:
        """The same day, forced: arXiv is asked, the channel stays as it is."""
        say("\n== The same day, once more with --force")
        before, asked = len(self._messages()), len(self.sandbox.arxiv.requests)
        worked = await self._bot("once", "--force", *self._now())
        questions, fresh = len(self.sandbox.arxiv.requests) - asked, len(self._messages()) - before
        say(f"   arXiv was asked {questions} time(s); {fresh} message(s) were posted")
        return worked and questions > 0 and fresh == 0

    def _judge(self, posted: Sequence[str], expected: Sequence[str], *, introduced: bool) -> bool:
        missing, surplus = sorted(set(expected) - set(posted)), sorted(set(posted) - set(expected))
        twice = sorted({paper for paper in posted if posted.count(paper) > 1})
        if missing or surplus or twice or not introduced:
            say(f"   WRONG: missing {missing}, not expected {surplus}, twice {twice}")
            return False
        say(f"   The channel holds exactly what arXiv's index says it must: {len(expected)} new paper(s).")
        return True

    def _matching(self) -> list[Any]:
        """By the sandbox's own reading of the query, which shares no code with the bot's."""
        query = parse(adapt(self.config["query"]))
        now = self.sandbox.clock.now()
        return Search(self.sandbox.corpus).find(query, [], now, SortBy.UPDATED, SortOrder.DESCENDING)

    def _messages(self) -> list[Message]:
        return self.sandbox.world.messages(self.sandbox.world.papers.id)

    def _now(self) -> tuple[str, str]:
        return ("--now", self.sandbox.clock.now().isoformat())

    async def _bot(self, *arguments: str) -> bool:
        """`python -m bot …` as a process of its own."""
        say(f"   $ python -m bot {arguments[0]}" + "".join(f" {word}" for word in arguments[1:] if word == "--force"))
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DISCORD_TOKEN": self.sandbox.world.token,
            "DISCORD_API_URL": self.sandbox.discord_api_url,
            "ARXIV_API_URL": self.sandbox.arxiv_api_url,
            "ARXIV_INTERVAL": "0",
            "ARXIV_CONTACT": "demo@example.org",
            "DATABASE_URL": f"sqlite:///{self.folder / 'demo.db'}",
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "bot", *arguments]
        child = await asyncio.create_subprocess_exec(*command, cwd=self.folder, env=environment, stdout=asyncio.subprocess.PIPE)
        out, _ = await child.communicate()
        say(textwrap.indent(out.decode().rstrip(), "   "))
        return child.returncode == 0


def described(message: Message) -> str:
    """A line for a message, and one for each paper in it."""
    embed = message.embeds[0] if message.embeds else {}
    said = [line for line in (message.content, *embed.get("description", "").splitlines()) if line.strip()]
    papers = links(message)
    if "url" in embed:
        head = f"{message.content}  " if message.content else ""
        return shortened(f"   #papers | {head}{papers[0]}  {embed['title']}")
    return "\n".join(shortened(f"   #papers | {line}") for line in [embed.get("title", ""), *said] if line)


def shortened(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def links(message: Message) -> list[str]:
    """Versioned ids a reader can click, each once."""
    texts = [message.content, *(embed.get(part, "") for embed in message.embeds for part in ("url", "description"))]
    return list(dict.fromkeys(paper for text in texts for paper in LINK.findall(text)))


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


async def demonstrate(days: int) -> bool:
    corpus = Corpus.fictional(FIRST_DAY)
    with tempfile.TemporaryDirectory(prefix="arxiv-daily-") as folder:
        async with Sandbox(SandboxClock(FIRST_DAY), corpus=corpus) as sandbox:
            config = json.loads((ROOT / "config.json").read_text(encoding="utf-8"))
            config["channels"] = [{"id": str(sandbox.world.papers.id)}]
            (Path(folder) / "config.json").write_text(json.dumps(config), encoding="utf-8")
            right = await Demo(sandbox, Path(folder), config).play(days)
            if sandbox.refusals:
                say(f"WRONG: the bot asked for what Discord does not have: {sandbox.refusals}")
            return right and not sandbox.refusals


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="two days only: one that seeds, one that posts")
    options = parser.parse_args()
    right = asyncio.run(demonstrate(1 if options.once else 5))
    say("\nAll as it must be." if right else "\nSomething is wrong; see above.")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
