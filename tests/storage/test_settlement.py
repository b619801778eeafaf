"""What an outcome leaves behind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.digest.model import (
    Blocked,
    Delivery,
    Intro,
    Kind,
    Message,
    Outcome,
    Plan,
    Rejected,
    Sent,
    Showing,
    Shown,
    Sighting,
    State,
    Subscription,
    Unknown,
)
from bot.storage import Storage
from tests.storage.lab import CHANNEL, DAY, NOW, QUERY, Deciding, claim, current, edit, fed, paper, papers, seeding

MESSAGE = 1_300_000_000_000_000_001


async def carded(storage: Storage, count: int = 1) -> tuple[Subscription, list[Delivery]]:
    """A channel with one card under way for each paper."""
    channel = await fed(storage)
    return channel, await claim(storage, channel, papers(count), NOW, Deciding())


async def edited(storage: Storage) -> tuple[Subscription, Delivery]:
    """A channel with a list of two papers, and under way the edit for the revision of the first."""
    channel = await fed(storage)
    (posted,) = await claim(storage, channel, papers(2), NOW, Deciding(kind=Kind.LIST))
    await storage.deliveries.settle(posted, Sent(MESSAGE), NOW)
    (change,) = await claim(storage, channel, [paper(0, 2)], NOW, edit)
    return channel, change


async def sightings(storage: Storage, channel: Subscription, *versions: tuple[int, int]) -> list[Sighting]:
    """What the next digest makes of these papers (number and version)."""
    deciding = Deciding(State.SEEN)
    await claim(storage, channel, [paper(number, version) for number, version in versions], NOW + DAY, deciding)
    return deciding.saw


async def test_sent_is_done_and_remembers_its_message(storage: Storage) -> None:
    channel, (card,) = await carded(storage)
    await storage.deliveries.settle(card, Sent(MESSAGE), NOW)
    assert await storage.deliveries.unfinished() == []
    (sighting,) = await sightings(storage, channel, (0, 2))
    assert sighting.shown == Shown(MESSAGE, CHANNEL, Kind.CARD, (Showing(paper(0)),))


async def test_sent_and_deleted_since_stands_nowhere(storage: Storage) -> None:
    channel, (card,) = await carded(storage)
    await storage.deliveries.settle(card, Sent(None), NOW)
    assert await storage.deliveries.unfinished() == []
    assert await sightings(storage, channel, (0, 2)) == [Sighting(paper(0, 2), State.SENT)]


async def test_sent_unblocks_the_channel(storage: Storage) -> None:
    _, (card,) = await carded(storage)
    await storage.subscriptions.block(CHANNEL, "Missing permission", NOW)
    await storage.deliveries.settle(card, Sent(MESSAGE), NOW)
    assert (await current(storage)).blocked_reason is None


async def test_only_the_message_that_notifies_marks_the_day(storage: Storage) -> None:
    channel = await fed(storage)
    states = {p.id: State.CLAIMED for p in papers(2)}
    first = Message(Kind.CARD, (Showing(paper(0)),), notifies_on=NOW.date())
    second = Message(Kind.CARD, (Showing(paper(1)),))
    loud, quiet = await claim(storage, channel, papers(2), NOW, lambda _: Plan((first, second), states))
    await storage.deliveries.settle(quiet, Sent(MESSAGE), NOW)
    assert (await current(storage)).notified_on is None
    await storage.deliveries.settle(loud, Sent(MESSAGE + 1), NOW)
    assert (await current(storage)).notified_on == NOW.date()


async def test_blocked_posts_wait_for_the_next_digest(storage: Storage) -> None:
    channel, cards = await carded(storage, 2)
    for card in cards:
        await storage.deliveries.settle(card, Blocked("Missing permission: Send Messages"), NOW)
    assert (await current(storage)).blocked_reason == "Missing permission: Send Messages"
    assert await storage.deliveries.unfinished() == []
    assert await sightings(storage, channel) == [Sighting(p, State.WAITING, waiting_since=NOW) for p in papers(2)]


async def test_a_post_that_may_exist_stays_to_be_looked_for_when_its_channel_is_blocked(storage: Storage) -> None:
    channel, (card,) = await carded(storage)
    await storage.deliveries.settle(card, Unknown("timeout"), NOW)
    await storage.deliveries.settle(card, Blocked("Missing permission: Send Messages"), NOW)
    assert await storage.deliveries.unfinished() == [card]
    assert await sightings(storage, channel, (0, 1)) == []


@pytest.mark.parametrize(
    "message",
    [
        Message(Kind.INTRO, intro=Intro(QUERY, 2, 0.1, NOW, (Showing(paper(0)),))),
        Message(Kind.INTRO, intro=Intro(QUERY, 0, 0.0, NOW, ())),
    ],
)
async def test_a_blocked_intro_stays(storage: Storage, message: Message) -> None:
    channel = await fed(storage)
    (intro,) = await storage.ledger.seed(channel, [], seeding(), 0.5, message)
    await storage.deliveries.settle(intro, Blocked("Missing permission"), NOW)
    assert await storage.deliveries.unfinished() == [intro]


async def test_a_blocked_edit_stays(storage: Storage) -> None:
    channel, change = await edited(storage)
    await storage.deliveries.settle(change, Blocked("Missing permission"), NOW)
    assert await storage.deliveries.unfinished() == [change]
    assert await sightings(storage, channel, (0, 2)) == []


async def test_unknown_stays_with_the_same_nonce(storage: Storage) -> None:
    _, (card,) = await carded(storage)
    await storage.deliveries.settle(card, Unknown("502"), NOW)
    assert await storage.deliveries.unfinished() == [card]


async def test_of_a_rejected_post_the_link_is_left_to_be_posted(storage: Storage) -> None:
    channel, (card,) = await carded(storage)
    await storage.deliveries.settle(card, Rejected("50035"), NOW)
    assert await storage.deliveries.unfinished() == []
    (sighting,) = await sightings(storage, channel, (0, 1))
    assert (sighting.paper, sighting.prior) == (paper(0, 1), State.REFUSED)


async def test_a_rejected_edit_leaves_what_stands(storage: Storage) -> None:
    channel, change = await edited(storage)
    await storage.deliveries.settle(change, Rejected("50035"), NOW)
    assert await storage.deliveries.unfinished() == []
    (sighting,) = await sightings(storage, channel, (0, 3))
    assert sighting.prior is State.SENT
    assert sighting.shown == Shown(MESSAGE, CHANNEL, Kind.LIST, (Showing(paper(0)), Showing(paper(1))))


async def test_an_edit_made_is_what_stands(storage: Storage) -> None:
    channel, change = await edited(storage)
    await storage.deliveries.settle(change, Sent(MESSAGE), NOW)
    (sighting,) = await sightings(storage, channel, (0, 3))
    assert sighting.shown == Shown(MESSAGE, CHANNEL, Kind.LIST, (Showing(paper(0, 2)), Showing(paper(1))))


async def test_an_edit_of_a_deleted_message_forgets_it_for_every_paper_in_it(storage: Storage) -> None:
    channel, change = await edited(storage)
    await storage.deliveries.settle(change, Sent(None), NOW)
    assert await storage.deliveries.unfinished() == []
    seen = await sightings(storage, channel, (0, 3), (1, 2))
    assert seen == [Sighting(paper(0, 3), State.SENT), Sighting(paper(1, 2), State.SENT)]


@pytest.mark.parametrize("outcomes", [(Sent(MESSAGE), Sent(MESSAGE)), (Unknown("502"), Sent(MESSAGE))])
async def test_settling_again_ends_the_same(storage: Storage, outcomes: Sequence[Outcome]) -> None:
    channel, (card,) = await carded(storage)
    for outcome in outcomes:
        await storage.deliveries.settle(card, outcome, NOW)
    (sighting,) = await sightings(storage, channel, (0, 2))
    assert sighting.shown == Shown(MESSAGE, CHANNEL, Kind.CARD, (Showing(paper(0)),))
