from __future__ import annotations

import pytest

from bot.settings import control_points, shown
from tests.papers import NOON
from tests.unit.settings.conftest import Load

LAB = "123456789012345678"


def test_every_control_point_is_shown_with_its_origin(load_config: Load) -> None:
    settings = load_config({"max_posts": 5, "post_at": "09:30"}, {"PORT": "8001"}, dotenv="PORT=8002\nLOG_LEVEL=ERROR\n")
    rows = {point.name: (point.value, point.origin) for point in control_points(settings)}
    assert rows["max_posts"] == ("5", "config.json")
    assert rows["post_at"] == ("09:30", "config.json")
    assert rows["PORT"] == ("8001", "environment")
    assert rows["LOG_LEVEL"] == ("ERROR", ".env")
    assert rows["timezone"] == ("Asia/Singapore", "default")
    assert rows["query"] == ("not set", "default")
    assert rows["channels"] == ("none", "default")
    assert rows["DISCORD_TOKEN"] == ("not set", "default")
    assert rows["publish"] == ("not set", "default")
    assert len(rows) == 20


def test_the_published_file_is_shown(load_config: Load) -> None:
    settings = load_config({"query": "cat:cs.LG", "channels": [{"id": LAB}], "publish": {"markdown": "list.md"}})
    rows = {point.name: point.value for point in control_points(settings)}
    assert rows["publish"] == "markdown: list.md"


def test_channels_are_shown_a_line_each(load_config: Load) -> None:
    entries = [{"id": LAB}, {"id": "223456789012345678", "query": "cat:cs.CV"}]
    rows = {point.name: point.value for point in control_points(load_config({"query": "cat:cs.LG", "channels": entries}))}
    assert rows["channels"] == f"{LAB}: the query above\n223456789012345678: cat:cs.CV"


@pytest.mark.parametrize(
    ("address", "as_shown"),
    [
        ("postgres://lab:hush@db.example/papers", "postgres://lab:(hidden)@db.example/papers"),
        ("postgres://lab:hu/s@h@db.example/papers", "postgres://lab:(hidden)@db.example/papers"),
        (
            "postgres://db.example/papers?password=hush&sslmode=require",
            "postgres://db.example/papers?password=(hidden)&sslmode=require",
        ),
        ("postgres://lab:hu sh@h@db.example/papers", "postgres://lab:(hidden)@db.example/papers"),
        ("sqlite:///arxiv-daily.db", "sqlite:///arxiv-daily.db"),
    ],
)
def test_the_databases_password_is_hidden(load_config: Load, address: str, as_shown: str) -> None:
    settings = load_config({}, {"DATABASE_URL": address})
    rows = {point.name: point.value for point in control_points(settings)}
    assert rows["DATABASE_URL"] == as_shown
    assert "hush" not in repr(settings)


def test_the_token_is_hidden(load_config: Load) -> None:
    settings = load_config({}, {"DISCORD_TOKEN": "hush"})
    assert [point.value for point in control_points(settings) if point.name == "DISCORD_TOKEN"] == ["(set, hidden)"]
    assert "hush" not in repr(settings) + shown(settings, NOON)


def test_the_whole_is_a_line_each_with_notes_at_the_end(load_config: Load) -> None:
    entries = [{"id": LAB}, {"id": "223456789012345678", "query": "cat:cs.CV"}]
    lines = shown(load_config({"query": "cat:cs.LG", "output_dir": "x", "channels": entries}), NOON).splitlines()
    assert lines[0] == "query                config.json  cat:cs.LG"
    assert f"channels             config.json  {LAB}: the query above" in lines
    assert "                                  223456789012345678: cat:cs.CV" in lines
    assert lines[-1].startswith("output_dir has no effect here: ")


def test_what_arxiv_would_misread_stands_under_the_query_as_it_was_written(load_config: Load) -> None:
    entries = [{"id": LAB, "query": "cat:cs.CV submittedDate:[2020 TO 2021]"}]
    settings = load_config({"query": "all:alloy and cat:cs.LG", "channels": entries})
    lines = shown(settings, NOON).splitlines()
    assert lines[1].strip().startswith("hint on query: arXiv looks for and as a word")
    assert [line.split(": ")[1] for line in lines if "hint on channels, entry 1" in line] == ["query", "query"]
    assert "ended on 2021-12-31" in "\n".join(lines)


def test_a_query_without_faults_has_no_hints(load_config: Load) -> None:
    assert load_config({"query": "cat:cs.LG AND all:alloy"}).hints(NOON) == ()
