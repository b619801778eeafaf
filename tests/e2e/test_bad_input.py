"""Bad input gets one clear sentence, status 2, and loses nothing."""

from __future__ import annotations

import pytest

from tests.databases import empty_database
from tests.e2e.lab import Lab
from tests.e2e.room import Room
from tests.e2e.test_daily import seeded


async def once_refused(lab: Lab, *arguments: str) -> str:
    finished = await lab.bot("once", *lab.now_argument(), *arguments)
    assert finished.status == 2, finished
    assert "Traceback" not in finished.err
    assert finished.out == ""
    return finished.err


async def nothing_is_lost(lab: Lab) -> None:
    """After mending, the paper that was due comes."""
    assert (await lab.once()).complete
    assert len(lab.posted()) == 1


@pytest.fixture
async def due(lab: Lab) -> Lab:
    await seeded(lab)
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    return lab


async def test_malformed_json(due: Lab) -> None:
    whole = due.config_path.read_text()
    due.config_path.write_text(whole[:-20])

    assert "line 1" in await once_refused(due)

    due.config_path.write_text(whole)
    await nothing_is_lost(due)


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ({"quary": "cat:cs.LG"}, ["quary", "query"]),
        ({"timezone": "Asia/Singapur"}, ["Asia/Singapur", "Asia/Singapore"]),
        ({"query": "(cat:cs.LG AND all:alloy"}, ["parenthes", "^"]),
        ({"post_at": "25:00"}, ["post_at", "25:00"]),
        ({"max_results": 0}, ["max_results"]),
    ],
    ids=["unknown key", "unknown zone", "unbalanced parenthesis", "no such hour", "out of range"],
)
async def test_a_mistake_in_the_configuration(due: Lab, mistake: dict[str, object], said: list[str]) -> None:
    whole = dict(due.config)
    due.configure(**mistake)

    told = await once_refused(due)

    assert all(word in told for word in said), told
    due.config = whole
    due.configure()
    await nothing_is_lost(due)


async def test_every_mistake_is_told_at_once(lab: Lab) -> None:
    lab.configure(timezone="Mars/Base", max_posts=-1, quary="x")

    told = await once_refused(lab)

    assert all(word in told for word in ("Mars/Base", "max_posts", "quary"))


async def test_a_missing_token(due: Lab) -> None:
    due.environment["DISCORD_TOKEN"] = ""
    assert "DISCORD_TOKEN" in await once_refused(due)
    del due.environment["DISCORD_TOKEN"]
    await nothing_is_lost(due)


async def test_a_wrong_token(due: Lab) -> None:
    due.environment["DISCORD_TOKEN"] = "wrong.token.here"
    told = await once_refused(due)
    assert "DISCORD_TOKEN" in told
    assert "wrong.token.here" not in told
    del due.environment["DISCORD_TOKEN"]
    await nothing_is_lost(due)


async def test_a_database_path_that_is_a_folder(due: Lab) -> None:
    due.environment["DATABASE_URL"] = f"sqlite:///{due.folder}"
    assert "folder" in await once_refused(due)
    del due.environment["DATABASE_URL"]
    await nothing_is_lost(due)


async def test_a_second_process(due: Lab) -> None:
    async with due.app():
        assert "another" in (await once_refused(due)).lower()
    await nothing_is_lost(due)


@pytest.mark.parametrize("moment", ["tomorrow", "2026-03-03T15:00:00"])
async def test_a_time_that_is_none_or_has_no_zone(lab: Lab, moment: str) -> None:
    finished = await lab.bot("once", "--now", moment)

    assert finished.status == 2
    assert moment in finished.err
    assert "2026-03-02T14:00:00+08:00" in finished.err or "offset" in finished.err


async def test_query_check_points_at_the_place(lab: Lab) -> None:
    finished = await lab.bot("query", "check", "cat:cs.LG AND (ti:alloy")

    assert finished.status == 2
    assert "              ^" in finished.err


async def test_query_check_shows_what_arxiv_is_asked(lab: Lab) -> None:
    finished = await lab.bot("query", "check", "ti:alloy AND cat:cs.LG OR cat:cs.AI")

    assert finished.status == 0
    assert "((ti:alloy AND cat:cs.LG) OR cat:cs.AI)" in finished.out


async def test_query_check_hints(lab: Lab) -> None:
    finished = await lab.bot("query", "check", "cs.LG AND submittedDate:[2020 TO 2021]")

    assert finished.status == 0
    assert "\ncs.LG AND submittedDate:[2020 TO 2021]\n^\n\nWrite cat:cs.LG." in finished.out
    assert "This range ended on 2021-12-31" in finished.out


async def test_query_try_asks_once(lab: Lab) -> None:
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())

    finished = await lab.bot("query", "try", "cat:cs.LG OR cat:cond-mat.mtrl-sci OR cat:cs.AI")

    assert finished.status == 0, finished
    assert record.id in finished.out
    assert len(lab.sandbox.arxiv.requests) == 1


async def test_config_show_hides_secrets(lab: Lab) -> None:
    lab.environment["DATABASE_URL"] = "postgres://bot:geheim@127.0.0.1:1/lab"
    finished = await lab.bot("config", "show")

    assert finished.status == 0, finished
    assert lab.sandbox.world.token not in finished.out
    assert "geheim" not in finished.out
    assert "Asia/Singapore" in finished.out


async def test_db_upgrade_twice(lab: Lab) -> None:
    await empty_database(lab.folder)
    first, second = await lab.bot("db", "upgrade"), await lab.bot("db", "upgrade")

    assert (first.status, second.status) == (0, 0)
    assert first.out != second.out


async def test_db_upgrade_beside_the_running_bot_has_nothing_to_do(lab: Lab) -> None:
    """As a host's release step runs it, before the old worker has ended."""
    async with Room(lab):
        finished = await lab.bot("db", "upgrade")

    assert (finished.status, finished.err) == (0, "")
    assert "nothing to do" in finished.out
