"""What goes wrong on the machine that the bot runs on: stops, clocks, the database, mistakes in its files."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.errors import TokenRefused
from tests.databases import new_database
from tests.e2e.dying import MOMENTS
from tests.e2e.lab import QUERY
from tests.e2e.room import at_message, running, until
from tests.e2e.test_lost_ledger import older_copy
from tests.faults.scenario import Side
from tests.faults.story import Story

SIDE = Side("This machine's side")
_, BEFORE_SENDING, _, BEFORE_WRITING = MOMENTS


async def killed(story: Story, moment: str) -> None:
    """And started again an hour later."""
    story.publish(4)
    await story.stop()
    finished = await story.lab.bot(str(story.lab.config_path), story.lab.now_argument()[1], moment, module="tests.e2e.dying")
    assert finished.status == -9, finished
    await story.start()
    await story.look()
    story.lab.move(hours=1)


@SIDE.scenario("the program is killed when the day's papers are written down, before it sends the first")
async def killed_before_sending(story: Story) -> None:
    await killed(story, BEFORE_SENDING)


@SIDE.scenario("it is killed when Discord has the first message, before that is written down")
async def killed_before_writing(story: Story) -> None:
    await killed(story, BEFORE_WRITING)


@SIDE.scenario("it is killed while a channel begins to follow a query")
async def killed_while_seeding(story: Story) -> None:
    listed = story.lab.config["channels"]
    await story.stop()
    story.lab.configure(channels=[*listed, {"id": str(story.world.general.id), "query": "ti:moss"}])
    story.lab.move(hours=-2)
    story.lab.sandbox.corpus.publish(story.now, title="Moss of last year", abstract="Green.")
    async with running(story.lab) as child:
        at_message(story.lab, 1, child.kill)
        await asyncio.wait_for(child.wait(), 30)
    story.lab.move(hours=2)
    story.publish(1)
    story.publish(1, title="Moss on old stones", abstract="Green.")
    await story.start()
    await story.look()


@SIDE.scenario("it is killed while somebody saves another query")
async def killed_while_saving(story: Story) -> None:
    await story.stop()
    story.lab.move(hours=-2)
    async with running(story.lab) as child:
        await until(story.lab.sandbox.gateway.connected.is_set)
        reply = await story.manager.at(story.lab.channel).command("setquery", query=f"({QUERY}) OR ti:moss")
        asked = len(story.lab.sandbox.arxiv.requests)
        story.arxiv(stall=30)
        saving = asyncio.create_task(story.manager.at(story.lab.channel).press(reply, "Save"))
        await until(lambda: len(story.lab.sandbox.arxiv.requests) > asked)
        child.kill()
        await child.wait()
        story.mend()
        saving.cancel()
        await asyncio.gather(saving, return_exceptions=True)
    story.lab.move(hours=2)
    story.publish()
    await story.start()
    await story.look()


@SIDE.scenario("it is stopped in the middle of a digest (an update, say)")
async def stopped(story: Story) -> None:
    story.publish(6)
    at_message(story.lab, 3, story.room.bot.outbox.stop)
    await story.tick()
    await story.stop()
    await story.start()
    await story.look()


@SIDE.scenario("the machine is off for four days")
async def off(story: Story) -> None:
    await story.stop()
    for _ in range(4):
        story.publish(1)
        story.lab.days()
    await story.start()
    await story.tick()
    await story.look()


async def with_wrong_clock(story: Story, ahead: timedelta) -> None:
    """Until it is put right a day later."""
    await story.stop()
    story.lab.clock_ahead = ahead
    await story.start()
    story.publish()
    await story.tick()
    await story.look(check="clock")
    story.lab.days()
    story.publish()
    await story.tick()
    await story.stop()
    story.lab.clock_ahead = timedelta(0)
    await story.start()


@SIDE.scenario("the machine's clock is a day ahead for a day")
async def clock_ahead(story: Story) -> None:
    await with_wrong_clock(story, timedelta(days=1))


@SIDE.scenario("the machine's clock is a day behind for a day")
async def clock_behind(story: Story) -> None:
    await with_wrong_clock(story, -timedelta(days=1))


@SIDE.scenario("a week-old copy of the database is put back", on_file=True)
async def old_copy(story: Story) -> None:
    await story.stop()
    put_back = older_copy(story.lab)
    await story.start()
    for _ in range(7):
        story.publish(1)
        await story.tick()
        story.lab.days()
    await story.stop()
    put_back()
    await story.start()
    story.publish(1)
    await story.tick()
    await story.look()


@SIDE.scenario("the database is lost, and made anew")
async def lost(story: Story) -> None:
    for _ in range(3):
        story.publish(1)
        await story.tick()
        story.lab.days()
    await story.stop()
    await new_database(story.lab.folder)
    await story.start()
    story.publish(1)
    await story.tick()
    await story.look()


@SIDE.scenario("the file of the database is deleted while the bot runs", on_file=True)
async def file_deleted(story: Story) -> None:
    (story.lab.folder / "lab.db").unlink()
    story.publish()
    await story.tick()
    await story.look(check="Storage")
    await story.stop()
    await new_database(story.lab.folder)
    await story.start()


@SIDE.scenario("the disk is full", on_file=True)
async def disk_full(story: Story) -> None:
    async with story.room.bot.app.storage.database.begin() as connection:
        await connection.execute(text("PRAGMA max_page_count = 1"))
    story.publish(20)
    await story.tick()
    await story.look()
    async with story.room.bot.app.storage.database.begin() as connection:
        await connection.execute(text("PRAGMA max_page_count = 1000000"))


@SIDE.scenario("another program holds the database locked", on_file=True)
async def locked(story: Story) -> None:
    with closing(sqlite3.connect(story.lab.folder / "lab.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        story.publish()
        await story.tick()
        await story.look()


@SIDE.scenario("a second bot is started on the same database")
async def second_process(story: Story) -> None:
    story.publish()
    finished = await story.lab.bot("once", *story.lab.now_argument())
    assert finished.status == 2, finished
    await story.look(terminal=finished.err)


@SIDE.scenario("config.json names a channel that does not exist (a digit is wrong)")
async def wrong_channel(story: Story) -> None:
    right = story.lab.config["channels"]
    await story.stop()
    story.lab.configure(channels=[{"id": "1477923412377699999"}])
    await story.start()
    story.publish()
    report = await story.tick()
    assert report is not None
    await story.look(terminal=" ".join(report.mistakes))
    await story.stop()
    story.lab.configure(channels=right)
    await story.start()


@SIDE.scenario("config.json lacks a comma")
async def unreadable(story: Story) -> None:
    await story.stop()
    right = json.dumps(story.lab.config, indent=2)
    story.lab.config_path.write_text(right.replace('",\n  "channels"', '"\n  "channels"'), encoding="utf-8")
    story.publish()
    finished = await story.lab.bot("once", *story.lab.now_argument())
    assert finished.status == 2, finished
    await story.look(terminal=finished.err)
    story.lab.configure()
    await story.start()


@SIDE.scenario("the bot's token was reset in Discord, and it has the old one")
async def old_token(story: Story) -> None:
    story.publish()
    story.discord("GET /users/@me", status=401)
    story.discord(status=401)
    with pytest.raises(TokenRefused) as refused:
        await story.tick()
    await story.stop()
    await story.look(terminal=str(refused.value))
    story.mend()
    await story.start()
