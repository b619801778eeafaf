"""What the bots on forks of discord.py share; `library` is the fork."""

from __future__ import annotations

import io
from typing import Any

from asked import attempt


class Verbs:
    """What such a bot is asked for on the standard input."""

    def __init__(self, library: Any, bot: Any) -> None:
        self._library = library
        self._bot = bot

    @property
    def _guild(self) -> Any:
        return self._bot.guilds[0]

    @property
    def _papers(self) -> Any:
        return self._channel("papers")

    def _channel(self, name: str) -> Any:
        return next(channel for channel in self._guild.text_channels if channel.name == name)

    async def _open_thread(self, name: str) -> Any:
        """Without a type it would be a private one."""
        return await self._papers.create_thread(name=name, type=self._library.ChannelType.public_thread)

    async def see(self) -> Any:
        return {"server": self._guild.name, "channels": sorted(channel.name for channel in self._guild.channels)}

    async def permissions(self) -> Any:
        return str(self._papers.permissions_for(self._guild.me).value)

    async def member(self) -> Any:
        return (await self._guild.fetch_member(self._guild.owner_id)).name

    async def post(self) -> Any:
        embed = self._library.Embed(
            title="Graphene", description="An abstract.", url="https://example.org/paper", colour=0xB31B1B
        )
        embed.add_field(name="Authors", value="A. Author", inline=True)
        embed.set_footer(text="cs.LG")
        message = await self._papers.send("Today", embed=embed)
        return {"by": message.author.name, "titles": [each.title for each in message.embeds]}

    async def nonce(self) -> Any:
        first, second = [await self._papers.send("Once", nonce="1") for _ in range(2)]
        return first.id == second.id

    async def wait(self) -> Any:
        return (await self._channel("general").send("Patient")).content

    async def history(self) -> Any:
        return [[message.author.name, message.content] async for message in self._papers.history(limit=100)]

    async def edit(self) -> Any:
        edited = await (await self._papers.send("Old")).edit(content="New")
        return [edited.content, edited.edited_at is not None]

    async def delete(self) -> Any:
        message = await self._papers.send("Wrong")
        await message.delete()
        try:
            await self._papers.fetch_message(message.id)
        except self._library.NotFound:
            return "gone"

    async def thread(self) -> Any:
        thread = await self._open_thread("Alone")
        return [thread.name, (await thread.send("Inside")).content]

    async def thread_under(self) -> Any:
        thread = await (await self._papers.send("Above")).create_thread(name="Under")
        return [thread.name, (await thread.send("Inside")).content]

    async def archive(self) -> Any:
        return (await (await self._open_thread("Old news")).edit(archived=True)).archived

    async def lock(self) -> Any:
        return (await (await self._open_thread("Settled")).edit(locked=True)).locked

    async def attach(self) -> Any:
        message = await self._papers.send(file=self._library.File(io.BytesIO(b"An abstract."), "abstract.txt"))
        return [[each.filename, each.size] for each in message.attachments]

    async def reply(self) -> Any:
        answer = await (await self._papers.send("Question")).reply("Answer")
        return answer.reference.resolved.content

    async def react(self) -> Any:
        message = await self._papers.send("Good")
        await message.add_reaction("👍")
        seen = await self._papers.fetch_message(message.id)
        return [[str(each.emoji), each.count] for each in seen.reactions]

    async def pin(self) -> Any:
        await (await self._papers.send("Keep")).pin()
        return [message.content async for message in self._papers.pins()]

    async def webhook(self) -> Any:
        webhook = await self._papers.create_webhook(name="Press")
        return (await webhook.send("By another name", wait=True)).author.name


class Answers:
    """What such a bot does about /answer: a method for each way, and for each button, select and modal by its custom id."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def _attended(self, item: Any, custom_id: str) -> Any:
        """The item, answered by the method."""

        async def callback(interaction: Any) -> None:
            await attempt(custom_id, getattr(self, custom_id)(interaction))

        item.callback = callback
        return item

    def _form(self, custom_id: str) -> Any:
        """A modal with one field, the title."""
        raise NotImplementedError

    async def _open_form(self, interaction: Any, custom_id: str) -> None:
        await interaction.response.send_modal(self._attended(self._form(custom_id), custom_id))

    async def _edit_original(self, interaction: Any, **changes: Any) -> Any:
        return await interaction.edit_original_response(**changes)

    async def _original(self, interaction: Any) -> Any:
        return await interaction.original_response()

    def _typed(self, interaction: Any) -> str:
        """What stands in the modal's only field."""
        text: str = interaction.data["components"][0]["components"][0]["value"]
        return text

    async def _offer(self, interaction: Any, content: str, *items: Any) -> None:
        view = self._library.ui.View(timeout=None)
        for item in items:
            view.add_item(self._attended(item, item.custom_id))
        await interaction.response.send_message(content, view=view)

    async def answer(self, interaction: Any) -> Any:
        await interaction.response.send_message("Here")
        return str(interaction.app_permissions.value)

    async def defer(self, interaction: Any) -> Any:
        await interaction.response.defer()
        return (await self._edit_original(interaction, content="Later")).content

    async def ephemeral(self, interaction: Any) -> Any:
        await interaction.response.send_message("For you", ephemeral=True)

    async def follow_up(self, interaction: Any) -> Any:
        await interaction.response.send_message("First")
        return (await interaction.followup.send("Second", wait=True)).content

    async def button(self, interaction: Any) -> Any:
        button = self._library.ui.Button
        await self._offer(
            interaction, "Press", button(label="Press", custom_id="pressed"), button(label="Form", custom_id="form")
        )

    async def pressed(self, interaction: Any) -> Any:
        await interaction.response.edit_message(content="Pressed", view=None)
        return interaction.user.name

    async def select(self, interaction: Any) -> Any:
        option = self._library.SelectOption
        options = [option(label="Biology", value="q-bio"), option(label="Learning", value="cs.LG")]
        await self._offer(interaction, "Choose", self._library.ui.Select(custom_id="chosen", options=options))

    async def chosen(self, interaction: Any) -> Any:
        [value] = interaction.data["values"]
        await interaction.response.defer()
        await self._edit_original(interaction, content=value, view=None)
        return value

    async def modal(self, interaction: Any) -> Any:
        await self._open_form(interaction, "submitted")

    async def form(self, interaction: Any) -> Any:
        await self._open_form(interaction, "filled")

    async def dismiss(self, interaction: Any) -> Any:
        await self._open_form(interaction, "dismissed")

    async def submitted(self, interaction: Any) -> Any:
        await interaction.response.send_message(self._typed(interaction))
        return (await self._original(interaction)).content

    async def filled(self, interaction: Any) -> Any:
        await interaction.response.edit_message(content=self._typed(interaction))
        return (await self._original(interaction)).content

    async def dismissed(self, interaction: Any) -> Any:
        await interaction.response.defer()


def suggestions(typed: str) -> list[str]:
    return [way for way in ("answer", "button", "defer") if way.startswith(typed)]
