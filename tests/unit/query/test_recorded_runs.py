"""The matcher against what arXiv really answered: recorded daily runs of one lab's query, July to October 2025."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from bot.paper import Paper, PaperId
from bot.query import matches, parse

RUNS = Path(__file__).parents[4] / "shared" / "data" / "seed-runs"

QUERY = parse(
    "(cat:cond-mat.mtrl-sci OR cat:cs.AI OR cat:cs.LG)"
    ' AND (all:"materials design" OR all:"materials discovery" OR all:"inverse design")'
    ' AND (all:"generative" OR all:"crystal structure prediction")'
)

pytestmark = pytest.mark.skipif(not RUNS.is_dir(), reason="the recorded runs lie beside this repository, not in it")


def recorded(path: Path) -> list[Paper]:
    return [
        Paper(
            id=PaperId.parse(record["id"]),
            title=record["title"],
            abstract=record["summary"],
            authors=tuple(record["authors"]),
            categories=tuple(record["categories"]),
            published=datetime.fromisoformat(record["published"]),
            updated=datetime.fromisoformat(record["updated"]),
            comment=record["comment"],
            journal_ref=record["journal_ref"],
            doi=record["doi"],
        )
        for record in json.loads(path.read_text(encoding="utf-8"))
    ]


def test_the_first_run_is_found_but_for_one_paper() -> None:
    """arXiv found 2408.00466 by its MSC class "00:General", which is no part of an answer any more."""
    first, *_ = sorted(RUNS.glob("*.json"))
    papers = recorded(first)
    assert len(papers) == 500
    assert [paper.id.base for paper in papers if not matches(QUERY, paper)] == ["2408.00466"]


def test_every_later_run_is_found() -> None:
    _, *later = sorted(RUNS.glob("*.json"))
    papers = [paper for path in later for paper in recorded(path)]
    assert papers
    assert [str(paper.id) for paper in papers if not matches(QUERY, paper)] == []
