"""The clock that everything in the sandbox reads."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """A clock in aware UTC: given a moment it stands still there until `run`, without one it is the machine's."""

    def __init__(self, now: datetime | None = None) -> None:
        self._standing = now.astimezone(UTC) if now else None
        self._ahead = timedelta()
        """How far it is ahead of the machine's clock while it runs."""
        self._moved = 0.0
        """Seconds that it was moved forward by, in all."""

    def now(self) -> datetime:
        return self._standing or datetime.now(UTC) + self._ahead

    def set(self, now: datetime) -> None:
        """Stop at this moment."""
        self._moved += max((now - self.now()).total_seconds(), 0.0)
        self._standing = now.astimezone(UTC)

    def advance(self, **delta: float) -> None:
        """Move forward by timedelta's keyword arguments; a running clock goes on running."""
        step = timedelta(**delta)
        self._moved += max(step.total_seconds(), 0.0)
        if self._standing is None:
            self._ahead += step
        else:
            self._standing += step

    def run(self) -> None:
        """Run at the machine's speed from where it stands."""
        self._ahead, self._standing = self.now() - datetime.now(UTC), None

    def elapsed(self) -> float:
        """Seconds, which never go back: the machine's, and those that the clock is moved forward by.

        Limits are measured by these: a client waits in real seconds, or sleeps by this clock and so moves it.
        """
        return time.monotonic() + self._moved
