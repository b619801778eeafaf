"""What one digest did, for the log, the terminal, the exit status and the digests table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.digest.model import Blocked, Delivery, Kind, Outcome, Plan, Rejected, Sent, Unknown


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
                self.problem = f"Discord rejected a message: {reason}"
            case Unknown(reason):
                self.problem = f"Discord has not confirmed a message: {reason}; it is finished first next time"

    def __str__(self) -> str:
        """One line for the terminal and the log."""
        parts = [f"{self.seeded} papers recorded as seen"] if self.seeded is not None else []
        if self.slot_at is not None:
            parts.append(f"{self.new} new, {self.revised} revised")
        if self.held_back:
            parts.append(f"{self.held_back} held back")
        parts.append(f"{self.sent} {'message' if self.sent == 1 else 'messages'} sent")
        if self.edited:
            parts.append(f"{self.edited} edited")
        if self.problem is not None:
            parts.append(self.problem)
        return f"channel {self.channel_id}: {'; '.join(parts)}"

    def as_row(self) -> Mapping[str, int | str]:
        """For the digests table."""
        counts: dict[str, int | str] = {
            "new": self.new,
            "revised": self.revised,
            "held_back": self.held_back,
            "sent": self.sent,
            "edited": self.edited,
        }
        return counts if self.problem is None else {**counts, "problem": self.problem}


@dataclass(slots=True)
class Report:
    """One run. `failures` are sentences about what must be tried again, `notes` about what need not."""

    started_at: datetime
    queries: int = 0
    """Distinct queries arXiv was asked."""
    slots: int = 0
    """Servers whose digest was served."""
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    channels: dict[int, ChannelReport] = field(default_factory=dict)

    def channel(self, channel_id: int) -> ChannelReport:
        return self.channels.setdefault(channel_id, ChannelReport(channel_id))

    def failed(self, sentence: str) -> None:
        """Once each, however many channels it holds up."""
        if sentence not in self.failures:
            self.failures.append(sentence)

    def lines(self) -> list[str]:
        """What there is to tell; nothing when nothing was done."""
        return [*map(str, self.channels.values()), *(f"try again: {failure}" for failure in self.failures), *self.notes]

    @property
    def complete(self) -> bool:
        """Nothing has to be tried again."""
        return not self.failures and all(channel.problem is None for channel in self.channels.values())

    @property
    def status(self) -> int:
        """The exit status: 0 all that was due is done, 1 something must be tried again."""
        return 0 if self.complete else 1
