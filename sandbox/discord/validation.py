"""What a message may be, with the limits Discord documents.

https://docs.discord.com/developers/resources/message and https://docs.discord.com/developers/components/reference
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.discord.answers import NotImitatedError
from sandbox.discord.forms import (
    Bool,
    ListOf,
    Moment,
    OneOf,
    Path,
    Problems,
    Record,
    Rule,
    Snowflake,
    Text,
    Unused,
    Url,
    Whole,
    is_blank,
)
from sandbox.discord.model import Json, MessageFlag

ROW, BUTTON, STRING_SELECT = 1, 2, 3
LINK = 5
MOST_EMBED_TEXT = 6000
_SETTABLE = int(MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS)

_FIELD = Record({"name": Text(256), "value": Text(1024), "inline": Bool()}, frozenset({"name", "value"}))
_PICTURE = Record({"url": Url(), "width": Whole(0, 1 << 31), "height": Whole(0, 1 << 31)})
_EMBED = Record(
    {
        "type": Text(100),
        "title": Text(256),
        "description": Text(4096),
        "url": Url(),
        "color": Whole(0, 0xFFFFFF),
        "timestamp": Moment(),
        "footer": Record({"text": Text(2048), "icon_url": Url()}),
        "author": Record({"name": Text(256), "url": Url(), "icon_url": Url()}, frozenset({"name"})),
        "image": _PICTURE,
        "thumbnail": _PICTURE,
        "fields": ListOf(_FIELD, 25),
        "flags": Unused(),
    }
)
_EMOJI = Record({"id": Snowflake(), "name": Text(100), "animated": Bool()})
_BUTTON = Record(
    {
        "type": OneOf((BUTTON,)),
        "id": Whole(0, (1 << 31) - 1),
        "style": OneOf((1, 2, 3, 4, LINK)),
        "label": Text(80),
        "emoji": _EMOJI,
        "custom_id": Text(100, 1),
        "url": Url(512),
        "disabled": Bool(),
    },
    frozenset({"style"}),
)
_OPTION = Record(
    {"label": Text(100, 1), "value": Text(100, 1), "description": Text(100), "emoji": _EMOJI, "default": Bool()},
    frozenset({"label", "value"}),
)
_SELECT = Record(
    {
        "type": OneOf((STRING_SELECT,)),
        "id": Whole(0, (1 << 31) - 1),
        "custom_id": Text(100, 1),
        "placeholder": Text(150),
        "min_values": Whole(0, 25),
        "max_values": Whole(1, 25),
        "options": ListOf(_OPTION, 25, 1),
        "disabled": Bool(),
    },
    frozenset({"custom_id", "options"}),
)


class _Nonce:
    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, str | int):
            problems.add(path, "NONCE_TYPE_INVALID_TYPE", "This field must be a string or integer.")
        elif len(str(value)) > 25:
            problems.add(path, "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer characters long.")


class _Child:
    """A button or a string select, told apart by `type`."""

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        rules = {BUTTON: _BUTTON, STRING_SELECT: _SELECT}
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in rules:
            raise NotImitatedError(f"a component of type {kind} at {'.'.join(map(str, path))}")
        rules[kind].check(value, path, problems)
        if kind == BUTTON:
            _check_button(value, path, problems)


class _Flags:
    def check(self, value: Any, path: Path, problems: Problems) -> None:
        Whole(0, (1 << 31) - 1).check(value, path, problems)
        if isinstance(value, int) and value & ~_SETTABLE:
            raise NotImitatedError(f"the message flags {value:#x}")


_ROW = Record(
    {"type": OneOf((ROW,)), "id": Whole(0, (1 << 31) - 1), "components": ListOf(_Child(), 5, 1)},
    frozenset({"type", "components"}),
)
_ALLOWED_MENTIONS = Record(
    {
        "parse": ListOf(OneOf(("users", "roles", "everyone")), 3),
        "users": ListOf(Snowflake(), 100),
        "roles": ListOf(Snowflake(), 100),
        "replied_user": Bool(),
    }
)
_SHARED: dict[str, Rule] = {
    "content": Text(2000),
    "embeds": ListOf(_EMBED, 10),
    "components": ListOf(_ROW, 5),
    "allowed_mentions": _ALLOWED_MENTIONS,
    "flags": _Flags(),
    "attachments": Unused(),
    "sticker_ids": Unused(),
    # discord.py sends it with edits as well; Discord does not look at it there.
    "tts": Bool(),
}
_NEW_ONLY: dict[str, Rule] = {"nonce": _Nonce(), "enforce_nonce": Bool(), "message_reference": Unused(), "poll": Unused()}
NEW_MESSAGE = Record(_SHARED | _NEW_ONLY)
EDITED_MESSAGE = Record(_SHARED)


def check_message(body: Any, form: Record) -> None:
    """ApiError 50035 with every problem; NotImitatedError for what the sandbox does not imitate."""
    problems = Problems()
    form.check(body, (), problems)
    problems.raise_any()
    _check_embeds(body.get("embeds") or [], problems)
    _check_custom_ids(body.get("components") or [], problems)
    problems.raise_any()


def trimmed(value: Any) -> Any:
    """Discord drops white space at the ends of every text it keeps."""
    if isinstance(value, dict):
        return {name: trimmed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [trimmed(each) for each in value]
    return value.strip() if isinstance(value, str) else value


def _check_embeds(embeds: list[Json], problems: Problems) -> None:
    for position, embed in enumerate(embeds):
        if not any(embed.get(part) for part in ("title", "description", "fields", "author", "footer", "image", "thumbnail")):
            problems.required(("embeds", position, "description"))
    if sum(len(text.strip()) for embed in embeds for text in _counted(embed)) > MOST_EMBED_TEXT:
        problems.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MOST_EMBED_TEXT}")


def _counted(embed: Json) -> Iterator[str]:
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    yield (embed.get("footer") or {}).get("text") or ""
    yield (embed.get("author") or {}).get("name") or ""
    for field in embed.get("fields") or []:
        yield field["name"]
        yield field["value"]


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


def _check_custom_ids(rows: list[Json], problems: Problems) -> None:
    seen: set[str] = set()
    for row_position, row in enumerate(rows):
        for position, child in enumerate(row["components"]):
            custom_id = child.get("custom_id")
            if custom_id in seen:
                path = ("components", row_position, "components", position, "custom_id")
                problems.add(path, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
            elif custom_id is not None:
                seen.add(custom_id)
