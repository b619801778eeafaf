from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import ConfigError
from bot.settings import load, require_token
from tests.unit.settings.conftest import Load

ROOT = Path(__file__).parents[3]
LAB = "123456789012345678"


def test_the_shipped_file_loads_and_posts_nowhere() -> None:
    settings = load(ROOT / "config.json", {})
    assert settings.query is not None
    assert "cat:cond-mat.mtrl-sci" in settings.query
    assert (settings.max_results, settings.lookback_days, settings.max_posts) == (500, 30, 20)
    assert (settings.post_at, settings.timezone, settings.updates) == (time(14, 0), "Asia/Singapore", "edit")
    assert settings.channels == ()
    assert settings.notes == ()


def test_an_empty_object_is_all_defaults(load_config: Load) -> None:
    settings = load_config({})
    assert settings.query is None
    assert settings.max_results == 2000
    assert settings.discord_api_url == "https://discord.com/api/v10"
    assert settings.arxiv_interval == 3
    assert settings.database_url == "sqlite:///arxiv-daily.db"
    assert (settings.log_format, settings.log_level) == ("plain", "INFO")
    assert (settings.token, settings.port, settings.clock_url, settings.discord_gateway_url) == (None, None, None, None)


def test_a_query_of_null_is_none_at_all(load_config: Load) -> None:
    assert load_config({"query": None}).query is None


def test_every_key_is_read(load_config: Load) -> None:
    settings = load_config(
        {
            "query": "cat:cs.LG",
            "max_results": 100,
            "post_at": "09:30",
            "timezone": "Europe/Berlin",
            "lookback_days": 7,
            "max_posts": 0,
            "updates": "off",
            "publish": {"markdown": "papers/README.md"},
            "channels": [{"id": LAB}, {"id": "223456789012345678", "query": "cat:math.CO"}],
        }
    )
    assert (settings.query, settings.max_results, settings.post_at) == ("cat:cs.LG", 100, time(9, 30))
    assert (settings.zone.key, settings.lookback_days, settings.max_posts) == ("Europe/Berlin", 7, 0)
    assert settings.updates == "off"
    assert settings.publish is not None
    assert settings.publish.markdown == Path("papers/README.md")
    assert [(channel.id, channel.query) for channel in settings.channels] == [
        (123456789012345678, None),
        (223456789012345678, "cat:math.CO"),
    ]


def test_every_variable_is_read(load_config: Load) -> None:
    settings = load_config(
        {},
        {
            "DISCORD_TOKEN": " abc.def ",
            "DISCORD_API_URL": "http://127.0.0.1:8400/api/v10/",
            "DISCORD_GATEWAY_URL": "ws://[::1]:8400/gateway",
            "ARXIV_API_URL": "http://localhost:8400/arxiv/query",
            "ARXIV_INTERVAL": "0.05",
            "ARXIV_CONTACT": "lab@example.org",
            "DATABASE_URL": "postgres://localhost/papers",
            "CLOCK_URL": "http://127.0.0.1:8400/clock",
            "PORT": "8080",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "debug",
        },
    )
    assert require_token(settings) == "abc.def"
    assert settings.discord_api_url == "http://127.0.0.1:8400/api/v10"
    assert settings.discord_gateway_url == "ws://[::1]:8400/gateway"
    assert settings.arxiv_api_url == "http://localhost:8400/arxiv/query"
    assert (settings.arxiv_interval, settings.arxiv_contact) == (0.05, "lab@example.org")
    assert settings.database_url == "postgres://localhost/papers"
    assert (settings.clock_url, settings.port) == ("http://127.0.0.1:8400/clock", 8080)
    assert (settings.log_format, settings.log_level) == ("json", "DEBUG")


def test_the_predecessors_file_loads_and_says_what_has_no_effect(load_config: Load) -> None:
    settings = load_config(
        {"query": "cat:cs.LG", "max_results": 200, "output_dir": "./out", "known_papers_file": "./out/known.json"}
    )
    assert (settings.query, settings.max_results) == ("cat:cs.LG", 200)
    assert [note.split()[0] for note in settings.notes] == ["output_dir", "known_papers_file"]
    assert all("database" in note for note in settings.notes)


def test_the_environment_goes_over_the_env_file(load_config: Load) -> None:
    settings = load_config({}, {"PORT": "8001"}, dotenv="PORT=8002\nLOG_LEVEL=ERROR\nSOMETHING_ELSE=1\n")
    assert (settings.port, settings.log_level) == (8001, "ERROR")


def test_an_empty_variable_is_an_unset_one(load_config: Load) -> None:
    settings = load_config({}, {"DISCORD_TOKEN": "", "PORT": ""}, dotenv="PORT=8002\nDISCORD_TOKEN=\n")
    assert settings.port == 8002
    assert settings.token is None


def test_keys_of_the_file_are_never_read_from_the_environment(load_config: Load) -> None:
    names = {"timezone": "Europe/Rome", "TIMEZONE": "Europe/Rome", "query": "cat:cs.CV", "QUERY": "cat:cs.CV"}
    settings = load_config({}, names, dotenv="\n".join(f"{name}={value}" for name, value in names.items()))
    assert (settings.timezone, settings.query) == ("Asia/Singapore", None)


def test_the_machines_own_variables_stay_out_when_others_are_given(load_config: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9999")
    assert load_config({}, {"LOG_LEVEL": "ERROR"}).port is None


def test_the_machines_own_variables_are_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("PORT", "9999")
    assert load(tmp_path / "config.json").port == 9999


def test_a_byte_order_mark_is_not_a_problem(load_config: Load) -> None:
    settings = load_config('\ufeff{"max_results": 5}', dotenv="\ufeffPORT=8002\n")
    assert (settings.max_results, settings.port) == (5, 8002)


def test_settings_cannot_be_changed(load_config: Load) -> None:
    settings = load_config({})
    with pytest.raises(ValidationError, match="frozen"):
        settings.max_posts = 3  # type: ignore[misc]


def test_a_missing_token_is_asked_for_only_where_it_is_needed(load_config: Load) -> None:
    settings = load_config({})
    with pytest.raises(ConfigError, match=r"DISCORD_TOKEN is not set; .*discord\.com/developers"):
        require_token(settings)
