"""From text to a query: recursive descent, by hand, so that an error can say what is wrong, where, and what to type instead.

AND and ANDNOT bind tighter than OR, and group to the left. Two terms side by side are joined by OR, as on arXiv. `a NOT b`
and `a AND NOT b` are `a ANDNOT b`, as on arXiv. A NOT with nothing before it is refused: arXiv takes it before a single term
only (before a group its query builder fails), and a query of nothing but exclusions would find all of arXiv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce

from bot.errors import QuerySyntaxError, QueryTooLong
from bot.query.dates import read_range
from bot.query.nodes import Dates, Field, Operator, Or, Query, Term, join
from bot.query.tokens import DATE_FIELDS, FIELDS, Kind, Token, tokenize

MAX_LENGTH = 2_000
"""Characters of a query, as typed and as canonical text."""

MAX_DEPTH = 30
"""Parentheses within parentheses."""

_EXAMPLE = 'cat:cs.LG AND all:"diffusion model"'
_SHORTEN = f"Shorten it to {MAX_LENGTH:,}."


@dataclass(frozen=True, slots=True)
class Leaf:
    """A term or date range where it was typed. `field` is the token before it, None for a bare or inherited one."""

    query: Term | Dates
    token: Token
    field: Token | None

    @property
    def position(self) -> int:
        return (self.field or self.token).position


@dataclass(frozen=True, slots=True)
class Joint:
    """What joins two operands; `implied` when nothing was typed between them."""

    operator: Operator
    position: int
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Operands as typed, in one pair of parentheses or at the top; `joints[i]` follows `operands[i]`."""

    operands: tuple[Leaf | Group, ...]
    joints: tuple[Joint, ...]
    query: Query
    position: int


def parse(text: str) -> Query:
    """Raises QuerySyntaxError, and nothing else, for any text that is not a query."""
    query = read(text).query
    if (length := len(str(query))) > MAX_LENGTH:
        raise QueryTooLong(text, 0, f"Written out for arXiv, this query has {length:,} characters.", _SHORTEN)
    return query


def read(text: str) -> Group:
    """The query as it was typed, with positions; for parse and lint."""
    if len(text) > MAX_LENGTH:
        raise QueryTooLong(text, MAX_LENGTH, f"This query has {len(text):,} characters.", _SHORTEN)
    return _Reader(text).whole()


def by_precedence(operands: list[Query], operators: list[Operator]) -> Query:
    """One tree of operands and the operators between them, read as people mean it."""
    chains = [operands[0]]
    for operator, operand in zip(operators, operands[1:], strict=True):
        if operator is Operator.OR:
            chains.append(operand)
        else:
            chains[-1] = join(operator, chains[-1], operand)
    return Or(tuple(chains)) if len(chains) > 1 else chains[0]


def to_the_right(operands: list[Query], operators: list[Operator]) -> Query:
    """The tree arXiv would read without parentheses: no precedence, the last two joined first."""
    pairs = zip(reversed(operators), reversed(operands[:-1]), strict=True)
    return reduce(lambda right, pair: join(pair[0], pair[1], right), pairs, operands[-1])


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._at = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _error(self, position: int, problem: str, remedy: str) -> QuerySyntaxError:
        return QuerySyntaxError(self._text, position, problem, remedy)

    def whole(self) -> Group:
        group = self._group(None, opened=[])
        if self._next.kind is Kind.CLOSE:
            raise self._closes_nothing(self._next)
        return group

    def _group(self, field: Field | None, opened: list[Token]) -> Group:
        start = self._next.position
        operands, joints = [self._operand(field, opened)], list[Joint]()
        while self._next.kind not in (Kind.CLOSE, Kind.END):
            joints.append(self._joint())
            operands.append(self._operand(field, opened))
        query = by_precedence([operand.query for operand in operands], [joint.operator for joint in joints])
        if query.depth > MAX_DEPTH:
            raise self._too_deep(joints[-1].position if joints else start)
        return Group(tuple(operands), tuple(joints), query, start)

    def _joint(self) -> Joint:
        if self._next.kind is not Kind.OPERATOR:
            return Joint(Operator.OR, self._next.position, implied=True)
        token = self._take()
        if token.text == "NOT":
            return Joint(Operator.ANDNOT, token.position)
        if token.text == "AND" and self._next.kind is Kind.OPERATOR and self._next.text == "NOT":
            self._take()
            return Joint(Operator.ANDNOT, token.position)
        return Joint(Operator(token.text), token.position)

    def _operand(self, field: Field | None, opened: list[Token]) -> Leaf | Group:
        token = self._take()
        match token.kind:
            case Kind.OPEN:
                return self._parenthesised(token, field, opened)
            case Kind.FIELD if token.text.lower() in DATE_FIELDS:
                return self._dates(token)
            case Kind.FIELD:
                return self._fielded(token, opened)
            case Kind.WORD | Kind.PHRASE:
                return self._term(token, field or Field.ALL, None)
            case _:
                raise self._missing_operand(token, opened)

    def _parenthesised(self, opening: Token, field: Field | None, opened: list[Token]) -> Group:
        if len(opened) == MAX_DEPTH:
            raise self._too_deep(opening.position)
        group = self._group(field, [*opened, opening])
        if self._next.kind is Kind.END:
            raise self._never_closed(opening)
        self._take()
        return group

    def _fielded(self, token: Token, opened: list[Token]) -> Leaf | Group:
        field, name, value = FIELDS[token.text.lower()], f"{token.text}:", self._take()
        match value.kind:
            case Kind.OPEN:
                return self._parenthesised(value, field, opened)
            case Kind.WORD | Kind.PHRASE:
                return self._term(value, field, token)
            case Kind.OPERATOR:
                remedy = f'Write what to find after {name}; to find the word {value.text} itself, quote it: {name}"{value.text}".'
                raise self._error(value.position, f"{name} is followed by the operator {value.text}.", remedy)
            case Kind.FIELD:
                remedy = f"Keep one of {name} and {value.text}:, or put the text in quotes."
                raise self._error(value.position, f"The field {value.text}: stands where the text of {name} should be.", remedy)
            case _:
                raise self._error(token.position, f"Nothing follows {name}.", f"Write what to find after {name}, or remove it.")

    def _dates(self, token: Token) -> Leaf:
        value = self._take()
        if value.kind not in (Kind.RANGE, Kind.PHRASE):
            remedy = f"Write it like {DATE_FIELDS[token.text.lower()]}:[20250101 TO 20251231]."
            raise self._error(token.position, f"{token.text}: needs a range of dates in brackets.", remedy)
        return Leaf(read_range(self._text, value), value, token)

    def _term(self, token: Token, field: Field, prefix: Token | None) -> Leaf:
        term = Term(field, token.text, quoted=token.kind is Kind.PHRASE)
        if fault := _fault(term):
            raise self._error(token.position, *fault)
        return Leaf(term, token, prefix)

    def _missing_operand(self, token: Token, opened: list[Token]) -> QuerySyntaxError:
        """`token` stands where a term should be."""
        before = self._tokens[self._at - 2] if self._at > 1 else None
        if before is not None and before.kind is Kind.OPERATOR:
            return self._error(*_after_operator(before, token))
        if token.kind is Kind.OPERATOR:
            return self._error(*_before_operator(token))
        if token.kind is Kind.END and opened:
            return self._never_closed(opened[-1])
        if token.kind is Kind.END:
            return self._error(token.position, "The query is empty.", f"Say what to look for, for example {_EXAMPLE}.")
        if before is not None:
            return self._error(
                before.position, "There is nothing between these parentheses.", "Put a term between them, or remove both."
            )
        return self._closes_nothing(token)

    def _closes_nothing(self, closing: Token) -> QuerySyntaxError:
        return self._error(
            closing.position, "This parenthesis closes nothing.", "Remove it, or open its group with ( further left."
        )

    def _never_closed(self, opening: Token) -> QuerySyntaxError:
        return self._error(opening.position, "This parenthesis is never closed.", "Add ) where its group ends, or remove it.")

    def _too_deep(self, position: int) -> QuerySyntaxError:
        remedy = "Remove parentheses that change nothing; exclude several things at once with ANDNOT (this OR that)."
        return self._error(position, f"Here the query is more than {MAX_DEPTH} parentheses deep.", remedy)


def _after_operator(operator: Token, found: Token) -> tuple[int, str, str]:
    if found.kind is Kind.END:
        problem = f"The query ends with {operator.text}."
    elif found.kind is Kind.CLOSE:
        problem = f"Nothing follows {operator.text} before the parenthesis closes."
    elif found.text in ("NOT", "ANDNOT"):
        remedy = "To exclude something write wanted ANDNOT unwanted; put the wanted part first."
        return found.position, f"{operator.text} {found.text} cannot be asked of arXiv.", remedy
    else:
        problem = f"{found.text} follows {operator.text} with nothing between them."
        return found.position, problem, f'Keep one of the two, or put a term between them; in quotes, "{found.text}" is a word.'
    return operator.position, problem, f"Write what should follow {operator.text}, or remove it."


def _before_operator(operator: Token) -> tuple[int, str, str]:
    if operator.text in ("NOT", "ANDNOT"):
        remedy = "Put what you want first: wanted ANDNOT unwanted, for example cat:cs.LG ANDNOT ti:survey."
        return operator.position, f"{operator.text} has nothing before it to exclude from.", remedy
    remedy = f'Write a term before it, or remove it; to find the word itself, quote it: "{operator.text}".'
    return operator.position, f"{operator.text} has nothing before it.", remedy


def _fault(term: Term) -> tuple[str, str] | None:
    """Why arXiv would misread or refuse the text of a term, and what to type instead."""
    text, any_category = term.text, term.field is Field.CATEGORY and "*" in term.text
    if not text:
        return "There is nothing between these quotation marks.", "Put a phrase between them, or remove both."
    if not term.quoted and text[0] in "*?" and term.field is not Field.CATEGORY:
        return f"arXiv refuses a word that starts with {text[0]}.", "Put letters before the wildcard: electr* finds electron."
    if not any(char.isalnum() for char in text) and not any_category:
        return f"{text} has no letter or digit to look for.", "Remove it, or join terms with AND, OR or ANDNOT."
    if term.quoted and text.endswith("\\"):
        return "A phrase that ends with a backslash breaks arXiv's parser.", "Remove the backslash."
    if re.search(r"(submitted|lastUpdated)Date:", text):
        return "arXiv takes this for a date range, even inside other text.", "Remove the colon after Date."
    if re.match(r"\[[\d*]", text) and not term.quoted:
        return "A date range needs its field.", "Write submittedDate:[20250101 TO 20251231]."
    return None
