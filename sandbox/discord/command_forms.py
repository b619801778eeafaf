"""What a slash command may be: https://docs.discord.com/developers/interactions/application-commands"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.discord.answers import NotImitatedError
from sandbox.discord.forms import Bool, ListOf, OneOf, Path, Problems, Record, Rule, Snowflake, Text, Unused, Whole, is_blank
from sandbox.discord.model import Json

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, NUMBER = 1, 2, 3, 4, 5, 6, 7, 8, 10
MOST_TEXT = 8000
"""Characters of names, descriptions and choices' values in one command."""
_WITH_CHOICES = frozenset({STRING, INTEGER, NUMBER})


class _Name:
    r"""`^[-_'\p{L}\p{N}]{1,32}$`, without capital letters."""

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        Text(32, 1).check(value, path, problems)
        if isinstance(value, str) and not (all(each.isalnum() or each in "-_'" for each in value) and value == value.lower()):
            problems.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


class _Localizations:
    """By locale."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        for locale, text in value.items() if isinstance(value, dict) else ():
            self._rule.check(text, (*path, locale), problems)


class _Number:
    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            problems.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number.')


class _ChoiceValue:
    def check(self, value: Any, path: Path, problems: Problems) -> None:
        (Text(100, 1) if isinstance(value, str) else _Number()).check(value, path, problems)


_NAMED: dict[str, Rule] = {
    "name": _Name(),
    "name_localizations": _Localizations(_Name()),
    "description": Text(100, 1),
    "description_localizations": _Localizations(Text(100, 1)),
}
CHOICE = Record(
    {"name": Text(100, 1), "name_localizations": _Localizations(Text(100, 1)), "value": _ChoiceValue()},
    frozenset({"name", "value"}),
)


class _Option:
    """Holds options itself when it is a subcommand or a group of them."""

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        _OPTION.check(value, path, problems)
        if isinstance(value, dict):
            _check_option(value, path, problems)


_OPTIONS = ListOf(_Option(), 25)
_OPTION = Record(
    _NAMED
    | {
        "type": OneOf(tuple(range(1, 12))),
        "required": Bool(),
        "choices": ListOf(CHOICE, 25),
        "channel_types": ListOf(Whole(0, 16), 25),
        "min_value": _Number(),
        "max_value": _Number(),
        "min_length": Whole(0, 6000),
        "max_length": Whole(1, 6000),
        "autocomplete": Bool(),
        "options": _OPTIONS,
    },
    frozenset({"type", "name", "description"}),
)
_COMMAND = Record(
    _NAMED
    | {
        "id": Snowflake(),
        "type": Whole(1, 4),
        "options": _OPTIONS,
        "nsfw": Bool(),
        "dm_permission": Bool(),
        "default_permission": Bool(),
        "default_member_permissions": Snowflake(),
        "contexts": ListOf(OneOf((0, 1, 2)), 3),
        "integration_types": ListOf(OneOf((0, 1)), 2, 1),
        "handler": Unused(),
    },
    frozenset({"name"}),
)


def check_command(command: Any, path: Path, problems: Problems) -> None:
    _COMMAND.check(command, path, problems)
    if not isinstance(command, dict):
        return
    if command.get("type") not in (None, 1):
        raise NotImitatedError("commands in context menus")
    if is_blank(command.get("description")):
        problems.required((*path, "description"))
    _check_options(command.get("options") or [], path, problems)
    if sum(len(text) for text in _counted(command)) > MOST_TEXT:
        problems.add(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MOST_TEXT})")


def check_commands(commands: list[Json], problems: Problems) -> None:
    for position, command in enumerate(commands):
        check_command(command, (position,), problems)
    check_unique(commands, problems)


def check_unique(commands: list[Json], problems: Problems) -> None:
    names = [command.get("name") for command in commands if isinstance(command, dict)]
    for position, name in enumerate(names):
        if name in names[:position]:
            message = "Application command names must be unique"
            problems.add((position, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)


def _check_option(option: Json, path: Path, problems: Problems) -> None:
    _check_options(option.get("options") or [], path, problems)
    choices = option.get("choices") or []
    if choices and (option.get("autocomplete") or option.get("type") not in _WITH_CHOICES):
        message = "Choices go with a text or a number, and not with autocomplete"
        problems.add((*path, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", message)
    texts = [isinstance(choice.get("value"), str) for choice in choices if isinstance(choice, dict)]
    if any(is_text != (option.get("type") == STRING) for is_text in texts):
        problems.add((*path, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_TYPE", "A choice has a value of another type")


def _check_options(options: Any, path: Path, problems: Problems) -> None:
    known = [option for option in options if isinstance(option, dict)] if isinstance(options, list) else []
    names = [option.get("name") for option in known]
    if len(set(names)) < len(names):
        problems.add((*path, "options"), "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE", "Option names must be unique")
    nested = [option.get("type") in (SUBCOMMAND, GROUP) for option in known]
    if any(nested) and not all(nested):
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        problems.add((*path, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    required = [bool(option.get("required")) for option in known]
    if required != sorted(required, reverse=True):
        message = "Required options must be placed before non-required options"
        problems.add((*path, "options"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)


def _counted(command: Json) -> Iterator[str]:
    yield str(command.get("name") or "")
    yield str(command.get("description") or "")
    for choice in command.get("choices") or []:
        yield str(choice.get("name"))
        yield str(choice.get("value"))
    for option in command.get("options") or []:
        yield from _counted(option)
