"""Database addresses as hosts give them, turned into what the drivers take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from sqlalchemy import URL

from bot.errors import StorageError

# Passwords come unescaped too, so the last @ that a host can follow is the one that ends them.
_POSTGRESQL = re.compile(
    r"postgres(?:ql)?://"
    r"(?:(?P<user>[^:@/]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^@:/?#\[\]\s]*)(?::(?P<port>\d{1,5}))?"
    r"(?:/(?P<database>[^?#@]*))?(?:\?(?P<options>.*))?",
    re.DOTALL,
)
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# Seconds, for connecting and for one statement. asyncpg would wait for a connection for a minute, and for ever for a server
# that has fallen silent.
_PATIENCE = {"timeout": 10.0, "command_timeout": 20.0}
_FORMS = "Write sqlite:///file.db, or postgresql://user:password@host:5432/name as your host gives it."


@dataclass(frozen=True, slots=True)
class Address:
    """A database, in SQLAlchemy's terms."""

    url: URL
    connect_args: Mapping[str, object] = field(default_factory=dict)
    file: Path | None = None
    """Where it lives; None for PostgreSQL."""

    def __str__(self) -> str:
        """Without the password."""
        return self.url.set(drivername=self.url.get_backend_name()).render_as_string(hide_password=True)


def parse(text: str) -> Address:
    """StorageError, which never quotes a password, for anything but SQLite and PostgreSQL."""
    text = text.strip()
    scheme = text.partition(":")[0]
    if scheme == "sqlite":
        return _sqlite(text)
    if scheme in ("postgres", "postgresql"):
        return _postgresql(text)
    raise StorageError(f"DATABASE_URL is not an address of SQLite or PostgreSQL. {_FORMS}")


def _sqlite(text: str) -> Address:
    path = text.removeprefix("sqlite:///")
    if path in (text, "", ":memory:"):  # in memory it would forget at its end what was posted
        raise StorageError(f"DATABASE_URL {text} names no file: write sqlite:///file.db, or sqlite:////folder/file.db.")
    if "?" in path:
        raise StorageError(f"DATABASE_URL {text} has options after a question mark; SQLite addresses take none here.")
    return Address(URL.create("sqlite+aiosqlite", database=path), file=Path(path))


def _postgresql(text: str) -> Address:
    found = _POSTGRESQL.fullmatch(text)
    if found is None or int(found["port"] or 0) > 65535:
        raise StorageError(f"DATABASE_URL is not a PostgreSQL address that can be read. {_FORMS}")
    user, password, host, port, database = found.group("user", "password", "host", "port", "database")
    options = dict(parse_qsl(found["options"] or "", keep_blank_values=True))
    url = URL.create(
        "postgresql+asyncpg",
        username=unquote(user) if user else None,
        password=None if password is None else unquote(password),
        host=unquote(host).strip("[]") or None,
        port=int(port) if port else None,
        database=unquote(database) if database else None,
    )
    given = dict(_connect_arg(name, value) for name, value in options.items() if name != "channel_binding")
    return Address(url, {**_PATIENCE, **given})


def _connect_arg(name: str, value: str) -> tuple[str, object]:
    """One libpq option in asyncpg's terms. `channel_binding`, which Neon adds, has none: asyncpg 0.32 does not bind."""
    match name:
        case "sslmode" if value in _SSL_MODES:
            return "ssl", value
        case "host":  # a socket's folder
            return "host", value
        case "application_name":
            return "server_settings", {"application_name": value}
        case "connect_timeout" if value.isdecimal():
            return "timeout", float(value)
    raise StorageError(
        f"DATABASE_URL: the option {name}={value} is not understood. "
        f"Known are sslmode ({', '.join(_SSL_MODES)}), host, application_name and connect_timeout (seconds)."
    )
