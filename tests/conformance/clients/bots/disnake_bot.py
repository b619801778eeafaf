"""A bot on disnake."""

from typing import Any

import disnake
from asked import API_URL, TOKEN, attempt, obey, tell
from disnake.ext import commands
from forks import Answers, Verbs, suggestions

disnake.http.Route.BASE = API_URL
bot = commands.InteractionBot(
    intents=disnake.Intents(guilds=True, guild_messages=True), command_sync_flags=commands.CommandSyncFlags.none()
)


class DisnakeVerbs(Verbs):
    async def register(self) -> Any:
        registered = await bot.bulk_overwrite_global_commands([each.body for each in bot.slash_commands])
        return [each.name for each in registered]


class DisnakeAnswers(Answers):
    async def _open_form(self, interaction: Any, custom_id: str) -> None:
        field = disnake.ui.Label("Title", disnake.ui.TextInput(custom_id="title"))
        await interaction.response.send_modal(title="Paper", custom_id=custom_id, components=[field])

    def _typed(self, interaction: Any) -> str:
        text: str = interaction.text_values["title"]
        return text

    async def dismissed(self, interaction: Any) -> Any:
        await interaction.response.defer(with_message=False)


answers = DisnakeAnswers(disnake)


@bot.slash_command()
async def answer(interaction: disnake.ApplicationCommandInteraction, how: str) -> None:
    """Answer in some way"""
    await attempt(how, getattr(answers, how)(interaction))


@answer.autocomplete("how")
async def suggest(interaction: disnake.ApplicationCommandInteraction, typed: str) -> list[str]:
    tell("suggest", None)
    return suggestions(typed)


@bot.event
async def on_modal_submit(interaction: disnake.ModalInteraction) -> None:
    await attempt(interaction.custom_id, getattr(answers, interaction.custom_id)(interaction))


@bot.event
async def on_guild_channel_create(channel: Any) -> None:
    tell("resume", channel.name)


@bot.event
async def on_ready() -> None:
    tell("connect", bot.user.name)
    await obey(DisnakeVerbs(disnake, bot))


bot.run(TOKEN)
