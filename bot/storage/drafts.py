"""Queries typed and not decided on yet, and those that were saved: buttons find them again after a restart."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update

from bot.storage.database import Database
from bot.storage.schema import drafts

UNDECIDED = timedelta(days=1)
"""How long a draft stays that is not saved."""


@dataclass(frozen=True, slots=True)
class Draft:
    id: str
    """12 characters of A-Z, a-z, 0-9, - and _."""
    guild_id: int
    channel_id: int
    user_id: int
    text: str
    """As typed."""
    created_at: datetime
    saved_at: datetime | None = None


class DraftStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, guild_id: int, channel_id: int, user_id: int, text: str, now: datetime) -> Draft:
        """Also clears away what nobody has saved for a day."""
        draft = Draft(secrets.token_urlsafe(9), guild_id, channel_id, user_id, text, now)
        forgotten = delete(drafts).where(drafts.c.saved_at.is_(None), drafts.c.created_at < now - UNDECIDED)
        row = {
            "id": draft.id,
            "guild_id": guild_id,
            "channel_id": channel_id,
            "user_id": user_id,
            "text": text,
            "created_at": now,
        }
        async with self._database.begin() as connection:
            await connection.execute(forgotten)
            await connection.execute(insert(drafts).values(row))
        return draft

    async def get(self, id: str) -> Draft | None:
        async with self._database.begin() as connection:
            row = (await connection.execute(select(drafts).where(drafts.c.id == id))).one_or_none()
        return None if row is None else Draft(*row)

    async def mark_saved(self, id: str, now: datetime) -> None:
        async with self._database.begin() as connection:
            await connection.execute(update(drafts).where(drafts.c.id == id).values(saved_at=now))

    async def earlier(self, guild_id: int, limit: int = 25) -> list[str]:
        """Texts the server has saved, each once, the newest first."""
        saved = (
            select(drafts.c.text)
            .where(drafts.c.guild_id == guild_id, drafts.c.saved_at.is_not(None))
            .group_by(drafts.c.text)
            .order_by(func.max(drafts.c.saved_at).desc(), drafts.c.text)
            .limit(limit)
        )
        async with self._database.begin() as connection:
            return list(await connection.scalars(saved))
