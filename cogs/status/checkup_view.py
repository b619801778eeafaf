"""What a look at everything found, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import discord

from bot.text.counting import counted
from bot.text.prose import fitting
from cogs.status.silence_view import quoted

if TYPE_CHECKING:
    from cogs.status.service import Checked

_DESCRIPTION = 4096  # https://docs.discord.com/developers/resources/message#embed-object-embed-limits
_GREEN, _AMBER = 0x2E9E6B, 0xD9902F
_GOOD, _BAD = "✅", "⚠️"


def checked(found: Checked, objections: Mapping[int, str | None]) -> discord.Embed:
    """`objections`: what keeps the bot from posting in a channel, None where nothing does."""
    lines = [
        *(_line(objection is None, f"<#{id}>: {objection or 'I may post here.'}") for id, objection in objections.items()),
        _storage(found),
        _arxiv(found),
        _line(found.pending == 0, f"Messages Discord has not confirmed: {found.pending:,}"),
        f"Version {found.version}",
    ]
    colour = _AMBER if any(line.startswith(_BAD) for line in lines) else _GREEN
    return discord.Embed(title="Check", description=fitting(lines, "\n", _DESCRIPTION), colour=colour)


def _line(good: bool, text: str) -> str:
    return f"{_GOOD if good else _BAD} {text}"


def _storage(found: Checked) -> str:
    if found.storage_problem is not None:
        return _line(False, f"Storage cannot be written: {quoted(found.storage_problem)}")
    if found.throwaway is not None:
        return _line(
            False,
            f"Storage works, but it does not last: the database is a file that {found.throwaway} throws away, and what was "
            "posted would be forgotten. Let DATABASE_URL name a PostgreSQL database, or a file on a disk that stays.",
        )
    return _line(True, "Storage is written, and lasts.")


def _arxiv(found: Checked) -> str:
    if found.arxiv is None:
        return _line(True, "arXiv was not asked: no query is set.")
    if isinstance(found.arxiv, str):
        return _line(False, f"arXiv: {quoted(found.arxiv)}")
    return _line(True, f"arXiv answers: {counted(found.arxiv.total, 'paper')} found.")
