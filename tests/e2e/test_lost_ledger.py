"""The database is new, or an older copy of itself: what stands in the channel is not posted again, and nothing is left out."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable

import pytest

from sandbox.control.faults import Fault
from tests.databases import new_database
from tests.e2e.lab import Lab, is_intro
from tests.e2e.panel import MOSS, follow
from tests.e2e.room import Room
from tests.e2e.test_daily import seeded


def published(lab: Lab, count: int) -> list[str]:
    return [lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id for _ in range(count)]


async def digests(lab: Lab, days: int, *, between: Callable[[], Awaitable[object]] | None = None) -> list[str]:
    """Two papers a day; gives all of them."""
    new: list[str] = []
    for _ in range(days):
        lab.days()
        new += published(lab, 2)
        if between is not None:
            await between()
        await lab.once()
    return new


def older_copy(lab: Lab) -> Callable[[], None]:
    """Keep the database as it is now; call what is given back to put it in its place again."""
    if not lab.url.startswith("sqlite"):
        pytest.skip("an older copy of a PostgreSQL database is made by its own tools")
    file, copy = lab.folder / "lab.db", lab.folder / "copy"
    shutil.copyfile(file, copy)

    def put_back() -> None:
        for end in ("-wal", "-shm"):
            file.with_name(f"lab.db{end}").unlink(missing_ok=True)
        shutil.copyfile(copy, file)

    return put_back


@pytest.mark.parametrize("days", [1, 7], ids=["yesterday's", "last week's"])
async def test_an_older_copy_repeats_nothing(lab: Lab, days: int) -> None:
    await seeded(lab)
    before = await digests(lab, 2)
    restore = older_copy(lab)
    before += await digests(lab, days)
    restore()
    lab.days()
    today = published(lab, 2)

    report = await lab.once()

    assert report.complete
    assert sorted(lab.posted()) == sorted(before + today)
    [note] = report.notes
    assert f"{2 * days} papers" in note


async def test_a_revision_that_was_posted_is_not_posted_again(lab: Lab) -> None:
    lab.configure(updates="post")
    await seeded(lab)
    lab.days()
    [paper] = published(lab, 1)
    await lab.once()
    restore = older_copy(lab)
    lab.days()
    revision = lab.sandbox.corpus.revise(paper.removesuffix("v1"), lab.sandbox.clock.now()).id
    await lab.once()
    restore()
    lab.days()

    await lab.once()

    assert lab.posted() == [paper, revision]


async def test_people_who_talk_there_hide_nothing(lab: Lab) -> None:
    await seeded(lab)
    restore = older_copy(lab)
    before = await digests(lab, 3)
    for _ in range(20):
        lab.sandbox.world.post(lab.channel, "Good morning!", author=lab.sandbox.world.member)
    restore()

    await lab.once()

    assert lab.posted() == before


async def test_what_a_member_shared_is_still_to_be_posted(lab: Lab) -> None:
    """The answer to somebody's `/latest`, shared in the channel, is no digest of ours."""
    lab.configure(query=MOSS)
    await seeded(lab)
    lab.days()
    new = published_about_moss(lab)
    async with Room(lab) as room:
        latest = await room.member.command("latest")
        await room.member.press(latest, "Share here")
        shared = len(lab.posted())
        await room.tick()

    assert lab.posted()[shared:] == [new]


def published_about_moss(lab: Lab) -> str:
    return lab.sandbox.corpus.publish(lab.sandbox.clock.now(), title="Moss on old stones").id


async def test_a_database_new_each_day_introduces_once_and_loses_nothing(lab: Lab) -> None:
    """As on a host that throws its disk away every night."""
    published(lab, 6)
    lab.days()
    await lab.once()

    new = await digests(lab, 5, between=lambda: new_database(lab.folder))

    assert sorted(lab.posted()) == sorted(new)
    assert sum(map(is_intro, lab.messages())) == 1


async def test_a_new_database_before_the_hour_waits_for_it(lab: Lab) -> None:
    await seeded(lab)
    before = await digests(lab, 2)
    lab.move(hours=20)
    new = published(lab, 2)
    await new_database(lab.folder)
    await lab.once()
    assert lab.posted() == before
    lab.move(hours=4)
    await lab.once()

    assert lab.posted() == before + new


async def test_followed_by_a_command_in_a_channel_with_a_past_it_begins_anew(lab: Lab) -> None:
    await seeded(lab)
    before = await digests(lab, 2)
    await new_database(lab.folder)
    lab.configure(query=None, channels=[])
    async with Room(lab) as room:
        await follow(room, MOSS)
        assert (await room.tick()).complete

    assert [message for message in lab.messages() if is_intro(message)][1:]
    assert lab.posted() == before


@pytest.mark.parametrize("route", ["GET /channels/{channel_id}/messages", "GET /guilds/{guild_id}"])
@pytest.mark.parametrize("headers", [{}, {"Via": "", "Retry-After": "60"}], ids=["503", "banned"])
async def test_while_the_channel_cannot_be_read_nothing_is_posted_or_seeded(
    lab: Lab, route: str, headers: dict[str, str]
) -> None:
    """A 429 without `Via` is a ban by Discord's network."""
    await seeded(lab)
    before = await digests(lab, 2)
    await new_database(lab.folder)
    lab.days()
    today = published(lab, 2)
    fault = Fault(route, status=429 if headers else 503, headers=headers, times=-1)
    lab.sandbox.faults.add(fault)
    messages = len(lab.messages())
    assert (await lab.once()).status == 1
    assert len(lab.messages()) == messages
    lab.sandbox.faults.clear()
    lab.move(hours=1)

    assert (await lab.once()).complete

    assert lab.posted() == before + today
