"""`python -m tests.faults [NAME …]`: do every fault, or those of these functions, and write docs/faults.md by what is seen."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from tests.faults.page import PAGE, SCENARIOS, row, standing, written
from tests.faults.scenario import play


async def main(*names: str) -> None:
    rows = standing()
    for scenario in SCENARIOS:
        if not names or scenario.happens.__name__ in names:
            with tempfile.TemporaryDirectory() as folder:
                rows[scenario.fault] = row(scenario, await play(scenario, Path(folder)))
    PAGE.write_text(written(rows), encoding="utf-8")


if __name__ == "__main__":
    logging.disable()  # the bot's log is full of what is done to it here
    asyncio.run(main(*sys.argv[1:]))
