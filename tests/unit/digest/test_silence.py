"""Why a channel is quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.digest import model
from bot.digest.calendar import NoAnnouncement
from bot.digest.model import DELETED, Delivery, Kind, Message, QueryState, Reach, Seeding, Subscription
from bot.digest.report import ChannelReport
from bot.digest.silence import (
    Blocked,
    Cut,
    Deleted,
    Held,
    HeldBack,
    LookingAgain,
    NotAnnounced,
    NothingMatched,
    PastDigest,
    Reason,
    Refused,
    Unconfirmed,
    Unreachable,
    Unseeded,
    reasons,
)
from bot.errors import QueryRefused
from tests.settings import SETTINGS

TUESDAY = datetime(2026, 3, 3, 6, tzinfo=UTC)
"""14:00 in Singapore, 01:00 in New York: five hours after an announcement."""
SATURDAY = TUESDAY + timedelta(days=4)
AFTER_LABOR_DAY = datetime(2026, 9, 8, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
FINE = QueryState(last_total=40)
FOLLOWED = Subscription(
    channel_id=1,
    guild_id=2,
    query="cat:cs.LG",
    settings=replace(SETTINGS, query="cat:cs.LG"),
    seeding=Seeding("cat:cs.LG", TUESDAY - timedelta(days=9), 30, 500),
)


def why(
    *digests: PastDigest,
    subscription: Subscription = FOLLOWED,
    state: QueryState = FINE,
    retry_at: datetime | None = None,
    waiting: int = 0,
    backlog: int = 0,
    unconfirmed: Unconfirmed | None = None,
    listed: bool = False,
) -> list[Reason]:
    """Of a channel whose last digest, if none is given, was on TUESDAY and empty."""
    past = digests or (PastDigest(TUESDAY),)
    found = reasons(
        subscription,
        state,
        past,
        retry_at=retry_at,
        waiting=waiting,
        backlog=backlog,
        unconfirmed=unconfirmed,
        listed=listed,
    )
    return list(found)


def test_a_digest_with_papers_needs_no_explanation() -> None:
    assert why(PastDigest(TUESDAY, new=5)) == []
    assert why(PastDigest(SATURDAY, revised=1)) == []


def test_before_the_first_digest_nothing_is_explained() -> None:
    assert list(reasons(FOLLOWED, FINE, (), retry_at=None, waiting=0, backlog=0)) == []


def test_announced_and_nothing_matched() -> None:
    assert why() == [NothingMatched(datetime(2026, 3, 3, 1, tzinfo=UTC))]


def test_what_came_since_the_evening_before_explains_an_empty_digest() -> None:
    announced = datetime(2026, 3, 3, 1, tzinfo=UTC)
    assert why(PastDigest(TUESDAY), PastDigest(announced, new=1)) == []
    assert why(PastDigest(TUESDAY), PastDigest(TUESDAY - HOUR), PastDigest(TUESDAY - 2 * HOUR, revised=1)) == []
    assert why(PastDigest(TUESDAY), PastDigest(announced - HOUR, new=1)) == [NothingMatched(announced)]


def test_while_a_batch_may_still_be_missing_it_is_looked_for() -> None:
    assert why(retry_at=TUESDAY + HOUR) == [LookingAgain(datetime(2026, 3, 3, 1, tzinfo=UTC), TUESDAY + HOUR)]


def test_no_announcement_on_a_friday_evening() -> None:
    assert why(PastDigest(SATURDAY)) == [
        NotAnnounced(
            evening=datetime(2026, 3, 7, 1, tzinfo=UTC),
            why=NoAnnouncement.WEEKEND,
            last_at=datetime(2026, 3, 6, 1, tzinfo=UTC),
            next_at=datetime(2026, 3, 9, tzinfo=UTC),  # the clocks went forward on the 8th
        )
    ]


def test_no_announcement_on_a_holiday() -> None:
    [found] = why(PastDigest(AFTER_LABOR_DAY))
    assert isinstance(found, NotAnnounced)
    assert found.why is NoAnnouncement.HOLIDAY


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (QueryState(failing_since=TUESDAY - HOUR, last_error="no connection"), Unreachable(TUESDAY - HOUR, "no connection")),
        (
            QueryState(failing_since=TUESDAY, last_error=str(QueryRefused("no such field", url=""))),
            Refused("no such field", None),
        ),
        (QueryState(held_since=TUESDAY - HOUR, last_error="not sorted"), Held(TUESDAY - HOUR, "not sorted")),
    ],
    ids=["unreachable", "refused", "held"],
)
def test_trouble_with_arxiv_comes_instead_of_the_calendar(state: QueryState, expected: Reason) -> None:
    assert why(PastDigest(SATURDAY), state=state, retry_at=SATURDAY + HOUR) == [expected]


def test_an_answer_taken_in_spite_of_a_doubt_is_not_held() -> None:
    assert why(PastDigest(TUESDAY, new=2), state=QueryState(held_since=TUESDAY - 30 * HOUR)) == []


def test_a_blocked_channel_says_how_many_papers_wait() -> None:
    blocked = replace(FOLLOWED, blocked_reason="the bot lacks Embed Links in #papers")
    assert why(subscription=blocked, waiting=3) == [Blocked("the bot lacks Embed Links in #papers", 3)]


def test_a_deleted_channel_is_called_that() -> None:
    assert why(subscription=replace(FOLLOWED, blocked_reason=DELETED), waiting=3) == [Deleted(3)]
    assert why(subscription=replace(FOLLOWED, blocked_reason=DELETED), listed=True) == [Deleted(0, FOLLOWED.channel_id)]


def test_what_discord_has_not_confirmed_is_told_unless_the_channel_is_blocked() -> None:
    trouble = Unconfirmed(3, "Discord answered 503")
    assert why(unconfirmed=trouble) == [trouble]
    assert why(subscription=replace(FOLLOWED, blocked_reason="no"), unconfirmed=trouble) == [Blocked("no", 0)]


def test_a_query_not_seeded_yet_names_the_one_before() -> None:
    assert why(subscription=replace(FOLLOWED, seeding=None)) == [Unseeded(None)]
    assert why(subscription=replace(FOLLOWED, query="cat:cs.AI")) == [Unseeded("cat:cs.LG")]


def test_a_query_refused_before_it_was_seeded_is_not_said_to_be_tried_again() -> None:
    refused = QueryState(failing_since=TUESDAY, last_error=str(QueryRefused("no such field", url="")))
    assert why(subscription=replace(FOLLOWED, seeding=None), state=refused) == [Refused("no such field", None)]
    assert why(subscription=replace(FOLLOWED, query="cat:x"), state=refused) == [Refused("no such field", "cat:cs.LG")]


def test_a_cut_query_and_a_backlog_are_told_beside_anything_else() -> None:
    cut = replace(FINE, reach=Reach(12.0, 3.4))
    assert why(PastDigest(TUESDAY, new=30, held_back=219), state=cut, backlog=219) == [Cut(3.4), HeldBack(219)]
    assert why(state=cut, backlog=1)[1:] == [Cut(3.4), HeldBack(1)]


def test_a_report_is_read_back() -> None:
    row: dict[str, int | str] = {"new": 5, "revised": 2, "held_back": 1, "sent": 7, "edited": 0, "rejected": "no such field"}
    assert PastDigest.of(TUESDAY, row, 4) == PastDigest(TUESDAY, 5, 2, 1, unposted=4, rejected="no such field")
    assert PastDigest.of(TUESDAY, {"new": 5}).rejected is None


@pytest.mark.parametrize(
    ("outcomes", "kept"),
    [
        ([model.Blocked("the bot lacks Embed Links")], None),
        ([model.Unknown("Discord answered 503")], None),
        ([model.Rejected("no such field"), model.Unknown("Discord answered 503")], "Discord rejected a message: no such field"),
    ],
    ids=["blocked", "unknown", "rejected"],
)
def test_only_what_stays_true_of_a_digest_is_kept(outcomes: list[model.Outcome], kept: str | None) -> None:
    report = ChannelReport(1)
    for outcome in outcomes:
        report.settled(Delivery(1, 2, 1, 1, "n", TUESDAY, Message(Kind.LIST)), outcome)
    assert PastDigest.of(TUESDAY, report.as_row()).rejected == kept
