from __future__ import annotations

import re
import subprocess
import sys
from datetime import time

import discord
import pytest

from bot.daemon.client import INVITED
from bot.settings.model import KEYS, VARIABLES, Settings
from tests.structure.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def default(field: str) -> str:
    """As the README writes it."""
    value = Settings.model_fields[field].default
    if value is None or value == ():
        return "none"
    return f"{value:%H:%M}" if isinstance(value, time) else f"{value:g}" if isinstance(value, float) else str(value)


def test_every_key_of_the_file_is_in_the_readme_with_its_default() -> None:
    assert [(row[0], row[1]) for row in table("config.json")] == [(f"`{key}`", default(key)) for key in KEYS]


def test_every_variable_is_in_the_readme_with_its_default() -> None:
    assert [(row[0], row[1]) for row in table("Environment")] == [(f"`{name}`", default(VARIABLES[name])) for name in VARIABLES]


def test_the_example_names_only_real_variables() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert "DISCORD_TOKEN" in named
    assert named <= set(VARIABLES)


@pytest.mark.parametrize("command", [row[0].strip("`") for row in table("Command line")])
def test_every_command_in_the_readme_exists_with_its_options(command: str) -> None:
    words = command.removeprefix("python -m ").split()
    verb = [word for word in words if word.islower() and word[0].isalpha()]
    run = subprocess.run([sys.executable, "-m", *verb, "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0
    said = {"--config", *re.findall(r"--[a-z-]+", command)}
    assert said == set(re.findall(r"--[a-z-]+", run.stdout)) - {"--help"}


def test_the_invite_link_is_the_one_that_run_prints() -> None:
    asked = re.findall(r"client_id=…\S+&permissions=(\d+)$", README, re.MULTILINE)
    assert asked == [str(INVITED.value)]
    [said] = re.findall(r"These are the permissions it needs: (.+?)\. Open the link", " ".join(README.split()))
    named = re.split(r", | and ", said.lower())
    assert discord.Permissions(**{name.replace(" ", "_"): True for name in named}) == INVITED


def test_every_verb_of_make_in_the_documents_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    documents = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert {"demo", "test"} <= set(re.findall(r"(?:^|`)make ([a-z]+)", documents, re.MULTILINE)) <= verbs


def test_every_folder_of_the_house_exists() -> None:
    folders = [folder for row in table("The house") for folder in re.findall(r"`([\w/]+)`", row[0])]
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
    stages = {f"bot/{file.parent.name}" for file in (ROOT / "bot").glob("*/__init__.py")}
    assert stages - set(folders) == {"bot/config"}
