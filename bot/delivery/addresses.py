"""Which Discord is asked. discord.py has no setting for it, so this is the one place that reaches into its insides."""

from __future__ import annotations

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL


def point_at(api_url: str, gateway_url: str | None = None) -> None:
    """For every client of this process; `gateway_url` None leaves Discord's own.

    RuntimeError when this discord.py keeps its addresses elsewhere. Both were found so in 2.7.1: Route.BASE is read for each
    request, interactions' included, and DEFAULT_GATEWAY for each connection that is not resumed.
    """
    for owner, name in ((Route, "BASE"), (DiscordWebSocket, "DEFAULT_GATEWAY")):
        if not hasattr(owner, name):
            raise RuntimeError(f"discord.py {discord.__version__} has no {owner.__name__}.{name}; this program needs 2.7")
    Route.BASE = api_url
    if gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway_url)
