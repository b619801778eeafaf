"""What people type into a form for the hour and the zone of their server."""

from __future__ import annotations

from datetime import time

from bot.errors import BotError
from bot.settings import values


class BadValue(BotError):
    """What was typed cannot be used; the sentence says what can. Nothing was changed."""


def clock_time(typed: str) -> time | None:
    """As config.json's post_at; None when nothing was typed. Raises BadValue."""
    try:
        return values.hour(typed) if typed.strip() else None
    except values.Unreadable as error:
        raise BadValue(f"I cannot read {quoted(typed)} as a time: {error}. Nothing was changed.") from error


def zone_name(typed: str) -> str | None:
    """As config.json's timezone; None when nothing was typed. Raises BadValue."""
    try:
        return values.zone(typed) if typed.strip() else None
    except values.Unreadable as error:
        raise BadValue(f"I know no time zone {quoted(typed)}: {error}. Nothing was changed.") from error


def quoted(typed: str) -> str:
    """On one line, and nothing in it is markup."""
    return f"`{' '.join(typed.replace('`', ' ').split())[:50]}`"
