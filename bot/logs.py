"""Log lines, plain for people or JSON for machines, on stderr, with the id of their digest or interaction; and the one
function that takes secrets out of whatever is written there or on the terminal."""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, unquote_plus

HIDDEN = "(hidden)"
SHORTEST_SECRET = 4
"""Characters. What is shorter protects nothing, and taking it out would garble every line."""
LIBRARIES = ("aiosqlite", "alembic", "asyncio", "discord")
"""Those that tell much: frames of the gateway, every statement."""

# --- secrets ----------------------------------------------------------------------------------

# Hosts give passwords unescaped too, so the last @ of a word ends one. Where an address was cut before its @, what stands
# after the user's name is a password unless it can be a port.
_BEFORE_AT = re.compile(r"(://[^:/@\s\[]*:)(?:\S*(?=@)|(?!\d{1,5}(?:[^\w\s]|\s|$))\S+)")
_ADDRESS = re.compile(r"(?s)(://[^:/@\[]*:)(.*)@")
_OPTION = re.compile(r"(?i)\b((?:\w*password|passfile)=)[^&#\s]*")
# Three dotted parts, the first of them the bot's id in base64.
_DISCORD_TOKEN = re.compile(r"[\w-]{20,}\.[\w-]{4,10}\.[\w-]{20,}")

_known: list[str] = []
"""The longest first, so that a secret inside another one leaves nothing of that one."""


def keep_secret(values: Collection[str]) -> None:
    """From now on `hide` takes these out of any text, and no others; what is too short stays."""
    _known[:] = sorted((value for value in values if len(value) >= SHORTEST_SECRET), key=len, reverse=True)


def hide(text: str) -> str:
    """`text` without the secrets this process knows, nor anything that looks like a password in an address or a bot's token."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    text = _BEFORE_AT.sub(rf"\1{HIDDEN}", text)
    text = _OPTION.sub(rf"\1{HIDDEN}", text)
    return _DISCORD_TOKEN.sub(HIDDEN, text)


def hide_in_address(address: str) -> str:
    """As `hide`, for a text that is an address and nothing else: a password in it may hold spaces."""
    return hide(_ADDRESS.sub(rf"\1{HIDDEN}@", address))


def passwords(address: str) -> set[str]:
    """The passwords in the address of a database, as written and as a driver reads them."""
    found = [password for _, password in _ADDRESS.findall(address)] + re.findall(r"(?i)[?&](?:ssl)?password=([^&#]*)", address)
    return {form for password in found if password for form in (password, unquote(password), unquote_plus(password))}


# --- ids --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogId:
    """What the lines of one digest or one interaction have in common."""

    kind: str
    """`digest` or `interaction`."""
    id: str
    """Six hexadecimal digits."""

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


_current: ContextVar[LogId | None] = ContextVar("log_id", default=None)


@contextmanager
def identified(kind: str) -> Iterator[LogId]:
    """Lines logged inside, and in tasks and threads begun inside, carry one id: the one already in force, else a new one."""
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    new = LogId(kind, secrets.token_hex(3))
    token = _current.set(new)
    try:
        yield new
    finally:
        _current.reset(token)


def begin(kind: str | None) -> None:
    """Give the tasks begun from now on a new id; None: no id any more."""
    _current.set(None if kind is None else LogId(kind, secrets.token_hex(3)))


def current_id() -> str:
    """The id in force; a new one where there is none."""
    current = _current.get()
    return secrets.token_hex(3) if current is None else current.id


# --- lines ------------------------------------------------------------------------------------


class PlainLines(logging.Formatter):
    """When, how grave, who, the id in brackets, what."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%Y-%m-%d %H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's own name
        current = _current.get()
        if current is not None:
            record.message = f"[{current}] {record.message}"
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return hide(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message; digest or interaction, its id; error where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": hide(record.getMessage()),
        }
        current = _current.get()
        if current is not None:
            line[current.kind] = current.id
        if record.exc_info:
            line["error"] = hide(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def configure(style: str, level: str) -> None:
    """`style` plain or json; `level` a level's name. Libraries begin at WARNING."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if style == "json" else PlainLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(max(logging.WARNING, logging.getLevelName(level)))
