"""What every benchmark shares: its figures, the query, and the bot's files."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 5
START = datetime.fromisoformat("2026-03-02T07:00:00+00:00")
QUERY: str = json.loads((ROOT / "config.json").read_text(encoding="utf-8"))["query"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `bound` is what it must keep, as a sentence and a test."""

    name: str
    values: Sequence[float]
    unit: str
    bound: str = ""
    kept: Callable[[float], bool] = lambda _: True

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __str__(self) -> str:
        spread = f"{min(self.values):8.1f} to {max(self.values):8.1f}"
        verdict = f"  {self.bound}: {'kept' if self.kept(self.median) else 'NOT KEPT'}" if self.bound else ""
        return f"{self.name:58} {self.median:8.1f} {self.unit:9} ({spread}){verdict}"


def write_config(path: Path, channels: Iterable[tuple[int, str]]) -> None:
    """Channel ids with their queries."""
    listed = [{"id": str(channel), "query": query} for channel, query in channels]
    path.write_text(json.dumps({"query": QUERY, "max_results": 500, "channels": listed}), encoding="utf-8")


def environ(folder: Path, *, token: str, discord: str, arxiv: str) -> dict[str, str]:
    """The bot's variables, against a sandbox at these addresses."""
    return {
        "DISCORD_TOKEN": token,
        "DISCORD_API_URL": discord,
        "ARXIV_API_URL": arxiv,
        "ARXIV_INTERVAL": "0",
        "ARXIV_CONTACT": "bench@example.org",
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "LOG_LEVEL": "ERROR",
    }
