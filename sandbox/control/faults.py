"""Faults that a test or a person asks for: what goes wrong, on which route, how often."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """One failure on one route, taken from that route's queue request by request.

    `route` is `"GET /arxiv"` for arXiv's query endpoint, else method and template as Discord documents them:
    `"POST /channels/{channel_id}/messages"`.
    """

    route: str
    status: int | None = None
    """The HTTP status to answer with instead of doing the work."""
    body: str | None = None
    """The body of that answer; None means the service's usual one for the status. arXiv's may have bytes that are no UTF-8,
    written as Python's surrogateescape does."""
    headers: Mapping[str, str] = field(default_factory=dict)
    stored: bool = False
    """Do the work first, then fail: the client cannot know that it was done."""
    reset: bool = False
    """Reset the TCP connection instead of answering."""
    stall: float = 0
    """Real seconds to wait before anything else."""
    keep: float | None = None
    """Send only this share (0 to 1) of the real answer's body, with status 200 and a matching Content-Length."""
    containing: str = ""
    """It strikes only requests whose body (for arXiv: address) has this text in it."""
    after: int = 0
    """How many requests pass unharmed first."""
    times: int = 1
    """How many requests it strikes; -1 means until it is removed."""


class Faults:
    """The faults that wait for their requests, in the order they were added."""

    def __init__(self) -> None:
        self._queue: list[Fault] = []
        self._cleared = asyncio.Event()

    @property
    def waiting(self) -> list[Fault]:
        """The faults that will still strike, each with the `after` and `times` it has left."""
        return list(self._queue)

    def add(self, fault: Fault) -> None:
        self._queue.append(fault)

    def clear(self) -> None:
        """Remove all faults; requests that one of them is stalling go on at once."""
        self._queue.clear()
        self._cleared.set()
        self._cleared = asyncio.Event()

    async def hold(self, fault: Fault) -> None:
        """Sleep for as long as `fault` stalls a request, or until `clear`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._cleared.wait(), fault.stall)

    def take(self, route: str, text: str) -> Fault | None:
        """Use up and return the fault that strikes this request, or None. `text`: the request's body, or address."""
        for fault in self._queue:
            if fault.route != route or fault.containing not in text:
                continue
            if fault.after > 0:
                fault.after -= 1
                return None
            if fault.times > 0:
                fault.times -= 1
            if fault.times == 0:
                self._queue.remove(fault)
            return fault
        return None
