"""Replies: what `message_reference` may name, and what Discord refuses.

https://docs.discord.com/developers/resources/message#message-reference-content-attribution-replies
"""

from __future__ import annotations

from typing import Any

from sandbox.discord import answers
from sandbox.discord.answers import NotImitatedError
from sandbox.discord.forms import Bool, Path, Problems, Record, Snowflake
from sandbox.discord.model import Channel, Json, MessageKind
from sandbox.discord.permissions import Permission

_REPLIED_TO = frozenset({0, MessageKind.REPLY, MessageKind.COMMAND_REPLY})
"""All other kinds of messages are Discord's own."""


class _Type:
    def check(self, value: Any, path: Path, problems: Problems) -> None:
        if value != 0:
            raise NotImitatedError("forwarded messages")


REQUEST = Record(
    {
        "type": _Type(),
        "message_id": Snowflake(),
        "channel_id": Snowflake(),
        "guild_id": Snowflake(),
        "fail_if_not_exists": Bool(),
    },
    frozenset({"message_id"}),
)


def reference(channel: Channel, granted: Permission, sent: Json | None) -> Json:
    """What makes a message a reply to the one that was `sent` as its reference: {} for none, or one that may be missing."""
    if sent is None:
        return {}
    if Permission.READ_MESSAGE_HISTORY not in granted:
        raise answers.no_reply_without_history()
    original = channel.messages.get(int(sent["message_id"]))
    problems = Problems()
    # The codes: https://github.com/TripSit/TripBot/issues/997 and https://github.com/discordjs/discord.js/issues/6487
    if original is None:
        if sent.get("fail_if_not_exists") is False:
            return {}
        problems.add(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
    elif original.kind not in _REPLIED_TO:
        code = "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE"
        problems.add(("message_reference",), code, "Cannot reply to a system message")
    problems.raise_any()
    place = {"guild_id": str(channel.guild_id)} if channel.guild_id else {}
    shown = {"type": 0, "message_id": str(sent["message_id"]), "channel_id": str(channel.id)} | place
    return {"kind": MessageKind.REPLY, "reference": shown}
