"""The sandbox in a process of its own, so that what is measured is the bot alone."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.setting import START
from sandbox.arxiv.corpus import Corpus
from sandbox.control.clock import SandboxClock
from sandbox.discord.limits import RateLimits
from sandbox.server import Sandbox

POST = "POST /channels/{channel_id}/messages"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the sandbox holds at the start."""

    channels: int = 1
    papers: int = 500
    limited: bool = False
    """Discord's own limits, and 80 ms to every answer."""


@dataclass(frozen=True, slots=True)
class Address:
    discord: str
    arxiv: str
    token: str
    channels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """Since the last time it was asked for."""

    sent_at: tuple[float, ...]
    """Real seconds of each message stored."""
    stored: int
    arxiv_requests: int
    global_429s: int
    bucket_429s: int


class Host:
    """Verbs for the sandbox in the other process."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.address: Address = pipe.recv()

    def publish(self, count: int) -> datetime:
        """A day passes and so many matching papers appear; the new time."""
        moment: datetime = self._ask(("publish", count))
        return moment

    def traffic(self) -> Traffic:
        traffic: Traffic = self._ask(("traffic", None))
        return traffic

    def _ask(self, verb: tuple[str, Any]) -> Any:
        self._pipe.send(verb)
        return self._pipe.recv()


@contextmanager
def hosted(plan: Plan) -> Iterator[Host]:
    """The other process lives as long as the block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(plan, theirs), daemon=True)
    process.start()
    try:
        yield Host(ours)
    finally:
        process.terminate()
        process.join()


def _serve(plan: Plan, pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_answer(plan, pipe))


async def _answer(plan: Plan, pipe: Connection) -> None:
    corpus = Corpus()
    for number in range(plan.papers):
        corpus.publish(START - timedelta(hours=number))
    limits = RateLimits(latency=0.08) if plan.limited else RateLimits.off()
    async with Sandbox(SandboxClock(START), limits, corpus, arxiv_interval=None) as sandbox:
        world = sandbox.world
        rooms = [world.add_channel(world.lab, f"room-{number}").id for number in range(plan.channels)]
        pipe.send(Address(sandbox.discord_api_url, sandbox.arxiv_api_url, world.token, tuple(rooms)))
        served = _Served(sandbox)
        while True:
            verb, argument = await asyncio.to_thread(pipe.recv)
            pipe.send(served.publish(argument) if verb == "publish" else served.traffic())


class _Served:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._asked = 0
        self._questions = 0
        self._stored = 0

    def publish(self, count: int) -> datetime:
        self._sandbox.clock.advance(days=1)
        for _ in range(count):
            self._sandbox.corpus.publish(self._sandbox.clock.now())
        return self._sandbox.clock.now()

    def traffic(self) -> Traffic:
        sandbox = self._sandbox
        requests, self._asked = sandbox.requests[self._asked :], len(sandbox.requests)
        questions, self._questions = len(sandbox.arxiv.requests) - self._questions, len(sandbox.arxiv.requests)
        standing = sum(len(channel.messages) for channel in sandbox.world.channels.values())
        stored, self._stored = standing - self._stored, standing
        sent = tuple(request.loop_time for request in requests if request.route == POST and request.status == 200)
        exceeded = sandbox.limits.exceeded
        return Traffic(sent, stored, questions, exceeded["per_second"], exceeded["per_channel"])
