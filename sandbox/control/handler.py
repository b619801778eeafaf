"""What every handler of a control route needs: reading the JSON body, and answering mistakes with {"problem": sentence}.

A mistake in what was sent is a 400, an unknown id a 404, what Discord would not let a person do a 403, a bot that does not
answer a 504. Browsers log such answers as errors: who sends `Prefer: status=200` gets them under that status.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.discord.choosing import NotAllowedError
from sandbox.discord.model import Json
from sandbox.discord.visitor import NoAnswerError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def body_of(request: web.Request) -> Json:
    """The body as a JSON object, {} if there is none; ValueError if it is something else."""
    body = await request.json() if request.body_exists else {}
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def required(body: Json, name: str) -> Any:
    """The field `name` of the body; ValueError if it is missing."""
    if name not in body:
        raise ValueError(f"{name} is missing")
    return body[name]


def moment(text: str) -> datetime:
    """ISO 8601 text as a moment; ValueError without a zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} needs a zone, such as 2025-12-09T06:00:00Z")
    return found


def forgiving(handler: Handler) -> Handler:
    """The handler, with its exceptions turned into {"problem"} answers."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except KeyError as error:
            return _problem(request, f"there is nothing with the id {error.args[0]}", 404)
        except LookupError as error:
            return _problem(request, str(error), 404)
        except NotAllowedError as error:
            return _problem(request, str(error), 403)
        except NoAnswerError as error:
            return _problem(request, str(error), 504)
        except (TypeError, ValueError) as error:
            return _problem(request, str(error), 400)

    return handle


def _problem(request: web.Request, sentence: str, status: int) -> web.Response:
    wanted = 200 if request.headers.get("Prefer") == "status=200" else status
    return web.json_response({"problem": sentence}, status=wanted)
