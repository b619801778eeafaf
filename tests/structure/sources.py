"""The files this project is made of."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "cogs", "sandbox")


def sources() -> list[Path]:
    """Every Python file of the packages."""
    return sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))


def importable() -> list[str]:
    """Module names. Left out: what runs when imported (`__main__`) and what only Alembic can run (migrations)."""
    files = [file.relative_to(ROOT) for file in sources() if file.stem != "__main__" and "migrations" not in file.parts]
    return [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files]
