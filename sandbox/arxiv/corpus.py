"""What the sandbox's arXiv holds, and the verbs that make something happen there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Unpack

from sandbox.arxiv import timeline
from sandbox.arxiv.record import Metadata, Record

__all__ = ["EPOCH", "Corpus", "Metadata", "Record"]

EPOCH = datetime(2026, 3, 2, tzinfo=UTC)
"""The sandbox's usual today."""

SUBMITTED_BEFORE = timedelta(hours=27)
"""How long before its first sight a published or revised version was submitted."""


class Corpus:
    """Every version of every paper; `changes` is every state of each, in order, and only grows."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self.changes: list[Record] = []
        self._random = Random(0)

    @classmethod
    def fictional(cls, today: datetime = EPOCH) -> Corpus:
        """Some 300 invented papers from 30 days before to 30 days after `today`, and a few old ones; always the same."""
        corpus = cls()
        for record in timeline.sixty_days(today.date(), Random(20260302)):
            corpus.add(record)
        return corpus

    def add(self, record: Record) -> Record:
        """A version with the same id is replaced."""
        self._records[record.id] = record
        self.changes.append(record)
        return record

    def publish(self, now: datetime, **metadata: Unpack[Metadata]) -> Record:
        """A new paper appears now; what is not given is invented and matches the default query."""
        submitted = _submitted(now)
        record = timeline.invented(self._free_id(now), submitted, now, self._random)
        return self.add(replace(record, **metadata))

    def revise(self, base_id: str, now: datetime, **metadata: Unpack[Metadata]) -> Record:
        """The next version appears now."""
        latest = self.latest(base_id)
        updated = max(_submitted(now), latest.updated + timedelta(minutes=1))
        return self.add(replace(latest, version=latest.version + 1, updated=updated, appears=now, **metadata))

    def flood(self, count: int, now: datetime) -> list[Record]:
        """Many old matching papers appear at once, as on 2025-11-12."""
        return [self.add(record) for record in timeline.long_ago(count, now, self._random, taken=self._bases())]

    def edit_metadata(self, base_id: str, **metadata: Unpack[Metadata]) -> Record:
        """No new version, no new date: all versions of the paper say something else from now on."""
        for record in [record for record in self._records.values() if record.base_id == base_id]:
            self.add(replace(record, **metadata))
        return self.latest(base_id)

    def latest(self, base_id: str) -> Record:
        """The highest version, appeared or not; KeyError for a stranger."""
        versions = [record for record in self._records.values() if record.base_id == base_id]
        if not versions:
            raise KeyError(base_id)
        return max(versions, key=lambda record: record.version)

    def appeared(self, now: datetime) -> list[Record]:
        """Every version that the index shows or has shown."""
        return [record for record in self._records.values() if record.appears <= now]

    def visible(self, now: datetime) -> list[Record]:
        """The current version of each paper."""
        current: dict[str, Record] = {}
        for record in self.appeared(now):
            if record.base_id not in current or record.version > current[record.base_id].version:
                current[record.base_id] = record
        return list(current.values())

    def _bases(self) -> set[str]:
        return {record.base_id for record in self._records.values()}

    def _free_id(self, now: datetime) -> str:
        """The month's next number, as arXiv counts announcements."""
        month = f"{now:%y%m}."
        numbers = [int(base.removeprefix(month)) for base in self._bases() if base.startswith(month)]
        return f"{month}{max(numbers, default=0) + 1:05}"


def _submitted(now: datetime) -> datetime:
    return now.replace(microsecond=0) - SUBMITTED_BEFORE
