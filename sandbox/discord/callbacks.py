"""The routes by which the bot answers interactions. They ask for no token but the interaction's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox.discord import answers, command_forms, components, interaction_payloads, payloads, validation
from sandbox.discord.answers import NotImitatedError, answer
from sandbox.discord.bodies import BODY, Body
from sandbox.discord.exchange import Callback, Interaction, Kind
from sandbox.discord.forms import ListOf, OneOf, Path, Problems, Record
from sandbox.discord.interactions import Interactions
from sandbox.discord.model import Message
from sandbox.discord.world import World
from sandbox.discord.writing import rewritten, written

_DATA: Path = ("data",)
_CHOICES = Record({"choices": ListOf(command_forms.CHOICE, 25)}, frozenset({"choices"}))
_MAY_ANSWER = {
    Kind.COMMAND: (Callback.MESSAGE, Callback.DEFERRED, Callback.MODAL),
    Kind.COMPONENT: (Callback.MESSAGE, Callback.DEFERRED, Callback.DEFERRED_UPDATE, Callback.UPDATE, Callback.MODAL),
    Kind.AUTOCOMPLETE: (Callback.CHOICES,),
    # Also where a command opened it, when no message can be updated: https://github.com/discord/discord-api-docs/pull/8612 and
    # https://github.com/discord/discord-api-docs/issues/7774
    Kind.MODAL: (Callback.MESSAGE, Callback.DEFERRED, Callback.DEFERRED_UPDATE, Callback.UPDATE),
}


class Callbacks:
    """The handlers; each checks what was sent, and calls one verb of `Interactions`."""

    def __init__(self, world: World, interactions: Interactions) -> None:
        self._world = world
        self._interactions = interactions
        self._handlers: dict[Callback, Callable[[Interaction, Body], None]] = {
            Callback.MESSAGE: self._reply,
            Callback.DEFERRED: self._defer,
            Callback.DEFERRED_UPDATE: lambda interaction, body: self._interactions.defer_update(interaction),
            Callback.UPDATE: self._update,
            Callback.CHOICES: self._suggest,
            Callback.MODAL: self._open_modal,
        }

    def routes(self) -> list[web.RouteDef]:
        webhook = "/webhooks/{application_id}/{interaction_token}"
        return [
            web.post("/interactions/{interaction_id}/{interaction_token}/callback", self._callback),
            web.post(webhook, self._follow_up),
            web.get(f"{webhook}/messages/@original", self._get),
            web.patch(f"{webhook}/messages/@original", self._edit),
            web.delete(f"{webhook}/messages/@original", self._delete),
            web.get(f"{webhook}/messages/{{message_id}}", self._get),
            web.patch(f"{webhook}/messages/{{message_id}}", self._edit),
            web.delete(f"{webhook}/messages/{{message_id}}", self._delete),
        ]

    # --- the first answer

    async def _callback(self, request: web.Request) -> web.Response:
        info = request.match_info
        interaction = self._interactions.to_answer(info["interaction_id"], info["interaction_token"])
        body = request[BODY]
        callback = _callback_of(body.fields, interaction)
        self._handlers[callback](interaction, replace(body, fields=body.fields.get("data") or {}))
        if request.query.get("with_response", "").lower() not in ("1", "true"):
            return web.Response(status=204)
        return answer(interaction_payloads.first_answer(self._world, interaction))

    def _reply(self, interaction: Interaction, body: Body) -> None:
        self._interactions.reply(interaction, written(self._world, validation.REPLY, body, _DATA))

    def _defer(self, interaction: Interaction, body: Body) -> None:
        validation.check_message(body.fields, validation.REPLY, _DATA)
        self._interactions.defer(interaction, body.fields.get("flags", 0))

    def _update(self, interaction: Interaction, body: Body) -> None:
        message = self._existing(interaction.message)
        changes = rewritten(self._world, validation.REPLY, body, message, _DATA)
        self._interactions.update(interaction, message, changes)

    def _suggest(self, interaction: Interaction, body: Body) -> None:
        problems = Problems()
        _CHOICES.check(body.fields, _DATA, problems)
        problems.raise_any()
        self._interactions.suggest(interaction, body.fields["choices"])

    def _open_modal(self, interaction: Interaction, body: Body) -> None:
        problems = Problems()
        components.check_modal(body.fields, _DATA, problems)
        problems.raise_any()
        self._interactions.open_modal(interaction, interaction_payloads.modal(body.fields))

    # --- what follows

    async def _follow_up(self, request: web.Request) -> web.Response:
        """The answer is always the message; other webhooks give it only when asked to `wait`.

        https://docs.discord.com/developers/interactions/receiving-and-responding#create-followup-message
        """
        interaction = self._answered(request)
        message = self._interactions.follow_up(interaction, written(self._world, validation.REPLY, request[BODY]))
        return answer(payloads.message(self._world, message))

    async def _get(self, request: web.Request) -> web.Response:
        return answer(payloads.message(self._world, self._message(request, self._answered(request))))

    async def _edit(self, request: web.Request) -> web.Response:
        interaction = self._answered(request)
        message = self._message(request, interaction)
        changes = rewritten(self._world, validation.REPLY, request[BODY], message)
        self._interactions.edit(interaction, message, changes)
        return answer(payloads.message(self._world, message))

    async def _delete(self, request: web.Request) -> web.Response:
        interaction = self._answered(request)
        self._interactions.delete(interaction, self._message(request, interaction))
        return web.Response(status=204)

    def _answered(self, request: web.Request) -> Interaction:
        if request.match_info["application_id"] != str(self._world.bot.id):
            raise answers.unknown_webhook()
        return self._interactions.answered(request.match_info["interaction_token"])

    def _message(self, request: web.Request, interaction: Interaction) -> Message:
        """The one the route names; a token opens the messages of its own interaction only."""
        wanted = request.match_info.get("message_id")
        if wanted is None:
            return self._existing(interaction.original)
        own = [interaction.original, *interaction.followups]
        return self._existing(next((each for each in own if each and str(each.id) == wanted), None))

    def _existing(self, message: Message | None) -> Message:
        try:
            return self._world.message(message.id if message else 0)
        except KeyError:
            raise answers.unknown_message() from None


def _callback_of(body: Any, interaction: Interaction) -> Callback:
    """50035 when such an interaction cannot be answered so."""
    if not isinstance(body, dict):
        raise answers.invalid_json()
    unknown = body.keys() - {"type", "data"}
    if unknown:
        raise NotImitatedError(f"the field {', '.join(sorted(unknown))}")
    problems = Problems()
    OneOf(tuple(int(each) for each in _MAY_ANSWER[interaction.kind])).check(body.get("type"), ("type",), problems)
    problems.raise_any()
    return Callback(body["type"])
