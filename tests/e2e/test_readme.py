"""What the README says can be typed is what the bot registers."""

from __future__ import annotations

import re

from tests.e2e.lab import ROOT, Lab
from tests.e2e.room import Room


async def test_the_readmes_commands_are_those_discord_knows(lab: Lab) -> None:
    async with Room(lab):
        commands = lab.sandbox.commands.available(None)
    table = re.findall(r"^\| `/(\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    registered = [command["name"] for command in commands]
    missing = [f"/{name}" for name in registered if name not in table]
    unknown = [f"/{name}" for name in table if name not in registered]
    assert not missing, f"README.md, table of commands: no row for {', '.join(missing)}"
    assert not unknown, f"README.md, table of commands: {', '.join(unknown)} is not registered by the bot"
    assert len(table) == len(set(table)) == len(registered), "README.md, table of commands: a command has two rows"
    assert all(command["description"] for command in commands)
