"""docs/faults.md: a table for each side, a row for each fault."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.faults import at_arxiv, at_discord, at_home
from tests.faults.scenario import Scenario
from tests.faults.story import Seen
from tests.faults.watcher import LEDGER

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
SIDES = (at_arxiv.SIDE, at_discord.SIDE, at_home.SIDE)
SCENARIOS = [scenario for side in SIDES for scenario in side.scenarios]

_HEAD = """# Faults, tried one by one

What becomes of your papers when something fails? Each of these {count} faults was done to the whole bot, in front of a small
arXiv and a small Discord on one machine ([the sandbox](../sandbox/README.md)), and this page shows what could be seen then.
Nobody writes it: `python -m tests.faults` does, and `make test` does every fault again and fails where the page says anything
else. [When something fails](failures.md) says what the bot does about each, and what whoever runs it is told.

It is always the same lab. Its channel #papers follows a query, and its digest is due at 14:00 in Singapore, first on Tuesday
3 March 2026. Papers come out, and the fault happens. The three columns in the middle show what there is when it is at its worst.
Then the fault ends, and a day follows on which everything works and two more papers come out: the last column shows how that day
ends. Where no length is given, the fault lasts an hour or less.

Three rules hold at the end of every row, or the tests fail:

- no paper is lost: each one that matched was posted, or its title and link stand where a member finds them, in `/status`
- no paper came twice, and none that was there before the channel followed the query came as a new one
- `/status` speaks of no trouble any more

Where one of them cannot hold, the row says so and why.

The *ledger* is what the bot's database knows about each paper:

{words}
"""
_TABLE = """
## {heading}

| what happens | in the channel then | in the ledger then | what `/status` says then | after the next good day |
| --- | --- | --- | --- | --- |
{rows}
"""


def standing() -> dict[str, str]:
    """The rows of the page as it is, by what happens there."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return {line.strip("| ").split(" | ")[0]: line for line in lines if line.startswith("| ")}


def row(scenario: Scenario, seen: Seen) -> str:
    in_the_end = seen.afterwards if scenario.unkept is None else f"**{seen.afterwards}.** {scenario.unkept}"
    cells = (scenario.fault, seen.channel, seen.ledger, seen.status, in_the_end)
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def written(rows: Mapping[str, str]) -> str:
    """The whole page. `rows` by what happens there."""
    words = "\n".join(f"- *{word}*: {meaning}" for word, meaning in LEDGER.values())
    tables = (
        _TABLE.format(heading=side.heading, rows="\n".join(rows[scenario.fault] for scenario in side.scenarios)) for side in SIDES
    )
    return _HEAD.format(count=len(SCENARIOS), words=words) + "".join(tables)
