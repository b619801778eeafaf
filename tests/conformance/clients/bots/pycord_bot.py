"""A bot on py-cord, whose module is called discord."""

from typing import Any

import discord
from asked import API_URL, TOKEN, attempt, obey, tell
from forks import Answers, Verbs, suggestions

discord.http.Route.API_BASE_URL = API_URL
bot = discord.Bot(intents=discord.Intents(guilds=True, guild_messages=True), auto_sync_commands=False)


class PycordVerbs(Verbs):
    async def register(self) -> Any:
        await bot.sync_commands()
        return [command.name for command in bot.application_commands if command.id]

    async def nonce(self) -> Any:
        first, second = [await self._papers.send("Once", nonce="1", enforce_nonce=True) for _ in range(2)]
        return first.id == second.id

    async def pin(self) -> Any:
        await (await self._papers.send("Keep")).pin()
        return [pin.message.content async for pin in self._papers.pins()]


class PycordAnswers(Answers):
    def _form(self, custom_id: str) -> Any:
        return discord.ui.Modal(discord.ui.InputText(label="Title", custom_id="title"), title="Paper", custom_id=custom_id)


answers = PycordAnswers(discord)


async def suggest(context: discord.AutocompleteContext) -> list[str]:
    tell("suggest", None)
    return suggestions(context.value)


@bot.slash_command(description="Answer in some way")
@discord.option("how", str, description="In which way", autocomplete=suggest)
async def answer(context: discord.ApplicationContext, how: str) -> None:
    await attempt(how, getattr(answers, how)(context.interaction))


@bot.listen("on_guild_channel_create")
async def notice(channel: Any) -> None:
    tell("resume", channel.name)


@bot.listen("on_ready")
async def greet() -> None:
    tell("connect", bot.user.name)
    await obey(PycordVerbs(discord, bot))


bot.run(TOKEN)
