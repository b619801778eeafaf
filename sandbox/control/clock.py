"""The clock that everything in the sandbox reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SandboxClock:
    """A clock in aware UTC: given a moment it stands still there until `run`, without one it is the machine's."""

    def __init__(self, now: datetime | None = None) -> None:
        self._standing = now.astimezone(UTC) if now else None
        self._ahead = timedelta()
        """How far it is ahead of the machine's clock while it runs."""

    def now(self) -> datetime:
        return self._standing or datetime.now(UTC) + self._ahead

    def set(self, now: datetime) -> None:
        """Stop at this moment."""
        self._standing = now.astimezone(UTC)

    def advance(self, **delta: float) -> None:
        """Move forward by timedelta's keyword arguments; a running clock goes on running."""
        if self._standing is None:
            self._ahead += timedelta(**delta)
        else:
            self._standing += timedelta(**delta)

    def run(self) -> None:
        """Run at the machine's speed from where it stands."""
        self._ahead, self._standing = self.now() - datetime.now(UTC), None
