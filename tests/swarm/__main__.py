"""`python -m tests.swarm`: plays years, and tells the story of each that breaks a rule. Exit status 1 where one does."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.swarm.bugs import BUGS
from tests.swarm.story import Story, draw
from tests.swarm.years import play, years

if TYPE_CHECKING:
    from tests.swarm.rules import Broken

ENOUGH = 60
"""Years after which a planted bug counts as not found."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    return _bugs(options) if options.bugs else _years(options)


def _years(options: argparse.Namespace) -> int:
    began = time.monotonic()
    seen: Counter[str] = Counter()
    broken: list[int] = []
    seeds = range(options.first, options.first + options.years)
    seconds = None if options.minutes is None else 60 * options.minutes
    for seed, played in years(seeds, options.days, options.workers, seconds=seconds):
        seen.update(years=1, ticks=played.ticks, papers=played.papers)
        if played.broken:
            broken.append(seed)
            print(f"seed {seed}: {played.broken[0]}", flush=True)
        elif seen["years"] % 25 == 0:
            print(f"{seen['years']} years, {time.monotonic() - began:.0f} s", flush=True)
    for seed in broken[: options.stories]:
        _tell(seed, options.days)
    print(
        f"{seen['years']} years of {options.days} days from seed {options.first}: {seen['ticks']:,} ticks, "
        f"{seen['papers']:,} papers posted, {len(broken)} broke a rule; {time.monotonic() - began:.0f} s"
    )
    return 1 if broken else 0


def _bugs(options: argparse.Namespace) -> int:
    """Plant each bug, and see after how many years it is found."""
    missed = 0
    for name in BUGS:
        seeds = range(options.first, options.first + ENOUGH)
        for count, (seed, played) in enumerate(years(seeds, options.days, options.workers, bug=name), 1):
            if played.broken:
                print(f"{name}: year {count} (seed {seed}), {played.broken[0]}", flush=True)
                break
        else:
            missed += 1
            print(f"{name}: NOT FOUND in {ENOUGH} years", flush=True)
    print(f"{len(BUGS) - missed} of {len(BUGS)} planted bugs found")
    return 1 if missed else 0


def _tell(seed: int, days: int) -> None:
    """The story of a year that broke a rule, as short as it can be made."""
    from tests.swarm.shrink import shrunk, told

    def breaks(story: Story) -> Broken | None:
        return next(iter(play(story).broken), None)

    story = draw(seed, days)
    found = breaks(story)
    if found is None:
        print(f"seed {seed}: it does not break again; the machine was perhaps too busy")
        return
    print(f"\nseed {seed}, again with: python -m tests.swarm --first {seed} --years 1 --days {days}")
    print("\n".join(told(*shrunk(story, found, breaks))), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.swarm", description=__doc__)
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="the first seed (default: %(default)s)")
    parser.add_argument("--years", type=int, default=20, help="how many seeds (default: %(default)s)")
    parser.add_argument("--minutes", type=float, metavar="N", help="begin no further year after so long")
    parser.add_argument("--days", type=int, default=365, help="length of a year (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes at once (default: %(default)s)")
    parser.add_argument("--stories", type=int, default=3, help="how many broken years are shrunk and told (default: %(default)s)")
    parser.add_argument("--bugs", action="store_true", help="plant bugs, and see that each is found")
    return parser


if __name__ == "__main__":
    sys.exit(main())
