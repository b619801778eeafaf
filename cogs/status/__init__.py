"""`/status`."""

from cogs.status.cog import setup

__all__ = ["setup"]
