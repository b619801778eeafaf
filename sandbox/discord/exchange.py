"""One interaction and what the bot answered."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from sandbox.discord.model import Channel, Deed, Json, Message, User


class Kind(IntEnum):
    """What was done, under Discord's numbers."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Callback(IntEnum):
    """What a first answer can be, under Discord's numbers."""

    MESSAGE = 4
    DEFERRED = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(eq=False, slots=True)
class Interaction:
    """`acknowledged` is set by the first answer, `settled` when nothing is left that was promised for later."""

    id: int
    kind: Kind
    user: User
    channel: Channel
    created_at: datetime
    """On the sandbox's clock, as the token's 15 minutes are."""
    began: float
    """Real seconds, on the event loop's clock, as the 3 seconds are."""
    message: Message | None = None
    """The one whose button or select was used; also behind a modal that came from there."""
    deed: Deed | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    callback: Callback | None = None
    acknowledged_after: float | None = None
    original: Message | None = None
    """What `@original` stands for."""
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
