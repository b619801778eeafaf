"""The database's password stays off the terminal and out of the log, whatever is wrong with its address."""

from __future__ import annotations

import pytest

from tests.e2e.lab import Lab

PASSWORD = "hu/s h@geheim"
GONE = "127.0.0.1:1"
"""Nobody listens there."""


@pytest.mark.parametrize("command", [["once"], ["run"], ["db", "upgrade"], ["config", "show"]], ids=" ".join)
@pytest.mark.parametrize(
    "address",
    [
        f"postgres://lab:geheim@{GONE}/papers",
        f"postgres://lab:{PASSWORD}@{GONE}/papers",
        f"postgres://lab:geheim@{GONE}/papers?sslmode=maybe",
        f"postgres://{GONE}/papers?password=geheim",
        f"postgres://{GONE}/papers?sslpassword=geheim+geheim",
        f"postgres://lab:geheim@{GONE}:none/papers",
        "postgres://lab:geheim",
        "mysql://lab:geheim@db/papers",
        "sqlite://lab:geheim@db",
        "sqlite:///lab.db?password=geheim",
    ],
)
async def test_on_the_command_line(lab: Lab, address: str, command: list[str]) -> None:
    lab.environment |= {"DATABASE_URL": address, "LOG_LEVEL": "DEBUG"}

    finished = await lab.bot(*command)

    assert "geheim" not in finished.out + finished.err
    assert finished.status == (0 if command == ["config", "show"] else finished.status)
    assert "Traceback" not in finished.err


async def test_when_another_setting_is_wrong_too(lab: Lab) -> None:
    lab.environment |= {
        "DATABASE_URL": "postgres://lab:geheim@db/papers",
        "ARXIV_API_URL": "postgres://db/papers?password=geheim",
    }

    finished = await lab.bot("once")

    assert "ARXIV_API_URL is " in finished.err
    assert "geheim" not in finished.out + finished.err


async def test_in_a_file_that_is_no_json(lab: Lab) -> None:
    lab.config_path.write_text('{"database_url": "postgres://lab:geheim@db/papers"\n "query": "cat:cs.LG"}')
    first = await lab.bot("once")
    lab.config_path.write_text('{"database_url": "postgres://lab:geheim@db/papers')
    second = await lab.bot("once")

    assert "is not JSON" in first.err + second.err
    assert "geheim" not in first.err + second.err
