"""Where words stand: one field of all records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sandbox.arxiv.analysis import Tokens

_APART = 1_000_000
"""Places from the beginning of one text to that of the next: no phrase spans two."""


class Index:
    """A field holds any number of texts of each record; a record is a row."""

    def __init__(self) -> None:
        self._places: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._rows: set[int] = set()

    def put(self, row: int, texts: Iterable[Tokens]) -> None:
        """In the place of what the row held."""
        if row in self._rows:
            for rows in self._places.values():
                rows.pop(row, None)
        self._rows.add(row)
        for number, text in enumerate(texts):
            for place, token in enumerate(text, start=number * _APART):
                if token is not None:
                    self._places[token][row].append(place)

    def phrase(self, wanted: Tokens) -> dict[int, float]:
        """Rows with these tokens in this order, and how often; any word may stand in the place of None."""
        found = [(place, self._places.get(token, {})) for place, token in enumerate(wanted) if token is not None]
        hits = {row: set.intersection(*({at - place for at in rows[row]} for place, rows in found)) for row in _common(found)}
        return {row: float(len(starts)) for row, starts in hits.items() if starts}

    def words(self, wanted: Tokens) -> dict[int, float]:
        """Rows with all these tokens in one text, and how often."""
        found = [(0, self._places.get(token, {})) for token in wanted if token is not None]
        return {
            row: float(sum(len(rows[row]) for _, rows in found))
            for row in _common(found)
            if set.intersection(*({at // _APART for at in rows[row]} for _, rows in found))
        }


def _common(found: list[tuple[int, dict[int, list[int]]]]) -> set[int]:
    return set.intersection(*(set(rows) for _, rows in found)) if found else set()
