"""Papers and their ids: one record of a source at one version, and every address by which it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Site:
    """How one source writes its ids and the addresses of its papers."""

    source: str
    """Stands in front of the ledger's keys: `arxiv`."""
    name: str
    """As readers know it: `arXiv`."""
    identifier: re.Pattern[str]
    """A whole id, with the groups `base` and `version`; the version may be missing."""
    link: re.Pattern[str]
    """What may stand in front of an id where people copy it from: `arXiv:`, or an address up to the id."""
    page: str
    """Address of a paper's page, up to the id; our own messages are recognised by it."""
    file: str
    """Address of a paper's PDF, up to the id."""
    mark: str = "v"
    """What stands between the id and its version."""

    def read(self, text: str) -> PaperId | None:
        """The id in an id or a link of this source, None in any other text."""
        bare = self.link.sub("", text.strip())
        bare = re.split(r"[?#\s]", bare, maxsplit=1)[0].removesuffix("/").removesuffix(".pdf")
        found = self.identifier.fullmatch(bare)
        if found is None:
            return None
        # Subject classes of old ids are not part of the id: math.GT/0309136 is math/0309136.
        # https://info.arxiv.org/help/arxiv_identifier.html
        base = re.sub(r"\.[A-Za-z-]+(?=/)", "", found["base"])
        return PaperId(base, None if found["version"] is None else int(found["version"]), self.source)


ARXIV = Site(
    source="arxiv",
    name="arXiv",
    # The new form since April 2007, the old form before. https://info.arxiv.org/help/arxiv_identifier_for_services.html
    identifier=re.compile(
        r"(?P<base>\d{4}\.\d{4,5}|[a-z]{1,12}(?:-[a-z]{1,12})?(?:\.[A-Za-z-]{2,12})?/\d{7})(?:v(?P<version>[1-9]\d{0,8}))?"
    ),
    link=re.compile(
        r"""^(?:https?://)?
        (?: (?:www\.|export\.|browse\.)?arxiv\.org/(?:abs|pdf|html|format|src|e-print)/
          | (?:www\.)?alphaxiv\.org/(?:abs|pdf|overview)/
          | ar5iv\.(?:labs\.arxiv\.)?org/(?:abs|html)/
          | huggingface\.co/papers/
          | (?:(?:dx\.)?doi\.org/)?10\.48550/arxiv\.
          | arxiv:\s*
        )""",
        re.IGNORECASE | re.VERBOSE,
    ),
    page="https://arxiv.org/abs/",
    file="https://arxiv.org/pdf/",
)

_SITES = {ARXIV.source: ARXIV}


def add_site(site: Site) -> None:
    """Make the ids and links of another source known; to be called before any of them is read, and for as long as papers of it
    are stored. ValueError where its own pages would not be recognised when a channel is read back.
    """
    if site.link.sub("", site.page):
        raise ValueError(f"the pattern for links of {site.name} does not match its own pages, {site.page}")
    _SITES[site.source] = site


def page_prefixes() -> tuple[str, ...]:
    """The beginnings of the addresses of papers' pages, of every known source."""
    return tuple(site.page for site in _SITES.values())


@dataclass(frozen=True, slots=True, order=True)
class PaperId:
    """The id of a paper, or (with a version) of one version of it: `2512.06813` and 2, apart."""

    base: str
    version: int | None = None
    """None: the paper, whatever its version."""
    source: str = ARXIV.source

    @classmethod
    def parse(cls, text: str) -> PaperId:
        """Read an id or a link to a paper, with or without version; ValueError for any other text."""
        for site in _SITES.values():
            if (found := site.read(text)) is not None:
                return found
        raise ValueError(f"{text!r} is neither the id of a paper, such as 2512.06813 or 2512.06813v2, nor a link to one")

    @classmethod
    def of(cls, key: str, version: int | None = None) -> PaperId:
        """The id behind a ledger key."""
        source, _, base = key.partition(":")
        return cls(base, version, source)

    @property
    def key(self) -> str:
        """The ledger's name of the paper, without version: `arxiv:2512.06813`."""
        return f"{self.source}:{self.base}"

    @property
    def source_name(self) -> str:
        """The source, as readers know it: `arXiv`."""
        return _SITES[self.source].name

    @property
    def abs_url(self) -> str:
        """Address of the page, of this version where there is one."""
        return f"{_SITES[self.source].page}{self}"

    @property
    def pdf_url(self) -> str:
        """Address of the PDF, of this version where there is one."""
        return f"{_SITES[self.source].file}{self}"

    def __str__(self) -> str:
        """As people write it: `2512.06813v2`, or `2512.06813` without a version."""
        return self.base if self.version is None else f"{self.base}{_SITES[self.source].mark}{self.version}"


_WITHDRAWN = re.compile(
    r"\W*withdrawn\b(?!\s+\w+s\b)"  # at the beginning, and no adjective
    r"|.{0,80}?\b(?:paper|article|submission|manuscript|preprint|version|this)\s+(?:(?:has\s+been|is|was)\s+)?(?:\w+\s+)?withdrawn\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Paper:
    """One record of a source at one version. Texts are as the source gives them (TeX stays), with white space collapsed."""

    id: PaperId
    """With its version."""
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    """Primary first."""
    published: datetime
    """When version 1 was submitted, aware UTC."""
    updated: datetime
    """When this version was submitted, aware UTC."""
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None

    def __post_init__(self) -> None:
        if self.id.version is None:
            raise ValueError(f"{self.id} is a paper's id without its version")

    @property
    def withdrawn(self) -> bool:
        """Whether this version says that the paper was withdrawn: arXiv has no field for it, and no PDF of such a version.

        In the words that arXiv gives authors. https://info.arxiv.org/help/withdraw.html
        """
        return any(map(_WITHDRAWN.match, (self.abstract, self.comment or "")))

    @property
    def version(self) -> int:
        """1 for the first one."""
        assert self.id.version is not None
        return self.id.version
