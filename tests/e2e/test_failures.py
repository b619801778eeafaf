"""Failure is not emptiness: nothing is recorded as done, nobody is told "nothing new", and the next good run is complete."""

from __future__ import annotations

import pytest

from bot.errors import TokenRefused
from sandbox.arxiv.server import ROUTE, empty_feed, error_feed
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.test_daily import seeded

HTML = "<html><body>Scheduled maintenance</body></html>"
POST = "POST /channels/{channel_id}/messages"

ARXIV_FAILS = {
    "429": Fault(ROUTE, status=429, times=-1),
    "429 with Retry-After": Fault(ROUTE, status=429, headers={"Retry-After": "120"}, times=-1),
    "429 with a short Retry-After": Fault(ROUTE, status=429, headers={"Retry-After": "5"}, times=-1),
    "406": Fault(ROUTE, status=406, times=-1),
    "403": Fault(ROUTE, status=403, times=-1),
    "503": Fault(ROUTE, status=503, times=-1),
    "500": Fault(ROUTE, status=500, times=-1),
    "reset": Fault(ROUTE, reset=True, times=-1),
    "half a feed": Fault(ROUTE, keep=0.5, times=-1),
    "HTML with 200": Fault(ROUTE, status=200, body=HTML, times=-1),
    "Rate exceeded. with 200": Fault(ROUTE, status=200, body="Rate exceeded.", times=-1),
    "an empty first page": Fault(ROUTE, status=200, body=empty_feed(0), times=-1),
    "an empty first page with a total": Fault(ROUTE, status=200, body=empty_feed(4), times=-1),
    "an Atom error with 400": Fault(ROUTE, status=400, body=error_feed("Invalid query string"), times=-1),
    "an Atom error with 200": Fault(ROUTE, status=200, body=error_feed("Invalid query string"), times=-1),
}


@pytest.mark.parametrize("fault", ARXIV_FAILS.values(), ids=ARXIV_FAILS.keys())
async def test_when_arxiv_fails_nothing_is_done_and_the_next_good_run_is_complete(lab: Lab, fault: Fault) -> None:
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.faults.add(fault)

    report = await lab.once()

    assert report.status == 1
    assert lab.posted() == []

    lab.sandbox.faults.clear()
    lab.move(hours=1)
    report = await lab.once()

    assert report.complete
    assert lab.posted() == [record.id]


@pytest.mark.parametrize("name", ["429", "HTML with 200", "an empty first page", "an Atom error with 400"])
async def test_the_command_says_so_and_exits_1(lab: Lab, name: str) -> None:
    await seeded(lab)
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.faults.add(ARXIV_FAILS[name])

    finished = await lab.bot("once", *lab.now_argument())

    assert finished.status == 1, finished
    assert "try again: " in finished.out
    assert "Nothing" not in finished.out


async def test_a_first_start_while_arxiv_is_down_says_so_and_exits_1(lab: Lab) -> None:
    lab.sandbox.faults.add(ARXIV_FAILS["503"])

    finished = await lab.bot("once", *lab.now_argument())

    assert finished.status == 1, finished
    assert "try again: arXiv" in finished.out
    assert "Nothing was due" not in finished.out
    lab.sandbox.faults.clear()
    assert (await lab.once()).complete
    assert len(lab.messages()) == 1


async def test_a_stalled_answer_is_a_timeout_not_emptiness(lab: Lab) -> None:
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.faults.add(Fault(ROUTE, stall=30, times=-1))

    report = await lab.once(arxiv_timeout=0.05)
    assert not report.complete
    assert lab.posted() == []

    lab.sandbox.faults.clear()
    lab.move(hours=1)
    assert (await lab.once()).complete
    assert lab.posted() == [record.id]


async def test_one_failed_try_waits_five_minutes_then_more(lab: Lab) -> None:
    await seeded(lab)
    lab.sandbox.faults.add(Fault(ROUTE, status=429, times=-1))
    waits = []
    for _ in range(5):
        before = lab.sandbox.clock.now()
        await lab.once()
        async with lab.app() as app:
            retry = await app.storage.subscriptions.next_due()
        assert retry is not None
        waits.append(round((retry - before).total_seconds() / 60))
        lab.move(to=retry)

    assert waits == [5, 15, 60, 60, 60]


# --- Discord ----------------------------------------------------------------------------------

DISCORD_FAILS = {
    "403": Fault(POST, status=403, times=1),
    "404": Fault(POST, status=404, times=1),
    "429 from its network": Fault(POST, status=429, headers={"Via": ""}, times=1),
    "503": Fault(POST, status=503, times=3),
    "reset": Fault(POST, reset=True, times=3),
    "reset after storing": Fault(POST, reset=True, stored=True, times=3),
    "503 after storing": Fault(POST, status=503, stored=True, times=3),
}


@pytest.mark.parametrize("fault", DISCORD_FAILS.values(), ids=DISCORD_FAILS.keys())
@pytest.mark.parametrize("later", [1 / 60, 1], ids=["a minute later", "an hour later"])
async def test_when_discord_fails_the_next_good_run_leaves_each_paper_once(lab: Lab, fault: Fault, later: float) -> None:
    await seeded(lab)
    records = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(3)]
    lab.sandbox.faults.add(Fault(**{name: getattr(fault, name) for name in Fault.__slots__}))

    report = await lab.once()
    assert not report.complete

    lab.move(hours=later)
    await lab.once(force=True)
    assert sorted(lab.posted()) == sorted(record.id for record in records)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(POST, status=500, stored=True),
        Fault(POST, status=502),
        Fault(POST, status=429, headers={"Retry-After": "0"}),
        Fault(POST, reset=True, stored=True),
    ],
    ids=["500 after storing", "502", "429", "reset after storing"],
)
async def test_what_heals_within_the_run_leaves_each_paper_once(lab: Lab, fault: Fault) -> None:
    await seeded(lab)
    records = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(2)]
    lab.sandbox.faults.add(Fault(**{name: getattr(fault, name) for name in Fault.__slots__}))

    report = await lab.once()

    assert report.complete
    assert lab.posted() == [record.id for record in records]


async def test_a_token_revoked_mid_digest_stops_everything_and_loses_nothing(lab: Lab) -> None:
    await seeded(lab)
    records = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(3)]
    lab.sandbox.faults.add(Fault(POST, status=401, after=1, times=-1))
    lab.sandbox.faults.add(Fault("GET /users/@me", status=401, after=1, times=-1))  # of the login and the one after

    with pytest.raises(TokenRefused, match="DISCORD_TOKEN"):
        await lab.once()
    assert len(lab.posted()) == 1

    lab.sandbox.faults.clear()
    lab.move(hours=1)
    assert (await lab.once()).complete
    assert lab.posted() == [record.id for record in records]


async def test_an_embed_that_discord_rejects_comes_as_plain_text(lab: Lab) -> None:
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.faults.add(Fault(POST, status=400))

    report = await lab.once()

    assert report.complete
    card = lab.messages()[-1]
    assert card.embeds == []
    assert f"https://arxiv.org/abs/{record.id}" in card.content


async def test_a_message_rejected_twice_is_said_and_holds_up_nothing(lab: Lab) -> None:
    await seeded(lab)
    now = lab.sandbox.clock.now()
    first = lab.sandbox.corpus.publish(now)
    second = lab.sandbox.corpus.publish(now)
    lab.sandbox.faults.add(Fault(POST, status=400, times=2))

    report = await lab.once()

    assert not report.complete
    assert "rejected" in str(report.channel(lab.channel).problem)
    assert lab.posted() == [second.id, first.id]  # the one that was rejected as a link alone


@pytest.mark.parametrize(
    ("permission", "named"),
    [("EMBED_LINKS", "Embed Links"), ("SEND_MESSAGES", "Send Messages"), ("VIEW_CHANNEL", "View Channel")],
)
async def test_a_channel_that_forbids_posting_waits_and_the_others_go_on(lab: Lab, permission: str, named: str) -> None:
    world = lab.sandbox.world
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(world.general.id)}])
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    world.deny(lab.channel, permission)

    report = await lab.once()

    assert named in str(report.channel(lab.channel).problem)
    assert lab.posted() == []
    assert lab.posted(world.general.id) == [record.id]

    world.allow(lab.channel, permission)
    lab.days(1)
    assert (await lab.once()).complete
    assert lab.posted() == [record.id]
    assert lab.posted(world.general.id) == [record.id]


async def test_a_deleted_channel_holds_up_nobody(lab: Lab) -> None:
    world = lab.sandbox.world
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(world.general.id)}])
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    world.delete_channel(lab.channel)

    report = await lab.once()

    assert "no longer exists" in str(report.channel(lab.channel).problem)
    assert lab.posted(world.general.id) == [record.id]


@pytest.mark.parametrize("kind", [2, 15, 16], ids=["voice", "forum", "media"])
async def test_a_channel_of_the_wrong_kind_is_refused_with_a_sentence(lab: Lab, kind: int) -> None:
    world = lab.sandbox.world
    wrong = world.add_channel(world.lab, "wrong", kind)
    lab.configure(channels=[{"id": str(wrong.id)}])

    report = await lab.once()

    [problem] = report.failures
    assert "cannot take papers" in problem
    assert "text channel" in problem


@pytest.mark.parametrize("kind", [5, 11], ids=["announcement channel", "public thread"])
async def test_announcement_channels_and_threads_take_papers(lab: Lab, kind: int) -> None:
    world = lab.sandbox.world
    room = world.add_channel(world.lab, "room", kind, world.papers if kind == 11 else None)
    lab.configure(channels=[{"id": str(room.id)}])
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())

    assert (await lab.once()).complete
    assert lab.posted(room.id) == [record.id]


async def test_without_read_message_history_sending_again_is_preferred_to_losing(lab: Lab) -> None:
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.world.deny(lab.channel, "READ_MESSAGE_HISTORY")
    lab.sandbox.faults.add(Fault(POST, reset=True, times=3))

    assert not (await lab.once()).complete
    lab.move(hours=1)
    assert (await lab.once()).complete
    assert lab.posted() == [record.id]


async def test_discord_not_answering_at_start_leaves_the_channel_waiting(lab: Lab) -> None:
    lab.sandbox.faults.add(Fault("GET /channels/{channel_id}", status=503))

    report = await lab.once()
    assert "waits" in report.failures[0]

    assert (await lab.once()).complete
    assert len(lab.messages()) == 1
