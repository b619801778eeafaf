"""What one digest did, for the log, the terminal, the exit status and the digests table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.digest.model import Blocked, Delivery, Kind, Outcome, Plan, Rejected, Sent, Unknown
from bot.text.words import channel_called, counted


@dataclass(slots=True)
class ChannelReport:
    """Counts papers (new, revised, held_back), then messages (sent, edited), then what went wrong."""

    channel_id: int
    slot_at: datetime | None = None
    """The slot served; None where the digest only finished or seeded something."""
    seeded: int | None = None
    new: int = 0
    revised: int = 0
    held_back: int = 0
    sent: int = 0
    edited: int = 0
    posted: int = 0
    """Papers in the cards and lists sent."""
    outcomes: Counter[tuple[Kind, type[Outcome]]] = field(default_factory=Counter)
    problem: str | None = None
    rejected: str | None = None
    """Why a message of this digest will never be posted; other problems pass."""
    unseen: int = 0
    """Papers and versions that the channel's ledger did not have."""

    def planned(self, plan: Plan, slot_at: datetime | None) -> None:
        self.slot_at = slot_at
        self.new, self.revised, self.held_back = plan.new, plan.revised, plan.held_back

    def settled(self, delivery: Delivery, outcome: Outcome) -> None:
        self.outcomes[delivery.message.kind, type(outcome)] += 1
        match outcome:
            case Sent():
                self.posted += len(delivery.message.showings) if delivery.message.kind in (Kind.CARD, Kind.LIST) else 0
                self.sent += delivery.message.kind is not Kind.EDIT
                self.edited += delivery.message.kind is Kind.EDIT
            case Blocked(reason):
                self.problem = f"blocked: {reason}"
            case Rejected(reason):
                self.rejected = self.problem = f"Discord rejected a message: {reason}"
            case Unknown(reason):
                self.problem = f"Discord has not confirmed a message: {reason}; it is finished first next time"

    def line(self, called: str, *, rehearsed: bool) -> str:
        """For the terminal and the log. `called`: how the channel is; `rehearsed`: what would have been done."""
        done = "would be " if rehearsed else ""
        parts = [f"{counted(self.seeded, 'paper')} {done}recorded as seen"] if self.seeded is not None else []
        if self.slot_at is not None:
            parts.append(f"{self.new} new, {self.revised} revised")
        if self.held_back:
            parts.append(f"{self.held_back} {done}kept in the backlog")
        parts.append(f"{counted(self.sent, 'message')} {done}sent")
        if self.edited:
            parts.append(f"{self.edited} {done}edited")
        if self.problem is not None:
            parts.append(self.problem)
        return f"{called}: {'; '.join(parts)}"

    def as_row(self) -> Mapping[str, int | str]:
        """For the digests table: what stays true of this digest."""
        counts: dict[str, int | str] = {
            "new": self.new,
            "revised": self.revised,
            "held_back": self.held_back,
            "sent": self.sent,
            "edited": self.edited,
        }
        return counts if self.rejected is None else {**counts, "rejected": self.rejected}


@dataclass(slots=True)
class Report:
    """One run. Sentences: `mistakes` about what a person must fix, `failures` about what must be tried again, `notes` about
    what need not."""

    started_at: datetime
    queries: int = 0
    """Distinct queries arXiv was asked."""
    slots: int = 0
    """Servers whose digest was served."""
    mistakes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    channels: dict[int, ChannelReport] = field(default_factory=dict)
    resting: dict[int, datetime] = field(default_factory=dict)
    """Channels with a message that Discord is not to be asked for again before then, by id."""
    name_of: Callable[[int], str | None] = lambda channel_id: None
    """As Outbox has it."""

    def called(self, channel_id: int) -> str:
        """A channel, for the log and the terminal."""
        return channel_called(channel_id, self.name_of(channel_id))

    def channel(self, channel_id: int) -> ChannelReport:
        return self.channels.setdefault(channel_id, ChannelReport(channel_id))

    def failed(self, sentence: str) -> None:
        """Once each, however many channels it holds up."""
        if sentence not in self.failures:
            self.failures.append(sentence)

    def lines(self, *, rehearsed: bool = False) -> list[str]:
        """What there is to tell; nothing when nothing was done. `rehearsed`: nothing was sent or kept."""
        told = [channel.line(self.called(id), rehearsed=rehearsed) for id, channel in self.channels.items()]
        return [*told, *self.mistakes, *(f"try again: {failure}" for failure in self.failures), *self.notes]

    @property
    def complete(self) -> bool:
        """Nothing has to be fixed or tried again."""
        return self.status == 0

    @property
    def status(self) -> int:
        """The exit status: 0 all that was due is done, 1 something must be tried again, 2 something must be fixed first."""
        if self.mistakes:
            return 2
        problem = any(channel.problem is not None for channel in self.channels.values())
        return 1 if self.failures or self.resting or problem else 0
