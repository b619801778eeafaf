"""One interaction and what the bot answered."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from sandbox.discord.model import Channel, Deed, Json, Message, User


class Kind(IntEnum):
    """Discord's interaction types, under Discord's numbers."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Callback(IntEnum):
    """Discord's types of a first answer, under Discord's numbers."""

    MESSAGE = 4
    DEFERRED = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(eq=False, slots=True)
class Interaction:
    """One interaction. The first answer sets `acknowledged`; `settled` is set once a deferred answer has come too."""

    id: int
    kind: Kind
    user: User
    channel: Channel
    created_at: datetime
    """On the sandbox's clock, which also measures the token's 15 minutes."""
    began: float
    """Real seconds on the event loop's clock, which also measures the 3 seconds for the first answer."""
    message: Message | None = None
    """The message whose button or select was used, or from which the modal was opened."""
    deed: Deed | None = None
    opened_by: Interaction | None = None
    """For a submitted modal: the interaction that opened it."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    callback: Callback | None = None
    acknowledged_after: float | None = None
    original: Message | None = None
    """The message that `@original` names."""
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
