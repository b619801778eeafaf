"""Whatever goes wrong at arXiv, as a client meets it."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from sandbox.arxiv.server import ROUTE, empty_feed, error_feed
from sandbox.control.faults import Fault
from tests.conformance.arxiv.conftest import Arxiv, MakeRecord


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (429, "text/plain", "Rate exceeded."),
        (503, "text/html", "Varnish cache server"),
        (403, "text/html", "Access Denied"),
        (406, "text/html", "Not Acceptable"),
        (500, "application/atom+xml", "internal error"),
    ],
)
async def test_a_status_has_its_usual_body(arxiv: Arxiv, status: int, kind: str, words: str) -> None:
    arxiv.faults.add(Fault(ROUTE, status=status, headers={"Retry-After": "7"}))
    answer = await arxiv.ask("a")
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.headers["Retry-After"] == "7"
    assert words in answer.text
    assert (await arxiv.ask("a")).status == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("Rate exceeded.", "text/plain"),
        ("<html><body>Maintenance</body></html>", "text/html"),
        (empty_feed(), "application/atom+xml"),
        (error_feed("something else"), "application/atom+xml"),
    ],
)
async def test_a_given_body_is_sent_as_it_is(arxiv: Arxiv, body: str, kind: str) -> None:
    arxiv.faults.add(Fault(ROUTE, status=200, body=body))
    answer = await arxiv.ask("a")
    assert (answer.status, answer.text) == (200, body)
    assert answer.headers["Content-Type"].startswith(kind)


async def test_an_empty_feed_may_lie_about_its_total(arxiv: Arxiv) -> None:
    arxiv.faults.add(Fault(ROUTE, status=200, body=empty_feed(total=123)))
    answer = await arxiv.ask("a")
    assert (answer.ids, answer.total) == ([], 123)


async def test_half_a_feed_arrives_whole_in_length(arxiv: Arxiv, record: MakeRecord) -> None:
    arxiv.corpus.add(record())
    whole = await arxiv.ask("cat:cs.LG")
    arxiv.faults.add(Fault(ROUTE, keep=0.5))
    half = await arxiv.ask("cat:cs.LG")
    assert half.status == 200
    assert len(half.text.encode()) == int(half.headers["Content-Length"]) == len(whole.text.encode()) // 2
    assert whole.text.startswith(half.text)


async def test_a_reset_says_nothing(arxiv: Arxiv) -> None:
    """Twice, because aiohttp's client asks again by itself when a GET is met with silence."""
    arxiv.faults.add(Fault(ROUTE, reset=True, times=2))
    with pytest.raises(aiohttp.ClientError):
        await arxiv.ask("a")
    assert [asked.status for asked in arxiv.server.requests] == [None, None]


async def test_a_stall_outlasts_a_hasty_client(arxiv: Arxiv) -> None:
    arxiv.faults.add(Fault(ROUTE, stall=60))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.05)) as hasty:
        with pytest.raises(TimeoutError):
            await hasty.get(arxiv.url)
    assert [asked.status for asked in arxiv.server.requests] == [None]


async def test_whoever_is_held_goes_on_when_all_is_mended(arxiv: Arxiv) -> None:
    arxiv.faults.add(Fault(ROUTE, stall=60))
    held = asyncio.create_task(arxiv.ask("a"))
    while arxiv.faults.waiting:  # noqa: ASYNC110 -- nothing tells that a request is held
        await asyncio.sleep(0)
    arxiv.faults.clear()
    assert (await asyncio.wait_for(held, timeout=10)).status == 200


async def test_a_fault_waits_for_its_turn_and_ends(arxiv: Arxiv) -> None:
    arxiv.faults.add(Fault(ROUTE, status=503, after=1, times=2))
    assert [(await arxiv.ask("a")).status for _ in range(4)] == [200, 503, 503, 200]


async def test_a_fault_of_another_route_does_not_strike(arxiv: Arxiv) -> None:
    arxiv.faults.add(Fault("GET /gateway", status=503))
    assert (await arxiv.ask("a")).status == 200
