"""The sandbox's own time: stands still where it was set, or runs with the machine's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Aware UTC. `set` stops it there; until then it runs."""

    def __init__(self, now: datetime | None = None) -> None:
        self._fixed = now.astimezone(UTC) if now else None

    def now(self) -> datetime:
        return self._fixed or datetime.now(UTC)

    def set(self, now: datetime) -> None:
        self._fixed = now.astimezone(UTC)

    def advance(self, **delta: float) -> None:
        """Keyword arguments of timedelta."""
        self._fixed = self.now() + timedelta(**delta)
