"""Everything that arXiv has been seen to do wrong, done by the sandbox's arXiv, and what becomes of the search."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bot.arxiv.exchange import requested_pause
from bot.digest.model import Answer
from bot.errors import ArxivGarbled, ArxivThrottled, ArxivUnreachable, QueryRefused
from bot.query import parse
from sandbox.arxiv.server import error_feed

from .conftest import NOW, Arxiv, ManualClock
from .test_client import ids

MOSS = parse("ti:moss")
HTML = "<!DOCTYPE html><html><body>We are improving arXiv.</body></html>"


async def ask(arxiv: Arxiv, **options: Any) -> Answer:
    return await arxiv.client(**options).search(MOSS, limit=500, since=None)


def seconds_between_requests(arxiv: Arxiv) -> list[float]:
    return [(later - sooner).total_seconds() for sooner, later in zip(arxiv.arrivals, arxiv.arrivals[1:], strict=False)]


class TestHealsWithinTheSearch:
    @pytest.mark.parametrize(
        "fault",
        [
            pytest.param({"status": 500}, id="500"),
            pytest.param({"status": 502}, id="502"),
            pytest.param({"status": 504}, id="504"),
            pytest.param({"reset": True}, id="connection reset"),
            pytest.param({"keep": 0.5}, id="half a feed"),
        ],
    )
    async def test_twice_wrong_then_right(self, arxiv: Arxiv, fault: dict[str, object]) -> None:
        everything = arxiv.holds(3)
        arxiv.fails(times=2, **fault)
        assert ids(await ask(arxiv)) == everything
        assert seconds_between_requests(arxiv) == [3, 10]

    async def test_a_stalled_answer_is_given_up_and_asked_for_again(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(3)
        arxiv.fails(stall=30)
        assert ids(await ask(arxiv, timeout=0.2)) == everything


class TestGivesUp:
    @pytest.mark.parametrize("status", [500, 502, 504])
    async def test_a_5xx_for_good(self, arxiv: Arxiv, status: int) -> None:
        arxiv.fails(status=status, times=-1)
        with pytest.raises(ArxivUnreachable) as caught:
            await ask(arxiv)
        assert caught.value.status == status
        assert len(arxiv.server.requests) == 3

    async def test_a_reset_for_good_is_three_requests_and_not_six(self, arxiv: Arxiv) -> None:
        """aiohttp would send each GET a second time by itself."""
        arxiv.fails(reset=True, times=-1)
        with pytest.raises(ArxivUnreachable, match=r"Server disconnected|reset by peer") as caught:
            await ask(arxiv)
        assert caught.value.status is None
        assert seconds_between_requests(arxiv) == [3, 10]

    async def test_no_answer_in_time(self, arxiv: Arxiv) -> None:
        arxiv.fails(stall=30, times=-1)
        with pytest.raises(ArxivUnreachable, match="in time"):
            await ask(arxiv, timeout=0.05)

    async def test_half_a_feed_for_good(self, arxiv: Arxiv) -> None:
        arxiv.holds(3)
        arxiv.fails(keep=0.5, times=-1)
        with pytest.raises(ArxivGarbled):
            await ask(arxiv)
        assert len(arxiv.server.requests) == 3

    async def test_nobody_there(self, arxiv: Arxiv) -> None:
        client = arxiv.client()
        await arxiv.stop()
        with pytest.raises(ArxivUnreachable, match="cannot be reached"):
            await client.search(MOSS, limit=500, since=None)


class TestRefusedQuery:
    @pytest.mark.parametrize("status", [400, 200])
    async def test_in_arxivs_words_and_asked_once(self, arxiv: Arxiv, status: int) -> None:
        arxiv.fails(status=status, body=error_feed("moss is not a field"))
        with pytest.raises(QueryRefused) as caught:
            await ask(arxiv)
        assert (caught.value.reason, caught.value.status) == ("moss is not a field", status)
        assert "search_query=ti:moss" in caught.value.url
        assert len(arxiv.server.requests) == 1

    async def test_the_cool_down_is_not_for_it(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(1)
        arxiv.fails(status=400, body=error_feed("moss is not a field"))
        with pytest.raises(QueryRefused):
            await ask(arxiv)
        assert ids(await ask(arxiv)) == everything

    @pytest.mark.parametrize("status", [404, 500])
    async def test_arxivs_own_fault_is_no_refusal(self, arxiv: Arxiv, status: int) -> None:
        arxiv.fails(status=status, body=error_feed("The requested URL was not found."), times=-1)
        with pytest.raises(ArxivUnreachable):
            await ask(arxiv)


class TestThrottled:
    @pytest.mark.parametrize(
        ("fault", "pause"),
        [
            pytest.param({"status": 429}, timedelta(minutes=1), id="429"),
            pytest.param({"status": 429, "headers": {"Retry-After": "600"}}, timedelta(minutes=10), id="429 with Retry-After"),
            pytest.param({"status": 429, "headers": {"Retry-After": "86400"}}, timedelta(hours=1), id="429 for a whole day"),
            pytest.param({"status": 429, "headers": {"Retry-After": "soon"}}, timedelta(minutes=1), id="429 unreadable"),
            pytest.param({"status": 406}, timedelta(minutes=1), id="406"),
            pytest.param({"status": 503}, timedelta(minutes=1), id="503"),
            pytest.param({"status": 503, "headers": {"Retry-After": "0"}}, timedelta(minutes=1), id="503 with Retry-After 0"),
            pytest.param({"status": 403}, timedelta(hours=1), id="403"),
            pytest.param({"status": 200, "body": "Rate exceeded."}, timedelta(minutes=1), id="Rate exceeded with 200"),
        ],
    )
    async def test_is_told_at_once_and_until_when(self, arxiv: Arxiv, fault: dict[str, object], pause: timedelta) -> None:
        arxiv.fails(times=-1, **fault)
        with pytest.raises(ArxivThrottled) as caught:
            await ask(arxiv)
        assert (caught.value.until, caught.value.status) == (NOW + pause, fault["status"])
        assert len(arxiv.server.requests) == 1

    async def test_a_date_in_retry_after(self, arxiv: Arxiv) -> None:
        arxiv.fails(status=429, headers={"Retry-After": format_datetime(NOW + timedelta(minutes=7), usegmt=True)})
        with pytest.raises(ArxivThrottled) as caught:
            await ask(arxiv)
        assert caught.value.until == NOW + timedelta(minutes=7)

    async def test_the_status_counts_though_the_body_never_comes(self, arxiv: Arxiv) -> None:
        """https://github.com/lukasschwab/arxiv.py/pull/213: the body of a 429 has taken 15 seconds."""
        arxiv.fails(status=429, body="Rate exceeded.", headers={"Content-Length": "100"})
        with pytest.raises(ArxivThrottled):
            await ask(arxiv, timeout=0.5)

    async def test_a_short_pause_is_waited_for(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(3)
        arxiv.fails(status=429, headers={"Retry-After": "20"})
        assert ids(await ask(arxiv)) == everything
        assert seconds_between_requests(arxiv) == [20]

    async def test_a_short_pause_is_waited_for_once(self, arxiv: Arxiv) -> None:
        arxiv.fails(status=429, headers={"Retry-After": "20"}, times=-1)
        with pytest.raises(ArxivThrottled):
            await ask(arxiv)
        assert len(arxiv.server.requests) == 2


class TestNotAFeed:
    async def test_html_with_200_starts_the_cool_down(self, arxiv: Arxiv) -> None:
        arxiv.fails(body=HTML, times=-1)
        with pytest.raises(ArxivGarbled, match="not a feed"):
            await ask(arxiv)
        with pytest.raises(ArxivThrottled) as caught:
            await ask(arxiv)
        assert caught.value.until == NOW + timedelta(minutes=1)
        assert len(arxiv.server.requests) == 1

    async def test_a_body_beyond_the_cap_is_not_read_to_its_end(self, arxiv: Arxiv) -> None:
        arxiv.fails(body=f"<feed>{' ' * 20_000}</feed>", times=-1)
        with pytest.raises(ArxivGarbled, match="longer than 10,000 bytes"):
            await ask(arxiv, largest_body=10_000)
        assert len(arxiv.server.requests) == 1


class TestCoolDown:
    async def test_holds_for_every_query_without_asking_arxiv(self, arxiv: Arxiv) -> None:
        arxiv.fails(status=429)
        with pytest.raises(ArxivThrottled):
            await ask(arxiv)
        with pytest.raises(ArxivThrottled, match="not over yet"):
            await arxiv.client(interactive=True).search(parse("ti:lichen"), limit=500, since=None)
        assert len(arxiv.server.requests) == 1

    async def test_its_end_opens_the_gate(self, arxiv: Arxiv, clock: ManualClock) -> None:
        everything = arxiv.holds(3)
        arxiv.fails(status=429)
        with pytest.raises(ArxivThrottled):
            await ask(arxiv)
        clock.advance(seconds=60)
        assert ids(await ask(arxiv)) == everything

    async def test_its_last_half_minute_is_waited_for(self, arxiv: Arxiv, clock: ManualClock) -> None:
        everything = arxiv.holds(3)
        arxiv.fails(status=429)
        with pytest.raises(ArxivThrottled):
            await ask(arxiv)
        clock.advance(seconds=30)
        assert ids(await ask(arxiv)) == everything
        assert clock.now() == NOW + timedelta(seconds=60)

    async def test_grows_while_arxiv_goes_on_refusing(self, arxiv: Arxiv, clock: ManualClock) -> None:
        arxiv.fails(status=429, times=-1)
        assert [await minutes_of_cool_down(arxiv, clock) for _ in range(4)] == [1, 5, 30, 30]

    async def test_a_denial_grows_by_hours(self, arxiv: Arxiv, clock: ManualClock) -> None:
        arxiv.fails(status=403, times=-1)
        assert [await minutes_of_cool_down(arxiv, clock) for _ in range(4)] == [60, 360, 1440, 1440]

    async def test_a_good_answer_makes_the_next_one_short_again(self, arxiv: Arxiv, clock: ManualClock) -> None:
        arxiv.fails(status=429, times=2)
        assert [await minutes_of_cool_down(arxiv, clock) for _ in range(2)] == [1, 5]
        await ask(arxiv)
        arxiv.fails(status=429)
        assert await minutes_of_cool_down(arxiv, clock) == 1


async def minutes_of_cool_down(arxiv: Arxiv, clock: ManualClock) -> float:
    """Ask, be refused, and sit it out."""
    with pytest.raises(ArxivThrottled) as caught:
        await ask(arxiv)
    pause = caught.value.until - clock.now()
    clock.advance(seconds=pause.total_seconds())
    return pause.total_seconds() / 60


class TestOneAtATime:
    async def test_three_seconds_apart_and_never_two_in_flight(self, arxiv: Arxiv) -> None:
        arxiv.fails(stall=0.02, times=-1)
        await asyncio.gather(*(ask(arxiv) for _ in range(4)))
        assert arxiv.most_at_once == 1
        assert seconds_between_requests(arxiv) == [3, 3, 3]

    async def test_a_search_given_up_does_not_hold_up_the_next(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(3)
        arrived = asyncio.Event()
        arxiv.on_request = arrived.set
        arxiv.fails(stall=30)
        given_up = asyncio.create_task(ask(arxiv))
        await arrived.wait()
        given_up.cancel()
        assert ids(await ask(arxiv)) == everything

    async def test_who_waits_at_the_keyboard_goes_first(self, arxiv: Arxiv) -> None:
        arrived = asyncio.Event()
        arxiv.on_request = arrived.set
        arxiv.fails(stall=0.05)
        first = asyncio.create_task(ask(arxiv))
        await arrived.wait()
        scheduled = asyncio.create_task(ask(arxiv))
        interactive = asyncio.create_task(arxiv.client(interactive=True).search(parse("ti:lichen"), limit=500, since=None))
        await asyncio.gather(first, scheduled, interactive)
        assert [asked.search_query for asked in arxiv.server.requests] == ["ti:moss", "ti:lichen", "ti:moss"]


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 30, None),
        (" 12 ", timedelta(seconds=12)),
        ("Mon, 04 May 2099 09:01:30 GMT", timedelta(seconds=90)),
        ("Mon, 04 May 2099 09:01:30 -0000", timedelta(seconds=90)),
        ("Mon, 04 May 2099 08:00:00 GMT", timedelta()),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, pause: timedelta | None) -> None:
    assert requested_pause(header, NOW) == pause
