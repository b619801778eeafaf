"""Every request body that was sent, held against Discord's published description."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sandbox.discord.front import Request
from tests.shared import SHARED, validator

FALSE_ALARMS = (
    "('flags' was unexpected)",  # discord.py puts it into every embed; Discord's description of 2026-07-18 forgets it
    "('nsfw' was unexpected)",  # discord.py sends it with every command; forgotten likewise
    "('tts' was unexpected)",  # discord.py 2.7.1 puts it into every PATCH of a message
)


MEDIA_CHANNELS = "/channel_types/"
"""A command's option may name media channels (16), which the description forgets too."""
NO_MESSAGE = {"content": "something"}


@cache
def _spec() -> Any:
    module = validator()
    return None if module is None else module.Spec(SHARED / "data" / "discord-openapi.json", strict=True)


def invalid_bodies(requests: Iterable[Request]) -> list[str]:
    """What the description objects to, a sentence each. Bodies that Discord (the sandbox) refused are left out:
    that refusal is what those tests are about."""
    module = validator()
    if module is None:
        return []
    objections: list[str] = []
    for request in requests:
        if request.body is None or request.status == 400:
            continue
        path = request.path.split("?")[0]
        found = [*_spec().errors(request.method, path, request.body), *module.limits(_message(request) or NO_MESSAGE)]
        objections += [
            f"{request.method} {path} {where}: {what}"
            for where, what in found
            if not what.endswith(FALSE_ALARMS) and MEDIA_CHANNELS not in where
        ]
    return objections


def _message(request: Request) -> Any:
    """The whole message in a body; an edit may well empty parts of one, and other bodies are none."""
    if request.route.startswith("POST /interactions/"):
        return request.body.get("data") if request.body.get("type") == 4 else None
    is_message = request.route.startswith(("POST /webhooks/", "POST /channels/{channel_id}/messages"))
    return request.body if is_message and not request.route.endswith("/threads") else None
