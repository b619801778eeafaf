"""Fifty real daily runs of the predecessor, run by run: exactly what it saw for the first time, once."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.arxiv.corpus import Record
from tests.e2e.lab import Lab, links
from tests.shared import shared

NOT_FOUND = "2408.00466"
"""Only arXiv's old engine found it: `all:` searched the MSC class "00:General" then."""


def moment(path: Path) -> datetime:
    """The file's name is its run time in Singapore."""
    stamp = re.fullmatch(r"arxiv_results_(\d{8}_\d{6})", path.stem)
    assert stamp is not None
    return datetime.strptime(f"{stamp[1]}+0800", "%Y%m%d_%H%M%S%z")


def record(given: dict[str, Any], appears: datetime) -> Record:
    return Record(
        base_id=given["base_id"],
        version=int(given["version"]),
        title=given["title"],
        abstract=given["summary"],
        authors=tuple(given["authors"]),
        categories=tuple(given["categories"]),
        published=datetime.fromisoformat(given["published"]),
        updated=datetime.fromisoformat(given["updated"]),
        appears=appears,
        comment=given["comment"],
        journal_ref=given["journal_ref"],
        doi=given["doi"],
    )


@pytest.fixture(scope="module")
def runs() -> list[tuple[datetime, list[Record]]]:
    files = sorted(shared("data/seed-runs").glob("*.json"))
    return [(moment(path), [record(given, moment(path)) for given in json.loads(path.read_text())]) for path in files]


async def test_each_run_posts_exactly_that_runs_papers(lab: Lab, runs: list[tuple[datetime, list[Record]]]) -> None:
    lab.configure(updates="post", post_at="06:00", max_results=2000)
    assert len(runs) == 50
    told = 0
    for number, (now, records) in enumerate(runs):
        lab.move(to=now)
        for each in records:
            lab.sandbox.corpus.add(each)

        report = await lab.once()

        assert report.complete, (now, report)
        fresh = lab.messages()[told:]
        told += len(fresh)
        if number == 0:
            assert report.channel(lab.channel).seeded == 499
            assert NOT_FOUND in {each.base_id for each in records}
            assert len(fresh) == 1
            continue
        posted = [paper for message in fresh for paper in links(message)]
        assert sorted(posted) == sorted(each.id for each in records), now
        assert all(each.updated >= now - timedelta(days=30) for each in records), now
        late = now - runs[number - 1][0] > timedelta(days=4)
        assert all("away" in str(message.embeds).lower() for message in fresh) or not late, now
    everything = lab.posted()
    assert len(everything) == len(set(everything)) == sum(len(records) for _, records in runs[1:])
