"""Who waits for a slot among the requests to Discord, and who does not."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from yarl import URL

from bot.delivery.pacer import Pacer

API = URL("https://discord.com/api/v10")
NEVER = 1e-6
"""Requests a second: the second one would go in eleven days."""


@pytest.mark.parametrize("path", ["interactions/1/token/callback", "webhooks/1/token/messages/@original"])
async def test_an_answer_to_a_person_goes_at_once_while_posts_wait(path: str) -> None:
    [start] = Pacer(NEVER).trace().on_request_start

    async def asked(path: str) -> None:
        request: Any = SimpleNamespace(url=API / path)
        await start(None, None, request)  # type: ignore[arg-type]  # the pacer looks at nothing but the address

    await asked("channels/1/messages")
    waiting = asyncio.create_task(asked("channels/1/messages"))
    async with asyncio.timeout(5):
        await asked(path)
    assert not waiting.done()
    waiting.cancel()
