from __future__ import annotations

import pytest

from bot.settings import secrets
from tests.unit.settings.conftest import Load


@pytest.mark.parametrize(
    ("address", "password"),
    [
        ("postgres://lab:hush@db.example/papers", {"hush"}),
        ("postgres://lab:hu%2Fsh@db.example/papers", {"hu%2Fsh", "hu/sh"}),
        ("postgres://lab:hu/s@h@db.example/papers", {"hu/s@h"}),
        ("postgres://db.example/papers?password=hush&sslmode=require", {"hush"}),
        ("postgres://db.example/papers", set()),
        ("sqlite:///arxiv-daily.db", set()),
    ],
)
def test_secrets_are_the_token_and_the_databases_password_as_written_and_as_meant(
    load_config: Load, address: str, password: set[str]
) -> None:
    assert secrets(load_config({}, {"DATABASE_URL": address, "DISCORD_TOKEN": "tok.en.x"})) == {"tok.en.x", *password}


def test_without_a_token_there_is_none_of_it(load_config: Load) -> None:
    assert secrets(load_config({}, {})) == frozenset()
