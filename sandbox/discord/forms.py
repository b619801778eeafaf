"""The rules a field can have, and what Discord says when one is broken (error 50035).

A rule checks one value and writes what is wrong into `Problems`. None always passes: to Discord it means absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sandbox.discord.answers import NotImitatedError, invalid_form
from sandbox.discord.model import Json

Path = tuple[str | int, ...]


class Problems:
    """Collects the problems of a body, since Discord tells them all at once."""

    def __init__(self) -> None:
        self._tree: Json = {}

    def add(self, path: Path, code: str, message: str) -> None:
        node = self._tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def required(self, path: Path) -> None:
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def raise_any(self) -> None:
        """Raise ApiError 50035 if there is a problem."""
        if self._tree:
            raise invalid_form(self._tree)


class Rule(Protocol):
    def check(self, value: Any, path: Path, problems: Problems) -> None: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Counted in code points after trimming, as Discord does: https://github.com/discord/discord-api-docs/issues/1315"""

    most: int
    least: int = 0

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        elif not self.least <= len(value.strip()) <= self.most:
            _wrong_length(path, self.least, self.most, problems)


@dataclass(frozen=True, slots=True)
class Url:
    most: int = 2048
    schemes: tuple[str, ...] = ("http", "https")

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        text = str(value)
        scheme = text.split(":")[0].lower()
        if scheme not in self.schemes:
            message = f'Scheme "{scheme}" is not supported. Scheme must be one of {self.schemes}.'
            problems.add(path, "URL_TYPE_INVALID_SCHEME", message)
        # An empty text has this problem only: https://github.com/discord/discord-api-docs/issues/5837
        if text and not re.fullmatch(r"\w+:\S+", text):
            problems.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        elif len(text) > self.most:
            _wrong_length(path, 0, self.most, problems)


@dataclass(frozen=True, slots=True)
class Whole:
    least: int
    most: int

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            problems.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < self.least:
            problems.add(path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {self.least}.")
        elif value > self.most:
            problems.add(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {self.most}.")


@dataclass(frozen=True, slots=True)
class Bool:
    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if not isinstance(value, bool):
            problems.add(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


@dataclass(frozen=True, slots=True)
class Moment:
    def check(self, value: Any, path: Path, problems: Problems) -> None:
        try:
            datetime.fromisoformat(value)
        except (TypeError, ValueError):
            problems.add(path, "DATE_TIME_TYPE_PARSE", f"Could not parse {value}. Should be ISO8601.")


@dataclass(frozen=True, slots=True)
class Snowflake:
    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if not re.fullmatch(r"\d{1,20}", str(value)):
            problems.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


@dataclass(frozen=True, slots=True)
class OneOf:
    choices: tuple[str | int, ...]

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if value not in self.choices:
            problems.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(map(repr, self.choices))}}}.")


@dataclass(frozen=True, slots=True)
class ListOf:
    rule: Rule
    most: int
    least: int = 0

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return
        if not self.least <= len(value) <= self.most:
            _wrong_length(path, self.least, self.most, problems)
        for position, each in enumerate(value):
            self.rule.check(each, (*path, position), problems)


@dataclass(frozen=True, slots=True)
class Record:
    """An object with these fields and no others: an unknown one is NotImitatedError, where Discord would ignore it."""

    fields: Mapping[str, Rule]
    required: frozenset[str] = field(default_factory=frozenset)

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            return
        for name, each in value.items():
            if name not in self.fields:
                raise NotImitatedError(f"the field {'.'.join(map(str, (*path, name)))}")
            if each is not None:
                self.fields[name].check(each, (*path, name), problems)
        for name in sorted(self.required):
            if is_blank(value.get(name)):
                problems.required((*path, name))


@dataclass(frozen=True, slots=True)
class Unused:
    """A field that exists and is not imitated: only an empty value passes."""

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if value:
            raise NotImitatedError(f"the field {'.'.join(map(str, path))}")


def is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _wrong_length(path: Path, least: int, most: int, problems: Problems) -> None:
    if least:
        problems.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
    else:
        problems.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
