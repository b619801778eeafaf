from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator

import pytest

from bot import logs

SECRET = 'pass"word\\1'


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The root logger, as pytest needs it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def written(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("style", ["plain", "json"])
def test_a_secret_is_hidden_in_messages_arguments_and_tracebacks(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(style, "DEBUG", {SECRET, "word"})
    log = logging.getLogger("bot.test")
    log.info("to %s", f"postgres://lab:{SECRET}@db")
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed")

    said = "\n".join(written(capsys))
    assert "word" not in said
    assert "postgres://lab:(hidden)@db" in said
    assert "ValueError: (hidden)" in said


def test_what_is_too_short_for_a_secret_does_not_garble_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("plain", "INFO", {"", "bot"})
    logging.getLogger("bot.test").info("the bot is up")
    assert written(capsys)[0].endswith("INFO    bot.test: the bot is up")


async def test_a_storys_id_is_in_its_tasks_and_threads_and_nowhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "INFO")
    log = logging.getLogger("bot.test")

    async def work() -> None:
        log.info("task")
        await asyncio.to_thread(log.info, "thread")

    with logs.story("digest") as story:
        log.info("inside")
        await asyncio.create_task(work())
    log.info("outside")

    lines = [json.loads(line) for line in written(capsys)]
    assert [(line["message"], line.get("digest")) for line in lines] == [
        ("inside", story.id),
        ("task", story.id),
        ("thread", story.id),
        ("outside", None),
    ]


def test_a_story_inside_another_one_has_that_ones_id() -> None:
    with logs.story("interaction") as outer, logs.story("digest") as inner:
        assert inner == outer
        assert logs.story_id() == outer.id
    assert re.fullmatch("[0-9a-f]{6}", logs.story_id())


def test_libraries_begin_at_warning(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("plain", "DEBUG")
    for library in ("aiosqlite.core", "discord.gateway", "alembic.runtime", "asyncio"):
        logging.getLogger(library).info("chatter")
    assert written(capsys) == []
