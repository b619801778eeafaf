"""What README.md and docs/commands.md say can be typed is what the bot registers."""

from __future__ import annotations

import re

from tests.e2e.lab import ROOT, Lab
from tests.e2e.room import Room


async def test_the_documented_commands_are_those_discord_knows(lab: Lab) -> None:
    async with Room(lab):
        commands = lab.sandbox.commands.available(None)
    registered = [command["name"] for command in commands]
    table = re.findall(r"^\| `/(\w+)", (ROOT / "docs/commands.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = re.findall(r"^- `/(\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    for page, named in (("docs/commands.md", table), ("README.md", listed)):
        missing = [f"/{name}" for name in registered if name not in named]
        unknown = [f"/{name}" for name in named if name not in registered]
        assert not missing, f"{page}: no row for {', '.join(missing)}"
        assert not unknown, f"{page}: {', '.join(unknown)} is not registered by the bot"
        assert len(named) == len(set(named)), f"{page}: a command stands there twice"
    explained = [each["description"] for command in commands for each in (command, *command.get("options", ()))]
    assert all(len(words) > 1 for words in explained), "discord.py writes … where nothing is said"
