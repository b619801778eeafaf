"""Text that was right once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody or something does to a text: at `place` (0 to 1), `removed` characters give way to `written`."""

    place: float
    removed: int
    written: str

    def apply(self, text: str) -> str:
        at = round(self.place * len(text))
        return f"{text[:at]}{self.written}{text[at + self.removed :]}"


def edits(pieces: Sequence[str]) -> SearchStrategy[Edit]:
    """`pieces`: what breaks a careless reader of such texts."""
    written = st.sampled_from(pieces) | st.text(max_size=4)
    return st.builds(Edit, st.floats(0, 1), st.sampled_from([0, 0, 1, 2, 10, 100]), written)


def mutated(texts: SearchStrategy[str], pieces: Sequence[str]) -> SearchStrategy[str]:
    """Right texts after at most four edits."""

    def edited(text: str, made: Sequence[Edit]) -> str:
        for edit in made:
            text = edit.apply(text)
        return text

    return st.builds(edited, texts, st.lists(edits(pieces), max_size=4))
