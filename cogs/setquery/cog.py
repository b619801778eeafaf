"""`/setquery`: what a server follows, asked and shown before it is saved."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.delivery.permissions import MANAGERS_ONLY, TARGETS, may_manage, objection_in
from bot.query import MAX_LENGTH
from cogs.setquery import view as replies
from cogs.setquery.form import Wish
from cogs.setquery.proposal import Malformed, Proposal, Saved, SavedBefore, Target, Unanswered
from cogs.setquery.view import Reply, Verb

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot
    from bot.storage.drafts import Draft
    from cogs.setquery.service import SetQuery

    Interaction = discord.Interaction[ArxivBot]

T = TypeVar("T")

QUIET = 4.0
"""Seconds without an answer after which the person waiting is told what for."""


class ChannelId(app_commands.Transformer):
    """Discord offers only channels that can take papers."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return sorted(TARGETS, key=lambda kind: kind.value)

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> int:
        return int(value.id)


class SetQueryCog(commands.Cog, name="setquery"):
    """For who manages the server."""

    def __init__(self, bot: ArxivBot) -> None:
        self.bot = bot

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        query='In arXiv\'s words, such as cat:cs.LG AND ti:"diffusion model"; leave it out for a form',
        channel="Where the papers go, if this channel is to have a query of its own",
    )
    async def setquery(
        self,
        interaction: Interaction,
        query: app_commands.Range[str, 1, MAX_LENGTH] | None = None,
        channel: app_commands.Transform[int, ChannelId] | None = None,
    ) -> None:
        """Choose which new papers are posted; nothing changes before you save"""
        if not await _allowed(interaction):
            return
        if query is not None:
            await interaction.response.defer(ephemeral=True, thinking=True)
        target = await _service(interaction).target(_guild(interaction).id, _here(interaction), channel)
        if (reason := await _objection(interaction, target)) is not None:
            await _show(interaction, replies.refused(reason))
        elif query is None:
            await interaction.response.send_modal(replies.wish_form(target))
        else:
            await _write(interaction, target.channel_id, query)

    @setquery.autocomplete("query")
    async def complete(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        offered = await _service(interaction).completions(_guild(interaction).id, typed)
        return [app_commands.Choice(name=each.name, value=each.value) for each in offered]

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """A form that was sent: discord.py itself forgets open forms when the bot is started anew."""
        if interaction.type is discord.InteractionType.modal_submit:
            data: Mapping[str, Any] = interaction.data or {}
            for custom_id, answer in _FORMS.items():
                if form := re.fullmatch(custom_id, data["custom_id"]):
                    typed = [label["component"]["value"] for label in data["components"]]
                    await _answer(interaction, answer, form[1], typed)


class Press(ui.DynamicItem[ui.Button[ui.View]], template=replies.PRESS):
    """A button under a draft, pressed now or after a restart, by whoever manages the server now."""

    def __init__(self, item: ui.Button[ui.View], verb: Verb, draft_id: str) -> None:
        super().__init__(item)
        self._verb = verb
        self._draft_id = draft_id

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /) -> Press:
        if not isinstance(item, ui.Button):
            raise TypeError(f"{match[0]} is a button's")
        return cls(item, Verb(match["verb"]), match["draft"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await _answer(interaction, _ANSWERS[self._verb], self._draft_id)


async def _answer(interaction: Interaction, answer: Callable[..., Awaitable[None]], *given: object) -> None:
    try:
        if await _allowed(interaction):
            await answer(interaction, *given)
    except Exception as error:  # discord.py would only log it
        await interaction.client.explain(interaction, error)


# --- what the buttons do ----------------------------------------------------------------------


async def _save(interaction: Interaction, draft_id: str) -> None:
    await _keep(interaction, draft_id, Verb.SAVE)


async def _save_as_lists(interaction: Interaction, draft_id: str) -> None:
    await _keep(interaction, draft_id, Verb.LISTS)


async def _keep(interaction: Interaction, draft_id: str, verb: Verb) -> None:
    await interaction.response.defer()
    service, guild_id = _service(interaction), _guild(interaction).id
    target = await service.target_of(await service.draft(draft_id, guild_id))
    if (reason := await _objection(interaction, target)) is not None:
        return await _show(interaction, replies.refused(reason, draft_id))
    saving = service.save(draft_id, guild_id, interaction.client.outbox, lists_only=verb is Verb.LISTS)
    return await _show(interaction, _outcome(await _patiently(interaction, saving), verb))


async def _edit(interaction: Interaction, draft_id: str) -> None:
    draft = await _service(interaction).draft(draft_id, _guild(interaction).id)
    await interaction.response.send_modal(replies.edit_form(draft))


async def _ask_again(interaction: Interaction, draft_id: str) -> None:
    await interaction.response.defer()
    draft = await _service(interaction).draft(draft_id, _guild(interaction).id)
    await _propose(interaction, draft)


async def _cancel(interaction: Interaction, _: str) -> None:
    await interaction.response.edit_message(content=replies.CANCELLED.content, embed=None, view=None)


_ANSWERS: dict[Verb, Callable[[Any, str], Awaitable[None]]] = {
    Verb.SAVE: _save,
    Verb.LISTS: _save_as_lists,
    Verb.EDIT: _edit,
    Verb.AGAIN: _ask_again,
    Verb.CANCEL: _cancel,
}


# --- what the forms do ------------------------------------------------------------------------


async def _edited(interaction: Interaction, draft_id: str, typed: Sequence[str]) -> None:
    await interaction.response.defer()
    service = _service(interaction)
    draft = await service.draft(draft_id, _guild(interaction).id)
    await _propose(interaction, await service.rewrite(draft, interaction.user.id, typed[0]))


async def _wished(interaction: Interaction, channel_id: str, typed: Sequence[str]) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    text = Wish(*typed).text()
    if text:
        await _write(interaction, int(channel_id) or None, text)
    else:
        await _show(interaction, replies.NOTHING_WANTED)


_FORMS: dict[str, Callable[[Any, str, Sequence[str]], Awaitable[None]]] = {replies.EDITED: _edited, replies.WISHED: _wished}
"""By what their custom_ids look like."""


# --- what all of them share -------------------------------------------------------------------


async def _write(interaction: Interaction, channel_id: int | None, text: str) -> None:
    service, guild_id = _service(interaction), _guild(interaction).id
    await _propose(interaction, await service.write(guild_id, channel_id, interaction.user.id, text))


async def _propose(interaction: Interaction, draft: Draft) -> None:
    """What a draft would bring; where it brings nothing, then also why."""
    service = _service(interaction)
    told = await _patiently(interaction, service.propose(draft))
    if isinstance(told, Proposal) and not told.prospect.total and len(told.parts) > 1:
        await _show(interaction, replies.looking(told))
        await _show(interaction, replies.proposal(told, await service.diagnose(told)))
    else:
        await _show(interaction, _outcome(told, Verb.AGAIN))


def _outcome(told: Proposal | Malformed | Unanswered | Saved | SavedBefore, again: Verb) -> Reply:
    """`again` is what was tried."""
    match told:
        case Proposal():
            return replies.proposal(told)
        case Malformed():
            return replies.malformed(told)
        case Unanswered():
            return replies.unanswered(told, again)
        case Saved():
            return replies.saved(told)
        case SavedBefore():
            return replies.saved_before(told)


async def _show(interaction: Interaction, reply: Reply) -> None:
    """In the place of what stands there, once the interaction was answered."""
    if interaction.response.is_done():
        await interaction.edit_original_response(content=reply.content, embed=reply.embed, view=reply.view())
    else:
        await interaction.response.send_message(reply.content, ephemeral=True)


async def _patiently(interaction: Interaction, work: Coroutine[Any, Any, T]) -> T:
    """The result; while it is long in coming, whoever waits is told."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=QUIET)
        if not task.done():
            with suppress(discord.HTTPException):
                await interaction.edit_original_response(content=replies.ASKING)
        return await task
    finally:
        task.cancel()


async def _allowed(interaction: Interaction) -> bool:
    """Whether this person may change things; if not, they are told so."""
    if may_manage(interaction.permissions):
        return True
    await interaction.response.send_message(MANAGERS_ONLY, ephemeral=True)
    return False


async def _objection(interaction: Interaction, target: Target) -> str | None:
    """Why none of the channels can take papers; None while one can."""
    guild, here = _guild(interaction), interaction.channel
    objections = [await objection_in(guild, channel_id, here=here) for channel_id in target.channels]
    return objections[0] if all(objections) else None


def _service(interaction: Interaction) -> SetQuery:
    service: SetQuery = interaction.client.app.setquery
    return service


def _guild(interaction: Interaction) -> discord.Guild:
    if interaction.guild is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild


def _here(interaction: Interaction) -> int:
    if interaction.channel_id is None:
        raise app_commands.NoPrivateMessage
    return interaction.channel_id


async def setup(bot: ArxivBot) -> None:
    await bot.add_cog(SetQueryCog(bot))
    bot.add_dynamic_items(Press)
