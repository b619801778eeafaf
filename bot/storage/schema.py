"""The tables. A change here needs a new file in migrations/versions."""

from __future__ import annotations

from datetime import UTC, datetime, time
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_type_hints

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    literal,
)

from bot.digest.model import ServerSettings


class Filed(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENT = "sent"
    BLOCKED = "blocked"  # given up: its papers wait for another one
    REJECTED = "rejected"


class Origin(StrEnum):
    """Who made a subscription, and so who ends it."""

    FILE = "file"  # config.json lists its channel
    COMMAND = "command"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out. SQLite keeps no offset and gives naive datetimes back; naive ones are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} is naive: only aware datetimes are stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ClockTime(TypeDecorator[time]):
    """Hours and minutes, stored as `14:00`."""

    impl = String(5)
    cache_ok = True

    def process_bind_param(self, value: time | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value:%H:%M}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> time | None:
        return None if value is None else time.fromisoformat(value)


class Choice(TypeDecorator[StrEnum]):
    """One word of an enum, stored as text."""

    impl = String(16)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


def moment(value: datetime) -> BindParameter[datetime]:
    """A datetime inside an SQL function, where SQLAlchemy would not take the column's type for it."""
    return literal(value, UtcDateTime)


# Only a plain INTEGER PRIMARY KEY numbers its rows by itself in SQLite. https://www.sqlite.org/rowidtable.html
Serial = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _setting(name: str, hint: Any) -> Column[Any]:
    """The column of a server's own setting, by the type of its field. NULL: config.json's value holds."""
    (kind,) = (each for each in get_args(hint) or (hint,) if each is not NoneType)
    if issubclass(kind, StrEnum):
        return Column(name, Choice(kind))
    types: dict[type, Any] = {str: Text() if name == "query" else String(64), int: Integer(), time: ClockTime()}
    return Column(name, types[kind])


servers = Table(
    "servers",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    *(_setting(name, kind) for name, kind in get_type_hints(ServerSettings).items()),
    Column("schedule", String(80), nullable=False),
    Column("next_run_at", UtcDateTime, nullable=False),
    Column("retry_at", UtcDateTime),
    Column("attempt", Integer, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("left_at", UtcDateTime),
)

KEPT, CLEARED = "kept", "cleared"


def _on(*, afresh: str, move: str) -> dict[str, str]:
    """What becomes of a subscription's column when its channel, given up before, starts afresh, and when it moves to another
    channel: KEPT (for the channel's own columns: until the new value is written) or CLEARED.
    """
    return {"afresh": afresh, "move": move}


subscriptions = Table(
    "subscriptions",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False, info=_on(afresh=KEPT, move=KEPT)),
    Column("guild_id", BigInteger, ForeignKey("servers.guild_id"), index=True, info=_on(afresh=KEPT, move=KEPT)),
    Column("origin", String(16), nullable=False, info=_on(afresh=KEPT, move=KEPT)),
    Column("query", Text, info=_on(afresh=KEPT, move=KEPT)),
    Column("seeded_query", Text, info=_on(afresh=CLEARED, move=KEPT)),
    Column("seeded_at", UtcDateTime, info=_on(afresh=CLEARED, move=KEPT)),
    Column("seeded_lookback", Integer, info=_on(afresh=CLEARED, move=KEPT)),
    Column("seeded_max_results", Integer, info=_on(afresh=CLEARED, move=KEPT)),
    Column("last_good_at", UtcDateTime, info=_on(afresh=CLEARED, move=KEPT)),
    Column("notified_on", Date, info=_on(afresh=KEPT, move=KEPT)),
    Column("blocked_reason", Text, info=_on(afresh=CLEARED, move=CLEARED)),
    Column("blocked_at", UtcDateTime, info=_on(afresh=CLEARED, move=CLEARED)),
    Column("ended_at", UtcDateTime, info=_on(afresh=CLEARED, move=CLEARED)),
    Column("outage_since", UtcDateTime, info=_on(afresh=CLEARED, move=CLEARED)),
)


def cleared(event: str) -> dict[str, None]:
    """The columns of a subscription to be emptied on "afresh" or "move"."""
    return {column.name: None for column in subscriptions.c if column.info.get(event) == CLEARED}


queries = Table(
    "queries",
    metadata,
    Column("text", Text, primary_key=True),
    Column("last_total", Integer),
    Column("per_day", Float),
    Column("covered_days", Float),
    Column("damaged", JSON),  # names of entries that could not be read
    Column("held_since", UtcDateTime),
    Column("failing_since", UtcDateTime),
    Column("last_error", Text),
    Column("asked_at", UtcDateTime),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("channel_id", BigInteger, ForeignKey("subscriptions.channel_id"), nullable=False),
    Column("destination_id", BigInteger, nullable=False),  # the channel or thread that the message stands in
    Column("kind", String(16), nullable=False),
    # The sentinel tells the rows of one INSERT apart. https://docs.sqlalchemy.org/en/21/core/connections.html#insertmanyvalues
    Column("nonce", String(25), nullable=False, unique=True, insert_sentinel=True),
    Column("payload", JSON, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("retry_at", UtcDateTime),
    Column("message_id", BigInteger, index=True),
)

delivery_papers = Table(
    "delivery_papers",
    metadata,
    Column("delivery_id", Serial, ForeignKey("deliveries.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("paper_id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    Column("channel_id", BigInteger, ForeignKey("subscriptions.channel_id"), primary_key=True, autoincrement=False),
    Column("paper_id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("delivery_id", Serial, ForeignKey("deliveries.id"), index=True),
    Column("message_id", BigInteger),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("reason", Text),
    Index(None, "channel_id", "state"),
)

papers = Table(
    "papers",
    metadata,
    Column("paper_id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", JSON, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
)

digests = Table(
    "digests",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("channel_id", BigInteger, ForeignKey("subscriptions.channel_id"), nullable=False),
    Column("slot_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, nullable=False),
    Column("report", JSON, nullable=False),
    Index(None, "channel_id", "finished_at"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("guild_id", BigInteger, nullable=False, index=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("saved_at", UtcDateTime),
)

results = Table(
    "results",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    Column("total", Integer, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
)

result_papers = Table(
    "result_papers",
    metadata,
    Column("result_id", Serial, ForeignKey("results.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("paper_id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
)
