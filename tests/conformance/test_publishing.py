"""Papers on what a channel follows, which the sandbox learns from what arXiv was asked and what the channel was told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.server import Sandbox

OLD, NEW = "cat:math.CO", "cat:cs.LG AND abs:results"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(arxiv_interval=None) as sandbox:  # only what it finds is of interest here
        yield sandbox


async def hits(sandbox: Sandbox, query: str) -> int:
    """Of a search at the sandbox's arXiv."""
    parameters = {"search_query": query, "max_results": "1000"}
    async with aiohttp.ClientSession() as client, client.get(sandbox.arxiv_api_url, params=parameters) as answer:
        return (await answer.text()).count("<entry>")


async def publish(sandbox: Sandbox, **body: int | str) -> Any:
    async with (
        aiohttp.ClientSession(sandbox.url) as client,
        client.post("/_sandbox/publish/followed", json={"channel_id": str(sandbox.world.papers.id), **body}) as answer,
    ):
        assert answer.status == 201
        return await answer.json()


async def test_the_query_that_the_channel_was_told_of_last_counts(sandbox: Sandbox) -> None:
    sandbox.world.post(sandbox.world.papers.id, embeds=[{"description": f"```\n{OLD}\n```"}])
    sandbox.world.post(sandbox.world.papers.id, embeds=[{"description": f"```\n{NEW}\n```"}])
    sandbox.world.post(sandbox.world.papers.id, "Good morning")
    assert (await hits(sandbox, NEW), await hits(sandbox, OLD)) == (0, 0)
    assert await publish(sandbox, count=3) == {"query": NEW, "count": 3, "matching": 3}
    assert (await hits(sandbox, NEW), await hits(sandbox, "cat:*")) == (3, 3)


async def test_what_cannot_be_invented_is_made_up_for_on_another_topic(sandbox: Sandbox) -> None:
    sandbox.world.post(sandbox.world.papers.id, "ti:zzz")
    assert await hits(sandbox, "ti:zzz") == 0
    assert await publish(sandbox, count=2) == {"query": "ti:zzz", "count": 2, "matching": 0}
    assert (await hits(sandbox, "ti:zzz"), await hits(sandbox, "cat:*")) == (0, 2)


async def test_a_channel_that_was_told_of_no_query(sandbox: Sandbox) -> None:
    await hits(sandbox, NEW)
    assert await publish(sandbox, count=1) == {"query": None, "count": 1, "matching": 0}
    assert len(sandbox.corpus.visible(sandbox.clock.now())) == 1
