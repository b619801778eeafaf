"""Discord does not take a digest's messages: whoever asks is told so in plain words, for as long as it is true."""

from __future__ import annotations

import pytest

from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.panel import panel, publish, text
from tests.e2e.panel import room as room
from tests.e2e.room import Room

POST = "POST /channels/{channel_id}/messages"
HTML = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
CAME = "They come first as soon as Discord takes them."


def broken(**harm: object) -> Fault:
    return Fault(POST, times=-1, **harm)  # type: ignore[arg-type]


async def status(room: Room) -> str:
    return text(await room.member.command("status"))


async def test_it_is_named_while_it_lasts_and_gone_with_it(lab: Lab, room: Room) -> None:
    due = [publish(lab) for _ in range(3)]
    lab.days()
    lab.sandbox.faults.add(broken(status=503, body=HTML))
    await room.tick()

    said = await status(room)
    assert "Last digest: Tue 3 Mar 15:00" in said
    assert ", 3 new, not posted yet.\n" in said
    assert f"- **3 papers are not posted yet**: Discord answered 503. {CAME}" in said
    assert "Error" not in said
    assert "html" not in said

    lab.days()
    await room.tick()
    said = await status(room)
    assert "Last digest: Wed 4 Mar 15:00" in said
    assert ", nothing new.\n" in said
    assert "- **3 papers are not posted yet**: Discord answered 503." in said

    lab.sandbox.faults.clear()
    lab.move(minutes=15)
    await room.tick()
    assert sorted(lab.posted()) == sorted(due)
    assert "not posted" not in (said := await status(room))
    assert "503" not in said


async def test_what_was_posted_before_it_failed_is_not_counted(lab: Lab, room: Room) -> None:
    for _ in range(3):
        publish(lab)
    lab.days()
    lab.sandbox.faults.add(broken(status=503, after=1))
    await room.tick()
    assert len(lab.posted()) == 1
    said = await status(room)
    assert ", 3 new, 2 of them not posted yet.\n" in said
    assert "- **2 papers are not posted yet**: Discord answered 503." in said


async def test_a_digest_on_request(lab: Lab, room: Room) -> None:
    publish(lab)
    lab.move(minutes=5)
    lab.sandbox.faults.add(broken(status=503, body=HTML))
    reply = await room.manager.press(await panel(room), "Post now")
    assert f"<#{lab.channel}>: 1 new, not posted yet. ⚠️ Discord has not confirmed a message: Discord answered 503;" in text(reply)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (broken(reset=True), "the connection to Discord broke"),
        (broken(status=200, body="<html>"), "Discord's answer could not be read"),
    ],
    ids=["reset", "no JSON"],
)
async def test_other_ways_not_to_answer(lab: Lab, room: Room, fault: Fault, said: str) -> None:
    publish(lab)
    lab.days()
    lab.sandbox.faults.add(fault)
    await room.tick()
    assert f"- **1 paper is not posted yet**: {said}. It comes first as soon as Discord takes it." in await status(room)
