"""The changes that `make mutants` makes, and what it says of the tests that meet them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest

from scripts.mutants import ROOT, Fate, Witness, fate, mutants_of, noticing, sample, table

SOURCE = dedent('''\
    """Nothing is done to text: 1 < 2."""
    LIMIT = 3

    async def post(papers: list[int], *, loud: bool = False) -> int:
        for paper in papers:
            if paper < LIMIT and not loud:
                continue
            await send(paper)
        try:
            note(f"{1 + 1}")
        except (OSError, ValueError):
            return 0
        assert papers
        return len(papers) + 1
''')
HALF = dedent("""\
    def half(number):
        if number > 8:
            return 8
        return number / 2
""")
HALVED = Witness("test_half.py::test_half", 0.01, {"half.py": frozenset({2, 4})})


def changes(source: str) -> list[str]:
    return [str(mutant) for mutant in mutants_of("post.py", source)]


def test_what_is_changed_and_what_is_not() -> None:
    assert changes(SOURCE) == [
        "post.py:2 constant: 3 -> 4",
        "post.py:4 default: False -> True",
        "post.py:6 boolean: paper < LIMIT and (not loud) -> paper < LIMIT or not loud",
        "post.py:6 comparison: paper < LIMIT -> paper <= LIMIT",
        "post.py:6 not removed: not loud -> loud",
        "post.py:7 goes on: continue -> pass",
        "post.py:8 await dropped: await send(paper) -> pass",
        "post.py:10 call dropped: note(f'{1 + 1}') -> pass",
        "post.py:11 caught less: (OSError, ValueError) -> (ValueError,)",
        "post.py:11 caught less: (OSError, ValueError) -> (OSError,)",
        "post.py:12 goes on: return 0 -> pass",
        "post.py:12 constant: 0 -> 1",
        "post.py:14 arithmetic: len(papers) + 1 -> len(papers) - 1",
        "post.py:14 constant: 1 -> 2",
    ]


def test_a_change_over_several_lines_moves_no_other_line() -> None:
    source = "def post(paper):\n    send(  # é\n        paper,\n    )\n    return (\n        paper\n        or None\n    )\n"
    dropped, turned = mutants_of("post.py", source)
    assert dropped.applied(source.encode()).decode().splitlines()[1:5] == ["    pass", "", "", "    return ("]
    assert turned.applied(source.encode()).decode().splitlines()[4:] == ["    return (", "        (paper and None", ")", "    )"]


def test_every_change_of_the_program_can_be_read_by_python() -> None:
    for mutant in sample(ROOT, "bot/digest", 50, seed=1):
        compile(mutant.applied((ROOT / mutant.file).read_bytes()), mutant.file, "exec")


def test_a_seed_gives_the_same_changes_each_time_and_another_one_others() -> None:
    assert sample(ROOT, "bot/digest", 5, seed=1) == sample(ROOT, "bot/digest", 5, seed=1) != sample(ROOT, "bot/digest", 5, seed=2)


def test_a_change_meets_the_quick_tests_of_each_file_that_enter_its_line() -> None:
    [limit, *_, last] = mutants_of("bot/post.py", SOURCE)
    unit = Witness("tests/unit/test_a.py::test_quick", 1, {"bot/post.py": frozenset({6, 14})})
    slow = Witness("tests/unit/test_a.py::test_slow", 9, {"bot/post.py": frozenset({6, 14})})
    far = Witness("tests/e2e/test_b.py::test_far", 2, {"bot/post.py": frozenset({14})})
    other = Witness("tests/unit/test_c.py::test_other", 1, {"bot/else.py": frozenset({6, 14})})
    tests = [far, slow, unit, other]
    assert noticing(last, tests, {}, seconds=60) == [unit, slow, far]
    assert noticing(last, tests, {}, seconds=5) == [unit, far]
    # A constant is read where its name stands, not where it is set.
    assert noticing(limit, tests, {"bot/post.py": SOURCE}, seconds=60) == [unit, slow]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "half.py").write_text(HALF)
    (folder / "test_half.py").write_text("from half import half\n\n\ndef test_half():\n    assert half(8) == 4\n")
    return folder


def test_a_change_is_killed_by_a_test_that_fails_and_survives_one_that_passes(copy: Path) -> None:
    found = {str(mutant): mutant for mutant in mutants_of("half.py", HALF)}
    assert fate(found["half.py:2 comparison: number > 8 -> number >= 8"], [HALVED], copy) is Fate.KILLED
    assert fate(found["half.py:3 constant: 8 -> 9"], [HALVED], copy) is Fate.SURVIVED
    assert (copy / "half.py").read_text() == HALF


def test_tests_that_never_end_are_ended(copy: Path) -> None:
    [endless, *_] = mutants_of("half.py", HALF)
    assert fate(endless, [HALVED], copy, starting=0.0) is Fate.TOO_SLOW


def test_the_score_is_the_share_that_was_noticed() -> None:
    fates = [*[Fate.KILLED] * 6, Fate.TOO_SLOW, Fate.SURVIVED, Fate.NOT_TRIED]
    [head, row] = table({"bot/digest": Counter(fates)}).splitlines()
    assert head.split() == ["killed", "too", "slow", "survived", "not", "tried", "score"]
    assert row.split() == ["bot/digest", "6", "1", "1", "1", "88", "%"]
