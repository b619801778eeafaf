"""Whether arXiv would find a paper, evaluated here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.paper import Paper
from bot.query import matches, parse
from tests.unit.query.samples import paper

SAMPLE = paper(
    title="Topological self-attention for LiFePO$_4$ cathodes",
    abstract="We generate crystals, and design new materials.",
    authors=("José García Müller", "Adrian Del Maestro"),
    comment="12 pages, accepted at NeurIPS",
    journal_ref="Materials & Design, 260, 115069 (2025)",
    categories=("cond-mat.mtrl-sci", "cs.LG"),
    published=datetime(2025, 12, 9, 10, 30, tzinfo=UTC),
    doi="10.1016/J.matdes.2025.115069",
)


@pytest.mark.parametrize(
    "text",
    [
        "all:generative",  # one stem
        "topology",  # Porter's later rule, which Snowball lacks
        'ti:"self attention"',
        'ti:"Self-Attention"',
        "ti:attention-self",  # two words, in any order
        '"materials design"',  # in the journal reference: & is no word
        "ti:lifepo AND ti:4",
        "abs:crystal",
        "ti:topolog*",
        "ti:cathod? OR ti:l?fepo",
        "all:muller AND all:MÜLLER",
        "co:neurips",
        'co:"12 pages"',
        "jr:260",
        "au:maestro",
        "au:del_maestro",
        'au:"garcia muller"',
        "au:müll*",
        'au:"a del maestro"',  # initials
        'au:"del maestro, a"',
        'au:"Maestro, Adrian D"',
        "au:maestro,adr",
        "cat:cs.LG",
        "cat:cond-mat.mtrl-sci",
        "cat:cs.*",
        "cat:CS.?g",
        "id:2512.06813",
        "id:2512.06813v2",
        "id:2512.*",
        "doi:10.1016/j.matdes*",
        "submittedDate:[2025 TO 2025]",
        "submittedDate:[202512091030 TO 202512091031]",
        "cat:cs.LG AND (ti:nothing OR abs:materials)",
        "cat:cs.LG ANDNOT ti:survey",
    ],
)
def test_found(text: str) -> None:
    assert matches(parse(text), SAMPLE)


@pytest.mark.parametrize(
    "text",
    [
        'ti:"attention self"',
        "ti:crystals",
        "abs:attention",
        '"cathodes we"',  # phrases do not run from one field into the next
        "ti:self-crystal",
        "co:accept",  # comments are not stemmed
        "au:maestros",
        'au:"adrian maestro"',
        'au:"Maestro, B"',
        "au:jose-adrian",  # names of two people
        "cat:cs",
        "cat:cs.L",
        "id:2512",
        "id:2512.06813v1",
        "rn:12",
        "submittedDate:[2024 TO 2024]",
        "submittedDate:[202512091031 TO 2026]",
        "cat:cs.LG AND ti:nothing",
        "cat:cs.LG ANDNOT abs:crystal",
        'ti:"Ⓐ² "',
    ],
)
def test_not_found(text: str) -> None:
    assert not matches(parse(text), SAMPLE)


BARE = paper(title="A", abstract="B", authors=())


@pytest.mark.parametrize("text", ["co:none", "jr:none", "doi:none", "au:none", "doi:1*", "jr:n*"])
def test_a_field_the_paper_does_not_have_finds_nothing(text: str) -> None:
    assert not matches(parse(text), BARE)


def both(one: str, other: str) -> bool:
    def finds(word: str, paper: Paper) -> bool:
        return matches(parse(f'all:"{word}"'), paper)

    return finds(one, paper(title=other)) and finds(other, paper(title=one))


@pytest.mark.parametrize(
    ("one", "other"),
    [("technology", "technological"), ("assembly", "assembles"), ("possibly", "possible"), ("Ångström", "angstrom"), ("µ", "μ")],
)
def test_words_arxiv_takes_for_one(one: str, other: str) -> None:
    assert both(one, other)


@pytest.mark.parametrize(("one", "other"), [("trilogy", "trilog"), ("straße", "strasse"), ("learning", "learns2")])
def test_words_arxiv_tells_apart(one: str, other: str) -> None:
    assert not both(one, other)
