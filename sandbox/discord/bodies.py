"""What a request carries, in whichever of Discord's three content types it comes.

https://docs.discord.com/developers/reference#content-type and https://docs.discord.com/developers/reference#uploading-files
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.discord.answers import ApiError, NotImitatedError, invalid_form, invalid_json, too_large
from sandbox.discord.model import Json

LARGEST_REQUEST = 25 * 1024 * 1024
LARGEST_FILE = 10 * 1024 * 1024

_NOT_TEXT = frozenset(
    {"archived", "auto_archive_duration", "enforce_nonce", "flags", "locked", "nsfw", "rate_limit_per_user", "tts", "type"}
)
"""Fields that are no text, which is all that a form has."""


@dataclass(frozen=True, slots=True)
class Upload:
    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Body:
    fields: Any = None
    """Parsed JSON, or a form's fields as JSON has them; None where nothing, or nonsense, was sent."""
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    """The files that were sent along, by the n of `files[n]`."""
    problem: ApiError | NotImitatedError | None = None
    """Why it cannot be read."""


BODY = web.RequestKey("body", Body)
"""Where handlers find the body of their request."""


async def read(request: web.Request) -> Body:
    if not request.body_exists:
        return Body()
    try:
        if request.content_type == "application/json":
            return _of_json(await request.read())
        if request.content_type == "application/x-www-form-urlencoded":
            return _of_parts([(name, None, str(text).encode()) for name, text in (await request.post()).items()])
        if request.content_type == "multipart/form-data":
            return _of_parts([part async for part in _parts(request)])
    except web.HTTPRequestEntityTooLarge:
        return Body(problem=too_large())
    except ValueError:
        return Body(problem=invalid_form({}))
    return Body(problem=invalid_form({}))


def _of_json(content: bytes) -> Body:
    try:
        fields = json.loads(content)
    except ValueError:
        fields = None
    return Body(fields, problem=invalid_json() if fields is None else None)


async def _parts(request: web.Request) -> AsyncIterator[tuple[str, str | None, bytes]]:
    """The name, the filename and the content of each part; HTTPRequestEntityTooLarge beyond the largest request."""
    room = LARGEST_REQUEST
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ValueError("a part that is no field of a form")
        content = await part.read(decode=True)
        room -= len(content)
        if room < 0:
            raise web.HTTPRequestEntityTooLarge(LARGEST_REQUEST)
        yield part.name, part.filename, bytes(content)


def _of_parts(parts: list[tuple[str, str | None, bytes]]) -> Body:
    fields: Json = {}
    stated = Body({})
    uploads: dict[str, Upload] = {}
    for name, filename, content in parts:
        number = re.fullmatch(r"files\[(\d+)\]", name)
        if number and filename:
            uploads[number[1]] = Upload(filename, content)
        elif filename:
            return Body(problem=NotImitatedError(f"a file named {name}"))
        elif name == "payload_json":
            stated = _of_json(content)
        else:
            fields[name] = _value(name, content.decode())
    if any(len(upload.content) > LARGEST_FILE for upload in uploads.values()):
        return Body(problem=too_large())
    return Body(fields | stated.fields if isinstance(stated.fields, dict) else stated.fields, uploads, stated.problem)


def _value(name: str, text: str) -> Any:
    try:
        return json.loads(text) if name in _NOT_TEXT else text
    except ValueError:
        return text
