"""arXiv's query endpoint on loopback: answers as the real one did from April to September 2026, and fails as told."""

from __future__ import annotations

import asyncio
import math
import re
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from aiohttp import web

from sandbox.arxiv.atom import INTERNAL_ERROR, Asking, empty_feed, error_feed, feed
from sandbox.arxiv.corpus import Corpus
from sandbox.arxiv.grammar import InvalidQueryError, adapt, parse
from sandbox.arxiv.search import Search, SearchError, SortBy, SortOrder
from sandbox.control.clock import SandboxClock
from sandbox.control.faults import Fault, Faults

__all__ = ["ROUTE", "ArxivServer", "Asked", "empty_feed", "error_feed"]

ROUTE = "GET /arxiv"
"""The route's name in faults."""

INTERVAL = 3.0
"""Seconds between two requests, which have to share one connection: https://info.arxiv.org/help/api/tou.html"""
_PUNCTUAL = 0.9
"""The share of that interval which is enough: what leaves in time may arrive a little early."""
MAX_RESULTS = 10_000
_ATOM = "application/atom+xml; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_PARAMETERS = {"search_query", "id_list", "start", "max_results", "sortBy", "sortOrder"}
_ERRORS = "https://arxiv.org/api/errors"

# https://info.arxiv.org/help/arxiv_identifier_for_services.html
_ID = re.compile(r"(\d{4}\.\d{4,5}|[a-z]+(-[a-z]+)?(\.[A-Za-z-]{2,})?/\d{7})(v[1-9]\d*)?")

# What stands in front of arXiv answers in its own formats, none of them Atom.
_VARNISH = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html>
  <head><title>{status} {reason}</title></head>
  <body>
    <h1>Error {status} {reason}</h1>
    <p>{reason}</p>
    <h3>Guru Mediation:</h3>
    <p>Details: cache-sandbox 0 0</p>
    <hr>
    <p>Varnish cache server</p>
  </body>
</html>
"""
_DENIED = "<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1></body></html>\n"
Choice = TypeVar("Choice", bound=StrEnum)

_REASONS = {406: "Not Acceptable", 502: "Bad Gateway", 503: "first byte timeout", 504: "Gateway Timeout"}


@dataclass(slots=True)
class Asked:
    """One request as it came; `start` and `max_results` are None where they are no numbers."""

    search_query: str
    id_list: str
    start: int | None
    max_results: int | None
    sort_by: str
    sort_order: str
    user_agent: str | None
    accept: str | None
    at: float
    """Monotonic seconds."""
    status: int | None = None
    """What was answered; None while it waits, or when the connection was closed without a word."""

    @classmethod
    def of(cls, request: web.Request) -> Asked:
        query = request.query
        return cls(
            search_query=query.get("search_query", ""),
            id_list=query.get("id_list", ""),
            start=_number(query.get("start", "0")),
            max_results=_number(query.get("max_results", "10")),
            sort_by=query.get("sortBy", "relevance"),
            sort_order=query.get("sortOrder", "descending"),
            user_agent=request.headers.get("User-Agent"),
            accept=request.headers.get("Accept"),
            at=time.monotonic(),
        )


class RefusedError(Exception):
    """arXiv answers with an Atom error."""

    def __init__(self, text: str, link: str = _ERRORS, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.link = link
        self.status = status


class ArxivServer:
    """Serves `corpus` as it stands at the clock's now. `requests` and `refusals` are what was asked of it.

    Whoever asks again before `interval` seconds are over, or while another answer is on its way, is told "Rate exceeded.", which
    `exceeded` counts; with None as interval everybody may ask at any time.
    """

    def __init__(self, corpus: Corpus, clock: SandboxClock, faults: Faults, interval: float | None = INTERVAL) -> None:
        self.requests: list[Asked] = []
        self.refusals: list[str] = []
        self.interval = interval
        self.exceeded = 0
        self._served_at = -math.inf
        self._serving: set[asyncio.BaseTransport] = set()
        self._search = Search(corpus)
        self._clock = clock
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/arxiv/api/query", self._query, allow_head=False)]

    async def _query(self, request: web.Request) -> web.Response:
        asked = Asked.of(request)
        self.requests.append(asked)
        connection = request.transport
        if connection is None or self._exceeds(connection):
            asked.status = 429
            return _usual(429)
        try:
            response = await self._respond(request, asked)
        finally:
            self._serving.discard(connection)
        return response

    def _exceeds(self, connection: asyncio.BaseTransport) -> bool:
        """Whether arXiv's terms are broken; a refusal does not prolong the wait."""
        self._serving = {each for each in self._serving if not each.is_closing()}  # a client that hung up waits for nothing more
        now = self._clock.elapsed()
        if self.interval is not None and (self._serving or now - self._served_at < _PUNCTUAL * self.interval):
            self.exceeded += 1
            return True
        self._serving.add(connection)
        self._served_at = now
        return False

    async def _respond(self, request: web.Request, asked: Asked) -> web.Response:
        fault = self._faults.take(ROUTE, request.path_qs)
        if fault is not None:
            await self._faults.hold(fault)
        if fault is not None and fault.reset:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        response = self._answer(request, asked) if fault is None else self._faulty(fault, request, asked)
        asked.status = response.status
        return response

    def _faulty(self, fault: Fault, request: web.Request, asked: Asked) -> web.Response:
        """A search stores nothing, so that `stored` makes no difference here."""
        if fault.body is not None:
            response = _response(fault.status or 200, fault.body, _type_of(fault.body))
        elif fault.status is None or fault.status == 200:
            response = self._answer(request, asked)
        else:
            response = _usual(fault.status)
        if fault.keep is not None and isinstance(response.body, bytes):
            response = web.Response(body=response.body[: int(len(response.body) * fault.keep)], headers=response.headers)
        response.headers.update(fault.headers)
        return response

    def _answer(self, request: web.Request, asked: Asked) -> web.Response:
        strangers = sorted(set(request.query) - _PARAMETERS)
        if strangers:
            self.refusals.append(f"{ROUTE}: no such parameter: {', '.join(strangers)}")
            return _response(501, f"The sandbox knows no parameter {', '.join(strangers)}.\n", _TEXT)
        if asked.accept is None:
            return _usual(406)
        try:
            return _response(200, self._found(asked), _ATOM)
        except RefusedError as refused:
            return _response(refused.status, error_feed(refused.text, refused.link, self._clock.now()), _ATOM)

    def _found(self, asked: Asked) -> str:
        ids = _ids(asked.id_list)
        start, size = _count("start", asked.start), _count("max_results", asked.max_results)
        sort_by = _choice("sortBy", asked.sort_by, SortBy)
        order = _choice("sortOrder", asked.sort_order, SortOrder)
        adapted = adapt(asked.search_query)
        if not adapted and not ids:
            raise RefusedError("Either a search_query or id_list must be specified for the classic API.")
        try:
            tree = parse(adapted) if adapted else None
            if size == 0 or not _is_within_reach(start, size):
                raise SearchError
            found = self._search.find(tree, ids, self._clock.now(), sort_by, order)
        except InvalidQueryError as error:
            raise RefusedError(str(error)) from error
        except SearchError as error:
            raise RefusedError(INTERNAL_ERROR, status=500) from error
        asking = Asking(adapted=adapted, evaluated=str(tree or ""), id_list=asked.id_list, start=start, max_results=size)
        return feed(asking, found[start : start + size], len(found), self._clock.now())


def _is_within_reach(start: int, size: int) -> bool:
    """arXiv counts pages of this size (`page` in search/domain/base.py of arxiv-search, `search` in services/index), and rounds:
    150 from 9,850 on would be page 67 of 66. Its index itself ends at the last entry."""
    return 1 + round(start / size) <= MAX_RESULTS // size and start + size <= MAX_RESULTS


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _count(name: str, number: int | None) -> int:
    problem = "must be an integer" if number is None else "must be non-negative"
    if number is None or number < 0:
        raise RefusedError(f"{name} {problem}", f"{_ERRORS}#{name}_{problem.replace(' ', '_')}")
    return number


def _ids(id_list: str) -> list[str]:
    ids = id_list.split(",") if id_list else []
    for id in ids:
        if not _ID.fullmatch(id):
            raise RefusedError(f"incorrect id format for {id}", f"{_ERRORS}#incorrect_id_format_for_{id}")
    return ids


def _choice(name: str, value: str, choices: type[Choice]) -> Choice:
    try:
        return choices(value)
    except ValueError:
        text = f"{name} must be in: {', '.join(choices)}"
        raise RefusedError(text, "https://arxiv.org/help/api/user-manual#sort") from None


def _response(status: int, body: str, content_type: str) -> web.Response:
    return web.Response(status=status, body=body.encode(errors="surrogateescape"), headers={"Content-Type": content_type})


def _usual(status: int) -> web.Response:
    """What arXiv or the cache before it says with a status, without being told."""
    if status == 429:
        return _response(status, "Rate exceeded.", _TEXT)
    if status == 403:
        return _response(status, _DENIED, _HTML)
    if status in (400, 404, 500):
        return _response(status, error_feed(INTERNAL_ERROR if status == 500 else "Invalid query string"), _ATOM)
    return _response(status, _VARNISH.format(status=status, reason=_REASONS.get(status, "Unknown")), _HTML)


def _type_of(body: str) -> str:
    if "<feed" in body:
        return _ATOM
    return _HTML if body.lstrip().startswith("<") else _TEXT
