"""How often a person may ask: every way to make the bot ask arXiv or post ends in the same private refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from sandbox.discord.reply import Reply
from tests.e2e.lab import Lab
from tests.e2e.panel import MOSS, one, panel, publish
from tests.e2e.panel import room as room
from tests.e2e.room import Room


@pytest.fixture(autouse=True)
def unhurried(lab: Lab) -> None:
    """A pause between two questions to arXiv would move the clock that the minute is measured by."""
    lab.environment["ARXIV_INTERVAL"] = "0"
    lab.sandbox.arxiv.interval = None


async def page(room: Room) -> Reply:
    return await room.manager.command("latest", query="all:green")


async def draft(room: Room) -> Reply:
    return await room.manager.command("setquery", query=MOSS)


async def form(room: Room) -> Reply:
    return await room.manager.command("setquery")


async def edit(room: Room) -> Reply:
    return await room.manager.press(await draft(room), "Edit")


async def edit_from_the_panel(room: Room) -> Reply:
    return await room.manager.press(await one(room), "Change query")


async def unanswered(room: Room) -> Reply:
    room.lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
    reply = await draft(room)
    room.lab.sandbox.faults.clear()
    return reply


async def status(room: Room) -> Reply:
    return await room.manager.command("status")


def press(label: str) -> Callable[[Room, Reply], Awaitable[Reply]]:
    return lambda room, reply: room.manager.press(reply, label)


WAYS: dict[str, tuple[Callable[[Room], Awaitable[Reply]], Callable[[Room, Reply], Awaitable[Reply]]]] = {
    "latest": (panel, lambda room, _: page(room)),
    "share": (page, press("Share here")),
    "setquery": (panel, lambda room, _: draft(room)),
    "its form": (form, lambda room, opened: room.manager.submit(opened, topics="moss")),
    "edit": (edit, lambda room, opened: room.manager.submit(opened, query=MOSS)),
    "change query": (edit_from_the_panel, lambda room, opened: room.manager.submit(opened, query=MOSS)),
    "try again": (unanswered, press("Try again")),
    "save": (draft, press("Save")),
    "post now": (panel, press("Post now")),
    "check": (status, press("Check")),
}
"""What it begins from, and what is then done."""


@pytest.mark.parametrize("way", WAYS)
async def test_five_a_minute_and_then_it_is_said_when_again(lab: Lab, room: Room, way: str) -> None:
    begin, act = WAYS[way]
    publish(lab)
    beginnings = []
    for _ in range(7):
        beginnings.append(await begin(room))
        lab.move(minutes=1)
    for each in beginnings[:5]:
        assert refusal(await act(room, each)) is None
    lab.move(seconds=20)
    asked, standing = len(lab.sandbox.arxiv.requests), len(lab.messages())

    assert refusal(await act(room, beginnings[5])) == "That was a lot in one minute. Try again in 40 seconds."

    assert (len(lab.sandbox.arxiv.requests), len(lab.messages())) == (asked, standing)
    lab.move(seconds=40)
    assert refusal(await act(room, beginnings[6])) is None


async def test_no_form_is_opened_that_could_not_be_sent(lab: Lab, room: Room) -> None:
    lab.move(minutes=1)
    for _ in range(5):
        reply = await draft(room)
    assert refusal(await form(room)) is not None
    assert refusal(await room.manager.press(reply, "Edit")) is not None


def refusal(reply: Reply) -> str | None:
    """What was said, for whoever asked alone, instead of what was asked for."""
    said = [each for each in (reply.message, *reply.followups) if each is not None and "Try again in " in each.content]
    assert all(each.visible_to is not None for each in said)
    return said[-1].content if said else None
