"""What lies beside the repository on some machines: recorded runs and answers, Discord's description, its validator."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

SHARED = Path(__file__).parents[2] / "shared"


def shared(path: str) -> Path:
    """A file or folder in ../shared; the test skips where it is absent."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"needs ../shared/{path}, which is not part of a clone")
    return found


@cache
def validator() -> ModuleType | None:
    """The body validator, or None where it is absent."""
    path = SHARED / "tools" / "validate_discord.py"
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location("validate_discord", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["validate_discord"] = module
    spec.loader.exec_module(module)
    return module
