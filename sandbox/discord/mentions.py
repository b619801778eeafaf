"""Finds whom a message's text pings; embeds never ping anyone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.discord.model import Guild, Json

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


@dataclass(frozen=True, slots=True)
class Pings:
    users: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    everyone: bool = False


def pings(content: str, allowed: Json | None, guild: Guild | None, *, mass: bool) -> Pings:
    """Who is pinged; `allowed` is allowed_mentions (None parses everything), `mass` whether the author has MENTION_EVERYONE."""
    users = [int(found) for found in dict.fromkeys(_USER.findall(content))]
    roles = [int(found) for found in dict.fromkeys(_ROLE.findall(content))]
    return Pings(
        [user for user in users if _permitted(allowed, "users", user) and (guild is None or user in guild.members)],
        [role for role in roles if _permitted(allowed, "roles", role) and mass and guild and role in guild.roles],
        mass and bool(_EVERYONE.search(content)) and _permitted(allowed, "everyone"),
    )


def _permitted(allowed: Json | None, kind: str, target: int | None = None) -> bool:
    if allowed is None:
        return True
    return kind in (allowed.get("parse") or []) or str(target) in map(str, allowed.get(kind) or [])
