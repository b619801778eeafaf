"""Other people's clients take the sandbox for a Discord: hikari (Python) and discord.js (Node).

Neither is a dependency of this project. Each is installed into a temporary folder, and only when asked: OTHER_CLIENTS=1.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import venv
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sandbox.discord.model import Json
from sandbox.server import Sandbox

pytestmark = pytest.mark.skipif(
    os.environ.get("OTHER_CLIENTS") != "1", reason="downloads hikari and discord.js; OTHER_CLIENTS=1 allows it"
)
HERE = Path(__file__).parent
HIKARI, DISCORD_JS = "hikari==2.7.0", "discord.js@14.28.1"

Install = Callable[[Path], list[str]]
"""Puts a client into the folder; returns its command line."""


def hikari(folder: Path) -> list[str]:
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", HIKARI], check=True)
    return [python, str(HERE / "hikari_client.py")]


def discord_js(folder: Path) -> list[str]:
    """An ES module finds its packages beside itself, so the client is copied there."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("discord.js needs node and npm, and they are not here")
    options = ["--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run([npm, "install", *options, DISCORD_JS], check=True)
    return [node, "--no-warnings", str(shutil.copy(HERE / "discordjs_client.mjs", folder))]


class Client:
    """Someone else's bot in a process of its own."""

    def __init__(self, process: Process) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._process, self._reports, self._errors = process, process.stdout, process.stderr

    async def sees(self, what: str) -> Json:
        """The next thing of this kind that it reports."""
        async with asyncio.timeout(30):
            while line := await self._reports.readline():
                report: Json = json.loads(line)
                if report.pop("seen") == what:
                    return report
        raise AssertionError(f"the client ended before it saw the {what}")

    async def end(self) -> str:
        """What it complained of."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        return (await self._errors.read()).decode()


@pytest.fixture(scope="module", params=[hikari, discord_js])
def command_line(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    install: Install = request.param
    return install(tmp_path_factory.mktemp("client"))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Whatever it did not know how to answer fails the test."""
    async with Sandbox() as running:
        yield running
        assert running.refusals == []


@pytest.fixture
async def client(command_line: list[str], sandbox: Sandbox) -> AsyncIterator[Client]:
    """Logged in, or about to. Whatever it found wrong with the sandbox's answers fails the test."""
    addresses = {"DISCORD_API_URL": sandbox.discord_api_url, "DISCORD_TOKEN": sandbox.world.token}
    process = await asyncio.create_subprocess_exec(*command_line, stdout=PIPE, stderr=PIPE, env=os.environ | addresses)
    running = Client(process)
    yield running
    assert await running.end() == ""


async def test_it_sees_the_server_and_its_channels(client: Client) -> None:
    assert await client.sees("server") == {"name": "Materials Lab", "channels": ["general", "papers"]}


async def test_it_registers_a_command_and_answers_it(client: Client, sandbox: Sandbox) -> None:
    world = sandbox.world
    assert await client.sees("registered") == {"commands": ["echo"]}
    reply = await (await sandbox.visitor.command(world.member, world.papers.id, "echo", text="Graphene")).settled()
    assert await client.sees("command") == {"name": "echo", "text": "Graphene", "by": "emmy", "channel": "papers"}
    assert (reply.kind, reply.content) == ("deferred", "Graphene")


async def test_it_posts_an_embed(client: Client, sandbox: Sandbox) -> None:
    world = sandbox.world
    await client.sees("registered")
    await sandbox.visitor.command(world.member, world.papers.id, "echo", text="Graphene")
    assert await client.sees("posted") == {"titles": ["Graphene"], "by": "arXiv Daily"}
    (embed,) = world.messages(world.papers.id)[-1].embeds
    assert (embed["title"], embed["description"], embed["url"]) == ("Graphene", "An abstract.", "https://example.org/paper")
    assert (embed["fields"], embed["footer"]["text"]) == ([{"name": "Authors", "value": "A. Author", "inline": True}], "cs.LG")


async def test_its_button_can_be_pressed(client: Client, sandbox: Sandbox) -> None:
    world, visitor = sandbox.world, sandbox.visitor
    await client.sees("registered")
    reply = await (await visitor.command(world.member, world.papers.id, "echo", text="Graphene")).settled()
    assert list(reply.buttons) == ["More"]
    assert (await visitor.press(world.manager, reply, "More")).kind == "update"
    assert await client.sees("press") == {"button": "more", "by": "grace"}
    assert (reply.content, reply.components) == ("pressed", [])


async def test_it_comes_back_after_a_lost_connection_and_hears_what_it_missed(client: Client, sandbox: Sandbox) -> None:
    await client.sees("registered")
    sandbox.gateway.drop()
    sandbox.world.add_channel(sandbox.world.lab, "meanwhile")
    assert await client.sees("channel") == {"name": "meanwhile"}
