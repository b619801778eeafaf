"""Faults are data: what goes wrong, on which route, how often."""

from __future__ import annotations

from collections.abc import Mapping
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

    def add(self, fault: Fault) -> None:
        self._queue.append(fault)

    def clear(self) -> None:
        self._queue.clear()

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
