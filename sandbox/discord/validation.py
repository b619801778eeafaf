"""Checks of messages and threads against the limits that Discord documents.

https://docs.discord.com/developers/resources/message
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.discord import attachments, components, forums, layouts, replies
from sandbox.discord.answers import NotImitatedError, empty_message
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
)
from sandbox.discord.model import Attachment, Json, Message, MessageFlag

MOST_EMBED_TEXT = 6000
_EDITABLE = int(MessageFlag.SUPPRESS_EMBEDS)
"""The flags that an edit can change: whether embeds show, not whether the message was silent."""
_SETTABLE = int(MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.IS_COMPONENTS_V2)

_FIELD = Record({"name": Text(256), "value": Text(1024), "inline": Bool()}, frozenset({"name", "value"}))
_PICTURE_URL = Url(schemes=("http", "https", "attachment"))
_PICTURE = Record({"url": _PICTURE_URL, "width": Whole(0, 1 << 31), "height": Whole(0, 1 << 31)})
_EMBED = Record(
    {
        "type": Text(100),
        "title": Text(256),
        "description": Text(4096),
        "url": Url(),
        "color": Whole(0, 0xFFFFFF),
        "timestamp": Moment(),
        "footer": Record({"text": Text(2048), "icon_url": _PICTURE_URL}),
        "author": Record({"name": Text(256), "url": Url(), "icon_url": _PICTURE_URL}, frozenset({"name"})),
        "image": _PICTURE,
        "thumbnail": _PICTURE,
        "fields": ListOf(_FIELD, 25),
        "flags": Unused(),
    }
)


class _Nonce:
    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, str | int):
            problems.add(path, "NONCE_TYPE_INVALID_TYPE", "This field must be a string or integer.")
        elif len(str(value)) > 25:
            problems.add(path, "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer characters long.")


class _Any:
    """A field that is checked elsewhere."""

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        pass


class _Flags:
    def __init__(self, settable: int) -> None:
        self._settable = settable

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        Whole(0, (1 << 31) - 1).check(value, path, problems)
        if isinstance(value, int) and value & ~self._settable:
            raise NotImitatedError(f"the message flags {value:#x}")


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
    "components": components.MESSAGE_ROWS,
    "allowed_mentions": _ALLOWED_MENTIONS,
    "flags": _Flags(_SETTABLE),
    "attachments": ListOf(attachments.REQUEST, attachments.MOST),
    "sticker_ids": Unused(),
    # discord.py sends the first, and discord.js both, with edits as well; Discord does not look at them there.
    "tts": Bool(),
    "enforce_nonce": Bool(),
}
_NEW_ONLY: dict[str, Rule] = {"nonce": _Nonce(), "message_reference": replies.REQUEST, "poll": Unused()}
NEW_MESSAGE = Record(_SHARED | _NEW_ONLY)
EDITED_MESSAGE = Record(_SHARED)
WEBHOOK_MESSAGE = Record(_SHARED | {"poll": Unused()})
REPLY = Record(_SHARED | {"flags": _Flags(_SETTABLE | int(MessageFlag.EPHEMERAL)), "poll": Unused()})
"""The form of a first answer to an interaction, and of those that follow."""


def check_message(body: Any, form: Record, path: Path = (), message: Message | None = None) -> None:
    """Check a new message, or an edit of one; ApiError 50035 with every problem, NotImitatedError for what is not imitated."""
    problems = Problems()
    laid_out = layouts.laid_out(body, message)
    (Record({**form.fields, "components": layouts.COMPONENTS}) if laid_out else form).check(body, path, problems)
    problems.raise_any()
    if laid_out:
        layouts.check(body, message, path, problems)
    _check_embeds(body.get("embeds") or [], path, problems)
    _check_mentions(body.get("allowed_mentions") or {}, (*path, "allowed_mentions"), problems)
    rows = body.get("components") or []
    components.check_rows(rows, (*path, "components"), problems)
    components.check_ids(rows, (*path, "components"), problems)
    problems.raise_any()


_THREAD_FIELDS: dict[str, Rule] = {
    "name": Text(100, 1),
    "auto_archive_duration": OneOf((60, 1440, 4320, 10080)),
    "rate_limit_per_user": Whole(0, 21600),
}
# discord.js sends a type here too; Discord takes that of the channel.
THREAD_UNDER_MESSAGE = Record(_THREAD_FIELDS | {"type": Whole(0, 16)}, frozenset({"name"}))
FORUM_POST = Record(
    _THREAD_FIELDS | {"message": _Any(), "applied_tags": forums.APPLIED_TAGS, "type": OneOf((11,))},
    frozenset({"name", "message"}),
)
THREAD = Record(_THREAD_FIELDS | {"type": OneOf((10, 11, 12)), "invitable": Bool()}, frozenset({"name"}))


def check_thread(body: Any, form: Record) -> None:
    problems = Problems()
    form.check(body, (), problems)
    problems.raise_any()


def thread_settings(body: Json) -> Json:
    """The fields of a body that a thread keeps, besides its name."""
    return {name: body[name] for name in ("auto_archive_duration", "rate_limit_per_user") if body.get(name) is not None}


def kept(body: Json) -> Json:
    """The fields of a body that a message keeps; null counts as empty."""
    empty: Json = {"content": "", "embeds": [], "components": [], "flags": 0, "allowed_mentions": None}
    return empty | {name: trimmed(body[name]) for name in empty if body.get(name) is not None}


def changes(body: Json, message: Message, attached: list[Attachment]) -> Json:
    """The fields that an edit replaces: null empties one; `attached` is what will be; ApiError 50006 if nothing would be left."""
    changed = {name: value for name, value in kept(body).items() if name in body} | {"attachments": attached}
    if "flags" in changed:
        added = changed["flags"] & (_EDITABLE | MessageFlag.IS_COMPONENTS_V2)
        changed["flags"] = message.flags & ~_EDITABLE | added
    check_left(changed, message)
    return changed


def check_left(changed: Json, message: Message) -> None:
    """ApiError 50006 if an edit would leave nothing of the message."""
    after = {"content": message.content, "embeds": message.embeds, "components": message.components} | changed
    if not (after["content"] or after["embeds"] or after["components"] or after["attachments"]):
        raise empty_message()


def trimmed(value: Any) -> Any:
    """The value with white space removed at the ends of every text, as Discord does."""
    if isinstance(value, dict):
        return {name: trimmed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [trimmed(each) for each in value]
    return value.strip() if isinstance(value, str) else value


def _check_mentions(allowed: Json, path: Path, problems: Problems) -> None:
    """Parsing all users, or roles, excludes a list of some: #allowed-mentions-object on the page above."""
    for name in ("users", "roles"):
        if name in (allowed.get("parse") or []) and allowed.get(name):
            message = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            problems.add(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def _check_embeds(embeds: list[Json], path: Path, problems: Problems) -> None:
    for position, embed in enumerate(embeds):
        if not (any(text.strip() for text in _counted(embed)) or embed.get("image") or embed.get("thumbnail")):
            problems.required((*path, "embeds", position, "description"))
    if sum(len(text.strip()) for embed in embeds for text in _counted(embed)) > MOST_EMBED_TEXT:
        problems.add((*path, "embeds"), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MOST_EMBED_TEXT}")


def _counted(embed: Json) -> Iterator[str]:
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    yield (embed.get("footer") or {}).get("text") or ""
    yield (embed.get("author") or {}).get("name") or ""
    for field in embed.get("fields") or []:
        yield field["name"]
        yield field["value"]
