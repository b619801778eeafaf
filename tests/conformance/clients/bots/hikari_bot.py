"""A bot on hikari."""

from __future__ import annotations

from typing import Any

import hikari
from asked import API_URL, TOKEN, attempt, obey, tell

# hikari itself would log to the standard output.
bot = hikari.GatewayBot(
    TOKEN, rest_url=API_URL, intents=hikari.Intents.GUILDS | hikari.Intents.GUILD_MESSAGES, banner=None, logs=None
)
rest = bot.rest


class Verbs:
    """What it is asked for on the standard input."""

    @property
    def guild(self) -> hikari.GatewayGuild:
        return next(iter(bot.cache.get_guilds_view().values()))

    @property
    def papers(self) -> hikari.PermissibleGuildChannel:
        return self.channel("papers")

    def channel(self, name: str) -> hikari.PermissibleGuildChannel:
        return next(channel for channel in self.guild.get_channels().values() if channel.name == name)

    async def see(self) -> Any:
        channels = sorted(channel.name for channel in self.guild.get_channels().values() if channel.name)
        return {"server": self.guild.name, "channels": channels}

    async def permissions(self) -> Any:
        raise NotImplementedError("hikari works out no permissions")

    async def member(self) -> Any:
        return (await rest.fetch_member(self.guild, self.guild.owner_id)).username

    async def register(self) -> Any:
        command = rest.slash_command_builder("answer", "Answer in some way")
        how = hikari.CommandOption(
            type=hikari.OptionType.STRING, name="how", description="In which way", is_required=True, autocomplete=True
        )
        application = await rest.fetch_application()
        return [each.name for each in await rest.set_application_commands(application, [command.add_option(how)])]

    async def post(self) -> Any:
        embed = hikari.Embed(title="Graphene", description="An abstract.", url="https://example.org/paper", color=0xB31B1B)
        embed.add_field("Authors", "A. Author", inline=True).set_footer("cs.LG")
        message = await rest.create_message(self.papers, "Today", embed=embed)
        return {"by": message.author.username, "titles": [each.title for each in message.embeds]}

    async def nonce(self) -> Any:
        first, second = [await rest.create_message(self.papers, "Once", nonce="1") for _ in range(2)]
        return first.id == second.id

    async def wait(self) -> Any:
        return (await rest.create_message(self.channel("general"), "Patient")).content

    async def history(self) -> Any:
        return [[message.author.username, message.content] async for message in rest.fetch_messages(self.papers)]

    async def edit(self) -> Any:
        message = await rest.create_message(self.papers, "Old")
        edited = await rest.edit_message(self.papers, message, "New")
        return [edited.content, edited.edited_timestamp is not None]

    async def delete(self) -> Any:
        message = await rest.create_message(self.papers, "Wrong")
        await rest.delete_message(self.papers, message)
        try:
            await rest.fetch_message(self.papers, message)
        except hikari.NotFoundError:
            return "gone"

    async def thread(self) -> Any:
        thread = await rest.create_thread(self.papers, hikari.ChannelType.GUILD_PUBLIC_THREAD, "Alone")
        return [thread.name, (await rest.create_message(thread, "Inside")).content]

    async def thread_under(self) -> Any:
        message = await rest.create_message(self.papers, "Above")
        thread = await rest.create_message_thread(self.papers, message, "Under")
        return [thread.name, (await rest.create_message(thread, "Inside")).content]

    async def archive(self) -> Any:
        thread = await rest.create_thread(self.papers, hikari.ChannelType.GUILD_PUBLIC_THREAD, "Old news")
        archived = await rest.edit_channel(thread, archived=True)
        assert isinstance(archived, hikari.GuildThreadChannel)
        return archived.is_archived

    async def lock(self) -> Any:
        thread = await rest.create_thread(self.papers, hikari.ChannelType.GUILD_PUBLIC_THREAD, "Settled")
        locked = await rest.edit_channel(thread, locked=True)
        assert isinstance(locked, hikari.GuildThreadChannel)
        return locked.is_locked

    async def attach(self) -> Any:
        message = await rest.create_message(self.papers, attachment=hikari.Bytes("An abstract.", "abstract.txt"))
        return [[each.filename, each.size] for each in message.attachments]

    async def reply(self) -> Any:
        message = await rest.create_message(self.papers, "Question")
        answer = await rest.create_message(self.papers, "Answer", reply=message)
        return answer.referenced_message and answer.referenced_message.content

    async def react(self) -> Any:
        message = await rest.create_message(self.papers, "Good")
        await rest.add_reaction(self.papers, message, "👍")
        seen = await rest.fetch_message(self.papers, message)
        return [[str(each.emoji), each.count] for each in seen.reactions]

    async def pin(self) -> Any:
        message = await rest.create_message(self.papers, "Keep")
        await rest.pin_message(self.papers, message)
        return [pin.message.content async for pin in rest.fetch_pins(self.papers)]

    async def webhook(self) -> Any:
        webhook = await rest.create_webhook(self.papers, "Press")
        return (await webhook.execute("By another name")).author.username


class Answers:
    """What it does about /answer: a method for each way, and for each custom id."""

    async def answer(self, interaction: hikari.CommandInteraction) -> Any:
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "Here")
        return str(int(interaction.app_permissions or 0))

    async def defer(self, interaction: hikari.CommandInteraction) -> Any:
        await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
        return (await interaction.edit_initial_response("Later")).content

    async def ephemeral(self, interaction: hikari.CommandInteraction) -> Any:
        hidden = hikari.MessageFlag.EPHEMERAL
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "For you", flags=hidden)

    async def follow_up(self, interaction: hikari.CommandInteraction) -> Any:
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "First")
        return (await interaction.execute("Second")).content

    async def button(self, interaction: hikari.CommandInteraction) -> Any:
        row = rest.build_message_action_row().add_interactive_button(hikari.ButtonStyle.PRIMARY, "pressed", label="Press")
        row.add_interactive_button(hikari.ButtonStyle.SECONDARY, "form", label="Form")
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "Press", component=row)

    async def pressed(self, interaction: hikari.ComponentInteraction) -> Any:
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, "Pressed", components=[])
        return interaction.user.username

    async def select(self, interaction: hikari.CommandInteraction) -> Any:
        row = rest.build_message_action_row()
        row.add_text_menu("chosen").add_option("Biology", "q-bio").add_option("Learning", "cs.LG")
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "Choose", component=row)

    async def chosen(self, interaction: hikari.ComponentInteraction) -> Any:
        await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_UPDATE)
        await interaction.edit_initial_response(interaction.values[0], components=[])
        return list(interaction.values)

    async def modal(self, interaction: hikari.CommandInteraction) -> Any:
        await interaction.create_modal_response(
            "Paper", "submitted", rest.build_modal_action_row().add_text_input("title", "Title")
        )

    async def form(self, interaction: hikari.ComponentInteraction) -> Any:
        await interaction.create_modal_response("Paper", "filled", rest.build_modal_action_row().add_text_input("title", "Title"))

    async def submitted(self, interaction: hikari.ModalInteraction) -> Any:
        title = interaction.components[0].components[0].value
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, title)
        return (await interaction.fetch_initial_response()).content

    async def filled(self, interaction: hikari.ModalInteraction) -> Any:
        title = interaction.components[0].components[0].value
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, title)
        return (await interaction.fetch_initial_response()).content

    async def dismiss(self, interaction: hikari.CommandInteraction) -> Any:
        row = rest.build_modal_action_row().add_text_input("title", "Title")
        await interaction.create_modal_response("Paper", "dismissed", row)

    async def dismissed(self, interaction: hikari.ModalInteraction) -> Any:
        await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_UPDATE)

    async def suggest(self, interaction: hikari.AutocompleteInteraction) -> Any:
        typed = str(interaction.options[0].value)
        ways = [way for way in ("answer", "button", "defer") if way.startswith(typed)]
        await interaction.create_response([hikari.impl.AutocompleteChoiceBuilder(way, way) for way in ways])


@bot.listen()
async def attend(event: hikari.InteractionCreateEvent) -> None:
    interaction = event.interaction
    if isinstance(interaction, hikari.AutocompleteInteraction):
        way = "suggest"
    elif isinstance(interaction, hikari.CommandInteraction):
        way = str(interaction.options[0].value)
    else:
        way = interaction.custom_id
    await attempt(way, getattr(Answers(), way)(interaction))


@bot.listen()
async def greet(event: hikari.GuildAvailableEvent) -> None:
    me = bot.get_me()
    tell("connect", me and me.username)
    await obey(Verbs())


@bot.listen()
async def notice(event: hikari.GuildChannelCreateEvent) -> None:
    tell("resume", event.channel.name)


bot.run(check_for_updates=False)
