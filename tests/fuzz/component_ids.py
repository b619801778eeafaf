"""What may come back from a button, a select or a form: whoever acts gets a sentence, and never "something went wrong"."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from bot.daemon.budget import Budget
from cogs.latest import view as latest
from cogs.setquery import view as setquery
from cogs.settings import view as settings
from cogs.status import view as status
from sandbox.arxiv.corpus import Corpus
from sandbox.control.clock import SandboxClock
from sandbox.discord.choosing import NotAllowedError
from sandbox.discord.limits import RateLimits
from sandbox.discord.model import Json
from sandbox.discord.reply import Reply
from sandbox.server import Sandbox
from tests.databases import new_database
from tests.e2e.conftest import START
from tests.e2e.lab import Lab
from tests.e2e.room import Room
from tests.fuzz.mutation import mutated
from tests.fuzz.target import Target

QUERY = "ti:moss"
SELECTS = (settings.Verb.CHANNEL, settings.Verb.MOVE, *settings.CHOICES)
FORMS = ("edited", "timed", "wished", *settings.FORMS)
BUTTONS = (
    *(f"setquery:{verb}:DRAFT" for verb in setquery.Verb),
    "setquery:when:DRAFT:TYPED",
    *(f"settings:{verb}:NUMBER" for verb in settings.Verb if verb not in (*SELECTS, *FORMS, settings.Verb.ERASE_ALL)),
    *("settings:hour:0:TYPED", "settings:cards:0:TYPED"),
    *(f"latest:{verb}:DRAFT:NUMBER:NUMBER" for verb in ("page", "refresh", "share")),
    *(f"status:{verb}:NUMBER:NUMBER" for verb in ("check", "open", "turn")),
)
"""All of ours but the one that would leave nothing to ask about. DRAFT stands for a real one; CHANNEL, where a NUMBER is drawn,
for the one that follows something, and OTHER for one that does not.
"""
NUMBERS = ("0", "1", "5", "10", "12", "CHANNEL", "OTHER", "9" * 18, "9" * 19, str(2**63), "9" * 40, "٣", "-1", "")
TEXTS = (
    *("", "9", "25:00", "Berlin", "Atlantis", "many", QUERY, "ti:((", "2603.00001", "|", "||", ":", " ", "+5", "DRAFT"),
    *("\n", "\u200b", "\u202e", "🎵", "@everyone", "`", "x" * 60, "9" * 60),
)
PATTERNS = (setquery.PRESS, settings.CONTROL, latest.BUTTON, status.BUTTON)
"""Of buttons and selects. Of anything else Discord's own app says that the application did not respond."""


@dataclass(frozen=True, slots=True)
class Used:
    """A button, or a select in which `chosen` was chosen; in the form that opens, every field gets `typed`."""

    custom_id: str
    chosen: str
    typed: str


_numbers, _texts = st.sampled_from(NUMBERS), st.sampled_from(TEXTS) | st.text(max_size=5)


@st.composite
def _filled(draw: st.DrawFn) -> str:
    typed = st.lists(_texts, max_size=3).map("|".join)
    return re.sub("NUMBER|TYPED", lambda found: draw(_numbers if found[0] == "NUMBER" else typed), draw(st.sampled_from(BUTTONS)))


_buttons = st.builds(Used, _filled() | mutated(_filled(), (*NUMBERS, *TEXTS)), st.just(""), _texts)
_ids = _numbers.filter(str.isalnum)
_channels = st.builds(Used, st.just("settings:channel:0"), _ids | _ids.filter(str.isdigit).map("+{}".format), st.just(""))
_moves = st.builds(Used, _numbers.map("settings:move:{}".format), _ids, st.just(""))
_names = st.sampled_from([*settings.CHOICES])
_choices = st.builds(Used, _names.map("settings:{}:0".format), _texts.filter(str.strip), st.just(""))
INPUTS = st.one_of(_buttons, _buttons, _channels, _moves, _choices)


@contextmanager
def opened() -> Iterator[Callable[[Used], None]]:
    """The bot in the sandbox, for all inputs together."""
    with asyncio.Runner() as runner, tempfile.TemporaryDirectory() as folder:
        room = _room(Path(folder))
        following = runner.run(room.__aenter__())
        try:
            yield lambda used: runner.run(_check(following, used))
        finally:
            runner.run(room.__aexit__(None, None, None))


@asynccontextmanager
async def _room(folder: Path) -> AsyncIterator[Room]:
    async with Sandbox(SandboxClock(START), RateLimits.off(), Corpus(), arxiv_interval=None) as sandbox:
        for number in range(12):
            sandbox.corpus.publish(sandbox.clock.now(), title=f"Moss grows on stone {number}")
        lab = Lab(sandbox, folder, await new_database(folder), sandbox.world.papers.id)
        lab.configure(post_at="14:00", timezone="Asia/Singapore")
        async with Room(lab) as room:
            yield room


async def _check(room: Room, used: Used) -> None:
    real = {"DRAFT": await _draft(room), "CHANNEL": str(room.lab.channel), "OTHER": str(room.lab.sandbox.world.general.id)}
    custom_id, chosen = (
        re.sub("DRAFT|CHANNEL|OTHER", lambda found: real[found[0]], text)[:100] for text in (used.custom_id, used.chosen)
    )
    matches = [found for pattern in PATTERNS if (found := re.fullmatch(pattern, custom_id))]
    if not matches or (matches[0]["verb"] in SELECTS) != bool(chosen) or matches[0]["verb"] in FORMS:
        return
    message = room.lab.sandbox.world.post(room.lab.channel, components=_row(custom_id, chosen))
    reply = await (room.manager.choose(message, custom_id, chosen) if chosen else room.manager.press(message, custom_id))
    _check_answer(reply)
    if reply.modal is not None:
        fields = [label["component"] for label in reply.modal["components"]]
        typed = {field["custom_id"]: used.typed[: field["max_length"]] for field in fields}
        with suppress(NotAllowedError):  # Discord's own app asks for a field that must be filled in
            _check_answer(await room.manager.submit(reply, **typed))


async def _draft(room: Room) -> str:
    """Of a query that #papers follows; nobody has asked for too much yet."""
    room.bot.budget = Budget()
    storage, lab, world = room.bot.app.storage, room.lab, room.lab.sandbox.world
    if await storage.subscriptions.get(lab.channel) is None:
        await room.manager.press(await room.manager.command("setquery", query=QUERY), "Save")
    return (await storage.drafts.put(world.lab.id, lab.channel, world.manager.id, QUERY, lab.clock.now())).id


def _row(custom_id: str, chosen: str) -> list[Json]:
    control: Json = {"type": 2, "style": 1, "label": "moss", "custom_id": custom_id}
    if chosen:
        control = {"type": 3, "custom_id": custom_id, "options": [{"label": "moss", "value": chosen}]}
    return [{"type": 1, "components": [control]}]


def _check_answer(reply: Reply) -> None:
    said = [reply.content, *(message.content for message in reply.followups)]
    assert not any("Something went wrong" in text for text in said)
    assert any(said) or reply.embeds or reply.modal


TARGET = Target(INPUTS, opened)
