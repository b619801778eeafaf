"""The command line: which deaths are died, in how many processes, and how it is told."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from random import Random
from time import perf_counter

from tests import databases
from tests.crash.failpoints import sites
from tests.crash.kills import STORIES, Kill, Killer
from tests.crash.matrix import ANY, LATER, NONCES, REPLIES, Death, Stage, died, passed
from tests.crash.scenarios import SCENARIOS
from tests.crash.worker import begin

DEATHS = 3000
"""At failpoints, unless told otherwise."""
KILLS = 300
SAMPLE = 20
"""Scenarios."""
CHUNK, PART = 40, 10
"""Deaths of one scenario, and kills of one story, that one process sees to at a time."""
SHORT = 100
"""The shortest of the scenarios' lives comes to so many points, one after another."""
TWICE = 0.2
"""Share of deaths after which the next life dies, too."""
PATIENCE = 120.0
"""Real seconds for one death and all that follows it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of one death."""

    cell: Death | Kill
    moment: str
    """Where it found the bot."""
    misses: Sequence[str]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    begun = perf_counter()
    if options.sample:
        ended = _sample(options.seed)
    else:
        with _pool(options.database) as pool:
            if options.only and ("," in options.only or "#" in options.only):
                ended = _replayed(pool, options.only)
            else:
                ended = _failpoints(pool, options) + _kills(pool, options)
    wrong = [each for each in ended if each.misses]
    for each in wrong:
        print(f"\npython -m tests.crash --database {options.database} --only '{each.cell}'")
        print(*each.misses, sep="\n")
    print(f"\n{len(ended)} deaths on {options.database} in {perf_counter() - begun:.0f} s: {len(wrong)} went wrong")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    here = "postgresql" if databases.SERVER else "sqlite"
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="which deaths are drawn, and their moments")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default=here, help="default: %(default)s")
    parser.add_argument("--only", metavar="NAME", help="a scenario or story, or one death as it was printed")
    parser.add_argument("--deaths", type=int, default=DEATHS, help="at failpoints, of some 8,000 there are; default: %(default)s")
    parser.add_argument("--kills", type=int, default=KILLS, help="by SIGKILL; default: %(default)s")
    parser.add_argument("--sample", action="store_true", help="one death in each of twenty scenarios, in this process")
    return parser


def _sample(seed: int) -> list[Ended]:
    chance = Random(seed)
    return [
        each
        for name in chance.sample(list(SCENARIOS), SAMPLE)
        for each in died_at([_death(chance, name, ANY, chance.randint(1, SHORT))])
    ]


def _death(chance: Random, scenario: str, point: str, nth: int, reply: str | None = None) -> Death:
    again = chance.randint(1, SHORT) if chance.random() < TWICE else 0
    reply = reply or chance.choice(REPLIES)
    return Death(scenario, point, nth, chance.choice(list(LATER)), chance.choice(NONCES), reply, again)


@contextmanager
def _pool(database: str) -> Iterator[Executor]:
    """Two processes, on that database."""
    with ExitStack() as stack:
        if database == "sqlite":
            os.environ.pop("TEST_DATABASE_URL", None)
        elif databases.SERVER is None:
            os.environ["TEST_DATABASE_URL"] = stack.enter_context(databases.postgres()).start()
        yield stack.enter_context(ProcessPoolExecutor(2, get_context("spawn"), begin))


# --- at failpoints ----------------------------------------------------------------------------


def _failpoints(pool: Executor, options: argparse.Namespace) -> list[Ended]:
    names = [name for name in SCENARIOS if options.only in (None, name)]
    if not names or not options.deaths:
        return []
    points = dict(zip(names, pool.map(measured, names), strict=True))
    deaths = drawn(points, options.seed)[: options.deaths]
    by_scenario: defaultdict[str, list[Death]] = defaultdict(list)
    for death in deaths:
        by_scenario[death.scenario].append(death)
    chunks = [own[start : start + CHUNK] for own in by_scenario.values() for start in range(0, len(own), CHUNK)]
    ended = [each for part in pool.map(died_at, chunks) for each in part]
    _tell_failpoints(points, ended, whole=options.only is None)
    return ended


def drawn(points: dict[str, dict[str, Counter[str]]], seed: int) -> list[Death]:
    """Every scenario's deaths, at each of its points one, and one more where it comes there often; by reply and point, how often
    that is. In such an order that the first of them are at as many points as can be.
    """
    chance = Random(seed)
    cells = [
        (name, point, reply, counts[point])
        for name, by_reply in points.items()
        for point in sorted(set().union(*by_reply.values()))
        for reply, counts in [chance.choice([(reply, counts) for reply, counts in by_reply.items() if point in counts])]
    ]
    chance.shuffle(cells)
    seen: Counter[str] = Counter()
    deaths: list[tuple[int, Death]] = []
    for name, point, reply, count in cells:
        for nth in (1, chance.randint(2, count)) if count > 1 else (1,):
            deaths.append((seen[point], _death(chance, name, point, nth, reply)))
            seen[point] += 1
    return [death for _, death in sorted(deaths, key=lambda each: each[0])]


def _tell_failpoints(points: dict[str, dict[str, Counter[str]]], ended: Sequence[Ended], *, whole: bool) -> None:
    everywhere = {point for by_reply in points.values() for counts in by_reply.values() for point in counts}
    hit = {point.rpartition(" ")[0] for point in everywhere}
    died_at = {each.cell.point for each in ended if isinstance(each.cell, Death)}
    print(f"{len(hit)} of {len(sites())} sites are reached, and the bot died at {len(died_at)} of their {len(everywhere)} points")
    if whole and (never := [site for site in sites() if site not in hit]):
        print("never reached:", *never)
    columns = (*LATER, *NONCES, *REPLIES)
    print(f"\n{'scenario':22}{'points':>8}{'deaths':>8}" + "".join(f"{column:>8}" for column in columns), end="")
    print(f"{'twice':>8}{'missed':>8}{'wrong':>8}")
    for name, by_reply in points.items():
        own = [each for each in ended if isinstance(each.cell, Death) and each.cell.scenario == name]
        cells = [each.cell for each in own if isinstance(each.cell, Death)]
        counted = Counter(axis for cell in cells for axis in (cell.later, cell.nonce, cell.reply))
        numbers = [len(set().union(*by_reply.values())), len(own), *(counted[column] for column in columns)]
        numbers += [sum(cell.again > 0 for cell in cells), sum(each.moment == "missed" for each in own)]
        print(f"{name:22}" + "".join(f"{number:8}" for number in (*numbers, sum(bool(each.misses) for each in own))))


def measured(name: str) -> dict[str, Counter[str]]:
    """How often a life that ends well comes to each point, by reply."""

    async def measure() -> dict[str, Counter[str]]:
        async with Stage.of(SCENARIOS[name]) as stage:
            return {reply: await passed(stage, reply) for reply in REPLIES}

    return asyncio.run(measure())


def died_at(deaths: Sequence[Death]) -> list[Ended]:
    """All of one scenario."""

    async def die() -> list[Ended]:
        ended = []
        async with Stage.of(SCENARIOS[deaths[0].scenario]) as stage:
            for death in deaths:
                try:
                    async with asyncio.timeout(PATIENCE):
                        reached, misses = await died(stage, death)
                except Exception as error:
                    reached, misses = True, [f"{type(error).__name__}: {error}"]
                ended.append(Ended(death, "reached" if reached else "missed", misses))
        return ended

    return asyncio.run(die())


# --- by SIGKILL -------------------------------------------------------------------------------


def _kills(pool: Executor, options: argparse.Namespace) -> list[Ended]:
    stories = [name for name in STORIES if options.only in (None, name)]
    if options.database != "sqlite":
        stories = [name for name in stories if name != "backup"]  # PostgreSQL's own tools make its copies
    if not stories or not options.kills:
        return []
    each_story, more = divmod(options.kills, len(stories))
    counts = {name: each_story + (place < more) for place, name in enumerate(stories)}
    tasks = [
        (name, 10_000 * options.seed + 10 * start, min(PART, count - start))
        for name, count in counts.items()
        for start in range(0, count, PART)
    ]
    ended = [each for part in pool.map(killed, *zip(*tasks, strict=True)) for each in part]
    moments = ("before any message", "after a message")
    print(f"\n{'SIGKILL':22}{'kills':>8}" + "".join(f"{moment:>20}" for moment in moments) + f"{'wrong':>8}")
    for name in stories:
        own = [each for each in ended if isinstance(each.cell, Kill) and each.cell.story == name]
        counted = Counter(each.moment for each in own)
        print(f"{name:22}{len(own):8}" + "".join(f"{counted[moment]:20}" for moment in moments), end="")
        print(f"{sum(bool(each.misses) for each in own):8}")
    return ended


def killed(name: str, seed: int, count: int) -> list[Ended]:
    """So many times, at the moments of this seed and the next ones; one that found the process ended does not count."""

    ended: list[Ended] = []

    async def kill() -> None:
        async with Killer.of(STORIES[name]) as killer:
            for each in range(seed, seed + 3 * count):
                if len(ended) == count:
                    break
                try:
                    async with asyncio.timeout(PATIENCE):
                        moment, misses = await killer.kill(Kill(name, each))
                except Exception as error:
                    moment, misses = "", [f"{type(error).__name__}: {error}"]
                if moment is not None or misses:
                    ended.append(Ended(Kill(name, each), moment or "too late", misses))

    try:
        asyncio.run(kill())
    except Exception as error:  # the undisturbed run before them
        ended.append(Ended(Kill(name, seed), "", [f"{type(error).__name__}: {error}"]))
    return ended


# --- one alone --------------------------------------------------------------------------------


def _replayed(pool: Executor, text: str) -> list[Ended]:
    if "#" in text:
        kill = Kill.parse(text)
        return pool.submit(killed, kill.story, kill.seed, 1).result()
    return pool.submit(died_at, [Death.parse(text)]).result()
