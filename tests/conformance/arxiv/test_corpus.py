"""What happens in the sandbox's arXiv, and the invented papers it begins with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.arxiv.corpus import EPOCH, Corpus, Record
from sandbox.arxiv.grammar import adapt, parse
from sandbox.arxiv.mailing import NEW_YORK, mailed_on, received_between, shown_at
from sandbox.arxiv.search import Search, SortBy, SortOrder
from tests.conformance.arxiv.conftest import DEFAULT_QUERY, NOW, MakeRecord

FAR = EPOCH + timedelta(days=365)


def matching(corpus: Corpus, now: datetime = FAR) -> list[Record]:
    return Search(corpus).find(parse(adapt(DEFAULT_QUERY)), (), now, SortBy.UPDATED, SortOrder.DESCENDING)


@pytest.fixture(scope="module")
def fictional() -> list[Record]:
    return Corpus.fictional().changes


@pytest.fixture(scope="module")
def first_versions(fictional: list[Record]) -> list[Record]:
    return [record for record in fictional if record.version == 1]


def test_a_published_paper_appears_now_and_matches() -> None:
    corpus = Corpus()
    paper = corpus.publish(NOW, comment="hello")
    assert matching(corpus, NOW - timedelta(seconds=1)) == []
    assert matching(corpus, NOW) == [paper]
    assert (paper.base_id, paper.comment) == ("2603.00001", "hello")
    assert paper.published < NOW
    assert corpus.publish(NOW).base_id == "2603.00002"


def test_a_revision_replaces_the_version_before_it() -> None:
    corpus = Corpus()
    paper = corpus.publish(NOW)
    revised = corpus.revise(paper.base_id, NOW + timedelta(days=2), title="Mended")
    assert corpus.visible(NOW) == [paper]
    assert corpus.visible(NOW + timedelta(days=2)) == [revised]
    assert (revised.version, revised.title, revised.published) == (2, "Mended", paper.published)
    assert revised.updated > paper.updated


def test_the_highest_version_is_current_whatever_came_first(record: MakeRecord) -> None:
    corpus = Corpus()
    newer = corpus.add(record(version=2))
    corpus.add(record(version=1))
    assert corpus.visible(NOW) == [newer]


def test_an_edit_makes_a_new_match_with_old_dates(record: MakeRecord) -> None:
    """As 2507.01889 became a match on 2025-12-08 through its journal, Materials & Design."""
    corpus = Corpus()
    corpus.add(record(title="Generative glue", published=datetime(2025, 7, 2, tzinfo=UTC)))
    before = corpus.latest("2602.00001")
    assert matching(corpus) == []
    corpus.edit_metadata("2602.00001", journal_ref="Materials & Design 260, 115 (2025)")
    [after] = matching(corpus)
    assert replace(after, journal_ref=None) == before


def test_a_flood_is_old_and_appears_at_once() -> None:
    corpus = Corpus.fictional()
    before = {record.id for record in matching(corpus, EPOCH)}
    flooded = corpus.flood(300, EPOCH)
    assert {record.id for record in matching(corpus, EPOCH)} == before | {record.id for record in flooded}
    assert len({record.base_id for record in flooded}) == 300
    assert max(record.updated for record in flooded) < EPOCH - timedelta(days=30)
    assert min(record.updated for record in flooded).year < 2010


def test_a_stranger_cannot_be_revised() -> None:
    with pytest.raises(KeyError):
        Corpus().revise("2603.00001", NOW)


@pytest.mark.parametrize(
    ("received", "announced"),
    [
        ("2026-03-02 15:00", "2026-03-03"),
        ("2026-03-03 13:59", "2026-03-03"),
        ("2026-03-03 14:00", "2026-03-04"),
        ("2026-03-05 13:00", "2026-03-05"),
        ("2026-03-05 15:00", "2026-03-08"),
        ("2026-03-06 15:00", "2026-03-09"),
        ("2026-03-08 15:00", "2026-03-09"),
    ],
)
def test_the_week_of_announcements(received: str, announced: str) -> None:
    """https://info.arxiv.org/help/availability.html; New York times."""
    day = date.fromisoformat(announced)
    submitted = datetime.fromisoformat(received).replace(tzinfo=NEW_YORK)
    assert mailed_on(submitted) == day
    assert received_between(day)[0] <= submitted < received_between(day)[1]
    assert shown_at(day).astimezone(NEW_YORK).date() == day


def test_fiction_is_the_same_every_time(fictional: list[Record]) -> None:
    assert Corpus.fictional().changes == fictional
    assert Corpus.fictional(EPOCH + timedelta(days=1)).changes != fictional


def test_fiction_has_about_three_hundred_papers_all_different(fictional: list[Record], first_versions: list[Record]) -> None:
    assert 250 <= len(first_versions) <= 350
    assert len({record.id for record in fictional}) == len(fictional)
    assert len({record.title for record in first_versions}) == len(first_versions)
    assert len({record.abstract for record in first_versions}) == len(first_versions)
    assert len({record.categories[0] for record in fictional}) >= 15


def test_two_to_five_papers_of_each_mailing_match(first_versions: list[Record]) -> None:
    corpus = Corpus()
    for record in first_versions:
        corpus.add(record)
    recent = [record for record in matching(corpus) if record.appears > EPOCH - timedelta(days=40)]
    by_day = Counter(record.appears for record in recent)
    assert len(by_day) >= 40
    assert set(by_day.values()) == {2, 3, 4, 5}
    assert {appears.astimezone(NEW_YORK).weekday() for appears in by_day} == {0, 1, 2, 3, 6}


def test_papers_appear_after_days_and_some_after_weeks(first_versions: list[Record]) -> None:
    waits = [record.appears - record.published for record in first_versions if record.published > EPOCH - timedelta(days=60)]
    assert min(waits) >= timedelta(hours=6)
    assert all(wait <= timedelta(days=4) or timedelta(days=7) <= wait <= timedelta(days=26) for wait in waits)
    assert 5 <= sum(wait >= timedelta(days=7) for wait in waits) <= len(waits) // 5


def test_versions_follow_one_another(fictional: list[Record]) -> None:
    known: dict[str, Record] = {}
    for record in fictional:
        before = known.get(record.base_id)
        assert record.version == (before.version + 1 if before else 1)
        if before:
            assert before.appears < record.updated < record.appears
            assert record.published == before.published
        known[record.base_id] = record
    assert {2, 3} <= {record.version for record in fictional}


def test_an_id_names_the_month_of_the_announcement(first_versions: list[Record]) -> None:
    numbered = [record for record in first_versions if record.published.year == 2026]
    months = {record.base_id[:4]: f"{record.appears.astimezone(NEW_YORK):%y%m}" for record in numbered}
    assert all(month == shown for month, shown in months.items())
    assert [record.base_id for record in numbered] == sorted(record.base_id for record in numbered)


ODDITIES: dict[str, Callable[[Record], object]] = {
    "TeX in a title": lambda record: re.search(r"\$\\alpha\$|\$_\d\$", record.title),
    "a TeX accent": lambda record: '\\"o' in record.title,
    "a formula": lambda record: "\\frac{1}{2}" in record.abstract,
    "a percent sign": lambda record: "50%" in record.title,
    "an ampersand": lambda record: "R&D" in record.title and "&amp;" in record.abstract,
    "a tag": lambda record: "<b>" in record.abstract,
    "less than": lambda record: " < " in record.title,
    "bold and italics": lambda record: "*Bold*" in record.title and "_Quiet_" in record.title,
    "a mention": lambda record: "@everyone" in record.title,
    "a user's mention": lambda record: re.search(r"<@\d{18}>", record.abstract),
    "struck out": lambda record: "~~" in record.title,
    "code": lambda record: "`" in record.title,
    "a spoiler": lambda record: "||" in record.abstract,
    "a Markdown link": lambda record: "[x](y)" in record.abstract,
    "a crowd": lambda record: len(record.authors) > 100,
    "a long title": lambda record: len(record.title) >= 180,
    "a long abstract": lambda record: len(record.abstract) >= 2300,
    "Chinese": lambda record: re.search(r"[\u4e00-\u9fff]", record.title),
    "an emoji": lambda record: "🎵" in record.title,
    "invisible characters": lambda record: "\u200b" in record.abstract and "\u00ad" in record.abstract,
    "line breaks": lambda record: "\n" in record.title and "\n" in record.abstract,
    "a withdrawal": lambda record: "withdrawn" in (record.comment or ""),
    "an old id": lambda record: record.base_id == "hep-th/9901001",
    "an old id with a v": lambda record: record.base_id.startswith("solv-int/"),
    "a four-digit id": lambda record: record.base_id == "0704.0123",
    "leading blanks": lambda record: record.abstract.startswith("  "),
    "a DOI": lambda record: record.doi,
    "a journal": lambda record: record.journal_ref,
    "an affiliation": lambda record: record.affiliations,
    "a venue": lambda record: "accepted at" in (record.comment or ""),
    "diacritics": lambda record: any("Þóra" in name for name in record.authors),
}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_fiction_holds(first_versions: list[Record], oddity: str) -> None:
    assert any(ODDITIES[oddity](record) for record in first_versions)


def test_no_phrase_is_left_unsaid(fictional: list[Record]) -> None:
    texts = [f"{record.title} {record.abstract} {record.comment} {record.journal_ref}" for record in fictional]
    assert [text for text in texts if re.search(r"<(?!b>|sic>)[A-Za-z_]+>", text)] == []
    sentences = [len(re.findall(r"[.?!](?: |$)", record.abstract)) for record in fictional if len(record.abstract) > 400]
    assert min(sentences) >= 3
