"""Forums and their tags: https://docs.discord.com/developers/topics/threads#thread-only-channels"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntFlag
from typing import Any

from sandbox.discord import answers
from sandbox.discord.answers import NotImitatedError
from sandbox.discord.forms import Bool, ListOf, Path, Problems, Record, Rule, Snowflake, Text, Unused, Whole
from sandbox.discord.model import Channel, Json
from sandbox.discord.permissions import Permission
from sandbox.discord.world import World


class ChannelFlag(IntFlag):
    """Discord's channel flags, as far as forums have them."""

    PINNED = 1 << 1
    """Of a thread: it stands on top."""
    REQUIRE_TAG = 1 << 4
    """Of a forum: no thread without a tag."""


class Flags:
    """The rule for `flags`, of which one can be set."""

    def __init__(self, settable: ChannelFlag) -> None:
        self._settable = settable

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        Whole(0, (1 << 31) - 1).check(value, path, problems)
        if isinstance(value, int) and value & ~self._settable:
            raise NotImitatedError(f"the channel flags {value:#x}")


_TAG = Record(
    {"id": Snowflake(), "name": Text(20, 1), "moderated": Bool(), "emoji_id": Unused(), "emoji_name": Text(100)},
    frozenset({"name"}),
)
AVAILABLE_TAGS = ListOf(_TAG, 20)
APPLIED_TAGS = ListOf(Snowflake(), 5)
FIELDS: dict[str, Rule] = {
    "available_tags": AVAILABLE_TAGS,
    "flags": Flags(ChannelFlag.REQUIRE_TAG),
    "default_thread_rate_limit_per_user": Whole(0, 21600),
}
"""What can be edited of a forum alone."""


def tags(world: World, forum: Channel, given: list[Json]) -> list[Json]:
    """The tags that a forum shall have: those with an id of its own keep that, others get one."""
    names = [each["name"].strip() for each in given]
    if len(set(names)) < len(names):
        raise answers.tags_alike()
    known = {each["id"] for each in forum.available_tags}
    return [
        {
            "id": str(each["id"]) if str(each.get("id")) in known else str(world.new_id()),
            "name": name,
            "moderated": bool(each.get("moderated")),
            "emoji_id": None,
            "emoji_name": each.get("emoji_name"),
        }
        for each, name in zip(given, names, strict=True)
    ]


def applied(forum: Channel, given: Collection[str | int], before: Collection[int], granted: Permission) -> list[int]:
    """The tags that a thread shall have, by id, instead of those `before`; ApiError for what Discord does not allow."""
    wanted = [int(each) for each in given]
    known = {int(each["id"]): each for each in forum.available_tags}
    if not known.keys() >= set(wanted):
        raise answers.unknown_tag()
    manages = Permission.MANAGE_THREADS in granted
    if not manages and any(known[each]["moderated"] for each in set(wanted) ^ set(before) if each in known):
        raise answers.missing_permissions()
    if forum.flags & ChannelFlag.REQUIRE_TAG and not wanted:
        free = manages or any(not each["moderated"] for each in forum.available_tags)
        raise answers.tag_required() if free else answers.no_free_tag()
    return wanted
