"""Years played in processes of their own. The bot is imported by whoever plays, after a bug was planted there."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.pool import Pool
from pathlib import Path
from typing import TYPE_CHECKING

from tests.swarm.bugs import plant
from tests.swarm.story import Story, draw

if TYPE_CHECKING:
    from tests.swarm.play import Played


@contextmanager
def pool(workers: int, bug: str | None = None) -> Iterator[Pool]:
    """Processes that play years, each with the same planted bug or none."""
    with multiprocessing.get_context("spawn").Pool(workers, ready, (bug,)) as pool:
        yield pool


def ready(bug: str | None) -> None:
    """Before a process plays its first year."""
    warnings.simplefilter("ignore")
    if bug is not None:
        plant(bug)


def year(which: tuple[int, int]) -> tuple[int, Played]:
    """A seed, and how its year went. Takes a seed and a number of days."""
    seed, days = which
    return seed, play(draw(seed, days))


def play(story: Story) -> Played:
    """One story, in a folder of its own."""
    from tests.swarm.play import played

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(played(story, Path(folder)))
