"""`python -m tests.fuzz [--seconds 600] [--seed N] [target …]`: each target in a process of its own, two at a time."""

from __future__ import annotations

import argparse
import random
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.fuzz.target import Tried
from tests.fuzz.targets import TARGETS, fuzz_named

AT_ONCE = 2


def main() -> int:
    """1 when a target failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Try inputs that nobody thought of.")
    parser.add_argument("--seconds", type=float, default=600, help="for each target; 0 for one round")
    parser.add_argument("--seed", type=int, default=random.randrange(10**9), help="of the first round; the next has the next")
    parser.add_argument("targets", nargs="*", metavar="target", help=f"of {', '.join(TARGETS)}; all when none is named")
    wanted = parser.parse_args()
    if strangers := [name for name in wanted.targets if name not in TARGETS]:
        parser.error(f"no such target: {', '.join(strangers)}")
    failed = False
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        running = {pool.submit(fuzz_named, name, wanted.seed, wanted.seconds): name for name in wanted.targets or TARGETS}
        for done in as_completed(running):
            print(_told(running[done], done.result()), flush=True)
            failed = failed or done.result().failure is not None
    return 1 if failed else 0


def _told(name: str, tried: Tried) -> str:
    line = f"{name:<14}{tried.inputs:>9,} inputs in {tried.seconds:.0f} s, the slowest {tried.slowest:.3f} s, seed {tried.seed}"
    if tried.failure is None:
        return line
    return f"{line}\n{tried.failure}\nagain: {sys.executable} -m tests.fuzz --seconds 0 --seed {tried.seed} {name}"


if __name__ == "__main__":
    sys.exit(main())
