"""A digest is interrupted in the middle, in every way there is: each paper stands in the channel once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from sandbox.server import Sandbox
from tests.e2e.lab import Lab
from tests.e2e.room import Room, at_message, running, until
from tests.e2e.test_run import published, seeded

PAPERS = 20
_CHANCE = random.Random(20251209)
MOMENTS = [_CHANCE.choices(range(1, PAPERS + 1), k=5) for _ in range(2)]
"""After which message it dies, for five days in a row each."""
POST = "POST /channels/{channel_id}/messages"


@pytest.mark.parametrize("moments", MOMENTS, ids=str)
async def test_killed_while_it_posts_it_posts_each_paper_once(lab: Lab, moments: list[int]) -> None:
    """Day after day: it is started, posts what the day before left, and dies while it posts this day's papers."""
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    owed: list[str] = []

    def finished() -> bool:
        return len(lab.posted()) >= len(owed)

    async with running(lab):
        await until(lab.messages)
    for moment in moments:
        async with running(lab) as child:
            await until(finished)
            assert lab.posted() == owed
            at_message(lab, moment, child.kill)
            owed += published(lab, PAPERS)
            lab.days(1)
            await asyncio.wait_for(child.wait(), 30)
            assert len(lab.posted()) < len(owed) or moment == PAPERS
    async with running(lab) as child:
        await until(finished)
        child.terminate()
        assert await child.wait() == 0

    assert lab.posted() == owed


async def test_stopped_in_the_middle_it_finishes_when_it_is_back(lab: Lab) -> None:
    async with running(lab) as child:
        await until(lab.messages)
        at_message(lab, 5, child.terminate)
        new = published(lab, PAPERS)
        lab.days(1)
        assert await asyncio.wait_for(child.wait(), 10) == 0
        assert 5 <= len(lab.posted()) < PAPERS
        assert not lab.sandbox.gateway.connected.is_set()
    async with running(lab):
        await until(lambda: len(lab.posted()) >= PAPERS)

    assert lab.posted() == new


def drop(sandbox: Sandbox) -> None:
    """Resumed by itself."""
    sandbox.gateway.drop()


def invalidate(sandbox: Sandbox) -> None:
    sandbox.gateway.invalidate()


def reconnect(sandbox: Sandbox) -> None:
    sandbox.gateway.ask_to_reconnect()


@pytest.mark.parametrize(
    "trouble", [drop, invalidate, reconnect], ids=["dropped and resumed", "invalidated", "asked to reconnect"]
)
async def test_the_gateway_lost_in_the_middle_harms_no_digest(
    lab: Lab, trouble: Callable[[Sandbox], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot.daemon")
    async with Room(lab) as room:
        await seeded(room)
        at_message(lab, 5, lambda: trouble(lab.sandbox))
        new = published(lab, PAPERS)
        assert (await room.tick()).complete
        await until(lambda: "the gateway is back" in caplog.text)
        assert (await room.tick()).channels == {}
        reply = await room.member.command("help")

    assert lab.posted() == new
    assert reply.embeds
    assert "the gateway is lost" in caplog.text


async def test_after_reconnecting_there_is_still_one_tick_at_a_time(lab: Lab) -> None:
    async with running(lab):
        await until(lab.messages)
        for _ in range(2):
            lab.sandbox.gateway.invalidate()
            await until(lambda: not lab.sandbox.gateway.connected.is_set())
            await until(lab.sandbox.gateway.connected.is_set)
        asked = len(lab.sandbox.arxiv.requests)
        new = published(lab, 3)
        lab.days(1)
        await until(lambda: len(lab.posted()) >= 3)
        lab.days(1)
        await until(lambda: len(lab.sandbox.arxiv.requests) >= asked + 2)

    assert lab.posted() == new
    assert len(lab.sandbox.arxiv.requests) == asked + 2
