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
from bot.storage.database import Database
from bot.storage.ledger import LedgerStore
from bot.storage.subscriptions import SubscriptionStore
from tests.storage.lab import CHANNEL, DAY, DEFAULTS, NOW, QUERY, Deciding, current, edit, fed, paper, papers, seeding

MESSAGE = 1_300_000_000_000_000_001


async def carded(database: Database, count: int = 1) -> tuple[LedgerStore, Subscription, list[Delivery]]:
    """A channel with one card under way for each paper."""
    ledger, channel = LedgerStore(database), await fed(database)
    return ledger, channel, await ledger.claim(channel, papers(count), NOW, Deciding())


async def edited(database: Database) -> tuple[LedgerStore, Subscription, Delivery]:
    """A channel with a list of two papers, and under way the edit for the revision of the first."""
    ledger, channel = LedgerStore(database), await fed(database)
    (posted,) = await ledger.claim(channel, papers(2), NOW, Deciding(kind=Kind.LIST))
    await ledger.settle(posted, Sent(MESSAGE), NOW)
    (change,) = await ledger.claim(channel, [paper(0, 2)], NOW, edit)
    return ledger, channel, change


async def sightings(ledger: LedgerStore, channel: Subscription, *versions: tuple[int, int]) -> list[Sighting]:
    """What the next digest makes of these papers (number and version)."""
    deciding = Deciding(State.SEEN)
    await ledger.claim(channel, [paper(number, version) for number, version in versions], NOW + DAY, deciding)
    return deciding.saw


async def test_sent_is_done_and_remembers_its_message(database: Database) -> None:
    ledger, channel, (card,) = await carded(database)
    await ledger.settle(card, Sent(MESSAGE), NOW)
    assert await ledger.unfinished() == []
    (sighting,) = await sightings(ledger, channel, (0, 2))
    assert sighting.shown == Shown(MESSAGE, Kind.CARD, (Showing(paper(0)),))


async def test_sent_and_deleted_since_stands_nowhere(database: Database) -> None:
    ledger, channel, (card,) = await carded(database)
    await ledger.settle(card, Sent(None), NOW)
    assert await ledger.unfinished() == []
    assert await sightings(ledger, channel, (0, 2)) == [Sighting(paper(0, 2), State.SENT)]


async def test_sent_unblocks_the_channel(database: Database) -> None:
    ledger, _, (card,) = await carded(database)
    await SubscriptionStore(database, DEFAULTS).block(CHANNEL, "Missing permission", NOW)
    await ledger.settle(card, Sent(MESSAGE), NOW)
    assert (await current(database)).blocked_reason is None


async def test_only_the_message_that_notifies_marks_the_day(database: Database) -> None:
    ledger, channel = LedgerStore(database), await fed(database)
    states = {p.id: State.CLAIMED for p in papers(2)}
    first = Message(Kind.CARD, (Showing(paper(0)),), notifies_on=NOW.date())
    second = Message(Kind.CARD, (Showing(paper(1)),))
    loud, quiet = await ledger.claim(channel, papers(2), NOW, lambda _: Plan((first, second), states))
    await ledger.settle(quiet, Sent(MESSAGE), NOW)
    assert (await current(database)).notified_on is None
    await ledger.settle(loud, Sent(MESSAGE + 1), NOW)
    assert (await current(database)).notified_on == NOW.date()


async def test_blocked_posts_wait_for_the_next_digest(database: Database) -> None:
    ledger, channel, cards = await carded(database, 2)
    for card in cards:
        await ledger.settle(card, Blocked("Missing permission: Send Messages"), NOW)
    assert (await current(database)).blocked_reason == "Missing permission: Send Messages"
    assert await ledger.unfinished() == []
    assert await sightings(ledger, channel) == [Sighting(p, State.WAITING, waiting_since=NOW) for p in papers(2)]


async def test_a_post_that_may_exist_stays_to_be_looked_for_when_its_channel_is_blocked(database: Database) -> None:
    ledger, channel, (card,) = await carded(database)
    await ledger.settle(card, Unknown("timeout"), NOW)
    await ledger.settle(card, Blocked("Missing permission: Send Messages"), NOW)
    assert await ledger.unfinished() == [card]
    assert await sightings(ledger, channel, (0, 1)) == []


@pytest.mark.parametrize(
    "message",
    [
        Message(Kind.INTRO, intro=Intro(QUERY, 2, 0.1, NOW, (Showing(paper(0)),))),
        Message(Kind.INTRO, intro=Intro(QUERY, 0, 0.0, NOW, ())),
    ],
)
async def test_a_blocked_intro_stays(database: Database, message: Message) -> None:
    ledger, channel = LedgerStore(database), await fed(database)
    (intro,) = await ledger.seed(channel, [], seeding(), 0.5, message)
    await ledger.settle(intro, Blocked("Missing permission"), NOW)
    assert await ledger.unfinished() == [intro]


async def test_a_blocked_edit_stays(database: Database) -> None:
    ledger, channel, change = await edited(database)
    await ledger.settle(change, Blocked("Missing permission"), NOW)
    assert await ledger.unfinished() == [change]
    assert await sightings(ledger, channel, (0, 2)) == []


async def test_unknown_stays_with_the_same_nonce(database: Database) -> None:
    ledger, _, (card,) = await carded(database)
    await ledger.settle(card, Unknown("502"), NOW)
    assert await ledger.unfinished() == [card]


async def test_a_rejected_post_is_done_and_not_tried_again(database: Database) -> None:
    ledger, channel, (card,) = await carded(database)
    await ledger.settle(card, Rejected("50035"), NOW)
    assert await ledger.unfinished() == []
    assert await sightings(ledger, channel, (0, 1)) == []
    assert await sightings(ledger, channel, (0, 2)) == [Sighting(paper(0, 2), State.REJECTED)]


async def test_a_rejected_edit_leaves_what_stands(database: Database) -> None:
    ledger, channel, change = await edited(database)
    await ledger.settle(change, Rejected("50035"), NOW)
    assert await ledger.unfinished() == []
    (sighting,) = await sightings(ledger, channel, (0, 3))
    assert sighting.prior is State.SENT
    assert sighting.shown == Shown(MESSAGE, Kind.LIST, (Showing(paper(0)), Showing(paper(1))))


async def test_an_edit_made_is_what_stands(database: Database) -> None:
    ledger, channel, change = await edited(database)
    await ledger.settle(change, Sent(MESSAGE), NOW)
    (sighting,) = await sightings(ledger, channel, (0, 3))
    assert sighting.shown == Shown(MESSAGE, Kind.LIST, (Showing(paper(0, 2)), Showing(paper(1))))


async def test_an_edit_of_a_deleted_message_forgets_it_for_every_paper_in_it(database: Database) -> None:
    ledger, channel, change = await edited(database)
    await ledger.settle(change, Sent(None), NOW)
    assert await ledger.unfinished() == []
    seen = await sightings(ledger, channel, (0, 3), (1, 2))
    assert seen == [Sighting(paper(0, 3), State.SENT), Sighting(paper(1, 2), State.SENT)]


@pytest.mark.parametrize("outcomes", [(Sent(MESSAGE), Sent(MESSAGE)), (Unknown("502"), Sent(MESSAGE))])
async def test_settling_again_ends_the_same(database: Database, outcomes: Sequence[Outcome]) -> None:
    ledger, channel, (card,) = await carded(database)
    for outcome in outcomes:
        await ledger.settle(card, outcome, NOW)
    (sighting,) = await sightings(ledger, channel, (0, 2))
    assert sighting.shown == Shown(MESSAGE, Kind.CARD, (Showing(paper(0)),))
