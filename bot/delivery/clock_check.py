"""How far the clock here is from Discord's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from bot.clock import Clock


class ClockCheck:
    """Compares the clock with the Date of Discord's latest answer, which has whole seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ahead: timedelta | None = None
        """By how much the clock here was ahead (behind, if negative) at the latest answer; None before the first."""

    def listen(self, requests: aiohttp.TraceConfig) -> None:
        """To every answer; to be called before the first request. First of all listeners: a later one may raise."""
        requests.on_request_end.insert(0, self._hear)

    async def _hear(self, session: object, context: object, request: aiohttp.TraceRequestEndParams) -> None:
        told = _moment(request.response.headers.get("Date"))
        if told is not None:
            self.ahead = self._clock.now() - told


def _moment(date: str | None) -> datetime | None:
    """Of a Date header (https://www.rfc-editor.org/rfc/rfc9110#field.date); None where there is none to be read."""
    try:
        return None if date is None else parsedate_to_datetime(date).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
