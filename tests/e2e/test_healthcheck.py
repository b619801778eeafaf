"""The image's health check, started as the Dockerfile writes it, beside a bot on the same PORT."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.daemon.metrics import Metrics
from bot.daemon.serving import serving
from tests.e2e.lab import ROOT, Finished, Lab
from tests.e2e.room import Room, until


async def asked(port: int | str | None) -> Finished:
    """`port` as PORT has it; None: there is no such variable."""
    [command] = re.findall(r"^HEALTHCHECK .*CMD (\[.+\])$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    child = await asyncio.create_subprocess_exec(
        *json.loads(command),
        cwd=ROOT,
        env={"PATH": path, "http_proxy": "http://127.0.0.1:9"} | ({} if port is None else {"PORT": str(port)}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    return Finished(child.returncode or 0, out.decode(), err.decode())


def problems(said: str) -> dict[str, Any]:
    """By part."""
    return {name: part["problem"] for name, part in json.loads(said).items() if not part["ok"]}


async def test_a_bot_that_works_is_healthy(lab: Lab) -> None:
    async with Room(lab) as room, serving(room.bot, Metrics(), "127.0.0.1", 0) as port:
        finished = await asked(port)

    assert (finished.status, finished.err) == (0, "")
    assert problems(finished.out) == {}


async def test_a_bot_without_its_gateway_is_not_and_says_so(lab: Lab) -> None:
    async with Room(lab) as room, serving(room.bot, Metrics(), "127.0.0.1", 0) as port:
        lab.sandbox.gateway.refusing = True
        lab.sandbox.gateway.drop()
        await until(lambda: not room.bot.connected)
        finished = await asked(port)

    assert (finished.status, finished.err) == (1, "")
    assert problems(finished.out) == {"gateway": "The connection to Discord's gateway is not there."}


@pytest.mark.parametrize(
    ("port", "said"), [(None, "not set"), ("", "not set"), ("http", "http"), ("99999", "99999"), ("0", "0")], ids=str
)
async def test_without_a_usable_port_it_says_so(port: str | None, said: str) -> None:
    finished = await asked(port)

    assert (finished.status, finished.err) == (1, "")
    assert finished.out == f"PORT is {said}; set it, for the bot and for this check alike, to a number from 1 to 65535.\n"


async def test_no_bot_at_all_is_not_healthy() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        finished = await asked(nobody.getsockname()[1])

    assert (finished.status, finished.err) == (1, "")
    assert finished.out.startswith("Nothing answers on port ")
