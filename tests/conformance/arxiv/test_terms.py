"""arXiv's terms: one request every three seconds, over one connection. https://info.arxiv.org/help/api/tou.html"""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from sandbox.arxiv.server import INTERVAL, ROUTE
from sandbox.control.clock import SandboxClock
from sandbox.control.faults import Fault
from sandbox.server import Sandbox
from tests.conformance.arxiv.conftest import NOW, Answer, Arxiv


@pytest.fixture(autouse=True)
def terms(arxiv: Arxiv) -> None:
    arxiv.server.interval = INTERVAL


def exceeded(answer: Answer) -> bool:
    return (answer.status, answer.text, answer.headers.get("Retry-After")) == (429, "Rate exceeded.", None)


def test_they_hold_unless_they_are_switched_off() -> None:
    assert Sandbox().arxiv.interval == INTERVAL == 3


async def test_whoever_asks_again_at_once_is_refused(arxiv: Arxiv) -> None:
    assert (await arxiv.ask("a")).status == 200
    assert exceeded(await arxiv.ask("a"))
    arxiv.clock.advance(seconds=3)
    assert (await arxiv.ask("a")).status == 200
    assert [asked.status for asked in arxiv.server.requests] == [200, 429, 200]


async def test_a_refusal_prolongs_nothing(arxiv: Arxiv) -> None:
    await arxiv.ask("a")
    arxiv.clock.advance(seconds=2)
    assert exceeded(await arxiv.ask("a"))
    arxiv.clock.advance(seconds=1)
    assert (await arxiv.ask("a")).status == 200


async def test_nobody_has_a_second_connection(arxiv: Arxiv) -> None:
    arxiv.faults.add(Fault(ROUTE, stall=60))
    first = asyncio.create_task(arxiv.ask("a"))
    while arxiv.faults.waiting:  # noqa: ASYNC110 -- nothing tells that a request is held
        await asyncio.sleep(0)
    arxiv.clock.advance(seconds=30)
    assert exceeded(await arxiv.ask("b"))
    arxiv.faults.clear()
    assert (await first).status == 200
    assert (await arxiv.ask("b")).status == 200


async def test_a_connection_that_the_client_gave_up_is_none() -> None:
    """In the whole sandbox, where what was asked goes on being answered to nobody."""
    async with Sandbox(SandboxClock(NOW)) as sandbox, aiohttp.ClientSession() as session:
        address = f"{sandbox.arxiv_api_url}?search_query=a"
        sandbox.faults.add(Fault(ROUTE, stall=60))
        with pytest.raises(TimeoutError):
            await session.get(address, timeout=aiohttp.ClientTimeout(total=0.05))
        sandbox.clock.advance(seconds=3)
        async with session.get(address) as response:
            assert response.status == 200


async def test_a_refused_request_uses_no_fault_up(arxiv: Arxiv) -> None:
    await arxiv.ask("a")
    arxiv.faults.add(Fault(ROUTE, status=503))
    assert exceeded(await arxiv.ask("a"))
    arxiv.clock.advance(seconds=3)
    assert (await arxiv.ask("a")).status == 503
