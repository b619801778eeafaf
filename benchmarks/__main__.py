"""`make bench`: how fast and how small the bot is. Medians of five, with the smallest and the largest."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from benchmarks.daily import memory, posting, questions, quiet_day
from benchmarks.room import acknowledgements, presence
from benchmarks.setting import Figure

BENCHES: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "quiet": quiet_day,
    "posting": lambda: posting(500, 1),
    "cards": lambda: posting(30, 10),
    "questions": questions,
    "memory": memory,
    "acknowledgements": acknowledgements,
    "presence": presence,
}


async def measure(name: str) -> list[Figure]:
    return await BENCHES[name]()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(BENCHES)}; default all")
    names = parser.parse_args().names
    if unknown := [name for name in names if name not in BENCHES]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHES)}")
    kept = True
    for name in names or BENCHES:
        for figure in asyncio.run(measure(name)):
            print(figure, flush=True)
            kept = kept and figure.kept(figure.median)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
