"""The list of the last digest's papers, written to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.publish.markdown import section
from bot.publish.marked_file import place
from bot.storage.digests import DigestStore, Listing


@dataclass(frozen=True, slots=True)
class Publication:
    """Of the channels that config.json lists; what other servers follow is theirs."""

    digests: DigestStore
    channels: Collection[int]
    zone: ZoneInfo
    revisions: bool
    """Revised papers are listed too."""

    async def markdown(self, file: Path, now: datetime) -> Listing:
        """Raises NotPlaced, and StorageError."""
        found = await self.digests.listing(self.channels, self.zone)
        listing = found if self.revisions else replace(found, revised=())
        await asyncio.to_thread(place, file, section(listing, now, self.zone))
        return listing
