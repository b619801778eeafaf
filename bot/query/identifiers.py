"""Asking arXiv for one paper by its id."""

from __future__ import annotations

from bot.paper import PaperId
from bot.query.nodes import Field, Term


def query_for(id: PaperId) -> Term:
    """The query that finds this paper, at its current version: arXiv's search knows no other."""
    # arXiv's `id:` escapes the hyphen and the slash of the form used until March 2007 and then finds nothing; `all:` finds it.
    # https://github.com/arXiv/arxiv-search/blob/764d7eb/search/services/index/prepare.py (2026-07-01)
    return Term(Field.ALL if "/" in id.base else Field.ID, id.base)


def asked_for(text: str) -> str | None:
    """A remedy where an id or a link stands in the place of words, None for any other text."""
    try:
        id = PaperId.parse(text)
    except ValueError:
        return None
    if "/" in id.base:
        return f"Write {query_for(id)} for this paper; id: does not find identifiers of this form."
    return f"Write {query_for(id)} for this one paper, whatever its version."
