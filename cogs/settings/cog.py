"""`/settings`: everything that can be set for a server, in one private panel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.daemon.interactions import Interaction, InteractiveCog, answers, guild_of, require_manager, show, spend
from bot.delivery.forms import unpacked
from bot.delivery.permissions import objection_in
from bot.errors import NotAllowedHere
from bot.settings.typed import BadValue, clock_time, zone_name
from cogs.settings import view as screens
from cogs.settings.service import MOST_CARDS, SettingsService, cards
from cogs.settings.view import Screen, Verb

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot


class SettingsCog(InteractiveCog, name="settings"):
    """For who manages the server, asked anew at every press."""

    def __init__(self, bot: ArxivBot) -> None:
        super().__init__(bot)
        self._settings = SettingsService(bot.app)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: discord.Interaction[Any]) -> None:
        """Everything that is set for this server, and the buttons to change it"""
        require_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await _show(interaction, await self._home(interaction))

    @answers(screens.CONTROL)
    async def use(self, interaction: Interaction, used: re.Match[str], given: Sequence[str]) -> None:
        """A button, a select or a form of the panel. What takes long has a message of its own, which says so."""
        require_manager(interaction)
        verb, channel_id = used["verb"], int(used["channel"])
        if verb in (Verb.HOUR, Verb.CARDS):
            panel = await self._settings.of(guild_of(interaction).id)
            typed = unpacked(used["typed"], 2 if verb == Verb.HOUR else 1) if used["typed"] else None
            form = screens.hour_form(panel, typed) if verb == Verb.HOUR else screens.cards_form(panel, MOST_CARDS, typed)
            await interaction.response.send_modal(form)
            return
        if verb == Verb.POST:
            spend(interaction, "post")
        await interaction.response.defer(ephemeral=True, thinking=verb == Verb.POST)
        try:
            screen = await self._change(interaction, verb, channel_id, given)
        except BadValue as error:
            await interaction.followup.send(error.for_members, view=screens.correct(verb, given), ephemeral=True)
        else:
            await _show(interaction, screen)

    async def _change(self, interaction: Interaction, verb: str, channel_id: int, given: Sequence[str]) -> Screen:
        """Change what was asked for, a Verb or the name of a choice; gives the screen that stands there afterwards."""
        guild_id, service = guild_of(interaction).id, self._settings
        match verb:
            case Verb.KEEP_HOUR:
                hour, zone = given
                await service.keep(guild_id, post_at=clock_time(hour), timezone=zone_name(zone))
                return await self._home(interaction, "Saved. A new hour holds from its next occurrence on.")
            case Verb.KEEP_CARDS:
                await service.keep(guild_id, max_posts=cards(given[0]))
                return await self._home(interaction, "Saved, for every channel of this server.")
            case choice if choice in screens.CHOICES:
                await service.keep(guild_id, **screens.chosen(choice, given[0]))
                return await self._home(interaction, "Saved, for every channel of this server.")
            case Verb.PAUSE:
                await service.keep(guild_id, paused=True)
                return await self._home(interaction, "Paused.")
            case Verb.RESUME:
                await service.keep(guild_id, paused=False)
                self.bot.wake()
                return await self._home(interaction, "Papers come again.")
            case Verb.POST:
                return await self._post(guild_id)
            case Verb.ERASE:
                return screens.erasing(await service.of(guild_id))
            case Verb.ERASE_ALL:
                await service.erase(guild_id)
                return screens.ERASED
        return await self._change_channel(interaction, verb, channel_id, given)

    async def _change_channel(self, interaction: Interaction, verb: str, channel_id: int, given: Sequence[str]) -> Screen:
        """As `_change`, for what is about one channel; Back too."""
        guild_id, service = guild_of(interaction).id, self._settings
        match verb:
            case Verb.CHANNEL if not given[0].startswith("+"):
                return await self._one(interaction, int(given[0]))
            case Verb.CHANNEL:  # `+24`, where more of them begin
                return await self._home(interaction, start=int(given[0]))
            case Verb.SHARE:
                await service.share_query(guild_id, channel_id)
                self.bot.wake()
                return await self._one(interaction, channel_id, "It follows the server's query from now on.")
            case Verb.MOVE:
                return await self._move(interaction, channel_id, int(given[0]))
            case Verb.STOP:
                await service.stop(guild_id, channel_id)
                return await self._home(interaction, f"<#{channel_id}> gets no more papers. `/setquery` starts them again.")
        return await self._home(interaction)

    async def _post(self, guild_id: int) -> Screen:
        """A digest for this server alone; moves no due time."""
        await self._settings.check_ready(guild_id)
        report = await self.bot.app.run_digest(self.bot.outbox, force=True, guild_id=guild_id)
        return screens.posted(await self._settings.posted(guild_id, report), (await self._settings.of(guild_id)).next_at)

    async def _move(self, interaction: Interaction, channel_id: int, target: int) -> Screen:
        guild = guild_of(interaction)
        if reason := await objection_in(guild, target):
            raise NotAllowedHere(f"Papers cannot go there yet: {reason}. Nothing was changed.")
        await self._settings.move(guild.id, channel_id, target)
        said = f"Moved. What was posted in <#{channel_id}> stays there and is not repeated here."
        return await self._one(interaction, target, said)

    # --- the two screens ----------------------------------------------------------------------

    async def _home(self, interaction: Interaction, said: str | None = None, *, start: int = 0) -> Screen:
        guild = guild_of(interaction)
        names = {room.id: room.name for room in (*guild.channels, *guild.threads)}
        return screens.home(await self._settings.of(guild.id), names, start=start, said=said)

    async def _one(self, interaction: Interaction, channel_id: int, said: str | None = None) -> Screen:
        guild_id = guild_of(interaction).id
        fed = await self._settings.channel(guild_id, channel_id)
        draft = await self._settings.draft(fed, guild_id, interaction.user.id)
        return screens.channel(fed, draft.id, said=said)


async def _show(interaction: Interaction, screen: Screen) -> None:
    await show(interaction, screen.said, embeds=[screen.embed], view=screen.view)


async def setup(bot: ArxivBot) -> None:
    await bot.add_cog(SettingsCog(bot))
