"""Papers for tests, plainly fictional."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.digest.model import Answer, Empty, Papers
from bot.paper import Paper, PaperId
from bot.query import Query
from bot.query.nodes import And, AndNot, Dates, Field, Or, Term

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def paper(number: int = 1, version: int = 1, *, age: timedelta = timedelta(days=2), **fields: Any) -> Paper:
    """`number` makes the id; `age` is how long before NOON this version was submitted."""
    updated = NOON - age
    given: dict[str, Any] = {
        "title": f"Invented alloys, part {number}",
        "abstract": "We imagine an alloy. It is light. It is strong.",
        "authors": ("Ada Example", "Bo Sample"),
        "categories": ("cond-mat.mtrl-sci", "cs.LG"),
        "published": updated - timedelta(days=10 * (version - 1)),
        "updated": updated,
    }
    return Paper(id=PaperId(f"2603.{number:05d}", version), **(given | fields))


def answer(total: int, *papers: Paper) -> Answer:
    """What a source said: so many papers match, and these are the newest."""
    return Papers(papers, total) if papers else Empty(total)


def matches(query: Query, found: Paper) -> bool:
    """Whether a source made for a test finds the paper: categories by id, everything else by the words as they stand."""
    match query:
        case And(operands):
            return all(matches(operand, found) for operand in operands)
        case Or(operands):
            return any(matches(operand, found) for operand in operands)
        case AndNot(wanted, unwanted):
            return matches(wanted, found) and not matches(unwanted, found)
        case Dates(start, end):
            return start <= found.published <= end
        case Term(Field.CATEGORY, id):
            return id in found.categories
        case Term(Field.AUTHOR, name):
            return any(name.lower() in author.lower() for author in found.authors)
        case Term(Field.TITLE, text):
            return text.lower() in found.title.lower()
        case Term(_, text):
            return text.lower() in f"{found.title} {found.abstract} {found.authors}".lower()
