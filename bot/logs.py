"""Log lines: plain for people, JSON for machines. Always on stderr, with the id of their story, never with a secret in them."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

HIDDEN = "(hidden)"
SHORTEST_SECRET = 4
"""Characters. What is shorter protects nothing, and taking it out would garble every line."""
LIBRARIES = ("aiosqlite", "alembic", "asyncio", "discord")
"""Those that tell much: frames of the gateway, every statement."""


@dataclass(frozen=True, slots=True)
class Story:
    """A digest or an interaction."""

    kind: str
    id: str
    """Six hexadecimal digits."""

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


_story: ContextVar[Story | None] = ContextVar("story", default=None)


@contextmanager
def story(kind: str) -> Iterator[Story]:
    """Lines logged inside, and in tasks and threads begun inside, carry one id. Inside another story it is that one's."""
    told = _story.get()
    if told is not None:
        yield told
        return
    begun = Story(kind, secrets.token_hex(3))
    token = _story.set(begun)
    try:
        yield begun
    finally:
        _story.reset(token)


def begin(kind: str | None) -> None:
    """A story that the tasks begun from now on belong to; None: no more."""
    _story.set(None if kind is None else Story(kind, secrets.token_hex(3)))


def story_id() -> str:
    """Of the story being told; a new one outside of any."""
    told = _story.get()
    return secrets.token_hex(3) if told is None else told.id


class _Discreet(logging.Formatter):
    def __init__(self, hidden: Collection[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%Y-%m-%d %H:%M:%S")
        self._hidden = sorted((secret for secret in hidden if len(secret) >= SHORTEST_SECRET), key=len, reverse=True)

    def _hide(self, text: str) -> str:
        for secret in self._hidden:
            text = text.replace(secret, HIDDEN)
        return text


class PlainLines(_Discreet):
    """When, how grave, who, the story in brackets, what."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's own name
        told = _story.get()
        if told is not None:
            record.message = f"[{told}] {record.message}"
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return self._hide(super().format(record))


class JsonLines(_Discreet):
    """One JSON object a line: at, level, logger, message; digest or interaction, its id; error where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._hide(record.getMessage()),
        }
        told = _story.get()
        if told is not None:
            line[told.kind] = told.id
        if record.exc_info:
            line["error"] = self._hide(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def configure(style: str, level: str, hidden: Collection[str] = ()) -> None:
    """`style` plain or json; `level` a level's name; `hidden` is left out wherever it stands. Libraries begin at WARNING."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(hidden) if style == "json" else PlainLines(hidden))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(max(logging.WARNING, logging.getLevelName(level)))
