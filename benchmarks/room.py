"""The bot in the room as a process of its own, `python -m bot run`, with the sandbox in this one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.setting import QUERY, ROOT, RUNS, START, Figure, environ, write_config
from sandbox.arxiv.corpus import Corpus
from sandbox.arxiv.server import ROUTE
from sandbox.control.clock import SandboxClock
from sandbox.control.faults import Fault
from sandbox.discord.limits import RateLimits
from sandbox.discord.model import Json
from sandbox.server import Sandbox

IN_FLIGHT = 200


@dataclass(slots=True)
class Room:
    """`peak` is known once the block has ended: the bot's largest resident memory, MB."""

    sandbox: Sandbox
    peak: float = 0.0

    async def message(self, count: int) -> None:
        """Until #papers holds so many messages."""
        changed = asyncio.Event()

        def witness(_event: str, _payload: Json) -> None:
            changed.set()

        self.sandbox.dispatch.witnesses.add(witness)
        async with asyncio.timeout(60):
            while len(self.sandbox.world.messages(self.sandbox.world.papers.id)) < count:
                changed.clear()
                await changed.wait()
        self.sandbox.dispatch.witnesses.discard(witness)


@asynccontextmanager
async def room(papers: int = 500) -> AsyncIterator[Room]:
    """Connected and seeded: its introduction stands in the channel."""
    corpus = Corpus()
    for number in range(papers):
        corpus.publish(START, title=f"Inverse design, part {number}")
    with tempfile.TemporaryDirectory(prefix="arxiv-bench-") as name:
        # No limits: what is measured is the bot, and not how long it has to wait.
        async with Sandbox(SandboxClock(START), RateLimits.off(), corpus, arxiv_interval=None) as sandbox:
            folder = Path(name)
            write_config(folder / "config.json", [(sandbox.world.papers.id, QUERY)])
            inside = Room(sandbox)
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=folder, env=_environ(sandbox, folder), stderr=asyncio.subprocess.DEVNULL
            )
            try:
                await inside.message(1)
                yield inside
            finally:
                child.send_signal(signal.SIGTERM)
                inside.peak = _peak(child.pid)
                await child.wait()


def _environ(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    common = environ(folder, token=sandbox.world.token, discord=sandbox.discord_api_url, arxiv=sandbox.arxiv_api_url)
    live = {"DISCORD_GATEWAY_URL": sandbox.gateway_url, "CLOCK_URL": sandbox.clock_url}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **common, **live}


def _peak(pid: int) -> float:
    """What the kernel has counted so far; NaN where it does not tell (not Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return float("nan")
    [kilobytes] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(kilobytes) / 1024


async def acknowledgements() -> list[Figure]:
    """Interactions in flight while arXiv stalls: every one is a question that must wait for it."""
    halves, most, slowest = [], [], []
    for _ in range(RUNS):
        waits = await _acknowledged()
        halves.append(waits[len(waits) // 2])
        most.append(waits[len(waits) * 99 // 100])
        slowest.append(waits[-1])
    name = f"{IN_FLIGHT} interactions while arXiv stalls: acknowledged after"
    return [
        Figure(f"{name}, p50", halves, "ms"),
        Figure(f"{name}, p99", most, "ms"),
        Figure(f"{name}, max", slowest, "ms", "below 2000", lambda value: value < 2000),
    ]


async def _acknowledged() -> list[float]:
    """Milliseconds, shortest first."""
    async with room() as inside:
        visitor, world = inside.sandbox.visitor, inside.sandbox.world
        people = [world.add_user(f"member-{number}") for number in range(IN_FLIGHT)]
        for person in people:
            world.add_member(world.lab, person)
        inside.sandbox.faults.add(Fault(ROUTE, stall=30, times=-1))
        asked = (
            visitor.command(person, world.papers.id, "latest", query=f"ti:number{number}") for number, person in enumerate(people)
        )
        return sorted(reply.acknowledged_after * 1000 for reply in await asyncio.gather(*asked))


async def presence() -> list[Figure]:
    """Peak resident memory of `python -m bot run` with one server, after a digest of ten cards."""
    peaks = []
    for _ in range(RUNS):
        async with room() as inside:
            inside.sandbox.clock.advance(days=1)
            for _ in range(10):
                inside.sandbox.corpus.publish(inside.sandbox.clock.now())
            await inside.message(11)
        peaks.append(inside.peak)
    return [Figure("run, one server, after a digest: peak memory", peaks, "MB", "below 140", lambda value: value < 140)]
