"""What the bots on Python share: they do what the standard input names, and print what came of it, one JSON object a line.

DISCORD_API_URL and DISCORD_TOKEN say where they log in; the gateway's address they ask there.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Awaitable
from typing import Any

API_URL, TOKEN = os.environ["DISCORD_API_URL"], os.environ["DISCORD_TOKEN"]

# A lost connection is a warning, what a client cannot read an error.
logging.basicConfig(level=logging.ERROR)


def tell(verb: str, detail: Any, *, ok: bool = True) -> None:
    sys.stdout.write(json.dumps({"verb": verb, "ok": ok, "detail": detail}) + "\n")
    sys.stdout.flush()


async def attempt(verb: str, doing: Awaitable[Any]) -> None:
    """Tell what it gave, or the client's own error."""
    try:
        tell(verb, await doing)
    except Exception as error:
        tell(verb, f"{type(error).__name__}: {error}", ok=False)


async def obey(verbs: object) -> None:
    """Do what each line names, by the method of that name."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        await attempt(line.strip(), getattr(verbs, line.strip())())
