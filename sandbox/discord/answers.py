"""Discord's answers: JSON, and errors with Discord's own codes and sentences.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sandbox.discord.model import Json


class ApiError(Exception):
    """An error that Discord answers with; `errors` is the tree of field errors under code 50035."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message, "code": code} | ({"errors": errors} if errors else {})
        self.headers: dict[str, str] = {}


class NotImitatedError(Exception):
    """Raised for what the sandbox does not imitate; answered with 501, since a guess would mislead the client."""


def unauthorized() -> ApiError:
    return ApiError(401, 0, "401: Unauthorized")


def unknown_channel() -> ApiError:
    return ApiError(404, 10003, "Unknown Channel")


def unknown_guild() -> ApiError:
    return ApiError(404, 10004, "Unknown Guild")


def unknown_member() -> ApiError:
    return ApiError(404, 10007, "Unknown Member")


def unknown_message() -> ApiError:
    return ApiError(404, 10008, "Unknown Message")


def unknown_emoji() -> ApiError:
    # The status: https://github.com/discord/discord-api-docs/issues/864
    return ApiError(400, 10014, "Unknown Emoji")


def unknown_webhook() -> ApiError:
    return ApiError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> ApiError:
    return ApiError(404, 10062, "Unknown interaction")


def unknown_command() -> ApiError:
    return ApiError(404, 10063, "Unknown application command")


def not_your_application() -> ApiError:
    return ApiError(403, 20012, "You are not authorized to perform this action on this application")


def already_acknowledged() -> ApiError:
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def invalid_webhook_token() -> ApiError:
    return ApiError(401, 50027, "Invalid Webhook Token")


def missing_access() -> ApiError:
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    return ApiError(403, 50013, "Missing Permissions")


def not_your_message() -> ApiError:
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> ApiError:
    return ApiError(400, 50006, "Cannot send an empty message")


def wrong_channel_type() -> ApiError:
    return ApiError(400, 50024, "Cannot execute action on this channel type")


def thread_exists() -> ApiError:
    return ApiError(400, 160004, "A thread has already been created for this message")


def thread_archived() -> ApiError:
    # Discord documents the code alone; those who met it report status 400: https://github.com/victornpb/undiscord/issues/399
    return ApiError(400, 50083, "Thread is archived")


def thread_locked() -> ApiError:
    return ApiError(403, 160005, "This thread is locked")


def invalid_json() -> ApiError:
    return ApiError(400, 50109, "The request body contains invalid JSON.")


def invalid_form(errors: Json) -> ApiError:
    return ApiError(400, 50035, "Invalid Form Body", errors)


def no_reply_without_history() -> ApiError:
    # The status: https://github.com/Voxel-Fox-Ltd/Flower/issues/63
    return ApiError(403, 160002, "Cannot reply without permission to read message history")


def too_large() -> ApiError:
    return ApiError(413, 40005, "Request entity too large")


def too_many_attachments() -> ApiError:
    return ApiError(400, 30015, "Maximum number of attachments in a message reached (10)")


def too_many_reactions() -> ApiError:
    return ApiError(400, 30010, "Maximum number of reactions reached (20)")


def too_many_webhooks() -> ApiError:
    return ApiError(400, 30007, "Maximum number of webhooks reached (15)")


def thread_wanted() -> ApiError:
    return ApiError(400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id")


def thread_named_twice() -> ApiError:
    return ApiError(400, 220002, "Webhooks posted to forum channels cannot have both a thread_name and thread_id")


def thread_only_in_forums() -> ApiError:
    return ApiError(400, 220003, "Webhooks can only create threads in forum channels")


def unknown_tag() -> ApiError:
    return ApiError(404, 10087, "Unknown Tag")


def tags_alike() -> ApiError:
    return ApiError(400, 40061, "Tag names must be unique")


def tag_required() -> ApiError:
    return ApiError(400, 40067, "A tag is required to create a forum post in this channel")


def no_free_tag() -> ApiError:
    return ApiError(403, 40066, "There are no tags available that can be set by non-moderators")


def too_many_pinned_threads() -> ApiError:
    return ApiError(400, 30047, "Maximum number of pinned threads in a forum channel has been reached")


def too_many_pins() -> ApiError:
    return ApiError(400, 30003, "Maximum number of pins reached (250)")


def pinned_elsewhere() -> ApiError:
    return ApiError(400, 50019, "A message can only be pinned to the channel it was sent in")


def upload_not_found() -> ApiError:
    return ApiError(400, 50146, "Uploaded file not found.")


def rate_limited(retry_after: float, *, everywhere: bool) -> tuple[Json, dict[str, str]]:
    """The body and headers of a 429."""
    body = {"message": "You are being rate limited.", "retry_after": round(retry_after, 3), "global": everywhere}
    headers = {"Retry-After": str(int(retry_after) + 1), "X-RateLimit-Scope": "global" if everywhere else "user"}
    return body, headers | ({"X-RateLimit-Global": "true"} if everywhere else {})


def too_many_old_edits(retry_after: float) -> ApiError:
    """The route's own bucket may have room all the same; the body is that of a 429 with a code, as recorded of 20028 in
    https://github.com/discord/discord-api-docs/issues/6109"""
    error = ApiError(429, 30046, "Maximum number of edits to messages older than 1 hour reached. Try again later")
    waiting, error.headers = rate_limited(retry_after, everywhere=False)
    error.body = waiting | error.body
    return error


def usual_body(status: int, headers: Mapping[str, str]) -> str:
    """What Discord, or the proxy before it, commonly says with a status; for faults that name no body."""
    phrase = HTTPStatus(status).phrase
    if status > 500:
        return f"<html><head><title>{status} {phrase}</title></head><body><h1>{status} {phrase}</h1></body></html>"
    if status == 429:
        return json.dumps(rate_limited(float(headers.get("Retry-After", 1)), everywhere=False)[0])
    common = {400: invalid_form({}), 401: unauthorized(), 403: missing_permissions(), 404: unknown_channel()}
    return json.dumps(common.get(status, ApiError(status, 0, f"{status}: {phrase}")).body)


def answer(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """The Content-Type carries no charset: discord.py compares it whole and would take the body for text."""
    return web.Response(body=json.dumps(payload).encode(), status=status, headers=headers, content_type="application/json")
