"""Asking arXiv has one home: whoever asks, in the room or at the command line, is answered alike."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.arxiv.atom import Asking, feed
from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.room import Room
from tests.e2e.test_setquery import text

LICHEN = "ti:lichen"


@pytest.fixture
async def room(lab: Lab) -> AsyncIterator[Room]:
    lab.configure(query=None, channels=[], max_results=20)
    async with Room(lab) as room:
        yield room


def rate(said: str) -> str:
    """What is said of how often papers come."""
    found = re.search(r"come ((?:about|rarely).*?)\.?(?:\s(?!\()[A-Z].*)?$", said, re.MULTILINE)
    assert found is not None, said
    return found[1]


@pytest.mark.parametrize(("papers", "hours"), [(7, 90), (3, 800), (40, 6)], ids=["weekly", "rare", "cut by max_results"])
async def test_the_same_rate_is_said_wherever_it_is_said(lab: Lab, room: Room, papers: int, hours: int) -> None:
    now = lab.sandbox.clock.now()
    for number in range(papers):
        lab.sandbox.corpus.publish(now - number * timedelta(hours=hours), title=f"A lichen, part {number}", abstract="Grey.")

    tried = await lab.bot("query", "try", LICHEN, *lab.now_argument())
    proposed = await room.manager.command("setquery", query=LICHEN)
    before_saving = text(proposed)
    await room.manager.press(proposed, "Save")
    *_, first = lab.messages()
    status = await room.member.command("status")

    said = [tried.out, before_saving, str(first.embeds[0]["description"]), text(status)]
    assert len({rate(each) for each in said}) == 1, [rate(each) for each in said]


async def test_a_damaged_entry_keeps_nobody_from_the_others(lab: Lab, room: Room) -> None:
    now = lab.sandbox.clock.now()
    sound = [lab.sandbox.corpus.publish(now, title=f"A lichen, part {number}", abstract="Grey.") for number in range(3)]
    answer = feed(Asking(), sound, len(sound), now).replace(f"<title>{sound[0].title}</title>", "")
    lab.sandbox.faults.add(Fault(ROUTE, status=200, body=answer, times=-1))

    proposed = await room.manager.command("setquery", query=LICHEN)
    saved = await room.manager.press(proposed, "Save")
    shown = await room.member.command("latest", query=LICHEN)
    status = await room.member.command("status")
    tried = await lab.bot("query", "try", LICHEN, *lab.now_argument())

    assert saved.content.startswith("Saved.")
    assert [embed["title"] for embed in shown.embeds] == [record.title for record in sound[:0:-1]]
    assert sound[0].id in text(status)
    assert (tried.status, sound[1].id in tried.out) == (0, True)

    lab.sandbox.faults.clear()
    lab.days(1)
    await room.tick()
    assert lab.posted()[-1] == sound[0].id


async def test_a_paper_s_id_or_a_link_to_it_shows_the_paper(lab: Lab, room: Room) -> None:
    wanted = lab.sandbox.corpus.publish(lab.sandbox.clock.now(), title="On lichen")
    lab.sandbox.corpus.publish(lab.sandbox.clock.now(), title="On moss", abstract=f"We continue {wanted.base_id}.")
    for typed in (wanted.base_id, wanted.id, f"https://arxiv.org/abs/{wanted.id}"):
        shown = await room.member.command("latest", query=typed)
        assert [embed["title"] for embed in shown.embeds] == ["On lichen"]
