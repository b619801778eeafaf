"""What a channel gets, decided from what its claims won."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.model import (
    Badge,
    DayLine,
    Kind,
    Message,
    Notice,
    NoticeKind,
    Seeding,
    Showing,
    Shown,
    Sighting,
    State,
    Subscription,
    Updates,
)
from bot.digest.plan import LIST_LENGTH, Situation, decide
from bot.paper import PaperId
from tests.papers import NOON, paper
from tests.settings import SETTINGS

DAY = timedelta(days=1)
SUBSCRIPTION = Subscription(
    channel_id=1,
    guild_id=2,
    query="all:alloy",
    settings=replace(SETTINGS, query="all:alloy"),
    seeding=Seeding("all:alloy", NOON - 90 * DAY, 30, 500),
    last_good_at=NOON - DAY,
)
ORDINARY = Situation(now=NOON, since=NOON - 30 * DAY, last_good_at=NOON - DAY, rate=3.0, late=False)


def with_settings(**changes: Any) -> Subscription:
    return replace(SUBSCRIPTION, settings=replace(SUBSCRIPTION.settings, **changes))


def first(number: int, *, age: timedelta = 2 * DAY, version: int = 1) -> Sighting:
    return Sighting(paper(number, version, age=age), None)


def revision(number: int, version: int = 2, prior: State = State.SENT, *, message_id: int = 70) -> Sighting:
    shown = Shown(message_id, 1, Kind.CARD, (Showing(paper(number)),)) if prior is State.SENT else None
    return Sighting(paper(number, version, age=DAY), prior, shown)


def ids(message: Message) -> list[str]:
    return [str(showing.paper.id) for showing in message.showings]


def test_new_papers_are_cards_oldest_first_under_one_day_line() -> None:
    plan = decide([first(1, age=DAY), first(2, age=3 * DAY), first(3, age=2 * DAY)], SUBSCRIPTION, ORDINARY)

    assert [ids(message) for message in plan.messages] == [["2603.00002v1"], ["2603.00003v1"], ["2603.00001v1"]]
    assert plan.messages[0].day_line == DayLine(NOON.date(), 3, 0)
    assert [message.day_line for message in plan.messages[1:]] == [None, None]
    assert set(plan.states.values()) == {State.CLAIMED}


def test_only_the_first_message_of_a_local_day_notifies() -> None:
    today = NOON.date()
    sightings = [first(1), first(2)]

    assert [m.notifies_on for m in decide(sightings, SUBSCRIPTION, ORDINARY).messages] == [today, None]
    again = replace(SUBSCRIPTION, notified_on=today)
    assert [m.notifies_on for m in decide(sightings, again, ORDINARY).messages] == [None, None]


def test_the_day_is_the_servers_own() -> None:
    auckland = with_settings(timezone="Pacific/Auckland")

    [message] = decide([first(1)], auckland, ORDINARY).messages

    assert message.day_line == DayLine(NOON.date() + DAY, 1, 0)


def test_what_exceeds_max_posts_follows_as_lists() -> None:
    plan = decide([first(n, age=DAY + timedelta(minutes=-n)) for n in range(25)], with_settings(max_posts=3), ORDINARY)

    assert [(m.kind, len(m.showings)) for m in plan.messages] == [(Kind.CARD, 1)] * 3 + [(Kind.LIST, LIST_LENGTH), (Kind.LIST, 7)]
    assert [i for m in plan.messages for i in ids(m)] == [f"2603.{n:05d}v1" for n in range(25)]


def test_max_posts_zero_means_lists_only() -> None:
    [message] = decide([first(1), first(2)], with_settings(max_posts=0), ORDINARY).messages

    assert (message.kind, len(message.showings), message.away) == (Kind.LIST, 2, False)
    assert message.day_line == DayLine(NOON.date(), 2, 0)


def test_a_paper_first_seen_at_a_later_version_is_new() -> None:
    [message] = decide([first(1, version=3)], SUBSCRIPTION, ORDINARY).messages

    assert message.showings == (Showing(paper(1, 3), Badge.NONE),)


def test_edit_changes_the_message_that_shows_the_paper_and_says_nothing_else() -> None:
    plan = decide([revision(1)], SUBSCRIPTION, ORDINARY)

    [message] = plan.messages
    assert (message.kind, message.day_line, message.notifies_on) == (Kind.EDIT, None, None)
    assert message.edits is not None
    assert message.edits.message_id == 70
    assert message.showings == (Showing(paper(1, 2, age=DAY), Badge.REVISED),)
    assert (plan.new, plan.revised) == (0, 1)


def test_edits_to_one_list_are_one_edit_and_keep_its_other_lines() -> None:
    shown = Shown(70, 1, Kind.LIST, tuple(Showing(paper(n)) for n in (1, 2, 3)))
    sightings = [Sighting(paper(n, 2, age=DAY), State.SENT, shown) for n in (3, 1)]

    [message] = decide(sightings, SUBSCRIPTION, ORDINARY).messages

    assert ids(message) == ["2603.00001v2", "2603.00002v1", "2603.00003v2"]
    assert [s.badge for s in message.showings] == [Badge.REVISED, Badge.NONE, Badge.REVISED]


@pytest.mark.parametrize(
    ("updates", "prior", "expected"),
    [
        (Updates.POST, State.SENT, State.CLAIMED),
        (Updates.POST, State.SEEN, State.CLAIMED),
        (Updates.EDIT, State.SENT, State.CLAIMED),
        (Updates.EDIT, State.SEEN, State.SEEN),
        (Updates.OFF, State.SENT, State.SENT),
        (Updates.OFF, State.SEEN, State.SEEN),
    ],
)
def test_what_a_revision_does(updates: Updates, prior: State, expected: State) -> None:
    plan = decide([revision(1, prior=prior)], with_settings(updates=updates), ORDINARY)

    assert plan.states == {PaperId("2603.00001", 2): expected}
    assert len(plan.messages) == (expected is State.CLAIMED)


def test_a_posted_revision_is_a_card_with_a_badge() -> None:
    [message] = decide([revision(1)], with_settings(updates=Updates.POST), ORDINARY).messages

    assert (message.kind, message.showings[0].badge) == (Kind.CARD, Badge.REVISED)
    assert message.day_line == DayLine(NOON.date(), 0, 1)


@pytest.mark.parametrize("prior", [State.WAITING, State.BACKLOG, State.REJECTED])
def test_a_revision_of_a_paper_the_channel_never_got_is_new(prior: State) -> None:
    plan = decide([Sighting(paper(1, 2), prior)], SUBSCRIPTION, ORDINARY)

    assert (plan.new, plan.revised, plan.messages[0].kind) == (1, 0, Kind.CARD)


def test_edit_of_a_message_that_is_gone_is_only_recorded() -> None:
    plan = decide([Sighting(paper(1, 2), State.SENT, None)], SUBSCRIPTION, ORDINARY)

    assert (plan.messages, plan.states) == ((), {PaperId("2603.00001", 2): State.SENT})


def test_up_to_three_old_papers_are_newly_matching_and_more_go_to_the_backlog() -> None:
    old = [first(n, age=(40 + n) * DAY) for n in range(5)]

    plan = decide([first(9), *old], SUBSCRIPTION, ORDINARY)

    badges = {str(s.paper.id): s.badge for m in plan.messages for s in m.showings}
    assert badges == {
        "2603.00009v1": Badge.NONE,
        "2603.00000v1": Badge.NEWLY_MATCHING,
        "2603.00001v1": Badge.NEWLY_MATCHING,
        "2603.00002v1": Badge.NEWLY_MATCHING,
    }
    assert plan.messages[-1].notice == Notice(NoticeKind.NEWLY_MATCHING, 2)
    assert plan.states[PaperId("2603.00004", 1)] is State.BACKLOG


def test_a_flood_posts_the_fresh_and_holds_back_the_rest_with_one_line() -> None:
    old = [first(n, age=(100 + n) * DAY) for n in range(10, 387)]
    fresh = [first(1), first(2)]

    plan = decide([*old, *fresh], SUBSCRIPTION, ORDINARY)

    assert [ids(m) for m in plan.messages if m.showings] == [["2603.00001v1"], ["2603.00002v1"]]
    assert [m.notice for m in plan.messages if m.notice] == [Notice(NoticeKind.FLOOD, 377)]
    assert plan.held_back == 377


def test_a_flood_of_fresh_papers_posts_the_newest_thirty() -> None:
    plan = decide([first(n, age=timedelta(minutes=n)) for n in range(100)], SUBSCRIPTION, ORDINARY)

    posted = [i for m in plan.messages for i in ids(m)]
    assert posted == [f"2603.{n:05d}v1" for n in reversed(range(30))]
    assert (plan.new, plan.held_back) == (30, 70)


def test_thirty_are_no_flood_and_a_busy_channel_or_a_long_silence_allows_more() -> None:
    thirty, hundred = ([first(n, age=timedelta(hours=n / 10)) for n in range(size)] for size in (30, 100))

    assert decide(thirty, SUBSCRIPTION, ORDINARY).held_back == 0
    assert decide(hundred, SUBSCRIPTION, replace(ORDINARY, rate=20.0)).held_back == 0
    assert decide(hundred, SUBSCRIPTION, replace(ORDINARY, last_good_at=NOON - 7 * DAY)).held_back == 0
    assert decide(hundred, SUBSCRIPTION, ORDINARY).held_back == 70


def test_a_flood_of_revisions_is_recorded_with_one_line() -> None:
    plan = decide([revision(n, message_id=n) for n in range(31)], SUBSCRIPTION, ORDINARY)

    assert [m.notice for m in plan.messages] == [Notice(NoticeKind.REVISIONS, 31)]
    assert set(plan.states.values()) == {State.SENT}


def test_a_slot_more_than_three_days_late_comes_as_one_list() -> None:
    [message] = decide([first(1), first(2)], SUBSCRIPTION, replace(ORDINARY, late=True)).messages

    assert (message.kind, message.away, len(message.showings)) == (Kind.LIST, True, 2)


def test_what_waited_more_than_three_days_comes_as_a_list_before_todays_cards() -> None:
    waited = Sighting(paper(1, age=9 * DAY), State.WAITING, waiting_since=NOON - 4 * DAY)
    short = Sighting(paper(2, age=3 * DAY), State.WAITING, waiting_since=NOON - DAY)

    plan = decide([waited, short, first(3)], SUBSCRIPTION, ORDINARY)

    assert [(m.kind, m.away, ids(m)) for m in plan.messages] == [
        (Kind.LIST, True, ["2603.00001v1"]),
        (Kind.CARD, False, ["2603.00002v1"]),
        (Kind.CARD, False, ["2603.00003v1"]),
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from([None, *State]), st.integers(0, 200)),
        max_size=80,
        unique_by=lambda one: one[0],
    ),
    st.integers(0, 25),
    st.sampled_from(Updates),
)
def test_every_sighting_gets_a_state_and_every_claimed_one_stands_in_exactly_one_message(
    drawn: list[tuple[int, State | None, int]], max_posts: int, updates: Updates
) -> None:
    sightings = [
        revision(n, message_id=n + 1)
        if prior is State.SENT
        else Sighting(paper(n, age=age * DAY), prior, waiting_since=NOON - age * DAY if prior is State.WAITING else None)
        for n, prior, age in drawn
        if prior is not State.CLAIMED
    ]
    plan = decide(sightings, with_settings(max_posts=max_posts, updates=updates), ORDINARY)

    shown = sorted(str(s.paper.id) for m in plan.messages for s in m.showings)
    claimed = sorted(str(i) for i, state in plan.states.items() if state is State.CLAIMED)
    assert shown == claimed
    assert set(plan.states) == {s.paper.id for s in sightings}
    assert all(len(m.showings) <= LIST_LENGTH for m in plan.messages)
