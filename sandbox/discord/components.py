"""What a message's components and a modal may be: https://docs.discord.com/developers/components/reference"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.discord.answers import NotImitatedError
from sandbox.discord.forms import Bool, ListOf, OneOf, Path, Problems, Record, Rule, Snowflake, Text, Url, Whole, is_blank
from sandbox.discord.model import Json

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, CHANNEL_SELECT, TEXT, LABEL = 1, 2, 3, 4, 8, 10, 18
SELECTS = frozenset({STRING_SELECT, CHANNEL_SELECT})
LINK = 5
"""The style of a button that leads away."""

_ID = Whole(0, (1 << 31) - 1)
EMOJI = Record({"id": Snowflake(), "name": Text(100), "animated": Bool()})
_BUTTON = Record(
    {
        "type": OneOf((BUTTON,)),
        "id": _ID,
        "style": OneOf((1, 2, 3, 4, LINK)),
        "label": Text(80),
        "emoji": EMOJI,
        "custom_id": Text(100, 1),
        "url": Url(512),
        "disabled": Bool(),
    },
    frozenset({"style"}),
)
_OPTION = Record(
    {"label": Text(100, 1), "value": Text(100, 1), "description": Text(100), "emoji": EMOJI, "default": Bool()},
    frozenset({"label", "value"}),
)
_SELECT: dict[str, Rule] = {
    "id": _ID,
    "custom_id": Text(100, 1),
    "placeholder": Text(150),
    "min_values": Whole(0, 25),
    "max_values": Whole(1, 25),
    "disabled": Bool(),
    # Only looked at in modals; discord.py sends it everywhere.
    "required": Bool(),
}
_STRING_SELECT = Record(
    _SELECT | {"type": OneOf((STRING_SELECT,)), "options": ListOf(_OPTION, 25, 1)}, frozenset({"custom_id", "options"})
)
_DEFAULT_CHANNEL = Record({"id": Snowflake(), "type": OneOf(("channel",))}, frozenset({"id", "type"}))
_CHANNEL_SELECT = Record(
    _SELECT
    | {
        "type": OneOf((CHANNEL_SELECT,)),
        "channel_types": ListOf(Whole(0, 16), 25),
        "default_values": ListOf(_DEFAULT_CHANNEL, 25),
    },
    frozenset({"custom_id"}),
)
_TEXT_INPUT = Record(
    {
        "type": OneOf((TEXT_INPUT,)),
        "id": _ID,
        "custom_id": Text(100, 1),
        "style": OneOf((1, 2)),
        "label": Text(45, 1),
        "min_length": Whole(0, 4000),
        "max_length": Whole(1, 4000),
        "required": Bool(),
        "value": Text(4000),
        "placeholder": Text(100),
    },
    frozenset({"custom_id", "style"}),
)


class _AnyOf:
    """Told apart by `type`."""

    def __init__(self, rules: dict[int, Rule]) -> None:
        self._rules = rules

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in self._rules:
            raise NotImitatedError(f"a component of type {kind} at {'.'.join(map(str, path))}")
        self._rules[kind].check(value, path, problems)
        if kind == BUTTON:
            _check_button(value, path, problems)
        elif kind in SELECTS:
            _check_select(value, path, problems)


_CHILD = _AnyOf({BUTTON: _BUTTON, STRING_SELECT: _STRING_SELECT, CHANNEL_SELECT: _CHANNEL_SELECT})
MESSAGE_ROW = Record({"type": OneOf((ROW,)), "id": _ID, "components": ListOf(_CHILD, 5, 1)}, frozenset({"type", "components"}))

_INPUT = _AnyOf({TEXT_INPUT: _TEXT_INPUT, STRING_SELECT: _STRING_SELECT, CHANNEL_SELECT: _CHANNEL_SELECT})
_LABEL = Record(
    {"type": OneOf((LABEL,)), "id": _ID, "label": Text(45, 1), "description": Text(100), "component": _INPUT},
    frozenset({"label", "component"}),
)
_INPUT_ROW = Record({"type": OneOf((ROW,)), "id": _ID, "components": ListOf(_INPUT, 1, 1)}, frozenset({"components"}))
_TEXT = Record({"type": OneOf((TEXT,)), "id": _ID, "content": Text(4000, 1)}, frozenset({"content"}))
_MODAL = Record(
    {
        "title": Text(45, 1),
        "custom_id": Text(100, 1),
        "components": ListOf(_AnyOf({LABEL: _LABEL, ROW: _INPUT_ROW, TEXT: _TEXT}), 5, 1),
    },
    frozenset({"title", "custom_id", "components"}),
)


def check_modal(body: Any, path: Path, problems: Problems) -> None:
    _MODAL.check(body, path, problems)
    problems.raise_any()
    check_custom_ids(body["components"], (*path, "components"), problems)
    for position, component in enumerate(body["components"]):
        for child in component.get("components") or []:
            if child["type"] == TEXT_INPUT and is_blank(child.get("label")):
                problems.required((*path, "components", position, "components", 0, "label"))


def flat(components: list[Json]) -> Iterator[Json]:
    """Each one that is not only there to hold others."""
    for component in components:
        inner = component.get("components") or ([component["component"]] if component.get("component") else [])
        if inner:
            yield from flat(inner)
        else:
            yield component


def check_custom_ids(components: list[Json], path: Path, problems: Problems) -> None:
    """No two alike, over all rows."""
    seen: set[str] = set()
    for row_position, row in enumerate(components):
        for position, child in enumerate(flat([row])):
            custom_id = child.get("custom_id")
            if custom_id in seen:
                place = ("components", position) if "components" in row else ("component",)
                message = "Component custom id cannot be duplicated"
                problems.add((*path, row_position, *place, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
            elif custom_id is not None:
                seen.add(custom_id)


def _check_button(button: Json, path: Path, problems: Problems) -> None:
    if button.get("style") == LINK:
        if is_blank(button.get("url")):
            problems.add((*path, "url"), "BUTTON_COMPONENT_URL_REQUIRED", "A url is required")
        if button.get("custom_id") is not None:
            problems.add((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL", "A custom id and url cannot both be specified")
    else:
        if is_blank(button.get("custom_id")):
            problems.add((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
        if button.get("url") is not None:
            problems.add((*path, "url"), "BUTTON_COMPONENT_CUSTOM_ID_URL", "A custom id and url cannot both be specified")
    if is_blank(button.get("label")) and not button.get("emoji"):
        problems.add((*path, "label"), "BUTTON_COMPONENT_LABEL_REQUIRED", "A label or emoji is required")


def _check_select(select: Json, path: Path, problems: Problems) -> None:
    values = [option.get("value") for option in select.get("options") or [] if isinstance(option, dict)]
    for position, value in enumerate(values):
        if value in values[:position]:
            place = (*path, "options", position, "value")
            problems.add(place, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
