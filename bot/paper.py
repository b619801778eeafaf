"""A paper as every stage knows it: one arXiv record at one version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

# New form since 2007-04, old form before; canonical old ids carry no subject class.
# https://info.arxiv.org/help/arxiv_identifier_for_services.html
_IDENTIFIER = re.compile(r"(?P<base>\d{4}\.\d{4,5}|[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z-]{2,})?/\d{7})(?:v(?P<version>[1-9]\d*))?")
_PREFIX = re.compile(r"^(?:arxiv:|(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class PaperId:
    """Base id and version, apart: `2512.06813` and 2."""

    base: str
    version: int

    @classmethod
    def parse(cls, text: str) -> PaperId:
        """Read `2512.06813v2`, `arXiv:…`, or an abs, pdf or html address; ValueError when the version is missing."""
        bare = _PREFIX.sub("", text.strip()).removesuffix(".pdf")
        found = _IDENTIFIER.fullmatch(bare)
        if found is None or found["version"] is None:
            raise ValueError(f"{text!r} is not an arXiv identifier with a version, such as 2512.06813v2")
        return cls(found["base"], int(found["version"]))

    @property
    def key(self) -> str:
        """The ledger's name of the paper, without version; another source can join later."""
        return f"arxiv:{self.base}"

    @classmethod
    def of(cls, key: str, version: int) -> PaperId:
        """The id behind a ledger key."""
        return cls(key.removeprefix("arxiv:"), version)

    @property
    def abs_url(self) -> str:
        return f"https://arxiv.org/abs/{self}"

    @property
    def pdf_url(self) -> str:
        return f"https://arxiv.org/pdf/{self}"

    def __str__(self) -> str:
        return f"{self.base}v{self.version}"


@dataclass(frozen=True, slots=True)
class Paper:
    """Text fields are as arXiv gives them (TeX stays), with whitespace collapsed."""

    id: PaperId
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
