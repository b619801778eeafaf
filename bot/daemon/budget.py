"""How often people may ask for what costs a question to arXiv or a message in Discord."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import TooOften
from bot.text.words import lasting

EACH_PERSON, MINUTE = 5, timedelta(minutes=1)
"""Of one action, in one server."""
EACH_SERVER, HOUR = 60, timedelta(hours=1)
"""Of all actions together."""


@dataclass(frozen=True, slots=True)
class Spent:
    at: datetime
    user_id: int
    action: str


class Budget:
    """Remembers the last hour, for as long as the program runs. What is refused costs nothing.

    An action is named by the cog that has it. Reading what is stored, turning pages, cancelling and erasing are none.
    """

    def __init__(self) -> None:
        self._spent: dict[int, deque[Spent]] = {}
        """By server, the oldest first."""

    def spend(self, action: str, guild_id: int, user_id: int, now: datetime) -> None:
        """Raises TooOften when a limit is reached."""
        self.check(action, guild_id, user_id, now)
        self._spent.setdefault(guild_id, deque()).append(Spent(now, user_id, action))

    def check(self, action: str, guild_id: int, user_id: int, now: datetime) -> None:
        """As `spend`, and costs nothing: for a form, so that nobody fills one in for nothing."""
        self._forget(now - HOUR)
        everything = self._spent.get(guild_id, deque())
        own = [each for each in everything if (each.user_id, each.action) == (user_id, action) and each.at > now - MINUTE]
        if len(everything) >= EACH_SERVER:
            raise TooOften(f"That was a lot for one server in one hour. Try again in {lasting(everything[0].at + HOUR - now)}.")
        if len(own) >= EACH_PERSON:
            raise TooOften(f"That was a lot in one minute. Try again in {lasting(own[0].at + MINUTE - now)}.")

    def _forget(self, before: datetime) -> None:
        for guild_id, spent in [*self._spent.items()]:
            while spent and spent[0].at <= before:
                spent.popleft()
            if not spent:
                del self._spent[guild_id]
