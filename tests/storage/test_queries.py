"""What is remembered about a query."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.digest.ask import LAPSE
from bot.digest.model import QueryState, Reach
from bot.storage import Storage
from tests.papers import answer
from tests.storage.lab import DAY, NOW

TEXT = "all:perovskite"


async def test_nothing_is_known_of_a_new_query(storage: Storage) -> None:
    assert await storage.queries.state(TEXT) == QueryState()


async def test_failing_and_held_keep_their_first_time(storage: Storage) -> None:
    store = storage.queries
    for moment, error in ((NOW, "no answer"), (NOW + DAY, "still no answer")):
        await store.failed(TEXT, error, moment)
    for moment, reason in ((NOW + 2 * DAY, "half an answer"), (NOW + 3 * DAY, "not sorted")):
        await store.held(TEXT, reason, moment)
    assert await store.state(TEXT) == QueryState(failing_since=NOW, held_since=NOW + 2 * DAY, last_error="not sorted")


async def test_an_answer_believed_ends_failing_and_held(storage: Storage) -> None:
    store = storage.queries
    await store.failed(TEXT, "no answer", NOW)
    await store.held(TEXT, "half an answer", NOW)
    await store.answered(TEXT, answer(700), NOW, believed=True, reach=Reach(1.5, 12.5))
    assert await store.state(TEXT) == QueryState(last_total=700, reach=Reach(1.5, 12.5))


async def test_an_answer_taken_unbelieved_ends_failing_alone(storage: Storage) -> None:
    store = storage.queries
    await store.failed(TEXT, "no answer", NOW)
    await store.held(TEXT, "half an answer", NOW)
    await store.answered(TEXT, answer(7), NOW, believed=False, reach=Reach(1.5, None))
    state = await store.state(TEXT)
    assert (state.failing_since, state.held_since, state.last_total) == (None, NOW, 7)


async def test_a_failure_keeps_what_the_last_answer_said(storage: Storage) -> None:
    store = storage.queries
    await store.answered(TEXT, answer(700), NOW, believed=True, reach=Reach(1.5, 12.5))
    await store.failed(TEXT, "no answer", NOW)
    assert await store.state(TEXT) == QueryState(700, Reach(1.5, 12.5), None, NOW, "no answer")


async def test_asking_in_time_keeps_since_when_it_goes_wrong(storage: Storage) -> None:
    store = storage.queries
    for day in range(3):
        state = await store.asked(TEXT, NOW + day * DAY, lapsed_before=NOW + day * DAY - LAPSE)
        await store.failed(TEXT, "no answer", NOW + day * DAY)
        await store.held(TEXT, "half an answer", NOW + day * DAY)
    assert state == QueryState(failing_since=NOW, held_since=NOW, last_error="half an answer")


async def test_after_a_lapse_what_stood_against_it_is_forgotten_and_what_it_answered_is_not(storage: Storage) -> None:
    store = storage.queries
    await store.asked(TEXT, NOW, lapsed_before=NOW - LAPSE)
    await store.answered(TEXT, answer(700), NOW, believed=True, reach=Reach(1.5, 12.5))
    await store.failed(TEXT, "no answer", NOW)
    await store.held(TEXT, "half an answer", NOW)
    late = NOW + LAPSE + timedelta(seconds=1)
    assert await store.asked(TEXT, late, lapsed_before=late - LAPSE) == QueryState(last_total=700, reach=Reach(1.5, 12.5))


async def test_queries_do_not_share_their_state(storage: Storage) -> None:
    store = storage.queries
    await store.failed(TEXT, "no answer", NOW)
    assert await store.state("all:graphene") == QueryState()


async def test_a_time_of_another_zone_is_the_same_moment(storage: Storage) -> None:
    store = storage.queries
    await store.answered(TEXT, answer(700), NOW, believed=True, reach=Reach(1.5, None))
    await store.failed(TEXT, "no answer", NOW.astimezone(ZoneInfo("Asia/Singapore")))
    assert (await store.state(TEXT)).failing_since == NOW
