"""What can be seen of a lab's papers in the channels and in the ledger, in words for the page."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.digest.model import State
from bot.errors import StorageError
from bot.paper import PaperId
from bot.storage.database import beside
from bot.storage.schema import claims
from bot.storage.url import parse
from bot.text.words import counted, lasting, local
from sandbox.arxiv.record import Record
from sandbox.discord.model import Json, Message
from sandbox.discord.reply import Reply
from tests.e2e.lab import Lab, is_intro, links

ZONE = ZoneInfo("Asia/Singapore")
LEDGER = {
    None: ("not in it", "the bot has not read of the paper yet"),
    State.SEEN: ("known", "it was there before the channel followed the query, and is not to be posted"),
    State.WAITING: ("waiting", "to be posted as soon as the channel can be posted to"),
    State.CLAIMED: ("on its way", "a message with it was begun, and Discord has not confirmed it"),
    State.SENT: ("posted", "Discord has confirmed the message"),
    State.REFUSED: ("to come as a link", "Discord took neither its card nor its text"),
    State.REJECTED: ("not taken", "Discord does not even take its link; `/status` shows title and link"),
    State.BACKLOG: ("kept back", "in the backlog, to spare the channel; a button of `/status` shows it"),
}
"""Each state of a paper in the ledger: what it is called on the page, and what that means."""


class Watcher:
    """`due` is what the lab's channels are to get, by base id. Every message of the bot is counted when it comes."""

    def __init__(self, lab: Lab) -> None:
        self.due: dict[str, Record] = {}
        self._lab = lab
        self._world = lab.sandbox.world
        self._due_at: dict[str, datetime] = {}
        self._came_at: dict[str, datetime] = {}
        self._copies: Counter[str] = Counter()
        lab.sandbox.dispatch.witnesses.add(self._witness)

    def owe(self, record: Record) -> None:
        """From now on."""
        self.due[record.base_id] = record
        self._due_at[record.base_id] = self._now

    def channel(self) -> str:
        """Which papers stand there, how, and what else does."""
        found: set[str] = set()
        about: Counter[str] = Counter()
        notes: list[str] = []
        for place, message in self._ours():
            shown = [each for each in map(PaperId.parse, links(message)) if each.base in self.due]
            if is_intro(message):
                notes += [f"its first message in #{place}"] if place != "papers" else []
            elif not links(message):
                notes += [f"a note: “{self.plain(description(message))}”"] if message.embeds else []
            for id in shown if not is_intro(message) else ():
                about["twice"] += id.base in found
                found.add(id.base)
                about[_form(message, id)] += 1
                about["" if place == "papers" else f"in #{place}"] += 1
        if not self.due:
            return "; ".join(["nothing was due", *notes])
        details = [f"{count} {what}" for what, count in about.items() if what and count]
        return "; ".join([f"{len(found)} of {counted(len(self.due), 'paper')}", *details, *notes])

    async def ledger(self) -> str:
        """The states of the papers."""
        try:
            async with beside(parse(self._lab.url)) as connection:
                rows = (await connection.execute(select(claims.c.paper_id, claims.c.version, claims.c.state))).all()
        except StorageError:
            return "cannot be read"
        states: dict[str, tuple[State, int]] = {PaperId.of(row.paper_id, 1).base: (State(row.state), row.version) for row in rows}
        words: Counter[str] = Counter()
        for id in self.due:
            state, version = states.get(id, (None, 1))
            words[LEDGER[state][0] + (f", version {version}" if version > 1 else "")] += 1
        return "; ".join(f"{count} {word}" for word, count in words.items()) or "nothing was due"

    def broken(self, told: str) -> list[str]:
        """Rules that do not hold, a sentence each, where members are `told` that beside the channel."""
        said = [f"{id} was there before, and was posted" for id in self._copies if id not in self.due]
        for id, record in self.due.items():
            if self._copies[id] > 1:
                said.append(f"“{record.title}” came {self._copies[id]} times")
            elif not self._copies[id] and f"/abs/{record.id})" not in told:
                said.append(f"“{record.title}” is lost")
        return said

    def outcome(self) -> str:
        """How many of the papers came, how often and when."""
        came = [id for id in self.due if self._copies[id]]
        repeated = sum(self._copies[id] > 1 for id in came)
        waits = [self._came_at[id] - self._due_at[id] for id in came]
        said = [f"{len(came)} of {counted(len(self.due), 'paper')}, {f'{repeated} of them twice' if repeated else 'once each'}"]
        if len(came) < len(self.due):
            said.append("the rest by title and link in `/status`")
        if (latest := max(waits, default=timedelta(0))) >= timedelta(minutes=2):
            said.append(f"the latest {_about(latest)} late")
        return "; ".join(said)

    def plain(self, text: str) -> str:
        """As Discord shows it to somebody in Singapore, now, without bold; nothing of this machine or of this run."""

        def time(match: re.Match[str]) -> str:
            at = datetime.fromtimestamp(int(match[1]), UTC)
            if match[2] != "R":
                return local(at, ZONE)
            return f"in {lasting(at - self._now)}" if at >= self._now else f"{lasting(self._now - at)} ago"

        text = re.sub(r" \(<t:\d+:R>\)", "", text)
        text = re.sub(r"<t:(\d+):(\w)>", time, text)
        text = re.sub(r"<#(\d+)>", lambda match: f"#{self._world.channels[int(match[1])].name}", text)
        text = re.sub(r"\[([^\[\]]+)\]\(https://[^()\s]+\)", r"\1", text)
        text = text.replace(f"{self._lab.folder}/", "").replace("**", "").replace("\\", "").replace("⚠️ ", "")
        return re.sub(r"\b\d{17,20}\b", "…", " ".join(text.split()))

    @property
    def _now(self) -> datetime:
        return self._lab.sandbox.clock.now()

    def _witness(self, event: str, payload: Json) -> None:
        """Counts the copies of a paper, also those that somebody deletes later."""
        if event != "MESSAGE_CREATE":
            return
        message = self._world.message(int(payload["id"]))
        if message.author_id == self._world.bot.id and message.visible_to is None and not is_intro(message):
            for paper in map(PaperId.parse, links(message)):
                self._copies[paper.base] += 1
                self._came_at.setdefault(paper.base, self._now)

    def _ours(self) -> Iterable[tuple[str, Message]]:
        """The bot's messages that stand in a channel, with its name."""
        for channel in self._world.channels_of(self._world.lab):
            for message in channel.messages.values():
                if message.author_id == self._world.bot.id:
                    yield channel.name, message


def description(shown: Message | Reply) -> str:
    return "\n".join([shown.content, *(str(embed.get("description", "")) for embed in shown.embeds)]).strip()


def _about(length: timedelta) -> str:
    """To the nearest minute, hour or day, in the largest unit of which there are two or more."""
    units = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
    noun, unit = next(each for each in units if length >= 2 * each[1])
    return counted(round(length / unit), noun)


def _form(message: Message, id: PaperId) -> str:
    """How a message shows a paper, where that is not an ordinary card or list."""
    if not message.embeds:
        return "as plain text"
    if f"[arXiv:{id}]" in json.dumps(message.embeds):
        return "as a link alone"
    badge = message.embeds[0].get("author", {}).get("name", "")
    heading = message.embeds[0].get("title", "") if "url" not in message.embeds[0] else ""
    return f"marked “{badge}”" if badge else f"in a list “{heading}”" if heading else ""
