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
    logs.keep_secret(())


def written(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("style", ["plain", "json"])
def test_a_secret_is_hidden_in_messages_arguments_and_tracebacks(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.keep_secret({SECRET, "word"})
    logs.configure(style, "DEBUG")
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
    logs.keep_secret({"", "bot"})
    logs.configure("plain", "INFO")
    logging.getLogger("bot.test").info("the bot is up")
    assert written(capsys)[0].endswith("INFO    bot.test: the bot is up")


@pytest.mark.parametrize(
    ("text", "as_written"),
    [
        ("postgres://lab:hush@db/papers failed", "postgres://lab:(hidden)@db/papers failed"),
        ("postgres://lab:hu/s@h@db/papers", "postgres://lab:(hidden)@db/papers"),
        ("postgres://lab:hush", "postgres://lab:(hidden)"),
        ("postgres://lab:hush@[::1]:5432/papers", "postgres://lab:(hidden)@[::1]:5432/papers"),
        ("postgres://db/papers?sslpassword=hush&sslmode=require", "postgres://db/papers?sslpassword=(hidden)&sslmode=require"),
        ("the option password=hush is not understood", "the option password=(hidden) is not understood"),
        (f"token {'M' * 24}.{'x' * 6}.{'y' * 30}", "token (hidden)"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_before_anybody_has_named_it(text: str, as_written: str) -> None:
    assert logs.hide(text) == as_written


@pytest.mark.parametrize(
    "text",
    ["http://127.0.0.1:8400.", "(ws://[::1]:8400/gateway)", "https://arxiv.org/abs/2512.06813v1: new", "sqlite:////a/b.db"],
)
def test_what_is_none_stays(text: str) -> None:
    assert logs.hide(text) == text


async def test_an_id_is_in_its_tasks_and_threads_and_nowhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "INFO")
    log = logging.getLogger("bot.test")

    async def work() -> None:
        log.info("task")
        await asyncio.to_thread(log.info, "thread")

    with logs.identified("digest") as log_id:
        log.info("inside")
        await asyncio.create_task(work())
    log.info("outside")

    lines = [json.loads(line) for line in written(capsys)]
    assert [(line["message"], line.get("digest")) for line in lines] == [
        ("inside", log_id.id),
        ("task", log_id.id),
        ("thread", log_id.id),
        ("outside", None),
    ]


def test_an_id_inside_another_one_is_that_one() -> None:
    with logs.identified("interaction") as outer, logs.identified("digest") as inner:
        assert inner == outer
        assert logs.current_id() == outer.id
    assert re.fullmatch("[0-9a-f]{6}", logs.current_id())


def test_libraries_begin_at_warning(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("plain", "DEBUG")
    for library in ("aiosqlite.core", "discord.gateway", "alembic.runtime", "asyncio"):
        logging.getLogger(library).info("chatter")
    assert written(capsys) == []
