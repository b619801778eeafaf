"""Faults are data: what goes wrong, on which route, how often."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """One thing going wrong on `route`, taken from the queue of that route request by request.

    `route` is `"GET /arxiv"` for arXiv's query endpoint, else method and template as Discord documents them:
    `"POST /channels/{channel_id}/messages"`.
    """

    route: str
    status: int | None = None
    """Answer with this instead."""
    body: str | None = None
    """The body of that answer; None: the service's usual one for the status."""
    headers: Mapping[str, str] = field(default_factory=dict)
    stored: bool = False
    """Do the work first, then fail: stored but unanswered."""
    reset: bool = False
    """Close the connection without a word."""
    stall: float = 0
    """Seconds to keep the client waiting first."""
    keep: float | None = None
    """Send only this share (0 to 1) of the real answer's body, with status 200 and a matching Content-Length."""
    after: int = 0
    """So many requests pass unharmed first."""
    times: int = 1
    """How often it strikes; -1: until removed."""


class Faults:
    """The queue of each route."""

    def __init__(self) -> None:
        self._queue: list[Fault] = []
        self._mended = asyncio.Event()

    @property
    def waiting(self) -> list[Fault]:
        """Those that will still strike, each with what is left of its `after` and `times`."""
        return list(self._queue)

    def add(self, fault: Fault) -> None:
        self._queue.append(fault)

    def clear(self) -> None:
        """Requests that are held at this moment go on at once."""
        self._queue.clear()
        self._mended.set()
        self._mended = asyncio.Event()

    async def hold(self, fault: Fault) -> None:
        """For as long as `fault` stalls a request."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._mended.wait(), fault.stall)

    def take(self, route: str) -> Fault | None:
        """The fault that strikes this request, if any."""
        for fault in self._queue:
            if fault.route != route:
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
