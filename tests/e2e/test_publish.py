"""The list in a README: what a person finds in the file after a digest, or types for it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from sandbox.arxiv.corpus import Record
from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.room import Room

MORNING = datetime.fromisoformat("2025-12-12T06:18:22+08:00")
ABSTRACT = "We dream up an inverse design of a material. A generative model draws it. It does not exist."
FACTS = (
    ("2512.06813v2", "An imagined alloy, drawn twice", "2025-12-07T12:34:56Z", "2025-12-10T17:00:00Z", "cs.LG"),
    ("2512.09514v1", "A crystal with $x_{1}$ corners & <b>no</b> faces", "2025-12-10T11:00:00Z", None, "cond-mat.mtrl-sci"),
    ("2510.01170v2", "The *second* thoughts of a glass", "2025-10-01T17:59:59Z", "2025-12-10T10:00:00Z", "cond-mat.mtrl-sci"),
    ("2512.09169v1", "Perovskites that never were", "2025-12-09T22:00:00Z", None, "cond-mat.mtrl-sci"),
    ("2512.08987v1", "Ten wishes for a zeolite", "2025-12-08T08:00:00Z", None, "cs.AI"),
)
"""Of the list that ArXivDaily-AI4MAT wrote on 2025-12-12: ids, order and hour. Titles, people and abstracts are invented."""


@pytest.fixture
def readme(lab: Lab) -> Path:
    readme = lab.folder / "README.md"
    write(readme, "# Our lab\n\n<!-- ARXIV_PAPERS_START -->\n<!-- ARXIV_PAPERS_END -->\n\nThe end.\n")
    lab.configure(publish={"markdown": str(readme)}, post_at="06:00")
    return readme


def read(file: Path) -> str:
    """Byte for byte."""
    return file.read_bytes().decode()


def write(file: Path, text: str, mode: int = 0o644) -> None:
    file.touch()
    file.chmod(0o644)
    file.write_bytes(text.encode())
    file.chmod(mode)


def appear(lab: Lab, facts: tuple[tuple[str, str, str, str | None, str], ...] = FACTS) -> None:
    for id, title, published, updated, category in facts:
        base, _, version = id.partition("v")
        lab.sandbox.corpus.add(
            Record(
                base_id=base,
                version=int(version),
                title=title,
                abstract=ABSTRACT,
                authors=("Ada Example", "Bo Sample"),
                categories=(category,),
                published=datetime.fromisoformat(published),
                updated=datetime.fromisoformat(updated or published),
                appears=lab.sandbox.clock.now(),
            )
        )


async def followed(lab: Lab) -> None:
    """The bot starts on 11 December, when there is one paper, at its first version; then it is the next morning."""
    lab.move(to=MORNING)
    lab.move(days=-1)
    appear(lab, (("2512.06813v1", "An imagined alloy", "2025-12-07T12:34:56Z", None, "cs.LG"),))
    assert (await lab.once()).complete
    lab.move(to=MORNING)


def entry(number: int, title: str, published: str, category: str, id: str) -> str:
    return (
        f"### {number}. {title}\n\n**Authors:** Ada Example, Bo Sample\n\n**Published:** {published}\n\n"
        f"**Category:** {category}\n\n**ID:** {id}\n\n"
        f"**Link:** [https://arxiv.org/abs/{id}](https://arxiv.org/abs/{id})\n\n**Summary:** {ABSTRACT}\n\n---\n\n"
    )


def numbered(text: str) -> list[str]:
    return [line.removeprefix("**ID:** ") for line in text.splitlines() if line.startswith(("**ID:** ", "## "))]


async def test_the_five_entries_of_the_predecessors_list(lab: Lab, readme: Path) -> None:
    lab.move(to=MORNING)
    lab.move(days=-1)
    assert (await lab.once()).complete
    lab.move(to=MORNING)
    appear(lab)

    assert (await lab.once()).complete

    assert read(readme) == (
        "# Our lab\n\n<!-- ARXIV_PAPERS_START -->\n\n"
        "## New Papers (5)\n\n*Last updated: 2025-12-12 06:18:22 (SGT)*\n\n"
        + entry(1, "An imagined alloy, drawn twice", "2025-12-07", "cs.LG", "2512.06813v2")
        + entry(
            2,
            "A crystal with $x_{1}$ corners &amp; &lt;b&gt;no&lt;/b&gt; faces",
            "2025-12-10",
            "cond-mat.mtrl-sci",
            "2512.09514v1",
        )
        + entry(3, r"The \*second\* thoughts of a glass", "2025-10-01", "cond-mat.mtrl-sci", "2510.01170v2")
        + entry(4, "Perovskites that never were", "2025-12-09", "cond-mat.mtrl-sci", "2512.09169v1")
        + entry(5, "Ten wishes for a zeolite", "2025-12-08", "cs.AI", "2512.08987v1")
        + "<!-- ARXIV_PAPERS_END -->\n\nThe end.\n"
    )


async def test_a_revision_of_a_paper_that_was_there_is_listed_as_one(lab: Lab, readme: Path) -> None:
    await followed(lab)
    appear(lab)

    await lab.once()

    ids = [id for id, *_ in FACTS]
    assert numbered(read(readme)) == ["## New Papers (4)", *ids[1:], "## Revised Papers (1)", ids[0]]


async def test_without_updates_revisions_are_left_out(lab: Lab, readme: Path) -> None:
    lab.configure(updates="off")
    await followed(lab)
    appear(lab)

    await lab.once()

    assert numbered(read(readme)) == ["## New Papers (4)", *(id for id, *_ in FACTS[1:])]


def untimed(text: str) -> str:
    """Without the time of day: the clock goes on from `--now`."""
    return re.sub(r"\d\d:\d\d:\d\d", "", text)


async def test_run_twice_by_hand_it_changes_only_the_time(lab: Lab, readme: Path) -> None:
    await followed(lab)
    appear(lab)
    await lab.once()
    before = read(readme)
    other = lab.folder / "other.md"

    for hour in ("18", "19"):
        now = ("--now", f"2025-12-12T{hour}:00:00+08:00")
        finished = await lab.bot("publish", *now)
        assert (finished.status, finished.err) == (0, "")
        assert finished.out == f"{readme}: 4 new, 1 revised\n"
        assert f" {hour}:00:" in read(readme)
        assert untimed(read(readme)) == untimed(before)
    finished = await lab.bot("publish", "--markdown", str(other), *now)

    assert finished.status == 0
    marker = "<!-- ARXIV_PAPERS_START -->"
    assert read(other).startswith(marker)
    inside = read(readme).split(marker)[1].removesuffix("\n\nThe end.\n")
    assert untimed(read(other)) == untimed(f"{marker}{inside}\n")


async def test_a_quiet_day_says_so(lab: Lab, readme: Path) -> None:
    await followed(lab)
    appear(lab)
    await lab.once()
    lab.days(1)

    await lab.once()

    text = read(readme)
    assert "## New Papers (0)\n\n*Last updated: 2025-12-13 06:18:22 (SGT)*\n\nNo new papers " in text
    assert " Sat 13 Dec 2025." in text
    assert "2512" not in text.replace("2025-12", "")


async def test_while_arxiv_fails_and_in_a_rehearsal_the_file_stays(lab: Lab, readme: Path) -> None:
    await followed(lab)
    before = read(readme)
    lab.sandbox.faults.add(Fault(ROUTE, status=429, times=1))
    appear(lab)

    assert not (await lab.once()).complete
    assert read(readme) == before
    finished = await lab.bot("once", "--dry-run", "--force", *lab.now_argument())
    assert finished.status == 0
    assert "Perovskites that never were" in finished.out
    assert read(readme) == before


async def test_the_bot_in_the_room_writes_it_too(lab: Lab, readme: Path) -> None:
    await followed(lab)
    appear(lab)

    async with Room(lab) as room:
        await room.tick()
        finished = await lab.bot("publish")

    assert "## New Papers (4)" in read(readme)
    assert finished.status == 2
    assert "Another process" in finished.err
    assert "set publish in config.json" in finished.err


async def test_a_file_that_cannot_be_written_costs_no_paper(lab: Lab, readme: Path) -> None:
    await followed(lab)
    before = read(readme)
    write(readme, before, 0o444)
    appear(lab)

    report = await lab.once()

    assert report.status == 1
    assert report.failures == [f"{readme} is read-only; the list was not written. Allow this user to write there."]
    assert sorted(lab.posted()) == sorted(id for id, *_ in FACTS[1:])
    assert read(readme) == before
    write(readme, before)
    lab.days(1)
    assert (await lab.once()).complete
    assert len(lab.posted()) == 4


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        ("# Lab\n<!-- ARXIV_PAPERS_START -->\n", 0o644, "has <!-- ARXIV_PAPERS_START --> but no <!-- ARXIV_PAPERS_END -->"),
        ("# Lab\n", 0o444, "is read-only"),
    ],
)
async def test_a_file_that_is_not_fit_is_named_and_stays(lab: Lab, readme: Path, content: str, mode: int, sentence: str) -> None:
    await followed(lab)
    write(readme, content, mode)

    finished = await lab.bot("publish", "--markdown", str(readme))

    assert finished.status == 2
    assert finished.out == ""
    assert sentence in finished.err
    assert "Traceback" not in finished.err
    assert read(readme) == content


async def test_a_list_needs_a_file_and_channels(lab: Lab) -> None:
    nameless = await lab.bot("publish")
    lab.configure(channels=[])
    empty = await lab.bot("publish", "--markdown", "README.md")

    assert (nameless.status, empty.status) == (2, 2)
    assert "add --markdown FILE, or set publish in config.json" in nameless.err
    assert "name a channel there" in empty.err
