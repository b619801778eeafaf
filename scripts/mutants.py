"""`make mutants`: is there a test for every promise? The program is changed in one place, many times, and tests must notice.

    make mutants                                        50 changes in each of bot/digest, bot/storage and bot/delivery
    make mutants ARGS='bot/query --sample 20 --seed 7'  another folder, fewer changes, others
    make mutants ARGS='bot/digest/plan.py:120'          what can be changed on one line

A change that no test notices survives, and is printed as `file:line kind: before -> after`. Either nobody could see it, or it
stands where nothing ever comes, or a test is missing. Nothing changes in this folder: every process works in a copy.

First the tests run once with coverage. That takes longer than `make test`, and is kept in .mutants.json: what a test file enters
is measured again when that file changes, and all of it when the program does. Then each change meets tests that enter its line,
those of different files and the quick ones first, until one fails or `--seconds` of them have passed. One that makes them take
many times as long is too slow, which counts as noticed. A line that only a child process enters seems to be entered by no test.

Nothing is done to text, annotations, f-strings, assertions and what is logged.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, zip_longest
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

import pytest
from coverage import CoverageData

ROOT = Path(__file__).parents[1]
FOLDERS = ("bot/digest", "bot/storage", "bot/delivery")
TESTS = ("tests/unit", "tests/storage", "tests/e2e")
"""In the order in which a change meets them."""
MEMORY = ".mutants.json"
STARTING = 20.0
"""Seconds that pytest may take besides its tests."""
PATIENCE = 5
"""Times as long as in the measurement that the tests of a change may take."""
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", ".*_cache", ".hypothesis", ".coverage*", MEMORY)
_TIMES = "MUTANTS_TIMES"
_Node = TypeVar("_Node", bound=ast.AST)


# --- what can be changed ----------------------------------------------------------------------

_OTHER: Mapping[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_SKIPPED_FIELDS = frozenset({"annotation", "returns", "decorator_list"})
_SKIPPED = (ast.JoinedStr, ast.Assert)

_Change = tuple[str, ast.expr | ast.stmt, ast.expr | ast.stmt]
"""The kind of a change, what is changed, and what takes its place."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: `text` takes the place of the bytes from `start` to `end`, and every line after it keeps its number."""

    file: str
    line: int
    kind: str
    before: str
    after: str
    start: int
    end: int
    text: str
    entered: range
    """The lines of its file that a test enters who may notice it."""
    defines: str | None
    """For what runs when its module is imported: the name that is defined, whose users may notice it."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.kind}: {self.before} -> {self.after}"

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands."""

    statement: ast.stmt | ast.ExceptHandler
    in_function: bool = False
    early: bool = False
    """What follows the statement in its function runs unless it leaves."""

    def entered(self, node: ast.expr | ast.stmt) -> range:
        last = node.end_lineno or node.lineno
        if isinstance(self.statement, ast.ExceptHandler):
            last = self.statement.end_lineno or last
        if isinstance(self.statement, _FUNCTION):  # a default: whoever runs the body
            return range(self.statement.body[0].lineno, (self.statement.end_lineno or last) + 1)
        return range(self.statement.lineno, last + 1)

    @property
    def defines(self) -> str | None:
        match self.statement:
            case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)) if not self.in_function:
                return name
        return None


def mutants_of(file: str, source: str) -> list[Mutant]:
    """Every change of a file that can be made here, from top to bottom."""
    encoded = source.encode()
    starts = [0, *(found.end() for found in re.finditer(b"\n", encoded))]
    found = []
    for node, place in _places(ast.parse(source), _Place(ast.Pass())):
        for kind, target, other in _changes(node, place):
            start = starts[target.lineno - 1] + target.col_offset
            end = starts[(target.end_lineno or 0) - 1] + (target.end_col_offset or 0)
            after, lines = ast.unparse(other), "\n" * encoded.count(b"\n", start, end)
            text = f"({after}{lines})" if isinstance(other, ast.expr) else after + lines
            before = ast.unparse(target)
            found.append(Mutant(file, target.lineno, kind, before, after, start, end, text, place.entered(target), place.defines))
    return found


def _places(node: ast.AST, place: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    for field, value in ast.iter_fields(node):
        if field in _SKIPPED_FIELDS:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, _SKIPPED):
                continue
            inner = place
            if isinstance(child, ast.stmt | ast.ExceptHandler):
                early = place.in_function and not isinstance(node, _FUNCTION)
                inner = _Place(child, place.in_function or isinstance(node, _FUNCTION), early)
            yield child, inner
            yield from _places(child, inner)


def _changes(node: ast.AST, place: _Place) -> Iterator[_Change]:
    if isinstance(node, ast.stmt):
        yield from _left_out(node, place)
    yield from _turned(node, place)
    match node:
        case ast.ExceptHandler(type=ast.Tuple(elts=caught) as several):
            for each in caught:
                yield "caught less", several, ast.Tuple([one for one in caught if one is not each], ast.Load())
        case ast.ExceptHandler(type=ast.expr() as one):
            yield "caught less", one, ast.Tuple([], ast.Load())


def _left_out(node: ast.stmt, place: _Place) -> Iterator[_Change]:
    match node:
        case ast.Expr(value=ast.Await()):
            yield "await dropped", node, ast.Pass()
        case ast.Expr(value=ast.Call(func=func)) if not ast.unparse(func).startswith("log."):
            yield "call dropped", node, ast.Pass()
        case ast.Return() | ast.Continue() | ast.Break() | ast.Raise() if place.early:
            yield "goes on", node, ast.Pass()


def _turned(node: ast.AST, place: _Place) -> Iterator[_Change]:
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                yield "comparison", node, _with(node, ops=[*ops[:index], _OTHER[type(op)](), *ops[index + 1 :]])
        case ast.BoolOp(op=op):
            yield "boolean", node, _with(node, op=_OTHER[type(op)]())
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OTHER:
            yield "arithmetic", node, _with(node, op=_OTHER[type(op)]())
        case ast.Constant(value=int() | float() as value):
            kind = "default" if isinstance(place.statement, _FUNCTION) else "constant"
            yield kind, node, ast.Constant(not value if isinstance(value, bool) else value + 1)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not removed", node, operand


def _with(node: _Node, **fields: object) -> _Node:
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})


# --- which tests enter which lines ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Witness:
    """A test that passes, and what it enters."""

    id: str
    seconds: float
    lines: Mapping[str, frozenset[int]]
    """Of the program, by file."""

    @property
    def file(self) -> str:
        return self.id.partition("::")[0]


def measured(root: Path, wanted: Sequence[str], jobs: int) -> list[Witness]:
    """The tests in these files and folders; what is not remembered is measured first."""
    program = _digest(sorted((root / "bot").rglob("*.py")))
    files = {str(file.relative_to(root)): _digest([file]) for each in wanted for file in _test_files(root / each)}
    memory = root / MEMORY
    kept = json.loads(memory.read_text()) if memory.exists() else {}
    known = kept["files"] if kept.get("program") == program else {}
    if changed := [file for file, digest in files.items() if known.get(file, {}).get("digest") != digest]:
        known |= {file: {"digest": files[file], "tests": {}} for file in changed}
        for test in _measure(root, changed, jobs):
            known[test.file]["tests"][test.id] = [test.seconds, {file: sorted(lines) for file, lines in test.lines.items()}]
        memory.write_text(json.dumps({"program": program, "files": known}))
    return [
        Witness(id, seconds, {name: frozenset(numbers) for name, numbers in lines.items()})
        for file in files
        for id, (seconds, lines) in known[file]["tests"].items()
    ]


def _digest(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _test_files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("test_*.py"))


def _measure(root: Path, files: Sequence[str], jobs: int) -> Iterator[Witness]:
    with copied(root) as copy:
        times = copy / "times.json"
        (copy / "coverage.ini").write_text("[run]\nsource = bot\n")
        counting = ["--cov=bot", "--cov-context=test", "--cov-config=coverage.ini", "--cov-report="]
        command = _pytest(copy, "-p", "scripts.mutants", "-n", str(jobs), *counting, *files)
        subprocess.run(command, cwd=copy, env={**os.environ, _TIMES: str(times)}, check=False)
        data = CoverageData(str(copy / ".coverage"))
        data.read()
        entered: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for file in data.measured_files():
            for line, contexts in data.contexts_by_lineno(file).items():
                for context in contexts:  # "id|setup", "id|run", "id|teardown"; "" while a module is imported
                    entered[context.rpartition("|")[0]][str(Path(file).relative_to(copy.resolve()))].add(line)
        for id, seconds in json.loads(times.read_text()).items():
            yield Witness(id, seconds, {file: frozenset(lines) for file, lines in entered[id].items()})


class _Times:
    """Within the measured pytest: how long each test that passes takes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seconds: dict[str, float] = defaultdict(float)
        self._others: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration
        if not report.passed:
            self._others.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        passed = {id: seconds for id, seconds in self._seconds.items() if id not in self._others}
        self._file.write_text(json.dumps(passed))


def pytest_configure(config: pytest.Config) -> None:
    """For `pytest -p scripts.mutants`."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Times(Path(os.environ[_TIMES])))


def noticing(mutant: Mutant, tests: Iterable[Witness], sources: Mapping[str, str], seconds: float) -> list[Witness]:
    """The tests that a change meets, in that order: as many as take `seconds`, and one at least."""
    lines: dict[str, Iterable[int]] = {mutant.file: mutant.entered}
    if mutant.defines is not None:
        name = re.compile(rf"\b{mutant.defines}\b")
        lines = {
            file: [number for number, line in enumerate(source.splitlines(), start=1) if name.search(line)]
            for file, source in sources.items()
        }
    by_file: dict[str, list[Witness]] = defaultdict(list)
    for test in sorted(tests, key=lambda test: test.seconds):
        if any(not entered.isdisjoint(lines[file]) for file, entered in test.lines.items() if file in lines):
            by_file[test.file].append(test)
    chosen: list[Witness] = []
    for stage in TESTS:
        rounds = zip_longest(*(own for file, own in by_file.items() if file.startswith(stage)))
        for test in chain.from_iterable(rounds):
            if test is not None and (not chosen or sum(each.seconds for each in chosen) + test.seconds <= seconds):
                chosen.append(test)
    return chosen


# --- what becomes of a change -----------------------------------------------------------------


class Fate(StrEnum):
    KILLED = "killed"
    TOO_SLOW = "too slow"
    SURVIVED = "survived"
    NOT_TRIED = "not tried"


def _pytest(copy: Path, *arguments: str) -> list[str]:
    basetemp = copy.parent / "tmp"  # its own: several run at a time
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={basetemp}", *arguments]


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / root.name
        shutil.copytree(root, copy, ignore=_LEFT_OUT)
        yield copy


def fate(mutant: Mutant, tests: Sequence[Witness], copy: Path, *, starting: float = STARTING) -> Fate:
    """What the tests say of the program in `copy` with that change."""
    if not tests:
        return Fate.SURVIVED
    file = copy / mutant.file
    source = file.read_bytes()
    file.write_bytes(mutant.applied(source))
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}  # two changes within a second would look alike to its cache
    child = subprocess.Popen(
        _pytest(copy, "-x", *(test.id for test in tests)),
        cwd=copy,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        status = child.wait(starting + PATIENCE * sum(test.seconds for test in tests))
        return Fate.KILLED if status else Fate.SURVIVED
    except subprocess.TimeoutExpired:
        return Fate.TOO_SLOW
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        file.write_bytes(source)


def sample(root: Path, place: str, size: int, seed: int) -> list[Mutant]:
    """Of a folder, a file, or a line of it (`file:line`): the same ones each time."""
    path, _, line = place.partition(":")
    files = [root / path] if path.endswith(".py") else sorted((root / path).glob("*.py"))
    found = [mutant for file in files for mutant in mutants_of(str(file.relative_to(root)), file.read_text(encoding="utf-8"))]
    wanted = [mutant for mutant in found if not line or mutant.line == int(line)]
    return random.Random(f"{seed} {place}").sample(wanted, min(size, len(wanted)))


def tried(meetings: Mapping[Mutant, Sequence[Witness]], root: Path, *, jobs: int, end: float) -> dict[Mutant, Fate]:
    """What becomes of each change, `jobs` at a time; survivors are printed at once. None is begun after `end` (monotonic)."""
    with ExitStack() as stack:
        copies: SimpleQueue[Path] = SimpleQueue()
        for _ in range(jobs):
            copies.put(stack.enter_context(copied(root)))

        def meet(mutant: Mutant) -> Fate:
            if time.monotonic() > end:
                return Fate.NOT_TRIED
            copy = copies.get()
            came_to = fate(mutant, meetings[mutant], copy)
            copies.put(copy)
            if came_to is Fate.SURVIVED:
                print(mutant, "" if meetings[mutant] else "(no test enters it)", flush=True)
            return came_to

        with ThreadPoolExecutor(jobs) as pool:
            return dict(zip(meetings, pool.map(meet, meetings), strict=True))


def table(counts: Mapping[str, Counter[Fate]]) -> str:
    """How many of each fate, by place; the score is the share that was noticed."""
    rows = [["", *Fate, "score"]]
    for place, counted in counts.items():
        met = counted.total() - counted[Fate.NOT_TRIED]
        score = f"{100 * (met - counted[Fate.SURVIVED]) / met:.0f} %" if met else "-"
        rows.append([place, *(str(counted[each]) for each in Fate), score])
    return "\n".join("  ".join([row[0].ljust(24), *(cell.rjust(9) for cell in row[1:])]) for row in rows)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make mutants", description="Change the program in many places, and see what tests notice."
    )
    parser.add_argument("places", nargs="*", default=FOLDERS, metavar="PLACE", help="a folder, a file, or file:line")
    parser.add_argument("--sample", type=int, default=50, help="changes in each place")
    parser.add_argument("--seed", type=int, default=1, help="another one gives other changes")
    parser.add_argument("--seconds", type=float, default=60, help="of tests that one change meets")
    parser.add_argument("--minutes", type=float, default=60, help="after which no other change is begun")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--tests", nargs="+", default=TESTS, metavar="PATH", help="files and folders with tests")
    options = parser.parse_args()
    samples = {place: sample(ROOT, place, options.sample, options.seed) for place in options.places}
    tests = measured(ROOT, options.tests, options.jobs)
    sources = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in (ROOT / "bot").rglob("*.py")}
    in_turn = [mutant for mutant in chain.from_iterable(zip_longest(*samples.values())) if mutant is not None]
    meetings = {mutant: noticing(mutant, tests, sources, options.seconds) for mutant in in_turn}
    fates = tried(meetings, ROOT, jobs=options.jobs, end=time.monotonic() + 60 * options.minutes)
    print(table({place: Counter(fates[mutant] for mutant in found) for place, found in samples.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
