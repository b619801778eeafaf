"""`/settings`."""

from cogs.settings.cog import setup

__all__ = ["setup"]
