"""What the handlers need that post messages of the bot's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.discord import answers, attachments, validation
from sandbox.discord.bodies import Upload
from sandbox.discord.forms import Path, Record
from sandbox.discord.handlers import Handlers
from sandbox.discord.model import Channel, Json
from sandbox.discord.permissions import Permission


class Writing(Handlers):
    """The base of the classes whose handlers post and edit messages."""

    def _written(self, channel: Channel, form: Record, body: Any, uploads: Mapping[str, Upload], path: Path = ()) -> Json:
        """The fields of a new message for this channel; ApiError for what Discord refuses. `path`: where the body stands."""
        validation.check_message(body, form, path)
        self._check_uploading(channel, uploads)
        sent = validation.kept(body) | {"attachments": attachments.after(self._world, body, uploads)}
        if not (sent["content"] or body.get("embeds") or sent["components"] or sent["attachments"]):
            raise answers.empty_message()
        return self._embeddable(channel, sent) | {"tts": bool(body.get("tts"))}

    def _check_uploading(self, channel: Channel, uploads: Mapping[str, Upload]) -> None:
        if uploads:
            self._require(channel, Permission.ATTACH_FILES)

    def _embeddable(self, channel: Channel, fields: Json) -> Json:
        """The fields; without the permission Embed Links, without their embeds, which Discord drops silently."""
        if Permission.EMBED_LINKS in self._granted(channel) or "embeds" not in fields:
            return fields
        return fields | {"embeds": []}
