"""The sandbox's own time: stands still where it was set, or runs as fast as the machine's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Aware UTC. Given a moment it stands still there until `run`; without one it is the machine's own."""

    def __init__(self, now: datetime | None = None) -> None:
        self._standing = now.astimezone(UTC) if now else None
        self._ahead = timedelta()
        """Of the machine's clock, while it runs."""

    def now(self) -> datetime:
        return self._standing or datetime.now(UTC) + self._ahead

    def set(self, now: datetime) -> None:
        """It stands still there."""
        self._standing = now.astimezone(UTC)

    def advance(self, **delta: float) -> None:
        """Keyword arguments of timedelta; a running clock runs on."""
        if self._standing is None:
            self._ahead += timedelta(**delta)
        else:
            self._standing += timedelta(**delta)

    def run(self) -> None:
        """From where it stands."""
        self._ahead, self._standing = self.now() - datetime.now(UTC), None
