from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.structure.sources import ROOT, importable, sources

LONGEST = 600
"""Lines of a file that is one noun."""
NO_CONCEPT = {"utils", "util", "helpers", "helper", "common", "misc"}
WARNINGS = ("-W", "error", "-W", "ignore:'audioop' is deprecated:DeprecationWarning")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_every_module_can_be_imported_first_and_without_a_warning() -> None:
    script = [sys.executable, *WARNINGS, "-m", "tests.structure.import_alone", *importable()]
    run = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_the_list_of_modules_is_the_real_one() -> None:
    modules = importable()
    assert {"bot.errors", "bot.settings", "bot.settings.reading", "sandbox.control.faults", "cogs"} <= set(modules)
    assert not [module for module in modules if "__" in module]


def test_every_file_fits_in_a_head() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in sources()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_every_module_is_named_after_a_concept() -> None:
    assert [file for file in sources() if NO_CONCEPT & {file.stem, *file.relative_to(ROOT).parent.parts}] == []
