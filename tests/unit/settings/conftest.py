from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings import Settings, load

Load = Callable[..., Settings]
Problems = Callable[..., tuple[str, ...]]


@pytest.fixture
def load_config(tmp_path: Path) -> Load:
    """Write a config.json (keys, or its text) and perhaps a `.env`, and load them."""

    def load_it(config: object, environ: dict[str, str] | None = None, dotenv: str | None = None) -> Settings:
        text = config if isinstance(config, str) else json.dumps(config)
        (tmp_path / "config.json").write_text(text, encoding="utf-8")
        if dotenv is not None:
            (tmp_path / ".env").write_text(dotenv, encoding="utf-8")
        return load(tmp_path / "config.json", environ or {})

    return load_it


@pytest.fixture
def problems_of(load_config: Load) -> Problems:
    """What is wrong with a config.json and an environment."""

    def problems(config: object, environ: dict[str, str] | None = None, dotenv: str | None = None) -> tuple[str, ...]:
        with pytest.raises(ConfigError) as caught:
            load_config(config, environ, dotenv)
        return caught.value.problems

    return problems
