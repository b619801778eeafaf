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
    assert sorted(table) == sorted(registered)
    assert len(registered) == len(set(registered))
    assert all(command["description"] for command in commands)
