"""Bots of other people's making, each installed into a folder of its own and run in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.clients.table import Client

BOTS = Path(__file__).parent / "bots"
PATIENCE = 60
"""Seconds for what a bot is asked, on a machine that has other work too."""


def install(client: Client, folder: Path) -> list[str]:
    """Put a client and the bots into the folder; returns the bot's command line."""
    scripts = shutil.copytree(BOTS, folder / "bots")
    command = _install_for_node(client, folder) if client.script.endswith(".mjs") else _install_for_python(client, folder)
    return [*command, str(scripts / client.script)]


def _install_for_python(client: Client, folder: Path) -> list[str]:
    python = str(folder / "bin" / "python")
    subprocess.run([_interpreter(client), "-m", "venv", folder], check=True)
    options = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    subprocess.run([python, "-m", "pip", "install", *options, f"{client.name}=={client.version}"], check=True)
    return [python]


def _interpreter(client: Client) -> str:
    """This one, or a newer one if the client asks for that."""
    if sys.version_info >= client.python:
        return sys.executable
    for minor in range(client.python[1], client.python[1] + 4):
        found = shutil.which(f"python3.{minor}")
        # What stands on the path may only say that there is no such Python.
        if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            return found
    pytest.skip(f"{client.name} needs Python {'.'.join(map(str, client.python))} or newer, and there is none here")


def _install_for_node(client: Client, folder: Path) -> list[str]:
    """An ES module finds its packages in the folders above it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip(f"{client.name} needs node and npm, and they are not here")
    options = ["--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run([npm, "install", *options, f"{client.name}@{client.version}"], check=True)
    return [node, "--no-warnings"]


class UnableError(Exception):
    """The bot could not do what it was asked; its own error."""


class Bot:
    """Speaks to a bot through its standard input and output, one line a time."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process, self._asked, self._reports, self._errors = process, process.stdin, process.stdout, process.stderr

    @classmethod
    async def start(cls, command_line: list[str], api_url: str, token: str) -> Bot:
        environ = os.environ | {"DISCORD_API_URL": api_url, "DISCORD_TOKEN": token}
        return cls(await asyncio.create_subprocess_exec(*command_line, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environ))

    def say(self, verb: str) -> None:
        self._asked.write(f"{verb}\n".encode())

    async def told(self, verb: str) -> Any:
        """What it says of this verb; UnableError if it says that it cannot."""
        async with asyncio.timeout(PATIENCE):
            while line := await self._reports.readline():
                report = json.loads(line)
                if report["verb"] == verb:
                    if report["ok"]:
                        return report.get("detail")
                    raise UnableError(report["detail"])
        raise UnableError("the bot has ended")

    async def end(self) -> str:
        """What it complained of."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        return (await self._errors.read()).decode()
