"""Web pages for invented papers, whose ids may belong to somebody else's paper on the real arXiv."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from sandbox.arxiv.corpus import Corpus, Record
from sandbox.control.clock import SandboxClock

_PAPER = Template((Path(__file__).parent / "paper.html").read_text(encoding="utf-8"))


class Reading:
    """The routes `/abs/ID` and `/pdf/ID`, version optional: both show title, authors and abstract."""

    def __init__(self, corpus: Corpus, clock: SandboxClock) -> None:
        self._corpus = corpus
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/abs/{id:.+}", self._paper), web.get("/pdf/{id:.+}", self._paper)]

    async def _paper(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        now = self._clock.now()
        known = {record.base_id: record for record in self._corpus.visible(now)}
        known |= {record.id: record for record in self._corpus.appeared(now)}
        if record := known.get(wanted):
            return web.Response(text=_written(record), content_type="text/html")
        return web.Response(text=f"No paper {wanted} was invented here.\n", status=404)


def _written(record: Record) -> str:
    parts = {
        "id": record.id,
        "title": record.title,
        "authors": ", ".join(record.authors),
        "abstract": record.abstract.strip(),
        "categories": " · ".join(record.categories),
        "submitted": f"{record.updated:%d %B %Y}".lstrip("0"),
    }
    return _PAPER.substitute({name: escape(text) for name, text in parts.items()})
