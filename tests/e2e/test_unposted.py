"""Discord does not take a digest's messages: whoever asks is told so in plain words, for as long as it is true."""

from __future__ import annotations

import pytest

from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.panel import panel, publish, text
from tests.e2e.panel import room as room
from tests.e2e.room import Room

POST = "POST /channels/{channel_id}/messages"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
HTML = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"


def broken(**harm: object) -> Fault:
    return Fault(POST, times=-1, **harm)  # type: ignore[arg-type]


async def status(room: Room) -> str:
    return text(await room.member.command("status"))


def owed(said: str) -> str:
    """The line about what is not posted yet."""
    (line,) = [each for each in said.splitlines() if each.startswith("- ")]
    assert "not posted" in line
    return line


async def test_it_is_named_while_it_lasts_and_gone_with_it(lab: Lab, room: Room) -> None:
    due = [publish(lab) for _ in range(3)]
    lab.days()
    lab.sandbox.faults.add(broken(status=503, body=HTML))
    await room.tick()

    said = await status(room)
    assert "Last digest: Tue 3 Mar 15:00" in said
    assert ", 3 new, not posted yet.\n" in said
    for part in ("3 papers ", ": Discord answered 503.", " first "):
        assert part in owed(said)
    assert "Error" not in said
    assert "html" not in said

    lab.days()
    await room.tick()
    said = await status(room)
    assert "Last digest: Wed 4 Mar 15:00" in said
    assert ", nothing new.\n" in said
    assert "3 papers " in owed(said)
    assert ": Discord answered 503." in owed(said)

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
    assert "2 papers " in owed(said)
    assert ": Discord answered 503." in owed(said)


async def test_a_paper_whose_edit_is_not_taken_is_posted_all_the_same(lab: Lab, room: Room) -> None:
    paper = publish(lab)
    lab.days()
    await room.tick()
    lab.days()
    lab.sandbox.corpus.revise(paper.removesuffix("v1"), lab.sandbox.clock.now())
    lab.sandbox.faults.add(Fault(EDIT, status=503, times=-1))
    await room.tick()
    said = await status(room)
    assert "1 paper is not up to date yet**: Discord answered 503. What was posted stands as it was" in said
    publish(lab)
    lab.sandbox.faults.add(broken(status=503))
    lab.days()
    await room.tick()
    assert "1 paper " in owed(await status(room))  # a new one is told first


async def test_a_digest_on_request(lab: Lab, room: Room) -> None:
    publish(lab)
    lab.move(minutes=5)
    lab.sandbox.faults.add(broken(status=503, body=HTML))
    reply = await room.manager.press(await panel(room), "Post now")
    assert f"<#{lab.channel}>: 1 new, not posted yet. ⚠️ " in text(reply)
    assert "not confirmed a message: Discord answered 503;" in text(reply)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (broken(reset=True), "the connection to Discord broke"),
        (broken(status=200, body="<html>"), "Discord's answer could not be read"),
        (broken(status=403, body=HTML), "Discord answered 403"),
        (broken(status=404, body=HTML), "Discord answered 404"),
        (broken(status=429, body='{"code": 20028, "message": "Too many"}'), "Discord says 'Too many' (HTTP 429, code 20028)"),
    ],
    ids=["reset", "no JSON", "a network's 403", "a network's 404", "a limit of the channel"],
)
async def test_other_ways_not_to_answer(lab: Lab, room: Room, fault: Fault, said: str) -> None:
    publish(lab)
    lab.days()
    lab.sandbox.faults.add(fault)
    await room.tick()
    line = owed(await status(room))
    for part in ("1 paper ", f": {said}.", " first "):
        assert part in line


async def test_a_page_in_the_place_of_discord_is_not_printed_on_the_terminal(lab: Lab) -> None:
    lab.sandbox.faults.add(Fault("GET /users/@me", status=503, body=HTML, times=-1))
    for command in ("once", "run"):
        finished = await lab.bot(command)
        assert finished.status == 1, finished
        assert "HTTP 503" in finished.err
        assert "<" not in finished.err
