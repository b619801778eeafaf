"""Components V2, with which a message is laid out: https://docs.discord.com/developers/components/reference"""

from __future__ import annotations

from typing import Any

from sandbox.discord import components
from sandbox.discord.components import (
    ACCESSORY_BUTTON,
    ID,
    IN_MESSAGES,
    MESSAGE_ROW,
    ROW,
    TEXT,
    TEXT_DISPLAY,
    AnyOf,
    media,
    placed,
)
from sandbox.discord.forms import Bool, ListOf, OneOf, Path, Problems, Record, Rule, Text, Url, Whole
from sandbox.discord.model import Attachment, Json, Message, MessageFlag

SECTION, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 11, 12, 13, 14, 17
MOST = 40
"""Components of one message, with those inside others."""
MOST_TEXT = 4000
"""Characters of all its texts: https://github.com/discord/discord-api-docs/pull/8562"""

_MEDIA = Record({"url": Url(schemes=("http", "https", "attachment"))}, frozenset({"url"}))
_SHOWN: dict[str, Rule] = {"media": _MEDIA, "description": Text(1024, 1), "spoiler": Bool()}
_THUMBNAIL = Record({"type": OneOf((THUMBNAIL,)), "id": ID, **_SHOWN}, frozenset({"media"}))
_SECTION = Record(
    {
        "type": OneOf((SECTION,)),
        "id": ID,
        "components": ListOf(AnyOf({TEXT: TEXT_DISPLAY}, IN_MESSAGES), 3, 1),
        "accessory": AnyOf({**ACCESSORY_BUTTON, THUMBNAIL: _THUMBNAIL}, IN_MESSAGES),
    },
    frozenset({"components", "accessory"}),
)
_ITEM = Record(_SHOWN, frozenset({"media"}))
_GALLERY = Record({"type": OneOf((GALLERY,)), "id": ID, "items": ListOf(_ITEM, 10, 1)}, frozenset({"items"}))
_FILE = Record(
    {
        "type": OneOf((FILE,)),
        "id": ID,
        "file": Record({"url": Url(schemes=("attachment",))}, frozenset({"url"})),
        "spoiler": Bool(),
        # Discord looks at neither, and tells both.
        "name": Text(1024),
        "size": Whole(0, 1 << 31),
    },
    frozenset({"file"}),
)
_SEPARATOR = Record({"type": OneOf((SEPARATOR,)), "id": ID, "divider": Bool(), "spacing": OneOf((1, 2))})
_INSIDE: dict[int, Rule] = {
    ROW: MESSAGE_ROW,
    SECTION: _SECTION,
    TEXT: TEXT_DISPLAY,
    GALLERY: _GALLERY,
    FILE: _FILE,
    SEPARATOR: _SEPARATOR,
}
_CONTAINER = Record(
    {
        "type": OneOf((CONTAINER,)),
        "id": ID,
        "components": ListOf(AnyOf(_INSIDE, IN_MESSAGES), MOST, 1),
        "accent_color": Whole(0, 0xFFFFFF),
        "spoiler": Bool(),
    },
    frozenset({"components"}),
)
COMPONENTS = ListOf(AnyOf({**_INSIDE, CONTAINER: _CONTAINER}, IN_MESSAGES), MOST)


def laid_out(body: Any, message: Message | None) -> bool:
    """Whether a message is laid out so after it was made, or edited, by this body: nothing takes the flag away again."""
    flags = body.get("flags") if isinstance(body, dict) else 0
    return bool(((flags if isinstance(flags, int) else 0) | (message.flags if message else 0)) & MessageFlag.IS_COMPONENTS_V2)


def check(body: Json, message: Message | None, path: Path, problems: Problems) -> None:
    """What cannot stand beside such components, how many there may be, and how much text."""
    for name in ("content", "embeds"):
        if body[name] if name in body else getattr(message, name, None):
            text = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            problems.add((*path, name), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)
    sent, place = body.get("components") or [], (*path, "components")
    if sum(1 for _ in placed(sent, place)) > MOST:
        problems.add(place, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", f"Total number of components cannot exceed {MOST}")
    if sum(len(text.strip()) for text in components.texts(sent)) > MOST_TEXT:
        text = f"Displayable text size exceeds maximum size of {MOST_TEXT}"
        problems.add(place, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)


def check_files(sent: list[Json], attachments: list[Attachment], path: Path) -> None:
    """Every `attachment://` of the components has its file."""
    there = {f"attachment://{one.filename}" for one in attachments}
    problems = Problems()
    for place, component in placed(sent, path):
        for step, item in media(component):
            if item["url"].startswith("attachment://") and item["url"] not in there:
                text = f"The referenced attachment {item['url']} was not found"
                problems.add((*place, *step, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", text)
    problems.raise_any()
