"""`/latest`."""

from cogs.latest.cog import setup

__all__ = ["setup"]
