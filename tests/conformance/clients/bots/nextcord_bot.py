"""A bot on nextcord."""

from typing import Any

import nextcord
from asked import API_URL, TOKEN, attempt, obey, tell
from forks import Answers, Verbs, suggestions

nextcord.http.Route.BASE = API_URL


class NextcordVerbs(Verbs):
    async def register(self) -> Any:
        await self._bot.sync_application_commands()
        return [command.name for command in self._bot.get_all_application_commands() if command.command_ids]

    async def pin(self) -> Any:
        await (await self._papers.send("Keep")).pin()
        return [message.content for message in await self._papers.pins()]


class NextcordAnswers(Answers):
    def _form(self, custom_id: str) -> Any:
        modal = nextcord.ui.Modal("Paper", custom_id=custom_id)
        modal.add_item(nextcord.ui.TextInput("Title", custom_id="title"))
        return modal

    async def _edit_original(self, interaction: Any, **changes: Any) -> Any:
        return await interaction.edit_original_message(**changes)

    async def _original(self, interaction: Any) -> Any:
        return await interaction.original_message()


answers = NextcordAnswers(nextcord)


class Bot(nextcord.Client):
    async def on_connect(self) -> None:
        """Here nextcord would register the commands by itself."""
        self.add_all_application_commands()

    async def on_ready(self) -> None:
        tell("connect", self.user.name)
        await obey(NextcordVerbs(nextcord, self))

    async def on_guild_channel_create(self, channel: Any) -> None:
        tell("resume", channel.name)


bot = Bot(intents=nextcord.Intents(guilds=True, guild_messages=True))


@bot.slash_command(description="Answer in some way")
async def answer(interaction: nextcord.Interaction, how: str) -> None:
    await attempt(how, getattr(answers, how)(interaction))


@answer.on_autocomplete("how")
async def suggest(interaction: nextcord.Interaction, how: str) -> None:
    await attempt("suggest", interaction.response.send_autocomplete(suggestions(how)))


bot.run(TOKEN)
