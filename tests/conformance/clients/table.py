"""The clients of other people that are run against the sandbox, and what each cannot do there."""

from __future__ import annotations

from dataclasses import dataclass, field

Gaps = dict[str, tuple[str, ...]]
"""The verbs of `verbs.py` that fail, by the reason."""


@dataclass(frozen=True)
class Client:
    """A package of PyPI, or of npm if its script is for Node."""

    name: str
    version: str
    script: str
    """In `bots`."""
    cannot: Gaps = field(default_factory=dict)
    python: tuple[int, int] = (3, 11)
    """The oldest Python it is made for."""


_NO_ENFORCED_NONCE: Gaps = {"it cannot ask Discord to look at the nonce": ("nonce",)}
_OWN_WAYS: Gaps = {
    "it works out none": ("permissions",),
    "it counts on the limit coming back little by little, as Discord's do; here it comes back at once": ("wait",),
}

CLIENTS = (
    Client("hikari", "2.7.0", "hikari_bot.py", _OWN_WAYS),
    Client("disnake", "2.12.2", "disnake_bot.py", _NO_ENFORCED_NONCE),
    Client("py-cord", "2.8.1", "pycord_bot.py"),
    Client("nextcord", "3.2.0", "nextcord_bot.py", _NO_ENFORCED_NONCE, python=(3, 12)),
    Client("discord.js", "14.28.1", "discordjs_bot.mjs"),
    Client("oceanic.js", "1.15.0", "oceanicjs_bot.mjs"),
)
