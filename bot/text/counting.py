"""Numbers with what they count, the same in the channel, the log and the terminal."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`1 paper`, `1,234 papers`. For nouns that take an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
