from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.errors import ConfigError
from bot.settings import load
from tests.unit.settings.conftest import Problems

LAB = "123456789012345678"


def test_every_problem_is_said_at_once(problems_of: Problems) -> None:
    found = problems_of(
        {"max_results": 0, "post_at": "noon", "max_result": 5, "channels": [{"id": "1"}, {"id": LAB, "query": 'all:"x'}]},
        {"PORT": "0", "DISCORD_API_URL": "http://example.org"},
    )
    beginnings = [problem.split(" ")[0] for problem in found]
    assert sorted(beginnings) == [
        "DISCORD_API_URL",
        "PORT",
        "channels,",
        "channels,",
        "max_result",
        "max_results",
        "post_at",
        "query",
    ]


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("max_results", 0, "max_results is 0; write a whole number from 1 to 10000, without quotes."),
        ("max_results", 10_001, "max_results is 10001; write a whole number from 1 to 10000, without quotes."),
        ("max_results", True, "max_results is true; write a whole number from 1 to 10000, without quotes."),
        ("max_results", "500", 'max_results is "500"; write a whole number from 1 to 10000, without quotes.'),
        ("max_results", 1.5, "max_results is 1.5; write a whole number from 1 to 10000, without quotes."),
        ("max_results", None, "max_results is null; write a whole number from 1 to 10000, without quotes."),
        ("lookback_days", 366, "lookback_days is 366; write a whole number from 1 to 365, without quotes."),
        ("max_posts", -1, "max_posts is -1; write a whole number from 0 to 100, without quotes."),
        ("post_at", "24:00", 'post_at is "24:00"; write hours and minutes, such as "09:30" or "8 pm".'),
        ("post_at", 14, 'post_at is 14; put it in quotes: write hours and minutes, such as "09:30" or "8 pm".'),
        ("timezone", "Asia/Singapur", 'timezone is "Asia/Singapur"; write "Asia/Singapore".'),
        ("timezone", "Asia/Beijing", 'timezone is "Asia/Beijing"; write "Asia/Shanghai".'),
        ("timezone", ["x"], 'timezone is ["x"]; write an IANA name such as "Asia/Singapore" or "Europe/Berlin".'),
        ("updates", "never", 'updates is "never"; write one of: edit, post, off.'),
        ("query", 5, 'query is 5; write the query as text in quotes, such as "cat:cs.LG".'),
        ("channels", LAB, "channels must be a list in [ ]."),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(problems_of: Problems, key: str, value: object, sentence: str) -> None:
    assert problems_of({"query": "cat:cs.LG", key: value}) == (sentence,)


@pytest.mark.parametrize("value", ["README.md", {}, {"markdown": " "}, {"markdown": 5}, {"markdown": "a.md", "html": "b"}])
def test_publish_names_one_file(problems_of: Problems, value: object) -> None:
    [sentence] = problems_of({"query": "cat:cs.LG", "channels": [{"id": LAB}], "publish": value})
    assert sentence.startswith("publish is ")
    assert sentence.endswith('; write {"markdown": "README.md"}, with the file that gets the list.')


def test_a_list_of_no_channels_papers_is_never_written(problems_of: Problems) -> None:
    [sentence] = problems_of({"query": "cat:cs.LG", "publish": {"markdown": "README.md"}})
    assert sentence.startswith("publish is set and channels is empty; name a channel there")


def test_a_query_that_cannot_be_read_is_pointed_at(problems_of: Problems) -> None:
    (problem,) = problems_of({"query": 'cat:cs.LG AND all:"gen'})
    said, query, caret = problem.splitlines()
    assert said.startswith("query cannot be read: ")
    assert query == 'cat:cs.LG AND all:"gen'
    assert caret.strip() == "^"


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"id": int(LAB)}, f'channels, entry 1: id is {LAB}; put the id in quotes: "{LAB}".'),
        ({"id": "1234"}, 'channels, entry 1: id is "1234"; write the 17 to 20 digits'),
        ({"id": "99999999999999999999"}, 'channels, entry 1: id is "99999999999999999999"; write the 17 to 20 digits'),
        ({"id": "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨"}, "channels, entry 1: id is "),
        ({}, "channels, entry 1: id is missing; write {"),
        (LAB, "channels, entry 1 must be an object; write {"),
        ({"id": LAB, "qeury": "cat:cs.LG"}, "channels, entry 1: qeury is not known; did you mean query?"),
        ({"id": LAB, "query": ["cat:cs.LG"]}, 'channels, entry 1: query is ["cat:cs.LG"]; write the query as text in quotes'),
    ],
)
def test_a_wrong_entry_of_channels_is_named_by_its_place(problems_of: Problems, entry: object, sentence: str) -> None:
    (problem,) = problems_of({"query": "cat:cs.LG", "channels": [entry]})
    assert problem.startswith(sentence)


def test_a_channel_stands_once(problems_of: Problems) -> None:
    (problem,) = problems_of({"query": "cat:cs.LG", "channels": [{"id": LAB}, {"id": LAB, "query": "cat:cs.CV"}]})
    assert problem == f'channels: "{LAB}" is there 2 times; keep one entry and join its queries with OR.'


def test_a_hundred_channels_are_enough(problems_of: Problems) -> None:
    entries = [{"id": str(int(LAB) + place)} for place in range(1001)]
    assert problems_of({"query": "cat:cs.LG", "channels": entries}) == ("channels has 1001 entries; at most 1000 are served.",)


def test_a_channel_needs_a_query_from_somewhere(problems_of: Problems) -> None:
    (problem,) = problems_of({"channels": [{"id": LAB}]})
    assert problem == "query is not set and an entry of channels has none of its own; write query at the top."


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("max_result", "max_result is not known; did you mean max_results?"),
        ("Timezone", "Timezone is not known; did you mean timezone?"),
        ("colour", "colour is not known; the keys are query, max_results,"),
        ("port", "port is not a key of config.json; set PORT in the environment or in .env."),
        ("DATABASE_URL", "DATABASE_URL is not a key of config.json; set DATABASE_URL in the environment or in .env."),
        ("notes", "notes is not known; the keys are"),
        ("", '"" is not known; the keys are'),
        ("line\nbreak", '"line\\nbreak" is not known; the keys are'),
        ("origins", "origins is not known; the keys are"),
    ],
)
def test_an_unknown_key_gets_the_nearest_known_one(problems_of: Problems, key: str, sentence: str) -> None:
    (problem,) = problems_of({key: "secret value"})
    assert problem.startswith(sentence)
    assert "secret value" not in problem


@pytest.mark.parametrize("key", ["token", "DISCORD_TOKEN", "bot_token"])
def test_a_token_in_the_file_is_refused_and_not_repeated(problems_of: Problems, key: str) -> None:
    (problem,) = problems_of({key: "the.real.token"})
    assert problem.startswith(f"{key} does not belong in config.json")
    assert "set DISCORD_TOKEN in the environment" in problem
    assert "the.real.token" not in problem


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DISCORD_API_URL", "http://discord.com/api/v10", 'is "http://discord.com/api/v10"; write an address such as https://…'),
        ("DISCORD_API_URL", "http://127.0.0.1.example.org/", 'is "http://127.0.0.1.example.org/"; write'),
        ("DISCORD_API_URL", "http://127.0.0.1:8400@example.org/", "is "),
        ("DISCORD_API_URL", "https://lab:hush@discord.com/api/v10", 'is "(set, hidden)"; write'),
        ("DISCORD_API_URL", "https://exa mple.org/", 'is "https://exa mple.org/"; write'),
        ("DISCORD_API_URL", "https://example.org:port/", 'is "https://example.org:port/"; write'),
        ("DISCORD_GATEWAY_URL", "ws://gateway.discord.gg", 'is "ws://gateway.discord.gg"; write an address such as wss://…'),
        ("ARXIV_API_URL", "export.arxiv.org/api/query", 'is "export.arxiv.org/api/query"; write an address such as https://…'),
        ("ARXIV_API_URL", "file:///etc/passwd", 'is "file:///etc/passwd"; write'),
        ("CLOCK_URL", "https://example.org/clock", 'is "https://example.org/clock"; write an address such as http://127.0.0.1'),
        ("ARXIV_INTERVAL", "2.9", 'is "2.9"; write seconds from 3 to 3600. arXiv asks for it;'),
        ("ARXIV_INTERVAL", "nan", 'is "nan"; write seconds from 3 to 3600.'),
        ("ARXIV_INTERVAL", "soon", 'is "soon"; write seconds from 3 to 3600.'),
        ("ARXIV_CONTACT", "a\r\nX-Other: b", r'is "a\r\nX-Other: b"; write an e-mail or a web address.'),
        ("PORT", "65536", 'is "65536"; write a whole number from 1 to 65535.'),
        ("PORT", "http", 'is "http"; write a whole number from 1 to 65535.'),
        ("LOG_LEVEL", "loud", 'is "loud"; write one of: DEBUG, INFO, WARNING, ERROR.'),
        ("LOG_FORMAT", "xml", 'is "xml"; write one of: plain, json.'),
    ],
)
def test_a_wrong_variable_is_named_with_its_remedy(problems_of: Problems, name: str, value: str, sentence: str) -> None:
    (problem,) = problems_of({}, {name: value})
    assert problem.startswith(f"{name} {sentence}")


def test_a_variable_that_is_no_utf8_is_named_beside_the_other_problems(problems_of: Problems) -> None:
    """Python gives its bytes as lone surrogates."""
    foreign = b"J\xfcrgen".decode("utf-8", "surrogateescape")
    found = problems_of({"max_posts": -1}, {"ARXIV_CONTACT": foreign})
    assert [problem.split(" ")[0] for problem in found] == ["ARXIV_CONTACT", "max_posts"]
    assert found[0] == "ARXIV_CONTACT holds bytes that are no UTF-8 text; write it again."


def test_a_short_interval_is_for_loopback_only(problems_of: Problems) -> None:
    local = {"ARXIV_API_URL": "http://127.0.0.1:8400/arxiv", "ARXIV_INTERVAL": "-1"}
    assert problems_of({}, local) == ('ARXIV_INTERVAL is "-1"; write seconds from 0 to 3600.',)
    (problem,) = problems_of({}, {"ARXIV_API_URL": "https://mirror.example.org/query", "ARXIV_INTERVAL": "0"})
    assert problem.startswith('ARXIV_INTERVAL is "0"; write seconds from 3 to 3600.')


def test_no_secret_is_repeated(problems_of: Problems) -> None:
    secrets = {
        "DISCORD_TOKEN": "Bot hush-token",
        "DATABASE_URL": "postgres://lab:hush-password@db/papers",
        "DISCORD_API_URL": "http://lab:hush-user@example.org",
    }
    said = "\n".join(problems_of({"max_posts": 500}, secrets))
    assert 'DISCORD_TOKEN holds a space or a foreign character; write the token alone, without "Bot" before it.' in said
    assert "hush" not in said


MALFORMED: list[tuple[str, str]] = [
    ('{\n  "query": "cat:cs.LG"\n  "max_results": 5\n}', 'line 3, column 3; fix this line:\n"max_results": 5'),
    ('{\n  "query": "cat:cs.LG\n}', 'fix this line:\n"query": "cat:cs.LG'),
    ('{\n  "query": "cat:cs', 'line 2, column 12; fix this line:\n"query": "cat:cs'),
    ("{}\n\n}", "line 3, column 1; fix this line:\n}"),
    ("{}\u00a0", "line 1, column 3; fix this line:\n{}"),
    ("{", "the file ends too early, on line 1; write what is missing after this line:\n{"),
    (
        '{\n  "query": "cat:cs.LG",\n\n',
        'the file ends too early, on line 2; write what is missing after this line:\n"query": "cat:cs.LG",',
    ),
    ('{\n  "max_posts": 5\n', 'ends too early, on line 2; write what is missing after this line:\n"max_posts": 5'),
    ('{"a": "' + "M" * 26 + "." + "x" * 6 + "." + "y" * 30 + '" 1}', 'fix this line:\n{"a": "(hidden)" 1}'),
]


@pytest.mark.parametrize(("text", "end"), MALFORMED)
def test_broken_json_is_shown_at_its_place(problems_of: Problems, text: str, end: str) -> None:
    (problem,) = problems_of(text)
    assert "config.json is not JSON: " in problem
    assert problem.endswith(end)


@pytest.mark.parametrize("text", ["", "\ufeff", " \n\t\r\n"])
def test_an_empty_file_is_said_to_be_empty(problems_of: Problems, text: str) -> None:
    (problem,) = problems_of(text)
    assert problem.endswith(
        "config.json is empty: it ends on line 1 without a key; write { before the first key and } after the last."
    )


@pytest.mark.parametrize("text", ["[]", '"query"', "5", "null"])
def test_a_file_without_keys_is_said(problems_of: Problems, text: str) -> None:
    (problem,) = problems_of(text)
    assert problem.endswith("config.json holds no settings; write { before the first key and } after the last.")


def test_a_key_written_twice_is_said(problems_of: Problems) -> None:
    assert problems_of('{"query": "cat:cs.LG", "query": "cat:cs.CV"}') == ("query is written more than once; keep one.",)


def problems_of_file(path: Path, environ: dict[str, str] | None = None) -> Any:
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {})
    return caught.value.problems


def test_a_missing_file_is_said_beside_the_other_problems(tmp_path: Path) -> None:
    path = tmp_path / "nothing.json"
    missing, port = problems_of_file(path, {"PORT": "x"})
    assert missing == f"{path} does not exist; make it, or name another file with --config."
    assert port.startswith("PORT is ")


def test_a_folder_is_said(tmp_path: Path) -> None:
    assert problems_of_file(tmp_path) == (f"{tmp_path} is a folder; name the file in it.",)


def test_a_path_through_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    path = tmp_path / "file" / "config.json"
    assert problems_of_file(path) == (f"{path} cannot be read: Not a directory.",)


def test_text_in_another_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes('{"query": "all:Schrödinger"}'.encode("latin-1"))
    assert problems_of_file(path) == (f"{path} is not UTF-8 text; save it again with that encoding.",)


def test_an_env_file_in_another_encoding_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / ".env").write_bytes("ARXIV_CONTACT=Jürgen".encode("latin-1"))
    assert problems_of_file(tmp_path / "config.json") == (
        f"{tmp_path / '.env'} is not UTF-8 text; save it again with that encoding.",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"query": "cat:cs.LG",}', "a comma stands before the } of line 1"),
        ('{"query": "cat:cs.LG",\n "channels": [{"id": "1"},\n]}', "a comma stands before the ] of line 3"),
        ('{"max_results": ' + "9" * 5000 + "}", "a number of thousands of digits"),
        ('{"channels": ' + "[" * 100_000 + "}", "nests its brackets too deeply"),
    ],
    ids=["comma before }", "comma before ]", "5,000 digits", "100,000 brackets"],
)
def test_what_json_cannot_be_is_said_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    assert said in refused.value.problems[0]


@pytest.mark.parametrize("quote", ['"', "'", "“"])
def test_a_token_in_quotes_is_told_to_leave_them(problems_of: Problems, quote: str) -> None:
    (problem,) = problems_of({"query": "cat:cs.LG"}, {"DISCORD_TOKEN": f"{quote}abc.def.ghi{quote}"})
    assert problem.startswith("DISCORD_TOKEN stands in quotes")
    assert "abc" not in problem
