"""HTTP routes that publish and revise papers in the sandbox's arXiv."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import cast

from aiohttp import web

from sandbox.arxiv import timeline
from sandbox.arxiv.corpus import Corpus, Metadata, Record
from sandbox.arxiv.grammar import adapt, parse
from sandbox.arxiv.search import Search, SortBy, SortOrder
from sandbox.arxiv.server import Asked
from sandbox.control.clock import SandboxClock
from sandbox.control.handler import Handler, body_of, forgiving, required
from sandbox.discord.model import Json, Message
from sandbox.discord.world import World

_DRAFTS = 300
"""How many papers are invented to find some that match a query."""


class Publishing:
    """The routes `/_sandbox/publish`, `revise` and `flood`; `asked` is what the sandbox's arXiv was asked so far."""

    def __init__(self, world: World, corpus: Corpus, clock: SandboxClock, asked: Sequence[Asked]) -> None:
        self._world = world
        self._corpus = corpus
        self._clock = clock
        self._asked = asked
        self._random = Random(1)

    def routes(self) -> list[web.RouteDef]:
        table: list[tuple[str, Handler]] = [
            ("/_sandbox/publish", self._publish),
            ("/_sandbox/publish/followed", self._publish_followed),
            ("/_sandbox/revise", self._revise),
            ("/_sandbox/flood", self._flood),
        ]
        return [web.post(path, forgiving(handler)) for path, handler in table]

    async def _publish(self, request: web.Request) -> web.Response:
        """Publish a paper now. Body: {"title", "abstract", "authors": [...], ...}, all optional; answers {"id"}."""
        return _id_of(self._corpus.publish(self._clock.now(), **_metadata(await body_of(request))))

    async def _publish_followed(self, request: web.Request) -> web.Response:
        """Publish papers that match what a channel follows, as far as such can be invented. Body: {"count", "channel_id": none}.

        Answers {"query", "count", "matching"}. If no query is found, `query` is null and the papers match the default one.
        """
        body = await body_of(request)
        count = int(required(body, "count"))
        query = self._followed(self._world.messages(int(body["channel_id"]))) if body.get("channel_id") else None
        found = self._invented(query)[:count] if query else []
        for record in found:
            self._corpus.publish(self._clock.now(), **_metadata_of(record))
        for _ in range(count - len(found)):
            self._corpus.publish(self._clock.now())
        return web.json_response({"query": query, "count": count, "matching": len(found)}, status=201)

    async def _revise(self, request: web.Request) -> web.Response:
        """Publish the next version of a paper. Body: {"base_id"} and the fields that change; answers {"id"}."""
        body = await body_of(request)
        base_id = required(body, "base_id")
        rest = {name: value for name, value in body.items() if name != "base_id"}
        return _id_of(self._corpus.revise(base_id, self._clock.now(), **_metadata(rest)))

    async def _flood(self, request: web.Request) -> web.Response:
        """Show many old papers all at once. Body: {"count"}."""
        records = self._corpus.flood(int(required(await body_of(request), "count")), self._clock.now())
        return web.json_response({"count": len(records)}, status=201)

    def _followed(self, messages: Sequence[Message]) -> str | None:
        """The query that the channel was told of last, among those that arXiv was asked; None if it was told of none."""
        # Not the query asked last: before a channel follows a new query, the old one is asked once more.
        asked = {each.search_query for each in self._asked if each.search_query}
        for message in reversed(messages):
            text = "\n".join([message.content, *(embed.get("description", "") for embed in message.embeds)])
            if named := [query for query in asked if query in text]:
                return max(named, key=len)
        return None

    def _invented(self, query: str) -> list[Record]:
        """Invented papers that match and are not published yet."""
        drafts, now = Corpus(), self._clock.now()
        for record in timeline.drafts(_DRAFTS, now, self._random):
            drafts.add(record)
        return Search(drafts).find(parse(adapt(query)), [], now, SortBy.SUBMITTED, SortOrder.DESCENDING)


def _id_of(record: Record) -> web.Response:
    return web.json_response({"id": record.id}, status=201)


def _metadata_of(record: Record) -> Metadata:
    return cast(Metadata, {name: getattr(record, name) for name in Metadata.__annotations__})


def _metadata(body: Json) -> Metadata:
    unknown = body.keys() - Metadata.__annotations__.keys()
    if unknown:
        raise ValueError(f"a paper has no field {', '.join(sorted(unknown))}")
    return cast(Metadata, {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()})
