"""What `once` says, and the status it ends with."""

from __future__ import annotations

import re

import pytest

from bot.digest.model import DELETED
from tests.e2e.lab import Lab
from tests.e2e.room import Room, until
from tests.e2e.test_daily import seeded
from tests.e2e.test_run import published

MISTYPED = 123456789012345678


@pytest.mark.parametrize(("count", "papers"), [(1, "1 paper"), (3, "3 papers")])
async def test_a_first_rehearsal_says_what_would_be_done(lab: Lab, count: int, papers: str) -> None:
    published(lab, count)

    finished = await lab.bot("once", "--dry-run", "--force", *lab.now_argument())

    assert finished.status == 0
    said = f"channel {lab.channel}: {papers} would be recorded as seen; 0 new, 0 revised; 1 message would be sent"
    assert finished.out.splitlines()[-1] == said
    assert lab.messages() == []


async def test_a_later_rehearsal_too_and_the_digest_itself_what_was_done(lab: Lab) -> None:
    await seeded(lab)
    published(lab, 1)
    await lab.once()
    lab.days(1)
    lab.sandbox.corpus.revise(lab.posted()[0].removesuffix("v1"), lab.sandbox.clock.now())
    published(lab, 1)

    rehearsed = await lab.bot("once", "--dry-run", *lab.now_argument())
    finished = await lab.bot("once", *lab.now_argument())

    assert f"channel {lab.channel}: 1 new, 1 revised; 1 message would be sent; 1 would be edited\n" in rehearsed.out
    assert f"#papers (channel {lab.channel}): 1 new, 1 revised; 1 message sent; 1 edited\n" in finished.out


async def test_a_rehearsal_is_printed_without_anybodys_markup(lab: Lab) -> None:
    world = lab.sandbox.world
    await seeded(lab)
    lab.configure(max_posts=1, channels=[{"id": str(lab.channel)}, {"id": str(world.general.id)}])
    lab.sandbox.corpus.flood(249, lab.sandbox.clock.now())
    published(lab, 2)
    title = r"Is **K\"ahler** _moss_ [green](https://evil.example) at `10` $\mathrm{K}$?"
    paper = lab.sandbox.corpus.publish(lab.sandbox.clock.now(), title=title)

    rehearsed = await lab.bot("once", "--dry-run", *lab.now_argument())

    shown = "Is **Kähler** _moss_ [green](https://evil.example) at `10` K?"
    assert f" {shown} https://arxiv.org/abs/{paper.id}\n" in rehearsed.out
    assert re.search(r"^Now following .+\n.+:\n  \(\(cat:", rehearsed.out, re.MULTILINE)
    assert "\nNext digest: Wed 4 Mar 2026 14:00\n" in rehearsed.out
    assert "\n2 papers\n1. " in rehearsed.out
    assert re.search(r"^249 more papers .* backlog.* /status .*$", rehearsed.out, re.MULTILINE)
    assert not re.search(r"[*`\\]|<t:|<http", rehearsed.out.replace(shown, ""))


async def test_a_channel_that_discord_never_knew_must_be_mended_and_holds_up_nobody(lab: Lab) -> None:
    lab.configure(channels=[{"id": str(MISTYPED)}, {"id": str(lab.channel)}])
    for told in ("0 papers recorded as seen; 1 message sent", "0 new, 0 revised; 0 messages sent"):
        finished = await lab.bot("once", *lab.now_argument())

        assert finished.status == 2
        assert f"\nDiscord knows no channel {MISTYPED}; correct config.json (key channels)\n" in f"\n{finished.out}"
        assert "try again" not in finished.out
        assert told in finished.out
        lab.days(1)

    lab.configure(channels=[{"id": str(lab.channel)}])
    assert (await lab.bot("once", *lab.now_argument())).status == 0


async def test_alone_in_the_file_it_is_not_called_nothing_due(lab: Lab) -> None:
    lab.configure(channels=[{"id": str(MISTYPED)}])

    finished = await lab.bot("once", *lab.now_argument())

    assert (finished.status, finished.out) == (2, f"Discord knows no channel {MISTYPED}; correct config.json (key channels)\n")


async def test_run_says_it_at_its_first_tick_and_serves_the_others(lab: Lab) -> None:
    lab.configure(channels=[{"id": str(MISTYPED)}, {"id": str(lab.channel)}])
    async with Room(lab) as room:
        first, second = await room.tick(), await room.tick()

    assert first.mistakes == [f"Discord knows no channel {MISTYPED}; correct config.json (key channels)"]
    assert (first.failures, second.lines()) == ([], [])
    assert len(lab.messages()) == 1


async def test_a_channel_known_once_and_deleted_while_the_bot_was_out_of_its_server_waits(lab: Lab) -> None:
    world = lab.sandbox.world
    async with Room(lab) as room:
        await room.tick()
        world.remove_member(world.lab, world.bot.id)
        await until(lambda: room.bot.get_guild(world.lab.id) is None)
        await room.tick()
    world.delete_channel(lab.channel)

    report = await lab.once()

    assert report.failures == [f"channel {lab.channel} in config.json waits: {DELETED}"]
    assert report.status == 1


async def test_what_arxiv_misreads_in_config_json_is_said_at_the_start(lab: Lab) -> None:
    lab.configure(query="ti:moss and cat:cs.LG", channels=[{"id": str(lab.channel), "query": "cs.LG"}])

    finished = await lab.bot("once", *lab.now_argument())

    warnings = [line.partition("config.json, ")[2] for line in finished.err.splitlines() if "WARNING" in line]
    assert [warning.partition(": arXiv")[0] for warning in warnings][:1] == ["query"]
    assert warnings[-1].startswith("channels, entry 1: query: cs.LG is a category")
