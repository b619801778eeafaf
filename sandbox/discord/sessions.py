"""The gateway's sessions: what it remembers of a client between two connections."""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Callable
from enum import IntFlag

from sandbox.discord.model import Json

_REMEMBERED = 1000
"""Dispatches kept for a client that resumes; Discord names no number."""


class Intent(IntFlag):
    """Discord's gateway intents, as far as the sandbox has their events."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_WEBHOOKS = 1 << 5
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


class Session:
    """One client's session; `send` is its connection, or None while it has none. Dispatches are numbered from 1."""

    def __init__(self, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.sequence = 0
        self.shard = shard
        self.send: Callable[[str], None] | None = None
        self._sent: deque[str] = deque(maxlen=_REMEMBERED)

    def dispatch(self, event: str, data: Json) -> None:
        self.sequence += 1
        text = json.dumps({"op": 0, "s": self.sequence, "t": event, "d": data})
        self._sent.append(text)
        if self.send:
            self.send(text)

    def since(self, sequence: int) -> list[str] | None:
        """The dispatches after this number; None if some of them are forgotten."""
        missed = self.sequence - sequence
        return list(self._sent)[len(self._sent) - missed :] if missed <= len(self._sent) else None

    def serves(self, guild_id: int | None) -> bool:
        """https://docs.discord.com/developers/events/gateway#sharding; direct messages go to the first shard."""
        number, count = self.shard
        return ((guild_id or 0) >> 22) % count == number


class Sessions:
    """The sessions that can be resumed."""

    def __init__(self) -> None:
        self._known: dict[str, Session] = {}

    def open(self, intents: int, shard: tuple[int, int]) -> Session:
        session = Session(intents, shard)
        self._known[session.id] = session
        return session

    def find(self, session_id: str) -> Session | None:
        return self._known.get(session_id)

    def end(self, session: Session) -> None:
        self._known.pop(session.id, None)

    def clear(self) -> None:
        self._known.clear()

    def serving(self, guild_id: int | None) -> list[Session]:
        return [session for session in self._known.values() if session.serves(guild_id)]
