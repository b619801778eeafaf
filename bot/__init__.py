"""The bot, and the version of it."""

VERSION = "0.1.0"
