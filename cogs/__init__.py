"""What the bot does in Discord, one cog for each thing."""

COGS = ("cogs.servers", "cogs.help", "cogs.latest", "cogs.setquery", "cogs.settings", "cogs.status")
"""Loaded at start, in this order."""
