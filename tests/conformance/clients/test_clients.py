"""Other people's clients take the sandbox for a Discord, each as far as its row in sandbox/README.md says.

None is a dependency of this project. Each is installed into a temporary folder, and only when asked: OTHER_CLIENTS=1.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from sandbox.discord.limits import RateLimits
from sandbox.discord.permissions import INVITED_BOT, Permission
from sandbox.server import Sandbox
from tests.conformance.clients.process import PATIENCE, Bot, install
from tests.conformance.clients.table import CLIENTS, Client
from tests.conformance.clients.verbs import QUICK, VERBS, Stage, failing

README = (Path(__file__).parents[3] / "sandbox" / "README.md").read_text(encoding="utf-8")
MAY = INVITED_BOT | Permission.MANAGE_WEBHOOKS | Permission.MANAGE_THREADS | Permission.PIN_MESSAGES | Permission.MANAGE_MESSAGES


@pytest.mark.skipif(os.environ.get("OTHER_CLIENTS") != "1", reason="downloads six clients; OTHER_CLIENTS=1 allows it")
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
async def test_a_client_fails_at_what_its_row_says_and_nothing_else(client: Client, tmp_path: Path) -> None:
    command_line = install(client, tmp_path)
    async with Sandbox(limits=RateLimits(channel_window=QUICK)) as sandbox:
        sandbox.interactions.answer_within = PATIENCE
        world = sandbox.world
        [role] = [each for each in world.lab.roles.values() if each.bot_id == world.bot.id]
        world.set_role(world.lab, role.id, MAY)
        world.deny(world.papers.id, "USE_EXTERNAL_EMOJIS")
        bot = await Bot.start(command_line, sandbox.discord_api_url, world.token)
        found = await failing(Stage(bot, sandbox))
        complaints = await bot.end()
    assert found.keys() == {verb for verbs in client.cannot.values() for verb in verbs}, found
    assert complaints == ""


def test_the_readme_says_what_each_cannot_do() -> None:
    told = README.partition("## What other clients cannot do with it")[2].partition("##")[0]
    assert re.findall(r"`(\w+)`", told.partition("their part: ")[2].partition(".")[0]) == [verb.__name__ for verb in VERBS]
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", told, re.MULTILINE)[2:]
    assert rows == [(client.name, client.version, _gaps(client)) for client in CLIENTS]


def _gaps(client: Client) -> str:
    gaps = [", ".join(f"`{verb}`" for verb in verbs) + f": {why}" for why, verbs in client.cannot.items()]
    return "; ".join(gaps) or "nothing"
