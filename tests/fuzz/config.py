"""What operators and hosts may write: settings, or every problem in a sentence that names no secret."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from bot import logs
from bot.errors import ConfigError
from bot.query import parse
from bot.settings import Settings, load, shown
from bot.settings.model import KEYS, VARIABLES
from tests.fuzz.mutation import mutated
from tests.fuzz.target import Target

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TOKEN, PASSWORD = "MTIzNDU2Nzg5MDEyMzQ1Njc4.invented.hush-hush-hush-hush-token", "hush-hush-password"

PIECES = (
    *("{", "}", "[", "]", ",", ",,", ":", '"', "'", "\\", "//", "\n", "\t", "\ufeff", "\u00a0", "\u2028", "\x00", "\ud800"),
    *("null", "true", "NaN", "Infinity", "-0", "1e999", "9" * 5000, "[" * 5000, '"query": 5,', '"channels": [{}],'),
    *("“", "”", "é", "\x1b", "=", "#", "export ", "${HOME}", "$X", "\r\n", " ", "../", "~", '"a": {"b": {"c": []}}'),
)
_QUERIES = st.sampled_from(["cat:cs.LG", 'all:"moss"', "cs.LG", "ti:", "((", "", " ", "au:a_b", "ti:a and b"])
_IDS = st.sampled_from(
    ["123456789012345678", "9223372036854775807", "9223372036854775808", "0", "1" * 20, "x", "", "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨"]
)
_NUMBERS = st.sampled_from([0, 1, -1, 5, 30, 500, 10_000, 10_001, 2**63, 1.5, True, float("nan"), float("inf")])
_ANYTHING = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(max_size=8) | _QUERIES | _IDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_CHANNELS = st.lists(
    st.fixed_dictionaries({}, optional={"id": _IDS | _ANYTHING, "query": _QUERIES | _ANYTHING, "ID": _IDS, "qeury": _QUERIES}),
    max_size=4,
)
_KEYS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(KEYS, _ANYTHING),
        "query": _QUERIES | _ANYTHING,
        "channels": _CHANNELS | _ANYTHING,
        "post_at": st.sampled_from(["14:00", "9", "8 pm", "24:00", "noon", "٩:٣٠", "9h", "0am"]) | _ANYTHING,
        "timezone": st.sampled_from(["Asia/Singapore", "berlin", "CET", "GMT+25", "+5:30", "Indiana/x", "/", "../etc"])
        | _ANYTHING,
        "publish": st.fixed_dictionaries({}, optional={"markdown": st.text(max_size=4) | _ANYTHING, "html": _ANYTHING}),
        "output_dir": _ANYTHING,
        "token": st.just(TOKEN),
        "max_result": _ANYTHING,
        "port": _ANYTHING,
    },
)
_TEXTS = _KEYS.map(lambda keys: json.dumps(keys, indent=1))
_SECRETS = [
    f"http://lab:{PASSWORD}@example.org",
    f"postgres://lab:{PASSWORD}@db.example.org:5432/papers?sslmode=require",
    TOKEN,
]
_ADDRESSES = [
    *("https://example.org/api", "http://127.0.0.1:8400", "ws://[::1]:8400", "wss://gateway.example.org", "http://[::1", "//x"),
    *("http://127.0.0.1:99999", "https://ex ample.org", "http://localhost:0/", "sqlite:///lab.db", "mysql://x", "sqlite://"),
]
_PLAIN = ["8080", "0", "65536", "3", "2.9", "1e3", "nan", "inf", "debug", "json", "lab@example.org", "a\nb", "0x10", "１"]
_VALUES = st.text(max_size=12) | _IDS | st.sampled_from([*_PLAIN, *_SECRETS]) | mutated(st.sampled_from(_ADDRESSES), PIECES)
_ENVIRONMENTS = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(VARIABLES, _VALUES), "DISCORD_TOKEN": st.just(TOKEN) | _VALUES, "HOME": _VALUES}
)
_DOTENVS = _ENVIRONMENTS.map(lambda environ: "\n".join(f"{name}={value}" for name, value in environ.items()))


@dataclass(frozen=True, slots=True)
class Given:
    """What stands in the files, and in the environment."""

    config: str
    environ: Mapping[str, str] = field(default_factory=dict)
    dotenv: str | None = None


INPUTS = st.builds(
    Given,
    st.one_of(_TEXTS, _ANYTHING.map(json.dumps), mutated(_TEXTS, PIECES), st.text()),
    _ENVIRONMENTS,
    st.none() | _DOTENVS | mutated(_DOTENVS, PIECES),
)


@contextmanager
def opened() -> Iterator[Callable[[Given], None]]:
    """The files stand in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:

        def check(given: Given) -> None:
            _write(Path(folder) / "config.json", given.config)
            _write(Path(folder) / ".env", given.dotenv or "")
            try:
                settings = load(Path(folder) / "config.json", given.environ)
            except ConfigError as error:
                _check_problems(error.problems)
            else:
                _check_settings(settings)

        yield check


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))


def _check_problems(problems: Sequence[str]) -> None:
    """A place in a text that is shown follows its sentence on lines of its own."""
    assert problems
    for problem in problems:
        assert problem.split("\n")[0].endswith((".", "?", ":"))
        _check_secrets(problem)


def _check_secrets(text: str) -> None:
    """As it stands on the terminal."""
    assert TOKEN not in logs.hide(text)
    assert PASSWORD not in logs.hide(text)


def _check_settings(settings: Settings) -> None:
    queries = [settings.query, *(channel.query for channel in settings.channels)]
    assert all(query is None or str(parse(query)) == query for query in queries)
    assert settings.query is not None or all(channel.query for channel in settings.channels)
    assert len({channel.id for channel in settings.channels}) == len(settings.channels)
    assert settings.zone.key == settings.timezone
    _check_secrets(shown(settings, NOW))


TARGET = Target(INPUTS, opened)
