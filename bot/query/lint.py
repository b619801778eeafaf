"""Hints: a query that can be read, and perhaps does not mean what its author thinks."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import pointer
from bot.query.categories import ARCHIVES, CATEGORIES, category_id, nearest
from bot.query.identifiers import asked_for
from bot.query.nodes import Dates, Field, Operator, Term
from bot.query.parser import Group, Leaf, read, to_the_right
from bot.query.tokens import Kind, Token

_READABLE = 120
"""Longest canonical text that is worth showing inside a sentence."""


@dataclass(frozen=True, slots=True)
class Hint:
    """`position` is the 0-based index into `text`."""

    text: str
    position: int
    problem: str
    remedy: str

    def pointer(self) -> str:
        """The query on one line and a caret under the place on the next."""
        return pointer(self.text, self.position)

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}"


def lint(text: str, now: datetime | None = None) -> tuple[Hint, ...]:
    """Hints in the order of their places. Raises QuerySyntaxError for a text that is no query.

    `now` is given for a query that is to be followed: a range of dates that has ended will never find a new paper.
    """
    query = read(text)
    found = sorted([*_of_group(query), *(_ended(query, now) if now else ())])
    return tuple(Hint(text, position, problem, remedy) for position, problem, remedy in found)


_Found = tuple[int, str, str]
"""Position, problem, remedy."""


def _of_group(group: Group) -> Iterator[_Found]:
    alone = len(group.operands) == 1
    misread = [None if alone or isinstance(operand, Group) else _misread(operand) for operand in group.operands]
    yield from filter(None, misread)
    yield from _side_by_side(group, misread)
    if not any(misread):
        yield from _mixed(group)
    for operand in group.operands:
        yield from _of_group(operand) if isinstance(operand, Group) else _of_leaf(operand)


def _side_by_side(group: Group, misread: Sequence[_Found | None]) -> Iterator[_Found]:
    """One hint for each run of operands with nothing between them; what was misread has its own."""
    said = False
    for index, joint in enumerate(group.joints):
        if not joint.implied:
            said = False
        elif not said and not misread[index] and not misread[index + 1]:
            said = True
            yield joint.position, *_joined_by_or(group.operands[index], group.operands[index + 1])


def _misread(leaf: Leaf) -> _Found | None:
    """A bare word that was meant as an operator."""
    word = leaf.token.text
    if leaf.field is not None or leaf.token.kind is not Kind.WORD:
        return None
    if word.lower() in ("and", "or", "not", "andnot"):
        problem = f"arXiv looks for {word} as a word, and joins it to its neighbours with OR."
        return leaf.position, problem, f"Write {word.upper()} in capitals."
    if word[0] in "-!":
        return leaf.position, f"arXiv ignores the {word[0]} before {word[1:]}.", f"Write ANDNOT {word[1:]} to exclude it."
    if word[0] == "+":
        return leaf.position, f"arXiv ignores the + before {word[1:]}.", f"Write AND {word[1:]} to require it."
    return None


def _joined_by_or(left: Leaf | Group, right: Leaf | Group) -> tuple[str, str]:
    words = not any(isinstance(operand, Leaf) and _no_word(operand) for operand in (left, right))
    match left, right:
        case Leaf(token=Token(Kind.WORD, first), field=None), Leaf(token=Token(Kind.WORD, second), field=None) if words:
            problem = f"arXiv joins bare words with OR: a paper with only {first} or only {second} is found too."
            remedy = f'Write "{first} {second}" for the phrase, or {first} AND {second} for both words.'
        case (
            Leaf(token=Token(Kind.WORD, first), field=Token(text=name)),
            Leaf(token=Token(Kind.WORD, second), field=None),
        ) if words:
            problem = f"{name}: covers only {first}; {second} is looked for everywhere, and either is enough."
            remedy = f'Write {name}:"{first} {second}" for the phrase, or {name}:({first} AND {second}) for both.'
        case _:
            problem = "Nothing stands between these two terms; arXiv joins them with OR, so that either is enough."
            remedy = "Write AND between them if both are wanted."
    return problem, remedy


def _mixed(group: Group) -> Iterator[_Found]:
    operands, operators = [operand.query for operand in group.operands], [joint.operator for joint in group.joints]
    theirs = to_the_right(operands, operators)
    if theirs == group.query:
        return
    joint = next(joint for joint in group.joints if joint.operator is not operators[0] or operators[0] is Operator.ANDNOT)
    problem = (
        "No parentheses say what belongs together here: AND and ANDNOT bind tighter than OR, from the left; "
        "arXiv alone would start from the right."
    )
    if len(str(group.query)) <= _READABLE:
        problem = f"Without parentheses this is read as {group.query}; arXiv alone would read {theirs}."
    yield joint.position, problem, "Add the parentheses you mean; what is sent has them all."


def _ended(group: Group, now: datetime) -> Iterator[_Found]:
    """Wanted ranges that lie in the past; an excluded one may."""
    operators = [Operator.OR, *(joint.operator for joint in group.joints)]
    for operator, operand in zip(operators, group.operands, strict=True):
        match operand:
            case _ if operator is Operator.ANDNOT:
                continue
            case Group():
                yield from _ended(operand, now)
            case Leaf(query=Dates(end=end)) if end < now:
                problem = f"This range ended on {end:%Y-%m-%d}; no paper submitted from now on is in it."
                yield operand.position, problem, "Remove the range, or write an end far enough away: 20991231."


def _no_word(leaf: Leaf) -> tuple[str, str] | None:
    """Of a bare word that names a category or a paper: problem and remedy."""
    word = leaf.token.text
    match leaf:
        case Leaf(query=Term(Field.ALL), token=Token(Kind.WORD), field=None):
            if id := category_id(word):
                problem = f"{word} is a category ({CATEGORIES[id]}); without cat: arXiv looks for it in every field."
                return problem, f"Write cat:{id}."
            if remedy := asked_for(word):
                problem = f"{word} is an arXiv identifier; arXiv looks for it in every field, also where others name it."
                return problem, remedy
    return None


def _of_leaf(leaf: Leaf) -> Iterator[_Found]:
    if named := _no_word(leaf):
        yield leaf.position, *named
    match leaf.query:
        case Dates() if leaf.field is not None and leaf.field.text.lower() == "lastupdateddate":
            problem = "arXiv reads lastUpdatedDate as submittedDate: the day of the first version."
            yield leaf.position, problem, "Remove the range to get revisions too; the latest come first anyway."
        case Term(Field.AUTHOR, name) if "_" in leaf.token.text:
            remedy = f"Sent as {leaf.query}."
            surname, _, initial = name.rpartition(" ")
            if len(initial) == 1:
                remedy += f' For a surname and an initial write au:"{surname}, {initial}".'
            yield leaf.position, "arXiv understands the underscore in a name only at the start of a query.", remedy
        case Term(Field.CATEGORY, id):
            if doubt := _of_category(id):
                yield leaf.position, *doubt


def _of_category(id: str) -> tuple[str, str] | None:
    if fnmatch.filter(map(str.lower, CATEGORIES), id.lower()):
        return None
    if id.lower() in ARCHIVES:
        return f"{id} is an archive, and no new paper is filed under it alone.", f"Write cat:{id.lower()}.* for all of it."
    *others, last = [f"cat:{near} ({CATEGORIES[near]})" for near in nearest(id)] or [""]
    either = f"{', '.join(others)} or {last}" if others else last
    remedy = f"Did you mean {either}?" if either else "All categories: https://arxiv.org/category_taxonomy"
    return f"{id} is not an active category of arXiv.", remedy
