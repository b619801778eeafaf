"""config.json and the environment become Settings, or every problem at once.

What a lab decides stands in config.json. What a host decides (the token, addresses, the database) comes from the
environment, or from a `.env` beside config.json. Each setting has exactly one of the two places.
"""

from __future__ import annotations

from bot.settings.model import ChannelSettings, PublishSettings, Settings
from bot.settings.reading import NEEDS_CHANNELS, load, require_token
from bot.settings.showing import ControlPoint, control_points, secrets, shown

__all__ = [
    "NEEDS_CHANNELS",
    "ChannelSettings",
    "ControlPoint",
    "PublishSettings",
    "Settings",
    "control_points",
    "load",
    "require_token",
    "secrets",
    "shown",
]
