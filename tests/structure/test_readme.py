"""README.md, CONTRIBUTING.md and docs/ say what the code does: settings, commands, invite link, folders, import rules."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from datetime import time
from pathlib import Path

import discord
import pytest

from bot.daemon.client import INVITED
from bot.settings.model import KEYS, VARIABLES, Settings
from tests.structure.sources import ROOT

README, CONTRIBUTING, ARCHITECTURE = ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docs/architecture.md"
CONFIGURATION, CLI = ROOT / "docs/configuration.md", ROOT / "docs/cli.md"
LONGEST_README = 700
"""Words: one screen and a half."""


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def table(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = read(page).split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows: list[list[str]] = []
    for line in section.splitlines():
        if line.startswith("|"):
            rows.append(line.strip("| ").split(" | "))
        elif rows:
            break
    return rows[2:]


def default(field: str) -> str:
    """As the pages write it."""
    value = Settings.model_fields[field].default
    if value is None or value == ():
        return "none"
    return f"{value:%H:%M}" if isinstance(value, time) else f"{value:g}" if isinstance(value, float) else str(value)


# --- the README -------------------------------------------------------------------------------


def test_the_readme_is_short_and_says_first_what_it_is() -> None:
    words = read(README).split()
    assert len(words) <= LONGEST_README
    _, first, *_ = read(README).split("\n\n")
    assert re.match(r"ArXiv Daily is a Discord bot that posts new arXiv papers\.", first)


def test_the_invite_link_is_the_one_that_run_prints() -> None:
    asked = re.findall(r"client_id=…\S+&permissions=(\d+)$", read(README), re.MULTILINE)
    assert asked == [str(INVITED.value)]
    [said] = re.findall(r"These are the permissions it needs: (.+?)\. Open the link", " ".join(read(README).split()))
    named = re.split(r", | and ", said.lower())
    assert discord.Permissions(**{name.replace(" ", "_"): True for name in named}) == INVITED


# --- settings ---------------------------------------------------------------------------------


def test_every_key_of_the_file_is_documented_with_its_default() -> None:
    assert [(row[0], row[1]) for row in table(CONFIGURATION, "config.json")] == [(f"`{key}`", default(key)) for key in KEYS]


def test_every_variable_is_documented_with_its_default() -> None:
    documented = [(row[0], row[1]) for row in table(CONFIGURATION, "Environment")]
    assert documented == [(f"`{name}`", default(VARIABLES[name])) for name in VARIABLES]


def test_the_example_names_only_real_variables() -> None:
    named = set(re.findall(r"^#?([A-Z_]+)=", read(ROOT / ".env.example"), re.MULTILINE))
    assert "DISCORD_TOKEN" in named
    assert named <= set(VARIABLES)


# --- what is typed into a terminal ------------------------------------------------------------


@pytest.mark.parametrize("command", [row[0].strip("`") for row in table(CLI, "Commands")])
def test_every_documented_command_line_exists_with_its_options(command: str) -> None:
    words = command.removeprefix("python -m ").split()
    verb = [word for word in words if word.islower() and word[0].isalpha()]
    run = subprocess.run([sys.executable, "-m", *verb, "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0
    said = {"--config", *re.findall(r"--[a-z-]+", command)}
    assert said == set(re.findall(r"--[a-z-]+", run.stdout)) - {"--help"}


def test_every_command_of_the_program_is_documented() -> None:
    run = subprocess.run([sys.executable, "-m", "bot", "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    commands = re.findall(r"^    (\w+)  ", run.stdout, re.MULTILINE)
    assert {"run", "once"} <= set(commands)
    assert {row[0].split()[3].strip("`") for row in table(CLI, "Commands")} == set(commands)


def test_every_verb_of_make_in_the_documents_exists() -> None:
    verbs = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    pages = "\n".join(read(page) for page in [README, CONTRIBUTING, *ROOT.glob("docs/*.md")])
    assert {"demo", "test"} <= set(re.findall(r"(?:^|`)make ([a-z]+)", pages, re.MULTILINE)) <= verbs
    assert {row[0].strip("`").removeprefix("make ") for row in table(CLI, "make")} == verbs - {"help"}


# --- the house --------------------------------------------------------------------------------


def test_the_architecture_names_every_folder_of_the_bot_and_none_that_is_not_there() -> None:
    folders = [folder for row in table(ARCHITECTURE, "The house") for folder in re.findall(r"`([\w/]+)`", row[0])]
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
    stages = {f"bot/{file.parent.name}" for file in (ROOT / "bot").glob("*/__init__.py")}
    assert {folder for folder in folders if folder.startswith("bot/")} == stages


def test_the_import_rules_are_those_of_make_lint() -> None:
    [drawn] = re.findall(r"^cogs > (.+)$", read(ARCHITECTURE), re.MULTILINE)
    contracts = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    assert _steps(drawn.split(" > ")) == [step for step in _steps(layers) if step not in ({"__main__"}, {"cogs"})]


def _steps(layers: list[str]) -> list[set[str]]:
    """The parts that stand side by side, from the top, as names inside bot."""
    return [{part.strip().removeprefix("bot.") for part in layer.split("|")} for layer in layers]


NOT_YET = {
    "cogs/paper.py",
    *(f"cogs/paper/{name}.py" for name in ("__init__", "cog", "service", "view")),
    "tests/unit/cogs/paper/test_service.py",
    "tests/e2e/test_paper.py",
    "bot/storage/migrations/versions/v0099_word.py",
}
"""Files that somebody who adds something will make."""


def test_every_file_that_the_architecture_names_exists() -> None:
    named = set(re.findall(r"`((?:bot|cogs|docs|sandbox|tests)/[\w/.]+)`", read(ARCHITECTURE)))
    assert named >= NOT_YET
    assert sorted(name for name in named - NOT_YET if not (ROOT / name).exists()) == []
