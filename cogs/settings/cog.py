"""`/settings`: everything that can be set for a server, in one private panel."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.delivery.permissions import MANAGERS_ONLY, may_manage, objection_in
from bot.digest.model import Updates
from bot.errors import NotAllowedHere
from cogs.settings import view as screens
from cogs.settings.service import MOST_CARDS, Panel
from cogs.settings.view import Screen, Verb

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot
    from cogs.settings.service import ServerSettings

    Interaction = discord.Interaction[ArxivBot]


class SettingsCog(commands.Cog, name="settings"):
    """For who manages the server, asked anew at every press."""

    def __init__(self, bot: ArxivBot) -> None:
        self.bot = bot

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: discord.Interaction[Any]) -> None:
        """Everything that is set for this server, and the buttons to change it"""
        if await _allowed(interaction):
            await interaction.response.defer(ephemeral=True, thinking=True)
            await _show(interaction, await _home(interaction))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """A form that was sent: discord.py itself forgets open forms when the bot is started anew."""
        if interaction.type is discord.InteractionType.modal_submit:
            data: Mapping[str, Any] = interaction.data or {}
            form = re.fullmatch(screens.CONTROL, data["custom_id"])
            if form is not None:
                typed = [label["component"]["value"] for label in data["components"]]
                await _answer(interaction, Verb(form["verb"]), int(form["channel"]), typed)


class Control(ui.DynamicItem[ui.Item[Any]], template=screens.CONTROL):
    """A button or a select of the panel, used now or after a restart, by whoever manages the server now."""

    def __init__(self, item: ui.Item[Any], verb: Verb, channel_id: int) -> None:
        super().__init__(item)
        self._verb = verb
        self._channel_id = channel_id

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /) -> Control:
        return cls(item, Verb(match["verb"]), int(match["channel"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        data: Mapping[str, Any] = interaction.data or {}
        await _answer(interaction, self._verb, self._channel_id, data.get("values", ()))


async def _answer(interaction: Interaction, verb: Verb, channel_id: int, given: Sequence[str]) -> None:
    """`given` is what was chosen or typed. What takes long has a message of its own, which says so."""
    try:
        if not await _allowed(interaction):
            return
        if verb in _FORMS:
            await interaction.response.send_modal(_FORMS[verb](await _service(interaction).of(_guild(interaction).id)))
            return
        await interaction.response.defer(ephemeral=True, thinking=verb is Verb.POST)
        await _show(interaction, await _ANSWERS[verb](interaction, channel_id, given))
    except Exception as error:  # discord.py would only log it
        await interaction.client.explain(interaction, error)


# --- the server -------------------------------------------------------------------------------


async def _back(interaction: Interaction, _: int, given: Sequence[str]) -> Screen:
    return await _home(interaction)


async def _keep_hour(interaction: Interaction, _: int, given: Sequence[str]) -> Screen:
    hour, zone = given
    await _service(interaction).keep_schedule(_guild(interaction).id, hour, zone)
    return await _home(interaction, "Saved. A new hour holds from its next occurrence on.")


async def _keep_cards(interaction: Interaction, _: int, given: Sequence[str]) -> Screen:
    await _service(interaction).keep_max_posts(_guild(interaction).id, given[0])
    return await _home(interaction, "Saved, for every channel of this server.")


async def _keep_updates(interaction: Interaction, _: int, given: Sequence[str]) -> Screen:
    updates = None if given[0] == screens.DEFAULT else Updates(given[0])
    await _service(interaction).keep_updates(_guild(interaction).id, updates)
    return await _home(interaction, "Saved, for every channel of this server.")


async def _pause(interaction: Interaction, _: int, given: Sequence[str]) -> Screen:
    await _service(interaction).pause(_guild(interaction).id)
    return await _home(interaction, "Paused.")


async def _resume(interaction: Interaction, _: int, given: Sequence[str]) -> Screen:
    await _service(interaction).resume(_guild(interaction).id)
    interaction.client.wake()
    return await _home(interaction, "Papers come again.")


async def _post(interaction: Interaction, _: int, given: Sequence[str]) -> Screen:
    """A digest for this server alone; moves no due time."""
    service, guild_id, client = _service(interaction), _guild(interaction).id, interaction.client
    await service.check_ready(guild_id)
    report = await client.app.run_digest(client.outbox, force=True, guild_id=guild_id)
    return screens.posted(await service.posted(guild_id, report), (await service.of(guild_id)).next_at)


async def _ask_to_erase(interaction: Interaction, _: int, given: Sequence[str]) -> Screen:
    return screens.erasing(await _service(interaction).of(_guild(interaction).id))


async def _erase(interaction: Interaction, _: int, given: Sequence[str]) -> Screen:
    await _service(interaction).erase(_guild(interaction).id)
    return screens.ERASED


# --- one channel ------------------------------------------------------------------------------


async def _choose(interaction: Interaction, _: int, given: Sequence[str]) -> Screen:
    """A channel, or (`+24`) where more of them begin."""
    if given[0].startswith("+"):
        return await _home(interaction, start=int(given[0]))
    return await _one(interaction, int(given[0]))


async def _share(interaction: Interaction, channel_id: int, given: Sequence[str]) -> Screen:
    await _service(interaction).share_query(_guild(interaction).id, channel_id)
    interaction.client.wake()
    return await _one(interaction, channel_id, "It follows the server's query from now on.")


async def _move(interaction: Interaction, channel_id: int, given: Sequence[str]) -> Screen:
    guild, target = _guild(interaction), int(given[0])
    if reason := await objection_in(guild, target):
        raise NotAllowedHere(f"Papers cannot go there yet: {reason}. Nothing was changed.")
    await _service(interaction).move(guild.id, channel_id, target)
    return await _one(interaction, target, f"Moved. What was posted in <#{channel_id}> stays there and is not repeated here.")


async def _stop(interaction: Interaction, channel_id: int, given: Sequence[str]) -> Screen:
    await _service(interaction).stop(_guild(interaction).id, channel_id)
    return await _home(interaction, f"<#{channel_id}> gets no more papers. `/setquery` starts them again.")


_FORMS: dict[Verb, Callable[[Panel], ui.Modal]] = {
    Verb.HOUR: screens.hour_form,
    Verb.CARDS: lambda panel: screens.cards_form(panel, MOST_CARDS),
}

_ANSWERS: dict[Verb, Callable[[Any, int, Sequence[str]], Awaitable[Screen]]] = {
    Verb.HOME: _back,
    Verb.CHANNEL: _choose,
    Verb.KEEP_HOUR: _keep_hour,
    Verb.KEEP_CARDS: _keep_cards,
    Verb.UPDATES: _keep_updates,
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.POST: _post,
    Verb.SHARE: _share,
    Verb.MOVE: _move,
    Verb.STOP: _stop,
    Verb.ERASE: _ask_to_erase,
    Verb.ERASE_ALL: _erase,
}


# --- what all of them share -------------------------------------------------------------------


async def _home(interaction: Interaction, said: str | None = None, *, start: int = 0) -> Screen:
    guild = _guild(interaction)
    names = {room.id: room.name for room in (*guild.channels, *guild.threads)}
    return screens.home(await _service(interaction).of(guild.id), names, start=start, said=said)


async def _one(interaction: Interaction, channel_id: int, said: str | None = None) -> Screen:
    service, guild_id = _service(interaction), _guild(interaction).id
    fed = await service.channel(guild_id, channel_id)
    draft = await service.draft(fed, guild_id, interaction.user.id)
    return screens.channel(fed, draft.id, said=said)


async def _show(interaction: Interaction, screen: Screen) -> None:
    """In the place of what stands there, once the interaction was answered."""
    await interaction.edit_original_response(content=screen.said, embed=screen.embed, view=screen.view)


async def _allowed(interaction: Interaction) -> bool:
    """Whether this person may change things; if not, they are told so."""
    if may_manage(interaction.permissions):
        return True
    await interaction.response.send_message(MANAGERS_ONLY, ephemeral=True)
    return False


def _service(interaction: Interaction) -> ServerSettings:
    service: ServerSettings = interaction.client.app.server_settings
    return service


def _guild(interaction: Interaction) -> discord.Guild:
    if interaction.guild is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild


async def setup(bot: ArxivBot) -> None:
    await bot.add_cog(SettingsCog(bot))
    bot.add_dynamic_items(Control)
