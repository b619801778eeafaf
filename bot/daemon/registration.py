"""Whether Discord has our commands as they are. Discord allows 200 new ones a day, so they are sent only when they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_SAID = frozenset(
    {
        "autocomplete",
        "channel_types",
        "choices",
        "contexts",
        "default_member_permissions",
        "description",
        "description_localizations",
        "integration_types",
        "max_length",
        "max_value",
        "min_length",
        "min_value",
        "name",
        "name_localizations",
        "nsfw",
        "options",
        "required",
        "type",
        "value",
    }
)
"""The fields that a command, an option or a choice is made of; Discord adds ids and versions of its own.
https://docs.discord.com/developers/interactions/application-commands"""


def same(ours: Iterable[Mapping[str, Any]], theirs: Iterable[Mapping[str, Any]]) -> bool:
    """Compares Discord's JSON for commands, whatever their order; what is left out equals null, false and an empty list.

    ValueError when `theirs` are no commands: a proxy's page comes as a string.
    """
    theirs = list(theirs)
    if not all(isinstance(command, Mapping) and "name" in command for command in theirs):
        raise ValueError("no list of commands")
    return _by_name(ours) == _by_name(theirs)


def _by_name(commands: Iterable[Mapping[str, Any]]) -> dict[tuple[int, str], Any]:
    return {(command.get("type", 1), command["name"]): _essence(command) for command in commands}


def _essence(value: Any, field: str = "") -> Any:
    match value:
        case Mapping():
            kept = {name: _essence(each, name) for name, each in value.items() if name in _SAID}
            return {name: each for name, each in kept.items() if each is not None and each is not False and each != []}
        case list() | tuple():
            parts = [_essence(each) for each in value]
            return sorted(parts) if field in ("contexts", "integration_types", "channel_types") else parts
        case int() if field == "default_member_permissions":
            return str(value)
    return value
