"""Discord takes every message, whatever arXiv sent. Limits: discord-api-docs, message resource, 2026-08."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings

from bot.delivery.components import view
from bot.delivery.embeds import render
from bot.digest.model import Message
from tests.unit.samples import messages

_VALIDATOR = Path(__file__).parents[4] / "shared" / "tools" / "validate_discord.py"


@given(messages)
def test_every_limit_holds(message: Message) -> None:
    post = render(message)
    assert post.embed is not None
    texts = {
        "content": (post.content, 2000),
        "title": (post.embed.title, 256),
        "description": (post.embed.description, 4096),
        "author": (post.embed.author.name, 256),
        "footer": (post.embed.footer.text, 2048),
    }
    for name, (text, limit) in texts.items():
        assert text is None or 0 < len(text.strip()) <= len(text) <= limit, name
    assert len(post.embed) <= 6000
    assert not post.embed.fields
    for button in post.buttons:
        assert len(button.label) <= 80
        assert len(button.url) <= 512
        assert urlsplit(button.url).scheme == "https"


@cache
def _validator() -> ModuleType:
    if not _VALIDATOR.exists():
        pytest.skip("Discord's published API description is not on this machine")
    spec = importlib.util.spec_from_file_location("validate_discord", _VALIDATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@settings(max_examples=40)
@given(messages)
async def test_discords_published_description_accepts_every_body(message: Message) -> None:
    validator = _validator()
    body = await _body(message)
    spec = _spec()
    assert [*spec.errors("POST", "/channels/1/messages", body), *validator.limits(body)] == []


@cache
def _spec() -> Any:
    return _validator().Spec(strict=True)


async def _body(message: Message) -> dict[str, Any]:
    post = render(message)
    assert post.embed is not None
    embed = dict(post.embed.to_dict())
    embed.pop("flags", None)  # sent by discord.py, absent from the description
    buttons = view(post.buttons)
    components = buttons.to_components() if buttons else []
    return {"content": post.content, "embeds": [embed], "components": components}
