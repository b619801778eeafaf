"""What starts the bot on a host agrees with the bot: command lines, variables, exit statuses, files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import AGAIN, FIX
from bot.daemon.run import FAREWELL, GRACE
from bot.settings.model import VARIABLES
from tests.structure.sources import ROOT

DEPLOY = ROOT / "deploy"
DOCUMENTS = [ROOT / "docs" / f"{name}.md" for name in ("docker", "health", "hosting", "procfile", "systemd")]
LOGINS_A_DAY = 1000
"""Of one bot; Discord resets the token of one that needs more. https://docs.discord.com/developers/events/gateway"""


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def unit(name: str) -> set[tuple[str, str]]:
    """Its settings, without sections."""
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    return {(key, value) for key, equals, value in (line.partition("=") for line in lines) if equals and not key.startswith("#")}


def instruction(name: str) -> list[str]:
    """The list after this word in the Dockerfile."""
    [words] = re.findall(rf"^{name} (\[.+\])$", read("Dockerfile"), re.MULTILINE)
    found: list[str] = json.loads(words)
    return found


def command_lines() -> list[str]:
    """What stands after `python -m bot` wherever a host or a person is told to start it."""
    texts = [read("Procfile"), *(file.read_text(encoding="utf-8") for file in [*DEPLOY.glob("*.service"), *DOCUMENTS])]
    texts.append(" ".join(instruction("ENTRYPOINT") + instruction("CMD")))
    return sorted({words for text in texts for words in re.findall(r"python -m bot ([^`\n]+)", text)})


def test_the_command_lines_are_found() -> None:
    assert {line.split()[0] for line in command_lines()} == {"run", "once", "db", "config"}


@pytest.mark.parametrize("line", command_lines())
def test_every_command_line_is_understood(line: str, tmp_path: Path) -> None:
    """It gets as far as a configuration that is not there."""
    words = line.replace("/etc/arxiv-daily/", f"{tmp_path}/").split()
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert "config.json does not exist" in run.stderr.splitlines()[-1]


def test_a_procfile_host_starts_one_process() -> None:
    assert re.findall(r"^(\w+):", read("Procfile"), re.MULTILINE) == ["release", "worker"]


def test_every_variable_named_exists() -> None:
    texts = [read("Dockerfile"), *(file.read_text(encoding="utf-8") for file in [*DEPLOY.glob("*.service"), *DOCUMENTS])]
    named = {name for text in texts for name in re.findall(r"\b(?!AF_)[A-Z]+(?:_[A-Z]+)+\b|\bPORT\b", text)}
    assert {"DATABASE_URL", "DISCORD_TOKEN", "PORT"} <= named <= set(VARIABLES)


# --- systemd ----------------------------------------------------------------------------------


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not on this machine")
    units = [tmp_path / file.name for file in DEPLOY.glob("arxiv-daily*.*")]
    for copy in units:
        text = (DEPLOY / copy.name).read_text(encoding="utf-8")
        copy.write_text(text.replace("/opt/arxiv-daily/.venv/bin/python", sys.executable), encoding="utf-8")
    run = subprocess.run([analyze, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    assert len(units) == 3
    assert (run.returncode, [line for line in run.stderr.splitlines() if "arxiv-daily" in line]) == (0, [])


def test_systemd_starts_again_what_is_to_be_tried_again_and_leaves_alone_what_a_person_must_mend() -> None:
    run, once = unit("arxiv-daily.service"), unit("arxiv-daily-once.service")
    assert {("Restart", "on-failure"), ("RestartPreventExitStatus", str(FIX))} <= run
    assert {value for key, value in once if key in ("Restart", "SuccessExitStatus")} == {str(AGAIN)}


def test_systemd_neither_wears_out_the_token_nor_cuts_a_stop_short() -> None:
    run = dict(unit("arxiv-daily.service"))
    minutes = int(run["RestartSec"].removesuffix("min"))
    assert 24 * 60 / minutes < LOGINS_A_DAY
    assert int(run["TimeoutStopSec"]) > GRACE + FAREWELL


def test_both_services_are_closed_alike() -> None:
    different = unit("arxiv-daily.service") ^ unit("arxiv-daily-once.service")
    timing = {"Restart", "RestartPreventExitStatus", "RestartSec", "SuccessExitStatus", "TimeoutStartSec", "TimeoutStopSec"}
    assert {key for key, _ in different} == {"Description", "ExecStart", "Type", "WantedBy", *timing}


# --- the image --------------------------------------------------------------------------------


def test_nothing_reaches_the_image_but_what_it_copies() -> None:
    copied = {word for line in re.findall(r"^COPY (.+) \S+$", read("Dockerfile"), re.MULTILINE) for word in line.split()}
    first, *others = [line for line in read(".dockerignore").splitlines() if not line.startswith("#")]
    assert first == "*"
    assert {line[1:] for line in others if line.startswith("!")} == copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_image_runs_the_bot_without_a_shell_and_without_rights() -> None:
    dockerfile = read("Dockerfile")
    assert instruction("ENTRYPOINT")[0] == "python"
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["10001"]
    [volume] = re.findall(r"^VOLUME (.+)$", dockerfile, re.MULTILINE)
    assert f"DATABASE_URL=sqlite:///{volume}/" in dockerfile
