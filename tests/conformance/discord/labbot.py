"""A discord.py bot with one command for each way of answering, and a memory for events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.ext import commands

from sandbox.server import Sandbox


class LabBot(commands.Bot):
    """Syncs its commands at start. Guilds only, as the product."""

    def __init__(self, **options: Any) -> None:
        options = {"intents": discord.Intents(guilds=True)} | options
        super().__init__("!", allowed_mentions=discord.AllowedMentions.none(), guild_ready_timeout=0.1, **options)
        self.events: list[str] = []
        self.arguments: dict[str, tuple[Any, ...]] = {}
        self.late: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self._news = asyncio.Condition()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        super().dispatch(event_name, *args, **kwargs)
        self.events.append(event_name)
        self.arguments[event_name] = args
        asyncio.get_running_loop().create_task(self._announce())

    async def _announce(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def seen(self, event: str, times: int = 1) -> tuple[Any, ...]:
        """The arguments of the event's latest occurrence, once it has been dispatched so often."""
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(lambda: self.events.count(event) >= times)
        return self.arguments[event]

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py would wait five seconds before it identifies again."""

    async def setup_hook(self) -> None:
        self.add_dynamic_items(CountButton, ChannelMenu)
        own: tuple[app_commands.Command[Any, ..., Any], ...] = (echo, ask, where, note, page, menus, form, twice, late, setup)
        for command in own:
            self.tree.add_command(command)
        self.tree.on_error = self._keep_error  # type: ignore[method-assign]
        await self.tree.sync()

    async def _keep_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        self.late.set_result(error.__cause__ or error)


async def joined(bot: LabBot, sandbox: Sandbox) -> asyncio.Task[None]:
    """Start the bot and wait until it is ready."""
    running = asyncio.create_task(bot.start(sandbox.world.token))
    ready = asyncio.create_task(bot.seen("ready"))
    await asyncio.wait([running, ready], return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        await running
    await ready
    return running


def point_discord_py_at(sandbox: Sandbox, patch: Callable[[Any, str, Any], None]) -> None:
    patch(discord.http.Route, "BASE", sandbox.discord_api_url)
    patch(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.gateway_url))
    patch(discord.VoiceClient, "warn_nacl", False)
    patch(discord.VoiceClient, "warn_dave", False)


@app_commands.command()
@app_commands.describe(text="What to say", count="How often")
@app_commands.choices(style=[app_commands.Choice(name="Loud", value="loud"), app_commands.Choice(name="Soft", value="soft")])
async def echo(
    interaction: discord.Interaction,
    text: str,
    count: app_commands.Range[int, 1, 3] = 1,
    channel: discord.TextChannel | None = None,
    style: str = "soft",
) -> None:
    """Say it back, to you alone."""
    said = f"{text.upper() if style == 'loud' else text} x{count}" + (f" in {channel.mention}" if channel else "")
    await interaction.response.send_message(said, embed=discord.Embed(title=text), ephemeral=True)


@app_commands.command()
async def ask(interaction: discord.Interaction, question: str) -> None:
    """Think first, then answer, then add something."""
    await interaction.response.defer(thinking=True)
    await interaction.edit_original_response(content=f"You asked: {question}")
    await interaction.followup.send("And more.", ephemeral=True)
    added = await interaction.followup.send("Wrong.", wait=True)
    await added.edit(content="Right.")


@app_commands.command()
async def where(interaction: discord.Interaction) -> None:
    """Say who is asking, where, and what both may do."""
    assert interaction.guild is not None
    assert isinstance(interaction.channel, discord.TextChannel)
    manages, sends = interaction.permissions.manage_guild, interaction.app_permissions.send_messages
    place = f"{interaction.guild.name} #{interaction.channel.name}"
    await interaction.response.send_message(f"{interaction.user.name} {place} manages={manages} sends={sends}")


@app_commands.command()
@app_commands.default_permissions(manage_guild=True)
@app_commands.guild_only()
async def setup(interaction: discord.Interaction) -> None:
    """For who manages the server."""
    await interaction.response.send_message("Done.", ephemeral=True)


@app_commands.command()
async def note(interaction: discord.Interaction, topic: str) -> None:
    """Completed while you type."""
    await interaction.response.send_message(topic)


@note.autocomplete("topic")
async def _topics(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{current}{number}", value=f"v{number}") for number in range(2)]


class CountButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"count:(?P<count>\d+)"):
    """Counts in its own custom_id, so that it works on any message."""

    def __init__(self, count: int) -> None:
        super().__init__(discord.ui.Button(label=f"{count} so far", custom_id=f"count:{count}"))
        self.count = count

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction, item: Any, match: Any, /) -> CountButton:
        return cls(int(match["count"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"Pressed by {interaction.user.name}", view=paged(self.count + 1))


class ChannelMenu(discord.ui.DynamicItem[discord.ui.ChannelSelect[discord.ui.View]], template="channels"):
    def __init__(self) -> None:
        kinds = [discord.ChannelType.text]
        super().__init__(discord.ui.ChannelSelect(custom_id="channels", channel_types=kinds, max_values=2))

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction, item: Any, match: Any, /) -> ChannelMenu:
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        names = " ".join(each.name for each in self.item.values)
        await interaction.edit_original_response(content=names, view=None)


def paged(count: int) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(CountButton(count))
    view.add_item(discord.ui.Button(label="Off", custom_id="off", disabled=True))
    view.add_item(discord.ui.Button(label="arXiv", url="https://arxiv.org"))
    return view


@app_commands.command()
async def page(interaction: discord.Interaction, public: bool = False) -> None:
    """Something with buttons."""
    await interaction.response.send_message("Page", view=paged(0), ephemeral=not public)


class Colours(discord.ui.View):
    @discord.ui.select(
        custom_id="colours",
        placeholder="Colours",
        max_values=2,
        options=[discord.SelectOption(label=each) for each in ("red", "blue", "green")],
    )
    async def colours(self, interaction: discord.Interaction, select: discord.ui.Select[Colours]) -> None:
        await interaction.response.send_message(" and ".join(select.values), ephemeral=True)


@app_commands.command()
async def menus(interaction: discord.Interaction) -> None:
    """Something to choose from."""
    await interaction.response.send_message("Colours", view=Colours(), ephemeral=True)
    await interaction.followup.send("Channels", view=discord.ui.View(timeout=None).add_item(ChannelMenu()), ephemeral=True)


class Form(discord.ui.Modal, title="A form"):
    words: discord.ui.Label[Form] = discord.ui.Label(
        text="Words", description="Any", component=discord.ui.TextInput(custom_id="words", default="graphene", max_length=20)
    )
    colour: discord.ui.Label[Form] = discord.ui.Label(
        text="Colour",
        component=discord.ui.Select(
            custom_id="colour", options=[discord.SelectOption(label="red"), discord.SelectOption(label="blue")]
        ),
    )
    legacy: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Notes", custom_id="notes", required=False)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        words, colour = self.words.component, self.colour.component
        assert isinstance(words, discord.ui.TextInput)
        assert isinstance(colour, discord.ui.Select)
        await interaction.response.send_message(f"{words.value} {colour.values} {self.legacy.value!r}", ephemeral=True)


@app_commands.command()
async def form(interaction: discord.Interaction) -> None:
    """Something to fill in."""
    await interaction.response.send_modal(Form())


@app_commands.command()
async def twice(interaction: discord.Interaction) -> None:
    """Answers twice."""
    await interaction.response.send_message("first")
    interaction.response._response_type = None
    await interaction.response.send_message("second")


@app_commands.command()
async def late(interaction: discord.Interaction) -> None:
    """Answers although told not to."""
    await interaction.response.send_message("too late?")
