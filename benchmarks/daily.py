"""The daily job: its work, its pace, its questions and its size."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from pathlib import Path

from sqlalchemy import Engine, event

from benchmarks.host import Host, Plan, hosted
from benchmarks.setting import QUERY, ROOT, RUNS, START, Figure, environ, write_config
from bot.app import App
from bot.clock import ShiftedClock
from bot.delivery.outbox import Channels, connected
from bot.digest.report import Report
from bot.settings import load

TICK = 0.005
"""Seconds; a gap between two ticks is the time the event loop was busy with one thing."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The bot's files beside a hosted sandbox."""

    host: Host
    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        address = self.host.address
        return environ(self.folder, token=address.token, discord=address.discord, arxiv=address.arxiv)

    @property
    def config(self) -> Path:
        return self.folder / "config.json"

    def configure(self, queries: Sequence[str]) -> None:
        """The channels take turns with the queries."""
        write_config(self.config, zip(self.host.address.channels, cycle(queries), strict=False))

    @asynccontextmanager
    async def app(self, now: datetime) -> AsyncIterator[App]:
        async with App.open(load(self.config, self.environ), ShiftedClock(now)) as app:
            yield app

    def connected(self, app: App) -> AbstractAsyncContextManager[Channels]:
        return connected(self.host.address.token, self.host.address.discord, app.clock)

    async def once(self, now: datetime) -> Report:
        async with (
            self.app(now) as app,
            connected(self.host.address.token, self.host.address.discord, app.clock) as channels,
        ):
            report = await app.run_digest(channels)
        if not report.complete:
            raise RuntimeError(f"the digest did not end well: {report}")
        return report


@asynccontextmanager
async def bench(plan: Plan, queries: Sequence[str] = (QUERY,)) -> AsyncIterator[Bench]:
    """Seeded, with its introductions posted."""
    with tempfile.TemporaryDirectory(prefix="arxiv-bench-") as folder, hosted(plan) as host:
        ready = Bench(host, Path(folder))
        ready.configure(queries)
        await ready.once(START)
        host.traffic()
        yield ready


# --- a quiet day ------------------------------------------------------------------------------


async def quiet_day() -> list[Figure]:
    """A digest over 500 known records with nothing new, in this process."""
    cpu, gaps, statements = [], [], []
    async with bench(Plan()) as ready:
        for _ in range(RUNS):
            now = ready.host.publish(0)
            async with (
                ready.app(now) as app,
                ready.connected(app) as channels,
            ):
                began = time.process_time()
                with _statements() as sent:
                    async with _ticker() as ticks:
                        await app.run_digest(channels)
                cpu.append((time.process_time() - began) * 1000)
                gaps.append(max(ticks) * 1000)
                statements.append(float(len(sent)))
    return [
        Figure("quiet day, 500 known papers: CPU", cpu, "ms"),
        Figure("quiet day: largest gap of a 5 ms ticker", gaps, "ms", "below 50", lambda value: value < 50),
        Figure("quiet day: statements sent to the database", statements, ""),
    ]


@contextmanager
def _statements() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@asynccontextmanager
async def _ticker() -> AsyncIterator[list[float]]:
    gaps: list[float] = [0.0]

    async def tick() -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(TICK)
            now = loop.time()
            gaps.append(now - last)
            last = now

    ticking = asyncio.create_task(tick())
    try:
        yield gaps
    finally:
        ticking.cancel()


# --- posting ----------------------------------------------------------------------------------


async def posting(channels: int, cards: int) -> list[Figure]:
    """So many cards to each of so many channels, against Discord's limits and 80 ms to every answer."""
    speed, lost, global_429s, bucket_429s = [], [], [], []
    async with bench(Plan(channels=channels, papers=40, limited=True)) as ready:
        before = ready.host.traffic()
        for _ in range(RUNS):
            await ready.once(ready.host.publish(cards))
            traffic = ready.host.traffic()
            speed.append((len(traffic.sent_at) - 1) / (max(traffic.sent_at) - min(traffic.sent_at)))
            lost.append(float(channels * cards - traffic.stored))
            global_429s.append(float(traffic.global_429s - before.global_429s))
            bucket_429s.append(float(traffic.bucket_429s - before.bucket_429s))
            before = traffic
    name = f"{cards} card(s) to each of {channels} channels"
    fast = ("44 or more", lambda value: value >= 44) if cards == 1 else ("", lambda _: True)
    return [
        Figure(f"{name}: messages a second", speed, "/s", *fast),
        Figure(f"{name}: lost", lost, "", "0", lambda value: value == 0),
        Figure(f"{name}: global 429s", global_429s, "", "0", lambda value: value == 0),
        Figure(f"{name}: bucket 429s", bucket_429s, ""),
    ]


# --- arXiv, memory ----------------------------------------------------------------------------


async def questions() -> list[Figure]:
    """200 channels with 12 distinct queries."""
    queries = [f'{QUERY} AND (all:"materials" OR ti:number{number})' for number in range(12)]
    asked = []
    async with bench(Plan(channels=200, papers=60), queries) as ready:
        for _ in range(RUNS):
            await ready.once(ready.host.publish(1))
            asked.append(float(ready.host.traffic().arxiv_requests))
    return [Figure("200 channels, 12 queries: requests to arXiv", asked, "", "12 or fewer", lambda value: value <= 12)]


async def memory() -> list[Figure]:
    """Peak resident memory of `python -m bot once`, as the system counts it, on days with ten new papers."""
    peaks = []
    async with bench(Plan()) as ready:
        for _ in range(RUNS):
            now = ready.host.publish(10)
            command = [sys.executable, "-m", "bot", "once", "--now", now.isoformat()]
            child = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **ready.environ}
            peaks.append(await asyncio.to_thread(_peak, command, ready.folder, child))
    return [Figure("once, 500 papers known and 10 new: peak memory", peaks, "MB", "below 130", lambda value: value < 130)]


def _peak(command: Sequence[str], folder: Path, environ: dict[str, str]) -> float:
    child = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"once ended with {child.returncode}")
    return _megabytes(usage)


def _megabytes(usage: resource.struct_rusage) -> float:
    """Linux counts in KiB, macOS in bytes."""
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
