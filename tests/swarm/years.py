"""Years played in processes of their own. The bot is imported by whoever plays, after a bug was planted there."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tests.swarm.bugs import plant
from tests.swarm.story import Story, draw

if TYPE_CHECKING:
    from tests.swarm.play import Played


def years(
    seeds: Iterable[int], days: int, workers: int, *, bug: str | None = None, seconds: float | None = None
) -> Iterator[tuple[int, Played]]:
    """Each seed and how its year went, as they end; none is begun after so many seconds."""
    began, coming = time.monotonic(), iter(seeds)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_prepare, initargs=(bug,)) as pool:
        running = {pool.submit(_year, seed, days) for seed in islice(coming, workers)}
        while running:
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            if seconds is None or time.monotonic() - began < seconds:
                running |= {pool.submit(_year, seed, days) for seed in islice(coming, len(ended))}
            for each in ended:
                yield each.result()


def play(story: Story) -> Played:
    """One story, in a folder of its own."""
    from tests.swarm.play import played

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(played(story, Path(folder)))


def _prepare(bug: str | None) -> None:
    warnings.simplefilter("ignore")
    if bug is not None:
        plant(bug)


def _year(seed: int, days: int) -> tuple[int, Played]:
    return seed, play(draw(seed, days))
