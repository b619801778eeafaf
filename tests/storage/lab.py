"""A lab with a channel or two, their papers and the plans made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.digest.model import Defaults, Delivery, Kind, Message, Plan, Seeding, Showing, Sighting, State, Subscription
from bot.paper import Paper, PaperId
from bot.storage import Storage
from bot.storage.subscriptions import SubscriptionStore
from tests import settings

NOW = datetime(2025, 12, 9, 6, 0, tzinfo=UTC)
"""14:00 in Singapore."""
DAY = timedelta(days=1)
SERVER, CHANNEL, MESSAGE = 1_100_000_000_000_000_001, 1_200_000_000_000_000_001, 1_300_000_000_000_000_001
OTHER_CHANNEL = CHANNEL + 1
QUERY = "cat:cond-mat.mtrl-sci"
DEFAULTS = replace(settings.DEFAULTS, query=QUERY)


def paper(number: int, version: int = 1, updated: datetime = NOW - DAY) -> Paper:
    return Paper(
        id=PaperId(f"2512.{number:05}", version),
        title=f"On the number {number}",
        abstract=f"We show that {number} & {number} make an $x^2$ – again.",
        authors=("Ada Böhm", "Li Wei"),
        categories=("cond-mat.mtrl-sci", "cs.LG"),
        published=updated,
        updated=updated,
        comment=None,
        doi="10.1000/1",
    )


def papers(count: int, version: int = 1) -> list[Paper]:
    return [paper(number, version) for number in range(count)]


async def placed(storage: Storage, channel_id: int = CHANNEL, defaults: Defaults = DEFAULTS) -> Subscription:
    """A channel of config.json whose server is known, not seeded yet."""
    store = SubscriptionStore(storage.database, defaults)
    await store.reconcile({channel_id: None}, NOW - DAY)
    await store.place(channel_id, SERVER, NOW - DAY)
    return next(s for s in await store.unsettled() if s.channel_id == channel_id)


def seeding(at: datetime = NOW - DAY, query: str = QUERY) -> Seeding:
    return Seeding(query, at, DEFAULTS.lookback_days, DEFAULTS.max_results)


async def fed(storage: Storage, seen: Sequence[Paper] = ()) -> Subscription:
    """A channel that is seeded with `seen` and due now."""
    subscription = await placed(storage)
    await storage.ledger.seed(subscription, seen, seeding(), 0.5, None)
    return await current(storage)


async def current(storage: Storage) -> Subscription:
    """The one channel as it is served now."""
    (slot,) = await storage.subscriptions.due(NOW, force=True)
    (subscription,) = slot.subscriptions
    return subscription


async def claim(
    storage: Storage,
    subscription: Subscription,
    found: Sequence[Paper],
    now: datetime,
    decide: Callable[[Sequence[Sighting]], Plan],
    slot_at: datetime | None = None,
) -> list[Delivery]:
    """What a digest does for one channel with what it found."""
    async with storage.ledger.claim(subscription, found, now) as claim:
        return await claim.file(decide(claim.sightings), slot_at=slot_at) if claim.open else []


class Deciding:
    """Plans all it sees as cards (or as `message` makes it), and remembers what it saw."""

    def __init__(self, state: State = State.CLAIMED, kind: Kind = Kind.CARD) -> None:
        self.saw: list[Sighting] = []
        self._state = state
        self._kind = kind

    def __call__(self, sightings: Sequence[Sighting]) -> Plan:
        self.saw = list(sightings)
        states = {sighting.paper.id: self._state for sighting in sightings}
        return Plan(tuple(self._messages(sightings)) if self._state is State.CLAIMED else (), states)

    @property
    def priors(self) -> dict[PaperId, State | None]:
        return {sighting.paper.id: sighting.prior for sighting in self.saw}

    def _messages(self, sightings: Sequence[Sighting]) -> Iterable[Message]:
        showings = tuple(Showing(sighting.paper) for sighting in sightings)
        if self._kind is Kind.CARD:
            return (Message(Kind.CARD, showings=(showing,)) for showing in showings)
        return [Message(self._kind, showings=showings)] if showings else []


def edit(sightings: Sequence[Sighting]) -> Plan:
    """Every revised paper takes its place in the message that shows it."""
    messages: dict[int, Message] = {}
    for sighting in sightings:
        assert sighting.shown is not None
        shown = messages[sighting.shown.message_id].edits if sighting.shown.message_id in messages else sighting.shown
        assert shown is not None
        base = sighting.paper.id.base
        showings = tuple(Showing(sighting.paper) if s.paper.id.base == base else s for s in shown.showings)
        messages[shown.message_id] = Message(Kind.EDIT, showings=showings, edits=replace(shown, showings=showings))
    return Plan(tuple(messages.values()), {sighting.paper.id: State.CLAIMED for sighting in sightings})


# --- channels that commands made --------------------------------------------------------------


async def followed(storage: Storage, channel_id: int = CHANNEL, query: str | None = None) -> Subscription:
    """A channel that a command made, seeded."""
    subscription = await storage.subscriptions.follow(channel_id, SERVER, query, NOW - DAY)
    await storage.ledger.seed(subscription, [], seeding(query=subscription.query), 0.5, None)
    return await the(storage, channel_id)


async def the(storage: Storage, channel_id: int) -> Subscription:
    subscription = await storage.subscriptions.get(channel_id)
    assert subscription is not None
    return subscription


async def sightings(storage: Storage, channel_id: int, *numbers: int, version: int = 1) -> dict[int, State | None]:
    """What the channel's next digest takes these papers for; those it leaves alone are missing."""
    deciding = Deciding(State.SEEN)
    wanted = {paper(number, version).id: number for number in numbers}
    await claim(storage, await the(storage, channel_id), [paper(n, version) for n in numbers], NOW, deciding)
    return {wanted[id]: prior for id, prior in deciding.priors.items() if id in wanted}
