"""What a digest needs of the world. Implemented by bot.arxiv, bot.storage and bot.delivery."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from bot.digest.model import (
    Answer,
    Blocked,
    Delivery,
    Found,
    Message,
    Newest,
    Outage,
    Outcome,
    Place,
    Plan,
    QueryState,
    Reach,
    Seeding,
    Sighting,
    Slot,
    Subscription,
    Unknown,
)
from bot.paper import Paper
from bot.query import Query


class Source(Protocol):
    """Where papers come from."""

    async def search(self, query: Query, *, limit: int, since: datetime | None) -> Answer:
        """Newest first by `updated`. The first page (up to 500 entries) whole; further pages only while
        their last entry is not older than `since` and fewer than `limit` came; `since=None` asks in full.

        Raises ArxivError: could not ask. That is never Empty.
        """
        ...


class Subscriptions(Protocol):
    """Who is fed, by what, when."""

    async def reconcile(self, channels: Mapping[int, str | None], now: datetime) -> Mapping[int, int | None]:
        """Bring the file's own subscriptions in line with config.json (channel id → canonical query or None).

        Returns the channels to be looked up, each with the server it was last known in, None for never.
        """
        ...

    async def place(self, channel_id: int, guild_id: int, now: datetime) -> None:
        """Record a channel's server; makes the server's row and its first due time (the next one after now)."""
        ...

    async def block(self, channel_id: int, reason: str, now: datetime) -> None: ...

    async def unblock(self, channel_id: int) -> None: ...

    async def unsettled(self) -> list[Subscription]:
        """Placed subscriptions whose seeding is missing, of another query, or of a narrower reach than asked for now."""
        ...

    async def blocked(self) -> list[Subscription]:
        """Seeded ones, of servers not paused, whose last message could not be posted."""
        ...

    async def due(self, now: datetime, *, force: bool) -> list[Slot]:
        """Servers not paused whose next_run_at (or retry_at, once a try failed) has come; with `force` all.

        Only subscriptions that have been seeded are in them, whatever the query asked for since. A new hour takes effect at
        its next occurrence; a due time that came before the hour was changed is still served.
        """
        ...

    async def of_server(self, guild_id: int) -> list[Subscription]:
        """Every living subscription of a server, seeded or not."""
        ...

    async def next_due(self) -> datetime | None:
        """The earliest coming next_run_at or retry_at of any server that is not paused."""
        ...

    async def resume(self, subscription: Subscription, last_at: datetime, now: datetime) -> None:
        """Go on after a digest at `last_at` that the database does not know of: what was due since is due now."""
        ...

    async def complete(self, guild_id: int, now: datetime) -> None:
        """The due time is served: move to the next one of the hour that holds by now, forget retries."""
        ...

    async def postpone(self, guild_id: int, retry_at: datetime) -> None:
        """Not served yet: come back at `retry_at`; `attempt` grows by one."""
        ...

    async def outage(self, channel_id: int) -> Outage | None:
        """What the channel was told of arXiv's silence; None without a notice, and while it is not certain whether it came."""
        ...

    async def begin_outage(self, subscription: Subscription, since: datetime, notice: Message, now: datetime) -> list[Delivery]:
        """Claim the channel's one notice and file it: one transaction. Nothing where it has one."""
        ...

    async def end_outage(self, subscription: Subscription, edit: Message | None, now: datetime) -> list[Delivery]:
        """Give the claim back and file what the notice becomes: one transaction. Nothing where none stands."""
        ...


class Locks(Protocol):
    """One lock a server: held by whoever changes what it follows, or claims papers for it."""

    def __call__(self, guild_id: int, /) -> AbstractAsyncContextManager[object]: ...


class Queries(Protocol):
    """What is remembered about a query, by canonical text."""

    async def state(self, text: str) -> QueryState: ...

    async def asked(self, text: str, now: datetime, *, lapsed_before: datetime) -> QueryState:
        """Note that it is asked now. What stood against it when it was last asked, before `lapsed_before`, is forgotten."""
        ...

    async def answered(self, text: str, answer: Answer, now: datetime, *, believed: bool, reach: Reach | None) -> None:
        """An answer taken: ends failing; `believed` (nothing spoke against it) also ends held. Its newest papers are kept.

        `reach` None: the answer was asked shorter than a digest's, and what is known of that stays.
        """
        ...

    async def newest(self, text: str) -> Newest | None:
        """What the last answers brought; None before the first one, and once that is forgotten."""
        ...

    async def failed(self, text: str, error: str, now: datetime) -> None:
        """`failing_since` keeps its first time."""
        ...

    async def held(self, text: str, reason: str, now: datetime) -> None:
        """An answer not believed; `held_since` keeps its first time."""
        ...


class Claim(Protocol):
    """An open claim: what a channel's digest has won, and nobody else can win meanwhile."""

    @property
    def open(self) -> bool:
        """False where the channel is not fed any more: there is nothing to plan."""
        ...

    @property
    def sightings(self) -> Sequence[Sighting]:
        """What the claim statement won, and what was waiting."""
        ...

    async def file(self, plan: Plan, *, slot_at: datetime | None = None) -> list[Delivery]:
        """File the plan's deliveries and the state of every sighting. A claim also sets last_good_at and, where it serves a
        slot, files the channel's report with what was planned, so that no interruption makes it untrue.

        ValueError when the plan forgets a sighting or claims a paper for no message.
        """
        ...


class Ledger(Protocol):
    """What each channel has been given, or must never be given."""

    async def seed(
        self, subscription: Subscription, papers: Sequence[Paper], seeding: Seeding, per_day: float, intro: Message | None
    ) -> list[Delivery]:
        """Record `papers` as SEEN where there is no row yet, remember the seeding, and file the intro: one transaction.

        `per_day` is the rate until the channel has one of its own.
        """
        ...

    def claim(self, subscription: Subscription, papers: Sequence[Paper], now: datetime) -> AbstractAsyncContextManager[Claim]:
        """Claim what is new to the channel, for a plan to be filed inside the block: one transaction.

        It is committed when the block ends; any exception rolls it back. ValueError where the block ends without a plan for
        what was won.
        """
        ...

    def release(self, subscription: Subscription, now: datetime) -> AbstractAsyncContextManager[Claim]:
        """As claim, for what was waiting alone: arXiv was not asked, and filing the plan writes down no answer."""
        ...

    async def unknown(self, channel_id: int, papers: Sequence[Paper]) -> bool:
        """Whether the channel's ledger lacks any of these papers at this version or a later one."""
        ...

    async def recall(self, channel_id: int, found: Sequence[Found], now: datetime) -> int:
        """Take the papers of these messages as sent; returns how many the ledger did not know as sent. First messages show
        papers that were known, not sent.
        """
        ...

    async def rate(self, subscription: Subscription, now: datetime) -> float:
        """Papers a day the channel is used to: new ones of the last 30 days; in the first month, what the seeding saw."""
        ...


class Deliveries(Protocol):
    """Messages filed to be sent, and what became of them."""

    async def unfinished(self) -> list[Delivery]:
        """Deliveries filed and not settled for good, in send order."""
        ...

    async def wanted(self, delivery: Delivery) -> bool:
        """Whether an unfinished delivery is still to be sent there: a command may have stopped, moved, paused or erased it."""
        ...

    async def last_message_id(self, delivery: Delivery) -> int | None:
        """The newest message known to have stood in the delivery's channel before it was filed; None where none is known."""
        ...

    async def newest(self, destination_ids: Collection[int]) -> dict[int, int]:
        """The id of the newest message known to stand in each of these channels and threads; those without one are left out."""
        ...

    async def settle(self, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
        """Write down what became of a delivery, its claims and its channel: one transaction."""
        ...


class Digests(Protocol):
    """What each digest did."""

    async def record(
        self, channel_id: int, slot_at: datetime, finished_at: datetime, report: Mapping[str, int | float | str]
    ) -> None:
        """File a channel's report of one digest, or complete it."""
        ...


class Storage(Protocol):
    """What lasts, by its nouns."""

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def queries(self) -> Queries: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def digests(self) -> Digests: ...


class Outbox(Protocol):
    """Where deliveries go."""

    @property
    def clock_ahead(self) -> timedelta | None:
        """By how much the clock here is ahead (behind, if negative) of the place's own; None where that is not known."""
        ...

    def name_of(self, channel_id: int) -> str | None:
        """What people call a channel or thread, without asking; None where the outbox has not heard of it yet."""
        ...

    async def locate(self, channel_id: int) -> Place | Blocked | Unknown:
        """Which server a channel is in; Blocked when it cannot be posted to at all."""
        ...

    async def barred(self, subscriptions: Sequence[Subscription]) -> dict[int, Blocked | Unknown]:
        """Of these channels, which cannot be posted to now, and why; Unknown where Discord does not say."""
        ...

    async def standing(
        self, subscriptions: Sequence[Subscription], known: Mapping[int, int]
    ) -> dict[int, tuple[Found, ...] | Unknown]:
        """What the bot posted in these channels after the message that is `known` there, or lately where none is: by channel
        id, the oldest first. Unknown where Discord does not say; nothing where the bot may not read. Bounded; no answer to a
        command is among them.
        """
        ...

    async def send(self, deliveries: Sequence[Delivery], journal: Journal, *, resuming: bool = False) -> frozenset[int]:
        """Attempt deliveries, each channel's in the order given, edits after new messages; channels side by side.

        The journal hears of each outcome before the channel's next attempt. A channel's Blocked holds for what follows it there.
        `resuming`: what was filed before may stand in its channel already, which is read back first.

        Gives the channels left for next time because Discord does not answer there: nothing newer may go there before.
        """
        ...


class Journal(Protocol):
    """What the outbox asks and tells about each delivery."""

    async def wanted(self, delivery: Delivery) -> bool:
        """As Deliveries.wanted; asked right before each attempt."""
        ...

    async def last_message_id(self, delivery: Delivery) -> int | None:
        """As Deliveries.last_message_id."""
        ...

    async def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """Write down what became of an attempt."""
        ...


class Progress(Protocol):
    """Told how far long work is."""

    def stage(self, name: str, total: int) -> None:
        """A stage of `total` steps begins."""
        ...

    def step(self) -> None: ...
