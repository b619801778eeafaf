from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.structure.sources import ROOT

# The words are in pieces so that this file passes its own test.
MACHINE = re.compile(r"(?<![\w.~$}*-])/(?:ro{2}t|home|Users|work|opt/(?:wheels|pypi))/\w")
REGISTRY = re.compile(r"(?:extra-)?index-ur[l]|find-link[s]|pypi\.or[g]/simple|file:///op[t]")


def tracked() -> list[str]:
    """Files that are in the repository or would be with the next `git add`."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listing = [git, "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


def mentions(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for name in tracked():
        text = (ROOT / name).read_bytes().decode("utf-8", errors="replace")
        found += [f"{name}: {match[0]}" for match in pattern.finditer(text)]
    return found


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert MACHINE.search("see /" + "home/ada/main")
    assert not MACHINE.search("https://example.org/" + "home/ada")
    assert mentions(MACHINE) == []


def test_no_file_names_a_package_registry() -> None:
    assert mentions(REGISTRY) == []


def test_everything_installed_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]
        assert wanted
        assert [line for line in wanted if not re.match(r"[\w.-]+(\[\w+\])?==\d[\w.]*(; .+)?$", line)] == []
