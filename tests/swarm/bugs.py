"""Faults planted in the bot's own source, to see that the swarm finds each of them."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType


@dataclass(frozen=True, slots=True)
class Bug:
    """In one module, the text `before`, which stands there once, becomes `after`."""

    module: str
    before: str
    after: str


BUGS = {
    "what waits for a blocked channel is forgotten": Bug(
        "bot.digest.plan", "State.WAITING) for sighting in sightings)", "State.SEEN) for sighting in sightings)"
    ),
    "what the old query owed is dropped when the query changes": Bug(
        "bot.digest.seed", "        if old is None:\n            return frozenset()\n", "        return frozenset()\n"
    ),
    "what a killed process left is not finished": Bug(
        "bot.storage.deliveries", "            return filed\n", "            return []\n"
    ),
    "a message carries no nonce": Bug("bot.delivery.worker", "nonce=delivery.nonce", "nonce=None"),
    "nothing is read back before it is sent again": Bug(
        "bot.delivery.worker", "readable = resuming and isinstance(access, Open) and access.readable", "readable = False"
    ),
    "a refusal is believed although an earlier try may be stored": Bug(
        "bot.delivery.worker", "return await self._stands(delivery) or outcome", "return outcome"
    ),
    "a new database does not look into its channels": Bug(
        "bot.digest.recall", "[each for each in subscriptions if each.channel_id not in self._looked]", "[]"
    ),
    "a query's past is not marked as seen": Bug(
        "bot.digest.seed", "[paper for paper in answer.papers if paper.id not in owed]", "list(answer.papers[:5])"
    ),
    "a revision of what was seen before comes as new": Bug(
        "bot.digest.plan", "not in (State.SEEN, State.SENT, State.REFUSED)", "not in (State.SENT, State.REFUSED)"
    ),
    "no number of papers is a flood": Bug("bot.digest.plan", "FLOOD_FLOOR = 30", "FLOOD_FLOOR = 3000"),
    "a server's hour is taken for one of Greenwich": Bug(
        "bot.digest.schedule",
        "datetime.combine(day, schedule.post_at, schedule.zone)",
        "datetime.combine(day, schedule.post_at, UTC)",
    ),
    "an arXiv that is away is not written down": Bug(
        "bot.digest.ask", "            await self._queries.failed(text, str(error), now)\n", ""
    ),
    "a channel stays blocked after it has been posted in": Bug(
        "bot.storage.deliveries", "channel.values(blocked_reason=None, blocked_at=None, **notified)", "channel.values(**notified)"
    ),
}
"""By what the bot does wrong."""


def plant(name: str) -> None:
    """From now on the module has the bug; to be called before it is imported. Raises ValueError where the text is not there."""
    sys.meta_path.insert(0, _Planter(BUGS[name]))


class _Planter(importlib.abc.MetaPathFinder):
    def __init__(self, bug: Bug) -> None:
        self._bug = bug

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._bug.module:
            return None
        spec = PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Planted(name, spec.origin, self._bug)
        return spec


class _Planted(SourceFileLoader):
    def __init__(self, name: str, path: str, bug: Bug) -> None:
        super().__init__(name, path)
        self._bug = bug

    def get_code(self, fullname: str) -> CodeType:
        return compile(planted(Path(self.path).read_text(encoding="utf-8"), self._bug), self.path, "exec")


def planted(source: str, bug: Bug) -> str:
    """The module's source with the bug in it."""
    if source.count(bug.before) != 1:
        raise ValueError(f"{bug.module} does not hold this once: {bug.before!r}")
    return source.replace(bug.before, bug.after)
