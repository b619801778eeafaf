"""One question to arXiv over HTTP, and what its answer means for everybody's next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from yarl import URL

from bot import VERSION
from bot.arxiv.feed import is_feed
from bot.arxiv.gate import COOL_DOWNS, DENIALS, Gate
from bot.clock import Clock
from bot.errors import ArxivGarbled, ArxivThrottled, ArxivUnreachable
from bot.settings.proxies import proxy_for
from bot.settings.values import is_loopback

# Without an Accept header arXiv's edge answers 406: https://github.com/blazickjp/arxiv-mcp-server/issues/277
ACCEPT = "application/atom+xml, application/xml;q=0.9, */*;q=0.8"

TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10)

LARGEST_BODY = 32 * 2**20
"""Bytes, decompressed; 500 entries are about 1.3 million."""

MAX_HOPS = 3
"""Redirects followed for one question; http://export.arxiv.org needs one."""

REFUSALS = {406: COOL_DOWNS, 429: COOL_DOWNS, 503: COOL_DOWNS, 403: DENIALS}
"""HTTP status → cool-down. 406 comes in waves like 429; 503 is the cache in front of an overloaded back end."""

REDIRECTS = (301, 302, 303, 307, 308)

READ = (200, 400, 413, 414)
"""Statuses whose body speaks about the query. arXiv writes its own faults (404, 500) as Atom error entries as well
(arxiv-search, routes/classic_api/exceptions.py); those must not pass for a refusal of the query."""


def open_session(timeout: aiohttp.ClientTimeout = TIMEOUT, trace: aiohttp.TraceConfig | None = None) -> aiohttp.ClientSession:
    """The session an ArxivClient wants; the caller closes it.

    One connection at a time, as arXiv's terms ask, and a new one each time: an idle one would be dead by the next day.
    """
    connector = aiohttp.TCPConnector(limit=1, force_close=True)
    traces = [] if trace is None else [trace]
    return aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=traces)


@dataclass(frozen=True, slots=True)
class Reply:
    """A body that begins as an Atom feed."""

    url: str
    status: int
    body: bytes


class Exchange:
    """Each request, a redirected one too, takes its own turn at the gate."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        gate: Gate,
        clock: Clock,
        contact: str | None,
        interactive: bool = False,
        largest_body: int = LARGEST_BODY,
    ) -> None:
        self._session = session
        self._gate = gate
        self._clock = clock
        agent = f"arxiv-daily-discord/{VERSION}"
        self._headers = {"User-Agent": f"{agent} (+{contact})" if contact else agent, "Accept": ACCEPT}
        self._interactive = interactive
        self._largest_body = largest_body

    async def get(self, address: URL) -> Reply:
        """Raises ArxivUnreachable, ArxivThrottled, or ArxivGarbled where the body is no feed or has no end.

        Both of the latter have started the cool-down.
        """
        for _ in range(1 + MAX_HOPS):
            try:
                async with self._gate.turn(url=str(address), interactive=self._interactive):
                    answer = await self._request(address)
            except TimeoutError as error:
                raise ArxivUnreachable("arXiv did not answer in time.", url=str(address)) from error
            except aiohttp.ClientError as error:
                raise ArxivUnreachable(f"arXiv cannot be reached: {error}.", url=str(address)) from error
            if isinstance(answer, Reply):
                return answer
            address = answer
        raise ArxivUnreachable("arXiv redirects without end.", url=str(address))

    async def _request(self, address: URL) -> Reply | URL:
        """The reply, or where to ask instead."""
        request = self._session.get(
            address,
            headers=self._headers,
            allow_redirects=False,
            middlewares=[_only_once],
            proxy=proxy_for(str(address)),
        )
        async with request as response:
            if response.status in REFUSALS:
                raise self._refused(response)
            if response.status in REDIRECTS and "Location" in response.headers:
                return _follow(address, response)
            if response.status not in READ:
                problem = f"arXiv is out of order (HTTP {response.status})."
                raise ArxivUnreachable(problem, url=str(address), status=response.status)
            reply = Reply(str(address), response.status, await self._body(response))
        self._judge(reply)
        return reply

    def _refused(self, response: aiohttp.ClientResponse) -> ArxivThrottled:
        """Its body is not read: arXiv has let clients wait 15 seconds for that of a 429."""
        requested = requested_pause(response.headers.get("Retry-After"), self._clock.now())
        until = self._gate.cool_down(steps=REFUSALS[response.status], requested=requested)
        problem = f"arXiv asks for a pause (HTTP {response.status})."
        return ArxivThrottled(problem, url=str(response.url), status=response.status, until=until)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._largest_body:
                self._gate.cool_down()
                problem = f"arXiv's answer is longer than {self._largest_body:,} bytes."
                raise ArxivGarbled(problem, url=str(response.url), status=response.status)
        return bytes(body)

    def _judge(self, reply: Reply) -> None:
        """A body that is no feed comes from something in front of arXiv's engine, whatever its status says."""
        if is_feed(reply.body):
            self._gate.clear()
            return
        until = self._gate.cool_down()
        if reply.body.lstrip().lower().startswith(b"rate exceeded"):
            raise ArxivThrottled("arXiv says: Rate exceeded.", url=reply.url, status=reply.status, until=until)
        problem = f"arXiv answered with something that is not a feed (HTTP {reply.status})."
        raise ArxivGarbled(problem, url=reply.url, status=reply.status)


async def _only_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """aiohttp sends a GET again, at once, when the server hangs up; arXiv's three seconds forbid that.

    It does so for two subclasses of ClientConnectionError, so they are turned into their base.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectionError as error:
        raise aiohttp.ClientConnectionError(str(error) or type(error).__name__) from error


def requested_pause(header: str | None, now: datetime) -> timedelta | None:
    """Retry-After: seconds or an HTTP date (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after); None if neither."""
    if header is None:
        return None
    try:
        if header.strip().isdecimal():
            return timedelta(seconds=int(header))
        at = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    # A date in the zone -0000 is read as naive UTC.
    return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta())


def _follow(address: URL, response: aiohttp.ClientResponse) -> URL:
    location = response.headers["Location"]
    try:
        target = address.join(URL(location))
    except ValueError as error:
        raise ArxivUnreachable(f"arXiv redirects to {location!r}.", url=str(address), status=response.status) from error
    if target.scheme == "https" or (is_loopback(address.host) and is_loopback(target.host)):
        return target
    raise ArxivUnreachable(f"arXiv redirects to {target}, which is not https.", url=str(address), status=response.status)
