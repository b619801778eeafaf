"""After an absence, a short first answer, or a slip in config.json: what is owed comes, and nothing old comes as new."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.arxiv.corpus import Record
from tests.e2e.lab import Lab, links
from tests.e2e.test_daily import seeded

A_DAY = 6


def published(lab: Lab, count: int = A_DAY) -> list[str]:
    return [lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id for _ in range(count)]


async def test_an_absence_brings_more_than_max_results(lab: Lab) -> None:
    lab.configure(max_results=20)
    for _ in range(8):
        published(lab)
        lab.days()
    await lab.once()
    published(lab, 2)
    lab.days()
    await lab.once()
    before = lab.posted()
    missed = []
    for _ in range(10):
        lab.days()
        missed += published(lab)
    lab.days()

    report = await lab.once()

    assert report.complete
    assert sorted(lab.posted()[len(before) :]) == sorted(missed)


async def test_an_ordinary_day_asks_no_further_than_max_results(lab: Lab) -> None:
    lab.configure(max_results=20)
    for _ in range(8):
        published(lab)
        lab.days()
    await lab.once()
    asked = len(lab.sandbox.arxiv.requests)
    lab.days()
    await lab.once()

    assert len(lab.sandbox.arxiv.requests) == asked + 1


async def test_what_the_first_answer_lacked_is_seeded_the_next_day(lab: Lab) -> None:
    corpus, clock = lab.sandbox.corpus, lab.sandbox.clock
    published(lab, 12)
    lab.days()
    await lab.once()
    lab.days()
    for age in range(8, 36):  # 28 of 40, of a week to a month ago
        sample = corpus.publish(clock.now())
        submitted = clock.now() - timedelta(days=age)
        corpus.add(_dated(sample, submitted))
    new = published(lab, 2)

    assert (await lab.once()).complete

    assert sorted(lab.posted()) == sorted(new)
    lab.days()
    late = corpus.publish(clock.now())
    corpus.add(_dated(late, clock.now() - timedelta(days=12)))
    assert (await lab.once()).complete
    assert lab.posted()[-1] == late.id  # from then on what appears late is news


def _dated(record: Record, submitted: datetime) -> Record:
    return replace(record, published=submitted, updated=submitted)


async def test_a_channel_that_returns_to_config_json_goes_on_where_it_stopped(lab: Lab) -> None:
    await seeded(lab)
    introduced = len(lab.messages())
    lab.days()
    missed = published(lab, 4)
    right = lab.config["channels"]
    lab.configure(channels=[{"id": "1477923412377699999"}])
    assert (await lab.once()).status == 2
    lab.move(minutes=10)
    lab.configure(channels=right)

    report = await lab.once()

    assert report.complete
    assert sorted(lab.posted()) == sorted(missed)
    assert len(lab.messages()) == introduced + len(missed)


async def test_a_channel_that_returns_with_another_query_starts_afresh(lab: Lab) -> None:
    await seeded(lab)
    lab.days()
    published(lab, 4)
    right = lab.config["channels"]
    lab.configure(channels=[])
    await lab.once()
    lab.configure(channels=[{**right[0], "query": "cat:cs.AI"}])

    assert (await lab.once()).complete

    assert lab.posted() == []


async def test_after_days_away_the_papers_come_as_one_list(lab: Lab) -> None:
    await seeded(lab)
    new = published(lab, 3)
    lab.days(4)

    await lab.once()

    [_, listed] = lab.messages()
    assert links(listed) == new
    assert "While I was away" in listed.embeds[0]["title"]
