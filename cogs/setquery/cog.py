"""`/setquery`: what a server follows, asked and shown before it is saved."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import discord
from discord import app_commands

from bot.daemon.interactions import (
    Interaction,
    InteractiveCog,
    answers,
    guild_of,
    require_budget,
    require_manager,
    show,
    spend,
)
from bot.delivery.forms import unpacked
from bot.delivery.permissions import TARGETS, objection_in
from bot.query import MAX_LENGTH
from bot.settings.typed import BadValue, clock_time, zone_name
from cogs.setquery import view as replies
from cogs.setquery.form import QueryForm
from cogs.setquery.proposal import Malformed, Proposal, Saved, SavedBefore, Target, Unanswered
from cogs.setquery.service import SetQuery
from cogs.setquery.view import Reply, Verb

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot
    from bot.storage.drafts import Draft

T = TypeVar("T")

PROPOSE = "propose"
"""The action of the budget that asks arXiv about a query."""

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


class SetQueryCog(InteractiveCog, name="setquery"):
    """For who manages the server, asked anew at every press."""

    def __init__(self, bot: ArxivBot) -> None:
        super().__init__(bot)
        self._setquery = SetQuery(bot.app)

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
        require_manager(interaction)
        if query is None:
            require_budget(interaction, PROPOSE)
        else:
            spend(interaction, PROPOSE)
            await interaction.response.defer(ephemeral=True, thinking=True)
        target = await self._setquery.target(guild_of(interaction).id, interaction.channel_id or 0, channel)
        if (reason := await _objection(interaction, target)) is not None:
            await _show(interaction, replies.refused(reason))
        elif query is None:
            await interaction.response.send_modal(replies.query_form(target))
        else:
            await self._write(interaction, target.channel_id, query)

    @setquery.autocomplete("query")
    async def complete(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        offered = await self._setquery.completions(guild_of(interaction).id, typed)
        return [app_commands.Choice(name=each.name, value=each.value) for each in offered]

    # --- what the buttons do ------------------------------------------------------------------

    @answers(replies.PRESS)
    async def press(self, interaction: Interaction, pressed: re.Match[str], _: Sequence[str]) -> None:
        require_manager(interaction)
        draft_id = pressed["draft"]
        match verb := Verb(pressed["verb"]):
            case Verb.SAVE | Verb.LISTS:
                await self._save(interaction, draft_id, verb)
            case Verb.EDIT:
                require_budget(interaction, PROPOSE)
                await interaction.response.send_modal(replies.edit_form(await self._draft(interaction, draft_id)))
            case Verb.AGAIN:
                spend(interaction, PROPOSE)
                await interaction.response.defer()
                await self._propose(interaction, await self._draft(interaction, draft_id))
            case Verb.WHEN:
                require_budget(interaction, PROPOSE)
                draft = await self._draft(interaction, draft_id)
                typed = unpacked(pressed["typed"], 2) if pressed["typed"] else None
                form = replies.time_form(draft, *await self._setquery.when(draft.guild_id), typed)
                await interaction.response.send_modal(form)
            case Verb.CANCEL:
                await interaction.response.edit_message(content=replies.CANCELLED.content, embed=None, view=None)

    async def _save(self, interaction: Interaction, draft_id: str, verb: Verb) -> None:
        spend(interaction, "save")
        await interaction.response.defer()
        target = await self._setquery.target_of(await self._draft(interaction, draft_id))
        if (reason := await _objection(interaction, target)) is not None:
            return await _show(interaction, replies.refused(reason, draft_id))
        guild_id, lists_only = guild_of(interaction).id, verb is Verb.LISTS
        saving = self._setquery.save(draft_id, guild_id, self.bot.outbox, lists_only=lists_only)
        return await _show(interaction, _outcome(await _patiently(interaction, saving), verb))

    # --- what the forms do --------------------------------------------------------------------

    @answers(replies.EDITED)
    async def edited(self, interaction: Interaction, sent: re.Match[str], typed: Sequence[str]) -> None:
        require_manager(interaction)
        spend(interaction, PROPOSE)
        await interaction.response.defer()
        draft = await self._draft(interaction, sent[1])
        await self._propose(interaction, await self._setquery.rewrite(draft, interaction.user.id, typed[0]))

    @answers(replies.WISHED)
    async def filled_in(self, interaction: Interaction, sent: re.Match[str], typed: Sequence[str]) -> None:
        require_manager(interaction)
        spend(interaction, PROPOSE)
        await interaction.response.defer(ephemeral=True, thinking=True)
        if text := QueryForm(*typed).text():
            await self._write(interaction, int(sent[1]) or None, text)
        else:
            await _show(interaction, replies.NOTHING_WANTED)

    @answers(replies.TIMED)
    async def timed(self, interaction: Interaction, sent: re.Match[str], typed: Sequence[str]) -> None:
        """The draft is shown again, with the hour and the zone as they are now."""
        require_manager(interaction)
        spend(interaction, PROPOSE)
        await interaction.response.defer()
        draft = await self._draft(interaction, sent[1])
        try:
            await self._setquery.schedule(draft.guild_id, clock_time(typed[0]), zone_name(typed[1]))
        except BadValue as error:
            await interaction.followup.send(error.for_members, view=replies.correct(draft, typed), ephemeral=True)
        else:
            await self._propose(interaction, draft)

    # --- what all of them share ---------------------------------------------------------------

    async def _draft(self, interaction: Interaction, draft_id: str) -> Draft:
        return await self._setquery.draft(draft_id, guild_of(interaction).id)

    async def _write(self, interaction: Interaction, channel_id: int | None, text: str) -> None:
        guild_id = guild_of(interaction).id
        await self._propose(interaction, await self._setquery.write(guild_id, channel_id, interaction.user.id, text))

    async def _propose(self, interaction: Interaction, draft: Draft) -> None:
        """What a draft would bring; where it brings nothing, then also why."""
        told = await _patiently(interaction, self._setquery.propose(draft))
        if isinstance(told, Proposal) and not told.prospect.total and len(told.parts) > 1:
            await _show(interaction, replies.looking(told))
            await _show(interaction, replies.proposal(told, await self._setquery.diagnose(told)))
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
    await show(interaction, reply.content, embeds=[reply.embed], view=reply.view())


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


async def _objection(interaction: Interaction, target: Target) -> str | None:
    """Why none of the channels can take papers; None while one can."""
    guild, here = guild_of(interaction), interaction.channel
    objections = [await objection_in(guild, channel_id, here=here) for channel_id in target.channels]
    return objections[0] if all(objections) else None


async def setup(bot: ArxivBot) -> None:
    await bot.add_cog(SetQueryCog(bot))
