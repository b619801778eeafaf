"""Messages as they are sent and edited: checked, and turned into the fields that the world keeps."""

from __future__ import annotations

from typing import Any

from sandbox.discord import answers, attachments, layouts, validation
from sandbox.discord.bodies import Body
from sandbox.discord.forms import Path, Record
from sandbox.discord.handlers import Handlers
from sandbox.discord.model import Channel, Json, Message
from sandbox.discord.permissions import Permission
from sandbox.discord.world import World


def written(world: World, form: Record, body: Body, path: Path = ()) -> Json:
    """The fields of a new message; ApiError for what Discord refuses. `path`: where in the request it stands."""
    sent: Any = body.fields
    validation.check_message(sent, form, path)
    fields = validation.kept(sent) | {"attachments": attachments.after(world, sent, body.uploads)}
    layouts.check_files(fields["components"], fields["attachments"], (*path, "components"))
    if not (fields["content"] or fields["embeds"] or fields["components"] or fields["attachments"]):
        raise answers.empty_message()
    return fields | {"tts": bool(sent.get("tts"))}


def rewritten(world: World, form: Record, body: Body, message: Message, path: Path = ()) -> Json:
    """The fields that an edit replaces; otherwise as `written`."""
    validation.check_message(body.fields, form, path, message)
    attached = attachments.after(world, body.fields, body.uploads, message.attachments)
    changes = validation.changes(body.fields, message, attached)
    layouts.check_files(changes.get("components", message.components), attached, (*path, "components"))
    return changes


class Writing(Handlers):
    """The base of the classes whose handlers post and edit messages where the bot's permissions count."""

    def _written(self, channel: Channel, form: Record, body: Body, path: Path = ()) -> Json:
        self._check_uploading(channel, body)
        fields = written(self._world, form, body, path)
        if fields["tts"]:
            self._require(channel, Permission.SEND_TTS_MESSAGES)
        shown = self._embeddable(channel, fields)
        # Of embeds and buttons without content nobody reports; they are taken for embeds alone.
        if fields["embeds"] and not (shown["embeds"] or shown["content"] or shown["attachments"]):
            raise answers.missing_permissions()
        return shown

    def _rewritten(self, channel: Channel, form: Record, body: Body, message: Message) -> Json:
        self._check_uploading(channel, body)
        shown = self._embeddable(channel, rewritten(self._world, form, body, message))
        validation.check_left(shown, message)
        return shown

    def _check_uploading(self, channel: Channel, body: Body) -> None:
        if body.uploads:
            self._require(channel, Permission.ATTACH_FILES)

    def _embeddable(self, channel: Channel, fields: Json) -> Json:
        """The fields; without the permission Embed Links, without their embeds.

        Beside content, and from an edit, Discord drops them silently; a new message of embeds alone it refuses. It documents
        neither: https://github.com/discord/discord-api-docs/issues/2601, https://github.com/discord/discord-api-docs/issues/5648
        """
        if Permission.EMBED_LINKS in self._granted(channel) or "embeds" not in fields:
            return fields
        return fields | {"embeds": []}
