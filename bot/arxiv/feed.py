"""From the bytes of one answer to papers. The only module that knows feedparser."""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.parsers import expat

import feedparser

from bot.errors import ArxivGarbled, QueryRefused
from bot.paper import Paper, PaperId

_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?\s*<feed[\s>]")
# `cs.LG`, `astro-ph`, `cond-mat.mtrl-sci`; until November 2025 MSC and ACM classes stood beside them under the same scheme.
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)?(?:\.(?:[A-Z]{2}|[a-z]+(?:-[a-z]+)?))?")
# Names the encoding outright, so that feedparser does not guess one.
_CONTENT_TYPE = {"content-type": "application/atom+xml; charset=utf-8"}
# What XML does not allow, and (as lone surrogates) bytes that are no UTF-8. https://www.w3.org/TR/xml/#charsets
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTRY = re.compile(r"<entry[\s>]")
_ID = re.compile(r"<id>\s*([^<]*)</id>")

YEARS = range(1980, 2200)
"""Years that a paper may be from; arXiv began in 1991 and has older papers."""
LONGEST_TITLE, LONGEST_ABSTRACT, LONGEST_DETAIL = 2_000, 50_000, 5_000
"""Characters. arXiv takes abstracts of up to 1,920; what is far beyond that is damage, and would hold up whoever reads it."""
MOST_AUTHORS = 10_000
"""The largest collaborations have about 3,000."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer. `received` counts every entry, also those that made no paper."""

    papers: tuple[Paper, ...]
    total: int
    """opensearch:totalResults."""
    start: int
    """opensearch:startIndex, from 0."""
    received: int
    damaged: tuple[str, ...]
    """Entries that made no paper, each by what is known of it: its id, its title, or its place on the page."""


def is_feed(body: bytes) -> bool:
    """Whether it begins as an Atom feed: half a feed does, a page of HTML does not."""
    return _OPENING.match(body) is not None


def parse(body: bytes, url: str, status: int | None = None) -> Page:
    """Read one whole Atom feed; `url` and `status` are evidence for the errors only.

    Raises QueryRefused for an error entry (arXiv has sent those with 400 and with 200:
    https://info.arxiv.org/help/api/user-manual.html#34-errors), ArxivGarbled for anything that is not one whole feed.
    """
    text, broken = _without_broken_entries(_whole(body, url, status))
    feed = _read(text, url, status)
    for entry in feed.entries:
        if _is_error(entry):
            raise QueryRefused(_text(entry, "summary") or "no reason given", url=url, status=status)
    papers = {index: _paper(entry) for index, entry in enumerate(feed.entries)}
    return Page(
        papers=tuple(paper for paper in papers.values() if paper is not None),
        total=_count(feed, "opensearch_totalresults", url, status),
        start=_count(feed, "opensearch_startindex", url, status),
        received=len(feed.entries) + len(broken),
        damaged=(*broken, *(_known_of(feed.entries[index], index) for index, paper in papers.items() if paper is None)),
    )


def _whole(body: bytes, url: str, status: int | None) -> str:
    # feedparser repairs what is broken and goes on; a feed cut in the middle must not pass for a short one.
    if not (is_feed(body) and body.rstrip().endswith(b"</feed>")):
        raise ArxivGarbled("arXiv's answer is not one whole Atom feed.", url=url, status=status)
    return body.decode("utf-8", "surrogateescape")


def _without_broken_entries(text: str) -> tuple[str, tuple[str, ...]]:
    """The feed without the entries that would be no XML if they were alone in it, and what is known of those."""
    if _FORBIDDEN.search(text) is None and _is_xml(text):
        return text, ()
    starts = [found.start() for found in _ENTRY.finditer(text)]
    ends = [*starts[1:], text.rfind("</feed>")]
    head = text[: starts[0]] if starts else text
    kept, damaged = [head], []
    for index, (start, end) in enumerate(zip(starts, ends, strict=False)):
        entry = text[start:end]
        if _FORBIDDEN.search(entry) is None and _is_xml(f"{head}{entry}</feed>"):
            kept.append(entry)
        else:
            id = _ID.search(entry)
            damaged.append(_name({"id": _FORBIDDEN.sub("", id[1]) if id else ""}, index))
    return "".join([*kept, text[ends[-1] :] if starts else ""]), tuple(damaged)


def _is_xml(text: str) -> bool:
    """Whether it is well-formed, as feedparser's own parser sees it: a prefix that was never declared is a mistake."""
    parser = expat.ParserCreate("utf-8", " ")
    try:
        parser.Parse(text.encode("utf-8", "surrogateescape"), True)
    except expat.ExpatError:
        return False
    return True


def _read(text: str, url: str, status: int | None) -> feedparser.FeedParserDict:
    try:
        # Never bytes or a string: feedparser takes those for the name of a file or an address and opens it.
        stream = io.BytesIO(text.encode("utf-8", "surrogateescape"))
        feed = feedparser.parse(stream, response_headers=_CONTENT_TYPE, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # damage makes it stumble in many ways; a broken XML declaration is a UnicodeDecodeError
        raise ArxivGarbled(f"arXiv's answer cannot be read: {error}.", url=url, status=status) from error
    if feed.bozo:
        raise ArxivGarbled(f"arXiv's answer is not well-formed: {feed.bozo_exception}.", url=url, status=status)
    return feed


def _is_error(entry: feedparser.FeedParserDict) -> bool:
    address = entry.get("id", "")
    return "/api/errors" in address or (_text(entry, "title") == "Error" and _paper_id(address) is None)


def _count(feed: feedparser.FeedParserDict, key: str, url: str, status: int | None) -> int:
    try:
        return int(feed.feed[key])
    except (KeyError, ValueError):
        raise ArxivGarbled(f"arXiv's answer has no {key.replace('_', ':')}.", url=url, status=status) from None


def _paper(entry: feedparser.FeedParserDict) -> Paper | None:
    """None where the entry lacks what no paper can be without."""
    paper_id = _paper_id(entry.get("id", ""))
    title = _text(entry, "title")
    published = _time(entry, "published_parsed")
    updated = _time(entry, "updated_parsed")
    abstract = _text(entry, "summary") or ""
    if paper_id is None or title is None or published is None or updated is None:
        return None
    if len(title) > LONGEST_TITLE or len(abstract) > LONGEST_ABSTRACT:
        return None
    return Paper(
        id=paper_id,
        title=title,
        abstract=abstract,
        authors=_authors(entry),
        categories=_categories(entry),
        published=published,
        updated=updated,
        comment=_detail(entry, "arxiv_comment"),
        journal_ref=_detail(entry, "arxiv_journal_ref"),
        doi=_detail(entry, "arxiv_doi"),
    )


def _known_of(entry: feedparser.FeedParserDict, index: int) -> str:
    """A name for an entry that cannot be read, on one line and not long."""
    return _name({"id": str(entry.get("id", "")), "title": _text(entry, "title") or ""}, index)


def _name(known: Mapping[str, str], index: int) -> str:
    address = known["id"].rpartition("/abs/")[2]
    return " ".join((address or known.get("title") or f"entry {index + 1}").split())[:80]


def _paper_id(address: str) -> PaperId | None:
    """With its version, else None: a paper without one could not be told from its revision."""
    try:
        found = PaperId.parse(address)
    except ValueError:
        return None
    return None if found.version is None else found


def _text(entry: feedparser.FeedParserDict, key: str) -> str | None:
    value = entry.get(key)
    # An element with attributes comes as a dict of them, without its text.
    return (" ".join(value.split()) or None) if isinstance(value, str) else None


def _detail(entry: feedparser.FeedParserDict, key: str) -> str | None:
    """What a paper can do without, cut to a length that nobody is held up by."""
    text = _text(entry, key)
    return text and text[:LONGEST_DETAIL]


def _time(entry: feedparser.FeedParserDict, key: str) -> datetime | None:
    # get() alone would quietly give `published` for a missing `updated`.
    if key not in entry or entry[key] is None or entry[key][0] not in YEARS:
        return None
    return datetime.fromtimestamp(timegm(entry[key]), UTC)


def _authors(entry: feedparser.FeedParserDict) -> tuple[str, ...]:
    # feedparser files <arxiv:affiliation> under the entry and keeps the last one only, so none can be told here.
    names = (_detail(author, "name") for author in entry.get("authors", [])[:MOST_AUTHORS])
    return tuple(name for name in names if name is not None)


def _categories(entry: feedparser.FeedParserDict) -> tuple[str, ...]:
    primary = entry.get("arxiv_primary_category")
    terms = [primary.get("term")] if isinstance(primary, dict) else []
    terms += [tag.term for tag in entry.get("tags", [])]
    return tuple(dict.fromkeys(term for term in terms if term and _CATEGORY.fullmatch(term)))
