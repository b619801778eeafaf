"""A paper that Discord does not take, or never confirms: the others come, and its link stands where a member can see it."""

from __future__ import annotations

import json

import pytest

from sandbox.arxiv.corpus import Record
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.room import Room
from tests.e2e.test_daily import seeded

POST, EDIT = "POST /channels/{channel_id}/messages", "PATCH /channels/{channel_id}/messages/{message_id}"
TITLE = "Bryophytes on basalt"
AUTOMOD = json.dumps({"code": 200000, "message": "Message was blocked by automatic moderation"})


def published(lab: Lab, count: int, **metadata: str) -> list[Record]:
    return [lab.sandbox.corpus.publish(lab.sandbox.clock.now(), **metadata) for _ in range(count)]  # type: ignore[arg-type]


async def status(lab: Lab) -> str:
    async with Room(lab) as room:
        reply = await room.member.command("status")
    return str(reply.embeds)


@pytest.mark.parametrize(("status", "code"), [(400, 200000), (403, 200000), (400, 240000), (403, 30007), (400, 40094)])
async def test_words_that_automod_blocks_leave_the_link(lab: Lab, status: int, code: int) -> None:
    await seeded(lab)
    before = published(lab, 2)
    (blocked,) = published(lab, 1, title=TITLE)
    after = published(lab, 2)
    body = json.dumps({"code": code, "message": "Message was blocked by automatic moderation"})
    lab.sandbox.faults.add(Fault(POST, status=status, body=body, containing=TITLE, times=-1))

    await lab.once()

    assert sorted(lab.posted()) == sorted(each.id for each in (*before, blocked, *after))
    [link] = [message for message in lab.messages() if blocked.id in str(message.embeds)]
    assert TITLE not in str(link.embeds)
    lab.days()
    asked = len(lab.sandbox.requests)
    assert (await lab.once()).complete
    assert not [each for each in lab.sandbox.requests[asked:] if each.route == POST]


async def test_a_link_that_automod_blocks_too_is_told_with_its_title(lab: Lab) -> None:
    await seeded(lab)
    (blocked,) = published(lab, 1, title=TITLE)
    lab.sandbox.faults.add(Fault(POST, status=400, body=AUTOMOD, containing=blocked.id, times=-1))
    await lab.once()
    assert lab.posted() == []

    told = await status(lab)

    assert TITLE in told
    assert f"https://arxiv.org/abs/{blocked.id}" in told
    assert "Discord rejected a message: Message was blocked by automatic moderation" in told


async def test_a_new_version_of_what_was_refused_is_tried_again(lab: Lab) -> None:
    await seeded(lab)
    (blocked,) = published(lab, 1, title=TITLE)
    lab.sandbox.faults.add(Fault(POST, status=400, body=AUTOMOD, containing=blocked.id, times=-1))
    await lab.once()
    lab.days()
    revised = lab.sandbox.corpus.revise(blocked.base_id, lab.sandbox.clock.now(), title="Mosses on basalt")

    await lab.once()

    assert lab.posted() == [revised.id]


@pytest.mark.parametrize("status", [503, 500, 408, 413, 421])
async def test_one_card_never_confirmed_costs_the_others_nothing(lab: Lab, status: int) -> None:
    await seeded(lab)
    (odd,) = published(lab, 1, title=TITLE)
    lab.sandbox.faults.add(Fault(POST, status=status, containing=TITLE, times=-1))
    new = []
    for _ in range(5):
        new += published(lab, 2)
        await lab.once()
        lab.days()

    assert sorted(lab.posted()) == sorted([odd.id, *(each.id for each in new)])


async def test_an_embed_never_confirmed_comes_as_plain_text(lab: Lab) -> None:
    await seeded(lab)
    (odd,) = published(lab, 1)
    lab.sandbox.faults.add(Fault(POST, status=503, containing="Submitted", times=-1))
    for _ in range(4):
        await lab.once()
        lab.days()

    [message] = [each for each in lab.messages() if odd.id in each.content]
    assert message.embeds == []


async def test_a_forbidden_edit_holds_up_nothing_new(lab: Lab) -> None:
    await seeded(lab)
    (paper,) = published(lab, 1)
    await lab.once()
    lab.days()
    lab.sandbox.corpus.revise(paper.base_id, lab.sandbox.clock.now())
    body = json.dumps({"code": 50013, "message": "Missing Permissions"})
    lab.sandbox.faults.add(Fault(EDIT, status=403, body=body, times=-1))
    await lab.once()
    lab.days()
    (new,) = published(lab, 1)

    await lab.once()

    assert lab.posted() == [paper.id, new.id]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(EDIT, status=503, times=-1),
        Fault(EDIT, status=500, times=-1),
        Fault(EDIT, status=429, body=json.dumps({"code": 30046, "message": "Maximum number of edits"}), times=-1),
        Fault(EDIT, keep=0.5, times=-1),
    ],
    ids=["503", "500", "30046", "cannot be read"],
)
async def test_an_edit_never_confirmed_ends_and_holds_up_nothing(lab: Lab, fault: Fault) -> None:
    await seeded(lab)
    (paper,) = published(lab, 1)
    await lab.once()
    lab.days()
    lab.sandbox.corpus.revise(paper.base_id, lab.sandbox.clock.now())
    lab.sandbox.faults.add(fault)
    new = [paper]
    for _ in range(5):
        new += published(lab, 2)
        report = await lab.once()
        lab.days()

    assert [id.partition("v")[0] for id in lab.posted()] == [each.base_id for each in new]
    assert report.complete
