"""The bot in the room: the gateway client, the digest's ticks, and their beginning and end."""

from __future__ import annotations

from bot.client.bot import ArxivBot
from bot.client.running import run

__all__ = ["ArxivBot", "run"]
