"""The one message a server gets when the bot is let in."""

from __future__ import annotations

from bot.delivery.escape import escape

EXAMPLE = 'cat:cond-mat.mtrl-sci AND abs:"machine learning"'


def welcome(server: str) -> str:
    """Plain text, so that it needs no permission but to send. `server` is its name, as people wrote it."""
    return (
        f"Hi {escape(server)}! Once a day I post the new arXiv papers that match your query.\n\n"
        "Whoever manages this server tells me which: in the channel that should get the papers, type\n"
        f"`/setquery query: {EXAMPLE}`\n"
        "or just `/setquery` and fill in a form. Until then I post nothing. `/help` shows the rest."
    )
