"""What arXiv's archives and categories are called; `all:` finds papers by that, too."""

from __future__ import annotations

from pathlib import Path

_LINES = Path(__file__).with_name("categories.txt").read_text(encoding="utf-8").splitlines()[1:]

NAMES = dict(line.split(" ", 1) for line in _LINES)
"""By the id of the archive or category."""


def subject(category: str) -> str:
    """Ids and names of a category and its archive, as the index has them in one text."""
    ids = dict.fromkeys((category.partition(".")[0], category))
    return " ".join(f"{id} {NAMES.get(id, '')}" for id in ids)
