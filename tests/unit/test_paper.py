"""Ids of papers as people and services write them, and the addresses built from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot import paper as papers
from bot.paper import ARXIV, Paper, PaperId, Site, add_site, page_prefixes
from tests.unit.samples import PAPER


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2603.13318", "2603.13318"),
        ("2603.13318v2", "2603.13318v2"),
        (" arXiv:2603.13318 ", "2603.13318"),
        ("arXiv:2603.13318v1 [cs.LG]", "2603.13318v1"),
        ("https://arxiv.org/abs/2603.13318v3", "2603.13318v3"),
        ("http://www.arxiv.org/pdf/2603.13318v1.pdf", "2603.13318v1"),
        ("arxiv.org/html/2603.13318?context=cs", "2603.13318"),
        ("https://arxiv.org/abs/2603.13318#comments", "2603.13318"),
        ("https://www.alphaxiv.org/abs/2603.13318", "2603.13318"),
        ("https://huggingface.co/papers/2603.13318", "2603.13318"),
        ("https://doi.org/10.48550/arXiv.2603.13318", "2603.13318"),
        ("0704.0001", "0704.0001"),
        ("math/0309136v1", "math/0309136v1"),
        ("math.GT/0309136", "math/0309136"),
        ("https://arxiv.org/abs/solv-int/9701001v1", "solv-int/9701001v1"),
    ],
)
def test_an_id_is_read_wherever_it_was_copied_from(typed: str, read: str) -> None:
    assert str(PaperId.parse(typed)) == read


@pytest.mark.parametrize(
    "typed",
    [
        *("", "lichen", "cs.LG", "v2", "2603.1", "2603.13318v0", "2603.13318v", "https://example.org/abs/2603.13318"),
        *("9" * 500, f"2603.13318v{'9' * 12}", f"{'a' * 100}/0309136"),
    ],
)
def test_what_is_no_id_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="neither the id"):
        PaperId.parse(typed)


def test_a_paper_has_a_version() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with pytest.raises(ValueError, match="without its version"):
        Paper(PaperId("2603.13318"), "Lichens", "", (), (), now, now)


def test_the_ledger_s_key_leads_back_to_the_paper() -> None:
    id = PaperId.parse("math/0309136v3")
    assert id.key == "arxiv:math/0309136"
    assert PaperId.of(id.key, 3) == id


@pytest.fixture
def second_source() -> Iterator[Site]:
    site = Site(
        source="preprints",
        name="Preprints",
        identifier=re.compile(r"(?P<base>P-\d+)(?:\.(?P<version>\d+))?"),
        link=re.compile(r"^https://preprints\.example/p/"),
        page="https://preprints.example/p/",
        file="https://preprints.example/f/",
        mark=".",
    )
    add_site(site)
    yield site
    del papers._SITES[site.source]


def test_a_second_source_brings_its_own_ids_and_addresses(second_source: Site) -> None:
    id = PaperId.parse("https://preprints.example/p/P-7.2")
    assert (id.key, id.version, id.source_name) == ("preprints:P-7", 2, "Preprints")
    assert id.abs_url == "https://preprints.example/p/P-7.2"
    assert PaperId.parse(id.abs_url) == id
    assert second_source.page in page_prefixes()
    assert PaperId.parse("2603.13318").source == "arxiv"


@pytest.mark.parametrize(
    ("abstract", "comment", "withdrawn"),
    [
        ("This paper has been withdrawn by its authors because of an error in Lemma 2.", None, True),
        ("This submission was temporarily withdrawn.", None, True),
        ("Mosses grow on basalt.", "This article has been withdrawn", True),
        ("Mosses grow on basalt.", "Withdrawn: Lemma 2 is false", True),
        ("Mosses grow on basalt.", "9 pages; paper withdrawn", True),
        ("We study withdrawn subsidies and what grew on them.", "12 pages", False),
        ("Withdrawn subsidies are studied.", None, False),
        ("Which of our papers are withdrawn can be foretold.", None, False),
    ],
)
def test_a_withdrawn_version_says_so_in_its_own_words(abstract: str, comment: str | None, *, withdrawn: bool) -> None:
    assert replace(PAPER, abstract=abstract, comment=comment).withdrawn is withdrawn


def test_a_source_whose_own_pages_would_not_be_recognised_is_refused() -> None:
    with pytest.raises(ValueError, match=r"does not match its own pages, https://moss\.example/"):
        add_site(replace(ARXIV, source="moss", name="Moss", page="https://moss.example/"))
