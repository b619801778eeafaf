"""One request to Discord is asked once: no repeat is hidden in discord.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

import aiohttp
import discord

from bot.text.words import lasting

_ONCE: ContextVar[bool] = ContextVar("once", default=False)

PAUSE = 5.0
"""Seconds to wait where Discord asks for a pause without saying how long."""


class Throttled(Exception):
    """Discord asks to wait, and did nothing. `retry_after` in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Discord asks for a pause of {lasting(timedelta(seconds=retry_after))}")
        self.retry_after = retry_after


@contextmanager
def asked_once() -> Iterator[None]:
    """Inside, a request that Discord answers with 429 or 5xx fails at once, and whoever asks counts and times the repeats.

    Left alone, discord.py 2.7.1 asks five times in all (http.py). Its fourth try came after 309 s, when Discord had forgotten the
    nonce, and stood as a second copy of a message that the first try had stored (measured 2026-11-27).
    """
    token = _ONCE.set(True)
    try:
        yield
    finally:
        _ONCE.reset(token)


async def fail_at_once(session: object, context: object, request: aiohttp.TraceRequestEndParams) -> None:
    """For aiohttp.TraceConfig.on_request_end: raises Throttled or discord.HTTPException where discord.py would ask again."""
    response = request.response
    if not _ONCE.get() or (response.status < 500 and response.status != 429):
        return
    text = await response.text(errors="replace")
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    told: Mapping[str, object] = body if isinstance(body, dict) else {}
    # Without `Via` it is not Discord that answers but its network. A limit with a code of its own, such as 30046 (edits of
    # messages older than an hour), is waited for like any other where it says how long.
    if response.status == 429 and "Via" in response.headers and ("retry_after" in told or not told.get("code")):
        raise Throttled(_seconds(told.get("retry_after", response.headers.get("Retry-After"))))
    raise discord.HTTPException(response, dict(told) or text)


def _seconds(retry_after: object) -> float:
    try:
        return max(float(str(retry_after)), 0.0)
    except ValueError:
        return PAUSE
