"""Everything that can go wrong, as types; each keeps its evidence.

BotError                    one clear sentence in str(error) for the operator; `for_members` is what people in Discord may read
├── ConfigError             what the operator must fix, every problem at once (exit status 2)
├── QuerySyntaxError        a query that cannot be read: what, where, what to type instead
│   └── QueryTooLong        it has more characters than a query may have
├── ArxivError              arXiv was asked and gave no usable answer; "no papers" is never one of these
│   ├── ArxivUnreachable    no connection, a timeout, or a 5xx
│   ├── ArxivThrottled      429, 406, 403, 503 or "Rate exceeded.": a cool-down holds for every query
│   ├── ArxivGarbled        an answer that is not one whole Atom feed, or gives none of the papers it counts
│   ├── ArxivImplausible    a whole feed that is hard to believe: held until it has stayed the same for a day
│   └── QueryRefused        an Atom error entry: the query is at fault, in arXiv's own words
├── StorageError            the database cannot be opened or used (exit status 2)
│   ├── AlreadyRunning      another process holds this database's lock (exit status 2)
│   └── StorageUnreachable  it does not answer, went away or is locked for now (exit status 1: try again)
├── NotAllowedHere          what was asked cannot be done here; the sentence says what can
├── TooOften                a person or a server has asked for too much lately; the sentence says when it is possible again
├── TokenRefused            Discord does not know the token (exit status 2)
└── DiscordUnreachable      Discord cannot be asked at all (exit status 1: try again)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


def pointer(text: str, position: int, around: int | None = None) -> str:
    """A text on one line, and on the next a caret under the place; of a long text at most `around` characters on either side."""
    line = "".join(" " if character.isspace() else character for character in text)
    start, end = (0, len(line)) if around is None else (max(position - around, 0), position + around)
    before, after = "…" if start else "", "…" if end < len(line) else ""
    return f"{before}{line[start:end]}{after}\n{' ' * (len(before) + position - start)}^"


class BotError(Exception):
    """Base of every error this program raises on purpose."""

    @property
    def for_members(self) -> str:
        """What everybody in Discord may read of it; without a remedy that only the operator can use."""
        return str(self)


class ConfigError(BotError):
    """`problems` holds one sentence each: key, value, remedy."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class QuerySyntaxError(BotError):
    """`position` is the 0-based index into `text` (may equal its length)."""

    def __init__(self, text: str, position: int, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.text = text
        self.position = position
        self.problem = problem
        self.remedy = remedy

    def pointer(self, around: int | None = None) -> str:
        """As `pointer` gives it."""
        return pointer(self.text, self.position, around)


class QueryTooLong(QuerySyntaxError):
    """As typed, or as it would be sent."""


class ArxivError(BotError):
    """`url` is what was asked; `status` the HTTP status, None where there was no answer."""

    def __init__(self, problem: str, *, url: str, status: int | None = None) -> None:
        super().__init__(problem)
        self.url = url
        self.status = status


class ArxivUnreachable(ArxivError):
    """No connection, a timeout, or a 5xx."""


class ArxivThrottled(ArxivError):
    """`until` is the end of the cool-down, aware UTC."""

    def __init__(self, problem: str, *, url: str, until: datetime, status: int | None = None) -> None:
        super().__init__(problem, url=url, status=status)
        self.until = until


class ArxivGarbled(ArxivError):
    """An answer that is not one whole Atom feed, or counts papers and gives none."""


class ArxivImplausible(ArxivError):
    """A whole feed that is hard to believe, by itself or after what was known before."""


class QueryRefused(ArxivError):
    """`reason` is arXiv's own sentence."""

    def __init__(self, reason: str, *, url: str, status: int | None = None) -> None:
        super().__init__(f"arXiv refuses this query: {reason}", url=url, status=status)
        self.reason = reason


class StorageError(BotError):
    """The database cannot be opened or used. The sentence names it, and may quote a statement or its server's address."""

    @property
    def for_members(self) -> str:
        return "My database failed; the operator's log has more."


class AlreadyRunning(StorageError):
    """Another process holds this database's lock."""


class StorageUnreachable(StorageError):
    """The database does not answer, went away, or is locked or read-only for now; what was being committed may or may not be."""

    @property
    def for_members(self) -> str:
        return "My database does not answer at the moment. Try again in a minute."


class NotAllowedHere(BotError):
    """What was asked cannot be done here; the sentence says what can."""


class TooOften(BotError):
    """A person or a server has asked for too much lately; the sentence says when it is possible again."""


class TokenRefused(BotError):
    """Discord does not know the token."""


class DiscordUnreachable(BotError):
    """Discord cannot be asked at all."""
