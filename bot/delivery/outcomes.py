"""Discord's failures, sorted into what may be done about them."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import aiohttp
import discord

from bot.delivery.requests import Throttled
from bot.digest.model import DELETED, Blocked, Outcome, Rejected, Sent, Unknown
from bot.errors import DiscordUnreachable, TokenRefused
from bot.text.words import lasting

log = logging.getLogger(__name__)

# What discord.py cannot read (a cut or foreign body, a kind of channel younger than itself) reaches us as one of the last four.
FAILURES = (
    discord.HTTPException,
    aiohttp.ClientError,
    OSError,
    asyncio.TimeoutError,
    discord.ClientException,
    ValueError,
    KeyError,
    TypeError,
)

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
_GONE = frozenset({10008, 50005})
"""The message was deleted, or stands under another application's name: either way not ours to change any more."""
NO_EMBEDS = "the bot lacks Embed Links; grant it in the channel's settings, Permissions"
_BLOCKING = {
    10003: DELETED,
    10004: "the bot is not in this server",
    50001: "the bot cannot see this channel; give it View Channel",
    50006: NO_EMBEDS,  # an empty message: ours have embeds, so Discord has dropped them, and nothing was left of an edit
    50013: "the bot may not post here; give it Send Messages and Embed Links",
    50024: "this kind of channel cannot take papers",
    50083: "the thread is archived",
    160005: "the thread is locked",
}
_REFUSED = frozenset({50035, 200000, 200001, 240000, 30007, 40094})
"""This message is not taken as it is: its form is invalid (our fault), or AutoMod or Discord itself blocks its words or links.
Any other 4xx (408, 413, 421, the page of a network's edge) says nothing about the message."""


BAD_TOKEN = "Discord does not know this token; set DISCORD_TOKEN to the bot's current one"


class Banned(Exception):
    """A 429 without `Via`: Cloudflare, not Discord, and for all of this machine's requests. `retry_after` in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Discord's network refuses this machine for {lasting(timedelta(seconds=retry_after))}")
        self.retry_after = retry_after


def outcome_of(error: Exception) -> Outcome:
    """Raises TokenRefused for a 401 and Banned for a Cloudflare ban: both end all sending."""
    match error:
        case Throttled(retry_after=seconds):
            return Unknown(str(error), timedelta(seconds=seconds))
        case discord.HTTPException(status=401):
            raise TokenRefused(BAD_TOKEN) from error
        case discord.HTTPException(status=429) if "Via" not in error.response.headers:
            raise Banned(_seconds(error.response.headers.get("Retry-After", ""))) from error
        case discord.HTTPException(code=code) if code in _GONE:
            return Sent(None)
        case discord.HTTPException(code=code) if code in _BLOCKING:
            return Blocked(_BLOCKING[code])
        case discord.HTTPException(code=code) if code in _REFUSED:  # whatever the status: 30007 is said to come with 403
            return Rejected(error.text or f"code {code}")
        case discord.Forbidden() | discord.NotFound() if not _is_page(error):
            return Blocked(f"Discord says: {error.text or error.status}")
    log.info("no outcome from Discord: %s: %.200s", type(error).__name__, " ".join(str(error).split()))
    return Unknown(described(error))


async def judged(client: discord.Client, error: Exception) -> Outcome:
    """As outcome_of, after a second question: one 401 among good answers says nothing about the token, and ends nothing."""
    try:
        return outcome_of(error)
    except TokenRefused:
        if await _token_is_refused(client):
            raise
        return Unknown("Discord answered 401")


async def _token_is_refused(client: discord.Client) -> bool:
    try:
        await client.http.get_user("@me")  # the asker itself
    except discord.HTTPException as error:
        return error.status == 401
    except FAILURES:
        return False
    return False


def described(error: Exception) -> str:
    """Why Discord did not do what it was asked, in half a sentence that people read; nothing of a page that a proxy may send."""
    match error:
        case discord.HTTPException(status=status, code=code, text=text) if code:
            return f"Discord says {' '.join(text.split())!r} (HTTP {status}, code {code})"
        case discord.HTTPException(status=status):
            return f"Discord answered {status}"
        case TimeoutError():
            return "Discord did not answer in time"
        case aiohttp.ClientError() | OSError():
            return "the connection to Discord broke"
    return "Discord's answer could not be read"


def unreachable(error: Exception) -> DiscordUnreachable:
    """For the operator, who can do something about a name that is not found or a port that is closed."""
    why = f"HTTP {error.status}" if isinstance(error, discord.HTTPException) else str(error) or type(error).__name__
    return DiscordUnreachable(f"Discord does not answer: {why}")


def _is_page(error: discord.HTTPException) -> bool:
    """Not Discord's own answer but that of a network in front of it: Discord's own have a code, or at least no tags."""
    return not error.code and error.text.lstrip().startswith("<")


def _seconds(retry_after: str) -> float:
    """Ten minutes where the header is missing or no number."""
    return float(retry_after) if retry_after.replace(".", "", 1).isdigit() else 600.0
