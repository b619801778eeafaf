"""A message survives being stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.digest.model import Badge, DayLine, Intro, Kind, Message, Notice, NoticeKind, Showing, Shown
from bot.paper import Paper, PaperId
from bot.storage.deliveries import message_of, payload_of, showings_in

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
COUNT = st.integers(0, 10_000)
MOMENTS = st.datetimes(datetime(1991, 8, 14), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SNOWFLAKES = st.integers(1, 2**63 - 1)
PLACE = 21
PAPERS = st.builds(
    Paper,
    id=st.builds(PaperId, base=st.from_regex(r"\A[0-9]{4}\.[0-9]{5}\Z"), version=st.integers(1, 30)),
    title=TEXT,
    abstract=TEXT,
    authors=st.tuples(TEXT),
    categories=st.tuples(TEXT),
    published=MOMENTS,
    updated=MOMENTS,
)
SHOWINGS = st.builds(Showing, PAPERS, st.sampled_from(Badge))
LAYOUTS = st.sampled_from((Kind.CARD, Kind.LIST))
MANY = st.lists(SHOWINGS, min_size=1, max_size=15).map(tuple)
FIRST = {
    "day_line": st.none() | st.builds(DayLine, st.dates(), COUNT, COUNT),
    "notifies_on": st.none() | st.dates(),
}
CARDS = st.builds(Message, kind=st.just(Kind.CARD), showings=st.tuples(SHOWINGS), **FIRST)
LISTS = st.builds(Message, kind=st.just(Kind.LIST), showings=MANY, away=st.booleans(), **FIRST)
EDITS = st.builds(Shown, SNOWFLAKES, st.just(PLACE), LAYOUTS, MANY, st.booleans()).map(
    lambda shown: Message(Kind.EDIT, showings=shown.showings, edits=shown)
)
INTROS = st.builds(
    Message,
    kind=st.just(Kind.INTRO),
    intro=st.builds(
        Intro,
        query=TEXT,
        total=COUNT,
        per_day=st.floats(0, 1000),
        next_digest=MOMENTS,
        newest=st.lists(SHOWINGS, max_size=5).map(tuple),
        changed=st.booleans(),
    ),
)
NOTICES = st.builds(Message, kind=st.just(Kind.NOTICE), notice=st.builds(Notice, st.sampled_from(NoticeKind), COUNT))


@given(st.one_of(CARDS, LISTS, EDITS, INTROS, NOTICES))
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    stored = json.dumps(payload_of(message))
    papers = [showing.paper for showing in showings_in(message)]
    assert message_of(json.loads(stored), papers, PLACE) == message


@given(LISTS)
def test_the_papers_are_not_in_the_payload(message: Message) -> None:
    stored = json.dumps(payload_of(message))
    assert not any(showing.paper.id.base in stored for showing in message.showings)
