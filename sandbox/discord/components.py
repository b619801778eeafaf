"""What a message's components and a modal may be: https://docs.discord.com/developers/components/reference"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.discord.answers import NotImitatedError
from sandbox.discord.forms import Bool, ListOf, OneOf, Path, Problems, Record, Rule, Snowflake, Text, Url, Whole, is_blank
from sandbox.discord.model import Json

_ALONE = ("component", "accessory")
"""Where a component holds one other."""
ROW, BUTTON, STRING_SELECT, TEXT_INPUT, CHANNEL_SELECT, TEXT, LABEL = 1, 2, 3, 4, 8, 10, 18
SELECTS = frozenset({STRING_SELECT, CHANNEL_SELECT})
LINK = 5
"""The style of a button that leads away."""

ID = Whole(0, (1 << 31) - 1)
EMOJI = Record({"id": Snowflake(), "name": Text(100), "animated": Bool()})
_BUTTON = Record(
    {
        "type": OneOf((BUTTON,)),
        "id": ID,
        "style": OneOf((1, 2, 3, 4, LINK)),
        "label": Text(80),
        "emoji": EMOJI,
        "custom_id": Text(100, 1),
        # https://github.com/discord/discord-api-docs/discussions/3347
        "url": Url(512, ("http", "https", "discord")),
        "disabled": Bool(),
    },
    frozenset({"style"}),
)
_OPTION = Record(
    {"label": Text(100, 1), "value": Text(100, 1), "description": Text(100), "emoji": EMOJI, "default": Bool()},
    frozenset({"label", "value"}),
)
_SELECT: dict[str, Rule] = {
    "id": ID,
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
        "id": ID,
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


class AnyOf:
    """Told apart by `type`; `refused` are types that Discord knows and does not allow here."""

    def __init__(self, rules: dict[int, Rule], refused: frozenset[int] = frozenset()) -> None:
        self._rules = rules
        self._refused = refused - rules.keys()

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind in self._refused:
            # https://github.com/NetCordDev/NetCord/issues/151
            problems.add(path, "UNION_TYPE_CHOICES", f'Value of field "type" must be one of {tuple(self._rules)}.')
            return
        if kind not in self._rules:
            raise NotImitatedError(f"a component of type {kind} at {'.'.join(map(str, path))}")
        self._rules[kind].check(value, path, problems)
        if kind == BUTTON:
            _check_button(value, path, problems)
        elif kind in SELECTS:
            _check_select(value, path, problems)


IN_MESSAGES = frozenset({ROW, BUTTON, STRING_SELECT, CHANNEL_SELECT, 9, TEXT, 11, 12, 13, 14, 17})
"""The types of components that a message may have in some place, without those that are not imitated."""
ACCESSORY_BUTTON: dict[int, Rule] = {BUTTON: _BUTTON}
_CHILD = AnyOf({BUTTON: _BUTTON, STRING_SELECT: _STRING_SELECT, CHANNEL_SELECT: _CHANNEL_SELECT}, IN_MESSAGES)
MESSAGE_ROW = Record({"type": OneOf((ROW,)), "id": ID, "components": ListOf(_CHILD, 5, 1)}, frozenset({"type", "components"}))
MESSAGE_ROWS = ListOf(AnyOf({ROW: MESSAGE_ROW}, IN_MESSAGES), 5)

_INPUT = AnyOf({TEXT_INPUT: _TEXT_INPUT, STRING_SELECT: _STRING_SELECT, CHANNEL_SELECT: _CHANNEL_SELECT})
_LABEL = Record(
    {"type": OneOf((LABEL,)), "id": ID, "label": Text(45, 1), "description": Text(100), "component": _INPUT},
    frozenset({"label", "component"}),
)
_INPUT_ROW = Record({"type": OneOf((ROW,)), "id": ID, "components": ListOf(_INPUT, 1, 1)}, frozenset({"components"}))
TEXT_DISPLAY = Record({"type": OneOf((TEXT,)), "id": ID, "content": Text(4000, 1)}, frozenset({"content"}))
_MODAL = Record(
    {
        "title": Text(45, 1),
        "custom_id": Text(100, 1),
        "components": ListOf(AnyOf({LABEL: _LABEL, ROW: _INPUT_ROW, TEXT: TEXT_DISPLAY}), 5, 1),
    },
    frozenset({"title", "custom_id", "components"}),
)


def check_modal(body: Any, path: Path, problems: Problems) -> None:
    _MODAL.check(body, path, problems)
    problems.raise_any()
    check_ids(body["components"], (*path, "components"), problems)
    for position, component in enumerate(body["components"]):
        for child in component.get("components") or []:
            if child["type"] == TEXT_INPUT and is_blank(child.get("label")):
                problems.required((*path, "components", position, "components", 0, "label"))


def flat(components: list[Json]) -> Iterator[Json]:
    """Each one that is not only there to hold others."""
    for component in components:
        inner = [*(component.get("components") or ()), *(component[name] for name in _ALONE if component.get(name))]
        if inner:
            yield from flat(inner)
        else:
            yield component


def check_rows(components: list[Json], path: Path, problems: Problems) -> None:
    """A row of a message holds up to five buttons or one select: what stands beside a select is too wide."""
    for place, row in placed(components, path):
        children = row["components"] if row["type"] == ROW else []
        beside = range(1, len(children)) if any(child["type"] in SELECTS for child in children) else ()
        for position in beside:
            message = "The specified component exceeds the maximum width"
            problems.add((*place, "components", position), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)


def check_ids(components: list[Json], path: Path, problems: Problems) -> None:
    """No two custom_ids alike and no two ids alike, over all rows; an id of 0 counts as none."""
    custom_ids: set[str] = set()
    ids: set[int] = set()
    for place, component in placed(components, path):
        custom_id, own_id = component.get("custom_id"), component.get("id")
        if custom_id in custom_ids:
            message = "Component custom id cannot be duplicated"
            problems.add((*place, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        if own_id in ids:
            # Discord documents that an id must be unique, and not its code for one that is not.
            problems.add((*place, "id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
        custom_ids |= {custom_id} if custom_id is not None else set()
        ids |= {own_id} if own_id else set()


def placed(components: list[Json], path: Path) -> Iterator[tuple[Path, Json]]:
    """Every component with its place, those that hold others before what they hold."""
    for position, component in enumerate(components):
        place = (*path, position)
        yield place, component
        yield from placed(component.get("components") or [], (*place, "components"))
        yield from (((*place, name), component[name]) for name in _ALONE if component.get(name))


def texts(components: list[Json]) -> Iterator[str]:
    """What the text displays say."""
    yield from (component["content"] for _, component in placed(components, ()) if component["type"] == TEXT)


def media(component: Json) -> Iterator[tuple[Path, Json]]:
    """The pictures and files that a component shows, each with its place in it."""
    yield from (((name,), component[name]) for name in ("media", "file") if component.get(name))
    yield from ((("items", position, "media"), item["media"]) for position, item in enumerate(component.get("items") or []))


def given_ids(components: list[Json]) -> set[int]:
    """The ids that the sender chose."""
    return {component["id"] for _, component in placed(components, ()) if component.get("id")}


def _check_button(button: Json, path: Path, problems: Problems) -> None:
    if button.get("custom_id") is not None and button.get("url") is not None:
        message = "A custom id and url cannot both be specified"
        for name in ("custom_id", "url"):
            problems.add((*path, name), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
    elif button.get("style") == LINK and is_blank(button.get("url")):
        problems.add((*path, "url"), "BUTTON_COMPONENT_URL_REQUIRED", "A url is required")
    elif button.get("style") != LINK and is_blank(button.get("custom_id")):
        problems.add((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
    if is_blank(button.get("label")) and not button.get("emoji"):
        problems.add((*path, "label"), "BUTTON_COMPONENT_LABEL_REQUIRED", "A label or emoji is required")


def _check_select(select: Json, path: Path, problems: Problems) -> None:
    options = [option for option in select.get("options") or [] if isinstance(option, dict)]
    values = [option.get("value") for option in options]
    for position, value in enumerate(values):
        if value in values[:position]:
            place = (*path, "options", position, "value")
            problems.add(place, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
    least, most = (_whole(select.get(name)) for name in ("min_values", "max_values"))
    if least > most:
        Whole(0, most).check(least, (*path, "min_values"), problems)
    if options and most > len(options):
        problems.add((*path, "options"), "BASE_TYPE_MIN_LENGTH", f"Must be {most} or more in length.")
    if sum(option.get("default") is True for option in options) > most:
        message = "The specified number of default values exceeds the specified maximum values"
        problems.add((*path, "options"), "COMPONENT_TOO_MANY_DEFAULT_VALUES", message)
    if isinstance(chosen := select.get("default_values"), list) and chosen:
        ListOf(_DEFAULT_CHANNEL, most, least).check(chosen, (*path, "default_values"), problems)


def _whole(value: Any) -> int:
    """The bound of a select; 1 where none, or nonsense, is given."""
    return value if isinstance(value, int) else 1
