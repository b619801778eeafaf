"""A query as a tree of frozen values; `str` of a node is its canonical text.

Canonical text gives every term its field, every AND, OR and ANDNOT its own parentheses (the outermost too), and one
spelling to everything else. arXiv's parser knows no precedence and groups to the right; so written, it can read one tree
only. The outermost parentheses also keep arXiv from putting an underscored first term in place of every author:
https://github.com/arXiv/arxiv-search/blob/develop/search/domain/classic_api/classic_search_query.py (2026-07-01).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

_CATEGORY_ID = re.compile(r"[a-z-]+(\.[A-Za-z*?-]+)?")


class Field(StrEnum):
    """What a term is looked for in. https://info.arxiv.org/help/api/user-manual.html#51-details-of-query-construction"""

    TITLE = "ti"
    AUTHOR = "au"
    ABSTRACT = "abs"
    COMMENT = "co"
    JOURNAL = "jr"
    CATEGORY = "cat"
    REPORT = "rn"
    ID = "id"
    DOI = "doi"
    ALL = "all"


class Operator(StrEnum):
    AND = "AND"
    OR = "OR"
    ANDNOT = "ANDNOT"


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or a phrase when `quoted`.

    An author's underscores become a phrase (arXiv reads `au:del_maestro` so, but only in the first place of a query),
    and a category id gives up its quotes. `text` holds a letter or digit, and no quotation mark.
    """

    field: Field
    text: str
    quoted: bool = False

    def __post_init__(self) -> None:
        text, quoted = " ".join(self.text.split()), self.quoted
        if self.field is Field.AUTHOR and "_" in text:
            text, quoted = " ".join(text.replace("_", " ").split()), True
        if self.field is Field.CATEGORY and _CATEGORY_ID.fullmatch(text):
            quoted = False
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "quoted", quoted)

    @property
    def depth(self) -> int:
        return 0

    def __str__(self) -> str:
        return f'{self.field}:"{self.text}"' if self.quoted else f"{self.field}:{self.text}"


@dataclass(frozen=True, slots=True)
class Dates:
    """First submitted from `start` to `end`: aware UTC, whole minutes, both included."""

    start: datetime
    end: datetime

    @property
    def depth(self) -> int:
        return 0

    def __str__(self) -> str:
        return f"submittedDate:[{_minutes(self.start)} TO {_minutes(self.end)}]"


@dataclass(frozen=True, slots=True)
class _Chain:
    """Two or more operands. One of the chain's own kind gives up its operands: `a AND (b AND c)` is `a AND b AND c`."""

    operator: ClassVar[Operator]
    operands: tuple[Query, ...]
    depth: int = field(init=False, repr=False, compare=False)
    """How many parentheses deep its canonical text is."""

    def __post_init__(self) -> None:
        own = type(self)
        flat = (inner for operand in self.operands for inner in (operand.operands if isinstance(operand, own) else (operand,)))
        object.__setattr__(self, "operands", tuple(flat))
        object.__setattr__(self, "depth", 1 + max(operand.depth for operand in self.operands))

    def __str__(self) -> str:
        return f"({f' {self.operator} '.join(map(str, self.operands))})"


@dataclass(frozen=True, slots=True)
class And(_Chain):
    """All of its operands."""

    operator = Operator.AND


@dataclass(frozen=True, slots=True)
class Or(_Chain):
    """One or more of its operands."""

    operator = Operator.OR


@dataclass(frozen=True, slots=True)
class AndNot:
    """What `wanted` finds without what `unwanted` finds."""

    wanted: Query
    unwanted: Query
    depth: int = field(init=False, repr=False, compare=False)
    """How many parentheses deep its canonical text is."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", 1 + max(self.wanted.depth, self.unwanted.depth))

    def __str__(self) -> str:
        return f"({self.wanted} ANDNOT {self.unwanted})"


Query = Term | Dates | And | Or | AndNot


def join(operator: Operator, left: Query, right: Query) -> Query:
    match operator:
        case Operator.AND:
            return And((left, right))
        case Operator.OR:
            return Or((left, right))
        case Operator.ANDNOT:
            return AndNot(left, right)


def clauses(query: Query) -> tuple[Query, ...]:
    """What every paper found must fulfil: the operands of a top-level AND, else the query alone."""
    return query.operands if isinstance(query, And) else (query,)


def _minutes(moment: datetime) -> str:
    # %Y does not pad years before 1000 on every platform.
    return f"{moment.year:04}{moment:%m%d%H%M}"
