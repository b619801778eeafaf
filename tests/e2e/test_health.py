"""What whoever runs the bot sees on PORT, and in the log."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from bot.daemon.metrics import Metrics
from bot.daemon.serving import serving
from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from tests.e2e.lab import ROOT, Lab
from tests.e2e.room import Person, Room, running, until

POST = "POST /channels/{channel_id}/messages"
DUE = datetime.fromisoformat("2026-03-03T14:00:00+08:00")


@dataclass(slots=True)
class Watch:
    """Asks a port, as a host or Prometheus does."""

    port: int

    async def health(self) -> tuple[int, dict[str, Any]]:
        status, text = await self._get("healthz")
        return status, json.loads(text)

    async def ill(self) -> set[str]:
        """The parts that do not work; the status must agree."""
        status, parts = await self.health()
        found = {name for name, part in parts.items() if not part["ok"]}
        assert status == (503 if found else 200)
        assert {name for name, part in parts.items() if "problem" in part} == found
        return found

    async def metrics(self) -> dict[str, float]:
        """By name and labels' values: "messages_total sent"."""
        _, text = await self._get("metrics")
        return {
            " ".join([sample.name.removeprefix("arxiv_daily_"), *sample.labels.values()]): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    async def names(self) -> set[str]:
        """Of every metric, whether it has a value yet or not."""
        _, text = await self._get("metrics")
        return set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))

    async def _get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}/{path}") as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def watched(room: Room) -> AsyncIterator[Watch]:
    async with serving(room.bot, Metrics(), "127.0.0.1", 0) as port:
        yield Watch(port)


@asynccontextmanager
async def on_a_port(lab: Lab) -> AsyncIterator[Watch]:
    """`python -m bot run`, with PORT in its `.env`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (lab.folder / ".env").write_text(f"PORT={port}\n")
    async with running(lab):
        await until(lab.messages)
        yield Watch(port)


async def seeded(room: Room) -> None:
    """The channel follows its query; its digest is due."""
    room.lab.sandbox.corpus.publish(room.lab.sandbox.clock.now())
    assert (await room.tick()).complete
    room.lab.move(to=DUE)


def publish(lab: Lab, count: int) -> None:
    for _ in range(count):
        lab.sandbox.corpus.publish(lab.sandbox.clock.now())


# --- does it work? ----------------------------------------------------------------------------


async def test_after_a_digest_everything_works_and_says_since_when(lab: Lab) -> None:
    async with Room(lab) as room, watched(room) as watch:
        await seeded(room)
        publish(lab, 1)
        await room.tick()
        lab.move(hours=2)
        assert await watch.ill() == set()
        _, parts = await watch.health()

    assert set(parts) == {"digests", "arxiv", "gateway", "database", "loop"}
    assert parts["digests"]["last_good_at"] == parts["arxiv"]["last_answer_at"] == "2026-03-03T06:00:00+00:00"
    assert parts["digests"]["last_good_age_seconds"] == 2 * 3600
    assert 0 <= parts["gateway"]["latency_seconds"] < 30


async def test_a_due_digest_that_arxiv_does_not_answer_is_illness_once_the_retries_failed_too(lab: Lab) -> None:
    async with Room(lab) as room, watched(room) as watch:
        await seeded(room)
        lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
        await room.tick()
        assert await watch.ill() == set()
        lab.move(minutes=16)
        await room.tick()
        assert await watch.ill() == {"digests", "arxiv"}
        _, parts = await watch.health()
        lab.sandbox.faults.clear()
        lab.move(hours=1)
        await room.tick()
        assert await watch.ill() == set()

    assert parts["digests"]["problem"] == "The digest that was due at 2026-03-03T06:00:00+00:00 has not been served."
    assert " no usable answer since 2026-03-03T06:00:" in parts["arxiv"]["problem"]


async def test_a_tick_that_never_comes_is_illness(lab: Lab) -> None:
    async with Room(lab) as room, watched(room) as watch:
        await seeded(room)
        lab.move(minutes=16)
        assert await watch.ill() == {"digests"}


async def test_looking_again_for_a_late_batch_is_no_illness(lab: Lab) -> None:
    async with Room(lab) as room, watched(room) as watch:
        await seeded(room)
        for _ in range(3):
            assert (await room.tick()).slots == 1
            lab.move(hours=1)
            assert await watch.ill() == set()


async def test_one_query_that_fails_alone_is_counted_and_is_no_illness(lab: Lab) -> None:
    other = lab.sandbox.world.general.id
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(other), "query": "cat:cs.LG"}])
    async with Room(lab) as room, watched(room) as watch:
        await seeded(room)
        lab.sandbox.faults.add(Fault(ROUTE, status=500, times=3))
        await room.tick()
        lab.move(minutes=16)
        assert await watch.ill() == set()
        _, parts = await watch.health()
        metrics = await watch.metrics()

    assert (parts["digests"]["overdue_channels"], parts["arxiv"]["failing_queries"]) == (1, 1)
    assert metrics["failing_queries"] == 1


async def test_a_paused_server_is_not_waited_for(lab: Lab) -> None:
    async with Room(lab) as room, watched(room) as watch:
        await seeded(room)
        await room.bot.app.storage.servers.change(lab.sandbox.world.lab.id, lab.sandbox.clock.now(), paused=True)
        lab.move(days=3)
        assert await watch.ill() == set()


async def test_without_its_database_it_does_not_work(lab: Lab) -> None:
    async with Room(lab) as room, watched(room) as watch:
        await seeded(room)
        async with room.bot.app.storage.database.begin() as connection:
            await connection.execute(text("ALTER TABLE results RENAME TO mislaid"))
        assert await watch.ill() == {"database", "digests", "arxiv"}
        metrics = await watch.metrics()

    assert metrics["healthy database"] == 0
    assert str(metrics["pending_deliveries"]) == "nan"


async def test_a_database_file_that_was_taken_away_is_noticed(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    lab.environment["DATABASE_URL"] = f"sqlite:///{lab.folder / 'lab.db'}"
    async with Room(lab) as room, watched(room) as watch:
        await seeded(room)
        (lab.folder / "lab.db").rename(lab.folder / "elsewhere.db")
        assert await watch.ill() == {"database", "digests", "arxiv"}

    assert "moved or deleted" in caplog.text


async def test_while_the_gateway_is_lost_it_does_not_work(lab: Lab) -> None:
    async with Room(lab) as room, watched(room) as watch:
        assert await watch.ill() == set()
        lab.sandbox.gateway.refusing = True
        lab.sandbox.gateway.drop()
        await until(lambda: _ill_in(watch, {"gateway"}))
        assert str((await watch.metrics())["gateway_latency_seconds"]) == "nan"
        lab.sandbox.gateway.refusing = False
        await until(lambda: _ill_in(watch, set()))


async def _ill_in(watch: Watch, parts: set[str]) -> bool:
    return await watch.ill() == parts


# --- how much? --------------------------------------------------------------------------------


async def test_metrics_count_what_stands_in_the_channel(lab: Lab) -> None:
    lab.configure(max_posts=2)
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    async with on_a_port(lab) as watch:
        lab.sandbox.faults.add(Fault(POST, status=429, body='{"message": "slow", "retry_after": 0.01, "global": false}'))
        publish(lab, 5)
        lab.move(to=DUE)
        await until(lambda: _counted(watch, "digests_total served", 1))
        first, *_ = lab.posted()
        lab.sandbox.corpus.revise(first.removesuffix("v1"), lab.sandbox.clock.now())
        lab.days(1)
        await until(lambda: _counted(watch, "digests_total served", 2))
        lab.sandbox.faults.add(Fault(ROUTE, status=429))
        lab.days(1)
        await until(lambda: _counted(watch, "digests_total failed", 1))
        metrics = await watch.metrics()

    assert len(lab.posted()) == metrics["papers_posted_total"] == 5
    assert len(lab.messages()) == metrics["messages_total sent"] == 4
    assert metrics["messages_total edited"] == metrics["deliveries_total edit sent"] == 1
    assert metrics["deliveries_total card sent"] == 2
    assert metrics["deliveries_total intro sent"] == metrics["deliveries_total list sent"] == 1
    assert metrics["discord_429_total"] == 1
    assert (metrics["arxiv_requests_total 200"], metrics["arxiv_requests_total 429"]) == (3, 1)
    assert (metrics["failing_queries"], metrics["pending_deliveries"]) == (1, 0)
    assert 0 <= metrics["loop_lag_seconds"] < 60
    assert 0 < metrics["gateway_latency_seconds"] < 60


async def test_every_name_is_explained(lab: Lab) -> None:
    async with Room(lab) as room, watched(room) as watch:
        names = await watch.names()

    page = (ROOT / "docs" / "health.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?`) \|", page.partition("`/metrics` is for Prometheus")[2], re.MULTILINE)
    explained = {f"arxiv_daily_{name}" for row in rows for name in re.findall(r"`([a-z0-9_]+)", row)}
    assert {name for name in names if not name.startswith("process_")} == explained
    assert "under names that begin with `process_`" in page


async def _counted(watch: Watch, name: str, value: float) -> bool:
    return (await watch.metrics()).get(name) == value


# --- the port ---------------------------------------------------------------------------------


async def test_a_port_that_is_taken_ends_it_with_2_and_one_sentence(lab: Lab) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (lab.folder / ".env").write_text(f"PORT={port}\n")
        lab.environment["DISCORD_GATEWAY_URL"] = lab.sandbox.gateway_url
        finished = await lab.bot("run")

    assert finished.status == 2
    [sentence] = finished.err.splitlines()
    assert sentence.startswith(f"- PORT is {port}, which cannot be had (")
    assert sentence.endswith("free it, choose another one or leave PORT out.")


# --- the log ----------------------------------------------------------------------------------


async def a_day_and_a_command(lab: Lab) -> str:
    """The log of a digest that posts two papers, and of somebody who asks arXiv."""
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    async with running(lab):
        await until(lab.messages)
        publish(lab, 2)
        lab.move(to=DUE)
        await until(lambda: len(lab.posted()) == 2)
        manager = Person(lab.sandbox, lab.sandbox.world.manager, lab.channel)
        await manager.command("latest", query="cat:cs.AI")
    return (lab.folder / "run.log").read_text()


async def test_every_line_of_a_digest_and_of_an_interaction_carries_its_id(lab: Lab) -> None:
    lab.environment |= {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    lines = [json.loads(line) for line in (await a_day_and_a_command(lab)).splitlines()]

    [told] = [line for line in lines if "2 new, 0 revised" in line["message"]]
    whole = [line for line in lines if line.get("digest") == told["digest"]]
    assert {line["logger"] for line in whole} == {"bot.arxiv.client", "bot.app", "bot.daemon.run"}
    [asked] = [line for line in lines if line["message"].startswith("arXiv, cat:cs.AI from 0")]
    assert len(asked["interaction"]) == len(told["digest"]) == 6
    anonymous = {line["logger"] for line in lines if not {"digest", "interaction"} & line.keys()}
    assert anonymous.isdisjoint({"bot.arxiv.client", "bot.app"})


async def test_plain_lines_carry_it_in_brackets(lab: Lab) -> None:
    log = await a_day_and_a_command(lab)

    assert re.search(
        r"INFO    bot\.daemon\.run: \[digest [0-9a-f]{6}\] #papers \(channel \d+\): 2 new, 0 revised; 2 messages sent", log
    )
    assert re.search(r"INFO    bot\.arxiv\.client: \[interaction [0-9a-f]{6}\] arXiv, cat:cs\.AI", log)


@pytest.mark.parametrize("style", ["plain", "json"])
async def test_no_line_of_a_whole_digest_shows_the_token(lab: Lab, style: str) -> None:
    lab.environment |= {"LOG_FORMAT": style, "LOG_LEVEL": "DEBUG"}
    log = await a_day_and_a_command(lab)

    assert "DEBUG" in log
    assert lab.sandbox.world.token not in log


@pytest.mark.parametrize("style", ["plain", "json"])
async def test_no_line_shows_the_databases_password(lab: Lab, style: str) -> None:
    lab.environment |= {
        "LOG_FORMAT": style,
        "LOG_LEVEL": "DEBUG",
        "DATABASE_URL": "postgres://lab:hu%2Fsh-hush@127.0.0.1:9/papers",
    }

    finished = await lab.bot("once")

    assert finished.status == 1
    assert "cannot be reached" in finished.err
    assert "sh-hush" not in finished.err + finished.out


async def test_a_token_that_somebody_wrote_where_it_does_not_belong_is_hidden(lab: Lab) -> None:
    lab.configure(query=f'all:"{lab.sandbox.world.token}"')

    finished = await lab.bot("once")

    assert 'arXiv, all:"(hidden)" from 0' in finished.err
    assert lab.sandbox.world.token not in finished.err
