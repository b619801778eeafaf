"""The client on Discord's gateway: it holds the app, loads the cogs, and answers when something goes wrong."""

from __future__ import annotations

import asyncio
import importlib
import logging
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import logs
from bot.app import App
from bot.daemon.budget import Budget
from bot.daemon.registration import same
from bot.delivery.clock_check import ClockCheck
from bot.delivery.outbox import Channels
from bot.delivery.outcomes import FAILURES, described
from bot.delivery.pacer import Pacer
from bot.digest.report import Report
from bot.errors import BotError, StorageError, StorageUnreachable
from bot.settings.proxies import proxy_for
from bot.text.words import counted

log = logging.getLogger(__name__)

INVITED = discord.Permissions(
    view_channel=True, send_messages=True, embed_links=True, send_messages_in_threads=True, read_message_history=True
)
"""What the invite link asks for: 274877991936."""

REGISTERING = 60.0
"""Seconds for registering the commands: Discord may ask to wait for an hour, and digests do not need commands."""

LONGEST_PAUSE = 60.0
"""Seconds between two tries of the first connection to the gateway."""

LAST_WORDS = 1.0
"""Seconds for what is in hand when the bot is closed."""

_HANDLERS = ("discord", "CommandTree")
"""How discord.py's tasks for events, commands, buttons and modals are called (2.7.1)."""


class Tree(app_commands.CommandTree["ArxivBot"]):
    """Slash commands; whatever one of them raises reaches the person who typed it."""

    async def on_error(self, interaction: discord.Interaction[ArxivBot], error: app_commands.AppCommandError, /) -> None:
        await self.client.explain(interaction, error)


class ArxivBot(commands.Bot):
    """Cogs reach everything as `bot.app`; deliveries go out through `bot.outbox`."""

    def __init__(self, app: App) -> None:
        self.requests = Pacer().trace()
        """Every request to Discord's REST API; whoever wants to hear of them appends to it before the first."""
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            command_prefix=commands.when_mentioned,  # never read: without the messages intent no message arrives
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            guild_ready_timeout=0.5,  # seconds; a server that comes later comes as an event of its own, and is as welcome
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
            http_trace=self.requests,
            proxy=proxy_for(app.settings.discord_api_url),  # of the gateway, too
        )
        self.app = app
        clock_check = ClockCheck(app.clock)
        clock_check.listen(self.requests)
        self.outbox = Channels(self, app.clock, clock_check)
        self.budget = Budget()
        self.logged_in = asyncio.Event()
        """Set when Discord's REST API can be used."""
        self.present = asyncio.Event()
        """Set when digests may begin: the database knows the servers of the first READY, or none came for a while."""
        self.woken = asyncio.Event()
        """Set by whoever cannot wait for the next tick."""
        self._changed: set[int] = set()
        self._lost = False

    async def setup_hook(self) -> None:
        """A cog that cannot be loaded stops the start; commands that cannot be registered do not."""
        for cog in importlib.import_module("cogs").COGS:
            await self.load_extension(cog)
        try:
            async with asyncio.timeout(REGISTERING):
                await self._register()
        except FAILURES as error:
            log.error(
                "The slash commands were not registered: %s. Those that Discord has stay as they are, digests go on, "
                "and the next start tries again.",
                described(error),
            )
        self.logged_in.set()

    async def _register(self) -> None:
        ours = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        if not same(ours, await self.http.get_global_commands(self.application_id or 0)):
            await self.tree.sync()
            log.info("%s registered", counted(len(ours), "command"))

    async def close(self) -> None:
        """Events and commands in hand come to their end first, if that is soon."""
        in_hand = [task for task in asyncio.all_tasks() if task.get_name().startswith(_HANDLERS)]
        if in_hand:
            await asyncio.wait(in_hand, timeout=LAST_WORDS)
        await super().close()

    # --- digests

    async def tick(self) -> Report:
        """One digest of what is due, and of what was blocked in servers that changed since the last one."""
        changed, self._changed = self._changed, set()
        try:
            return await self.app.run_digest(self.outbox, retry=changed)
        except BaseException:
            self._changed |= changed
            raise

    def retry(self, guild_id: int) -> None:
        """The next tick tries this server's blocked channels again."""
        self._changed.add(guild_id)

    def wake(self) -> None:
        """Let the next tick come now."""
        self.woken.set()

    # --- errors

    async def explain(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """One private sentence to whoever caused the error; never raises. For commands, buttons and modals alike."""
        if self.is_closed():  # what was in flight when the program was stopped cannot be answered any more
            return
        sentence = self._sentence(interaction, error)
        try:
            if interaction.response.is_done():
                await interaction.followup.send(sentence, ephemeral=True)
            else:
                await interaction.response.send_message(sentence, ephemeral=True)
        except FAILURES as failure:
            log.warning("an error could not be explained in Discord: %s (%s)", failure, sentence)

    def _sentence(self, interaction: discord.Interaction[Any], error: Exception) -> str:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        match cause:
            case StorageUnreachable():
                log.error("%s: %s", logs.current_id(), cause)
                return cause.for_members
            case StorageError():
                return f"{cause.for_members} Its id there is {self._filed(interaction, cause)}."
            case BotError():
                return cause.for_members
            case app_commands.MissingPermissions():
                names = " and ".join(name.replace("_", " ").title() for name in cause.missing_permissions)
                return f"This is for people who have the permission {names} in this server."
            case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
                return "This command has changed. Reload Discord (Ctrl+R) and type it again."
        return f"Something went wrong (id {self._filed(interaction, cause)}); the operator's log has more."

    def _filed(self, interaction: discord.Interaction[Any], cause: Exception) -> str:
        """Log the whole error; gives the id under which it stands in the log."""
        id = logs.current_id()
        command = interaction.command.qualified_name if interaction.command else "a button or form"
        log.error("%s: %s failed in server %s", id, command, interaction.guild_id, exc_info=cause)
        return id

    # --- the gateway

    async def connect(self, *, reconnect: bool = True) -> None:
        """Until the bot is closed, also while the gateway refuses the first connection."""
        pause = 1.0
        while not self.is_closed():
            try:
                await super().connect(reconnect=reconnect)
                return
            except AttributeError:
                # discord.py 2.7.1 waits and then resumes the connection that it never had (client.py, `self.ws.sequence`).
                if self.ws is not None:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """discord.py tells of a frame's type before it begins the tasks that answer it, and of the interaction itself after."""
        if event == "socket_event_type":
            logs.begin("interaction" if args == ("INTERACTION_CREATE",) else None)
        super().dispatch(event, *args, **kwargs)
        if event == "interaction":
            logs.begin(None)

    @property
    def connected(self) -> bool:
        """Events and commands arrive; is_ready() alone stays true while the gateway is lost."""
        return self.is_ready() and not self._lost and not self.is_closed()

    async def on_ready(self) -> None:
        log.info("ready in %s as %s", counted(len(self.guilds), "server"), self.user)
        self._found()
        if not self.guilds:
            link = discord.utils.oauth_url(self.application_id or 0, permissions=INVITED, scopes=("bot", "applications.commands"))
            log.warning("in no server yet; whoever manages one can invite the bot: %s", link)

    async def on_resumed(self) -> None:
        self._found()

    async def on_disconnect(self) -> None:
        if not self._lost and not self.is_closed():
            log.warning("the gateway is lost; trying to come back until it works")
            self._lost = True

    def _found(self) -> None:
        if self._lost:
            log.info("the gateway is back")
            self._lost = False
