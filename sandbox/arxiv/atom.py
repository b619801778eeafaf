"""The Atom that arXiv's query API writes, byte for byte as recorded from April to September 2026."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from sandbox.arxiv.record import Record

INTERNAL_ERROR = (
    "The server encountered an internal error and was unable to complete your request."
    " Either the server is overloaded or there is an error in the application."
)
_SCHEMA = "http://arxiv.org/schemas/atom"
_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    f'<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="{_SCHEMA}"'
    ' xmlns="http://www.w3.org/2005/Atom">'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a feed says of its question: `adapted` in its title, `evaluated` in its link."""

    adapted: str = ""
    evaluated: str = ""
    id_list: str = ""
    start: int = 0
    max_results: int = 10


def feed(asking: Asking, records: Sequence[Record], total: int, now: datetime) -> str:
    """One page of an answer; `total` counts all pages."""
    lines = [_HEAD, *_about(asking, now), *_counts(asking.max_results, total, asking.start)]
    for record in records:
        lines += ["  <entry>", *(f"    {line}" for line in _entry(record)), "  </entry>"]
    return "\n".join([*lines, "</feed>", ""])


def empty_feed(total: int = 0, now: datetime | None = None) -> str:
    """A valid answer without an entry."""
    return feed(Asking(adapted="all:anything", evaluated="all:anything"), (), total, now or datetime.now(UTC))


def error_feed(text: str, link: str = "https://arxiv.org/api/errors", now: datetime | None = None) -> str:
    """A refusal: one entry titled Error, without `published`, counted as one result."""
    updated = _element("updated", _time(now or datetime.now(UTC)))
    entry = [
        _element("id", link),
        _element("title", "Error"),
        updated,
        _element("link", href=link, rel="alternate", type="text/html"),
        _element("summary", text),
        *_author("arXiv api core"),
    ]
    about = [_element("id", "https://arxiv.org/"), _element("title", "arXiv Search Results"), updated]
    body = ["  <entry>", *(f"    {line}" for line in entry), "  </entry>"]
    return "\n".join([_HEAD, *(f"  {line}" for line in about), *_counts(1, 1, 0), *body, "</feed>", ""])


def _about(asking: Asking, now: datetime) -> list[str]:
    question = f"search_query={asking.adapted}&id_list={asking.id_list}&start={asking.start}&max_results={asking.max_results}"
    digest = base64.b64encode(hashlib.sha1(question.encode(), usedforsecurity=False).digest()).decode()
    address = {
        "search_query": asking.evaluated,
        "start": asking.start,
        "max_results": asking.max_results,
        "id_list": asking.id_list,
    }
    link = "https://arxiv.org/api/query?" + urlencode(address, safe="!$'()*,/:;?@")
    elements = [
        _element("id", f"https://arxiv.org/api/{digest.removesuffix('=')}"),
        _element("title", f"arXiv Query: {question}"),
        _element("updated", _time(now)),
        _element("link", href=link, type="application/atom+xml"),
    ]
    return [f"  {element}" for element in elements]


def _counts(per_page: int, total: int, start: int) -> list[str]:
    counts = {"itemsPerPage": per_page, "totalResults": total, "startIndex": start}
    return [f"  {_element(f'opensearch:{name}', str(count))}" for name, count in counts.items()]


def _entry(record: Record) -> Iterator[str]:
    yield _element("id", f"http://arxiv.org/abs/{record.id}")
    yield _element("title", record.title)
    yield _element("updated", _time(record.updated))
    yield _element("link", href=f"https://arxiv.org/abs/{record.id}", rel="alternate", type="text/html")
    yield _element("link", href=f"https://arxiv.org/pdf/{record.id}", rel="related", type="application/pdf", title="pdf")
    yield _element("summary", record.abstract)
    for category in record.categories:
        yield _element("category", term=category, scheme=_SCHEMA)
    yield _element("published", _time(record.published))
    if record.comment:
        yield _element("arxiv:comment", record.comment)
    yield _element("arxiv:primary_category", term=record.categories[0])
    if record.journal_ref:
        yield _element("arxiv:journal_ref", record.journal_ref)
    for place, name in enumerate(record.authors):
        yield from _author(name, record.affiliations[place] if place < len(record.affiliations) else ())
    if record.doi:
        yield _element("arxiv:doi", record.doi)
        yield _element("link", rel="related", href=f"https://doi.org/{record.doi}", title="doi")


def _author(name: str, affiliations: Sequence[str] = ()) -> list[str]:
    inside = [_element("name", name), *(_element("arxiv:affiliation", place) for place in affiliations)]
    return ["<author>", *(f"  {line}" for line in inside), "</author>"]


def _element(tag: str, text: str | None = None, **attributes: str) -> str:
    quoted = "".join(f' {name}="{escape(value, {chr(34): "&quot;"})}"' for name, value in attributes.items())
    return f"<{tag}{quoted}/>" if text is None else f"<{tag}{quoted}>{escape(text)}</{tag}>"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
