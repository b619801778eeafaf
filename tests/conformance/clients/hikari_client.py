"""A small bot on hikari. It prints what it sees, one JSON object a line.

DISCORD_API_URL and DISCORD_TOKEN say where it logs in; the gateway's address it asks there.
"""

from __future__ import annotations

import json
import logging
import os
from typing import Any

import hikari

# hikari itself would log to the standard output. A lost connection is a warning, what it cannot read an error.
logging.basicConfig(level=logging.ERROR)

bot = hikari.GatewayBot(
    os.environ["DISCORD_TOKEN"],
    rest_url=os.environ["DISCORD_API_URL"],
    intents=hikari.Intents.GUILDS,
    banner=None,
    logs=None,
)


def tell(seen: str, **what: Any) -> None:
    print(json.dumps({"seen": seen, **what}), flush=True)  # noqa: T201


async def greet(event: hikari.GuildAvailableEvent) -> None:
    channels = sorted(channel.name for channel in event.guild.get_channels().values() if channel.name)
    tell("server", name=event.guild.name, channels=channels)
    text = hikari.CommandOption(type=hikari.OptionType.STRING, name="text", description="What to say", is_required=True)
    command = bot.rest.slash_command_builder("echo", "Say it back").add_option(text)
    application = await bot.rest.fetch_application()
    registered = await bot.rest.set_application_commands(application.id, [command])
    tell("registered", commands=[each.name for each in registered])


async def attend(event: hikari.InteractionCreateEvent) -> None:
    interaction = event.interaction
    if isinstance(interaction, hikari.CommandInteraction):
        await echo(interaction)
    elif isinstance(interaction, hikari.ComponentInteraction):
        tell("press", button=interaction.custom_id, by=interaction.user.username)
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, "pressed", components=[])


async def echo(interaction: hikari.CommandInteraction) -> None:
    text = interaction.options[0].value
    tell("command", name=interaction.command_name, text=text, by=interaction.user.username, channel=interaction.channel.name)
    row = bot.rest.build_message_action_row().add_interactive_button(hikari.ButtonStyle.PRIMARY, "more", label="More")
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    await interaction.edit_initial_response(text, component=row)
    embed = hikari.Embed(title=text, description="An abstract.", url="https://example.org/paper")
    embed.add_field("Authors", "A. Author", inline=True).set_footer("cs.LG")
    message = await bot.rest.create_message(interaction.channel_id, embed=embed)
    tell("posted", titles=[each.title for each in message.embeds], by=message.author.username)


async def notice(event: hikari.GuildChannelCreateEvent) -> None:
    tell("channel", name=event.channel.name)


bot.subscribe(hikari.GuildAvailableEvent, greet)
bot.subscribe(hikari.InteractionCreateEvent, attend)
bot.subscribe(hikari.GuildChannelCreateEvent, notice)
bot.run(check_for_updates=False)
