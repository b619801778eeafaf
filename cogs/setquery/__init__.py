"""`/setquery`."""

from cogs.setquery.cog import setup

__all__ = ["setup"]
