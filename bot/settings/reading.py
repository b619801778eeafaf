"""From a file and an environment to Settings, or every problem at once."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot import logs
from bot.errors import ConfigError
from bot.settings.model import KEYS, VARIABLES, ChannelSettings, Settings, WrittenQuery
from bot.settings.values import nearest

MAX_CHANNELS = 1000
NEEDS_CHANNELS = "name a channel there: the list holds the papers of these channels, and of no others."
_PREDECESSOR = {
    "output_dir": "papers are kept in the database (DATABASE_URL)",
    "known_papers_file": "what each channel has been given is kept in the database (DATABASE_URL)",
}

# What Python makes of a variable's bytes that are no UTF-8; it cannot be written down again.
_SURROGATE = re.compile("[\ud800-\udfff]")


def load(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read `path`, the `.env` beside it and `environ` (default: this process's); `environ` overrides `.env`.

    Raises ConfigError with every problem at once.
    """
    problems: list[str] = []
    given: dict[str, Any] = {}
    env_file: Path | None = None
    with _collected(problems):
        given = _read_keys(path)
    with _collected(problems):
        env_file = _readable_env_file(path.parent / ".env")
    problems += [_unknown(key) for key in given if key not in KEYS and key not in _PREDECESSOR]
    problems += _channel_problems(given)
    if given.get("publish") is not None and not given.get("channels"):
        problems.append(f"publish is set and channels is empty; {NEEDS_CHANNELS}")
    environ = os.environ if environ is None else environ
    variables = {name: value for name in VARIABLES if (value := environ.get(name))}
    foreign = [name for name, value in variables.items() if _SURROGATE.search(value)]
    problems += [f"{name} holds bytes that are no UTF-8 text; write it again." for name in foreign]
    with _collected(problems):
        usable = {name: value for name, value in variables.items() if name not in foreign}
        settings = _validated(path.name, given, env_file, usable)
    if problems:
        raise ConfigError(problems)
    return settings


def require_token(settings: Settings) -> str:
    """Raises ConfigError when there is none."""
    if settings.token is None:
        remedy = (
            "make a bot at https://discord.com/developers/applications (Bot, Reset Token) and put its token in the "
            "environment, or in a file named .env beside config.json: DISCORD_TOKEN=…"
        )
        raise ConfigError([f"DISCORD_TOKEN is not set; {remedy}"])
    return settings.token.get_secret_value()


@contextmanager
def _collected(problems: list[str]) -> Iterator[None]:
    try:
        yield
    except ConfigError as error:
        problems += error.problems


def _validated(file_name: str, given: Mapping[str, Any], env_file: Path | None, variables: Mapping[str, Any]) -> Settings:
    keys = {key: given[key] for key in KEYS if key in given}
    origins = dict.fromkeys(keys, file_name) | dict.fromkeys(variables, "environment")
    notes = tuple(f"{key} has no effect here: {why}." for key, why in _PREDECESSOR.items() if key in given)
    try:
        return Settings(_env_file=env_file, **keys, **variables, written=_written(keys), notes=notes, origins=origins)
    except ValidationError as error:
        # `from None`: pydantic's own text repeats the values, and a token may be among them.
        raise ConfigError([_sentence(item) for item in error.errors()]) from None


def _written(keys: Mapping[str, Any]) -> tuple[WrittenQuery, ...]:
    """Whatever is wrong with the values is found elsewhere."""
    channels = keys.get("channels")
    entries = channels if isinstance(channels, list) else []
    found = [("query", "query", keys.get("query"))]
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, dict):
            found.append(("channels", f"channels, entry {number}: query", entry.get("query")))
    return tuple(WrittenQuery(key, place, text) for key, place, text in found if isinstance(text, str))


def _read_text(path: Path) -> str:
    if path.is_dir():
        raise ConfigError([f"{path} is a folder; name the file in it."])
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError([f"{path} does not exist; make it, or name another file with --config."]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path} is not UTF-8 text; save it again with that encoding."]) from None
    except OSError as error:
        raise ConfigError([f"{path} cannot be read: {error.strerror}."]) from None


def _readable_env_file(path: Path) -> Path | None:
    if not path.exists():
        return None
    _read_text(path)
    return path


def _read_keys(path: Path) -> dict[str, Any]:
    text = _read_text(path)
    try:
        given = json.loads(text, object_pairs_hook=_each_once)
    except json.JSONDecodeError as error:
        raise ConfigError([_malformed(path, text, error)]) from None
    except ValueError:  # Python reads no number of more than 4300 digits
        raise ConfigError([f"{path} holds a number of thousands of digits; no setting is that large."]) from None
    except RecursionError:
        raise ConfigError([f"{path} nests its brackets too deeply; no setting needs more than three levels."]) from None
    if not isinstance(given, dict):
        raise ConfigError([f"{path} holds no settings; write {{ before the first key and }} after the last."])
    return given


def _malformed(path: Path, text: str, error: json.JSONDecodeError) -> str:
    """Where, with the line to be fixed."""
    written = text.rstrip(" \t\r\n")  # what JSON takes for space
    if not written:
        return f"{path} is empty: it ends on line 1 without a key; write {{ before the first key and }} after the last."
    lines = written.split("\n")
    if error.pos >= len(written):
        number, remedy = len(lines), "write what is missing after this line"
        problem = f"the file ends too early, on line {number}"
    else:
        number, remedy = error.lineno, "fix this line"
        before, here = written[: error.pos].rstrip(), written[error.pos]
        problem = f"{error.msg.removesuffix(' at')} at line {number}, column {error.colno}"
        if here in "}]" and before.endswith(","):
            problem, remedy = f"a comma stands before the {here} of line {number}", "remove that comma"
        elif here == "," and before.endswith(","):
            problem = f"two commas follow each other on line {number}"
    # Hidden before it is cut: half a password looks like none.
    return f"{path} is not JSON: {problem}; {remedy}:\n{logs.hide(lines[number - 1].strip())[:120]}"


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise ConfigError([f"{_legible(key)} is written more than once; keep one." for key in twice])
    return dict(pairs)


def _legible(key: str) -> str:
    """As it stands in the file; in quotes where it could not be seen."""
    return key if key.strip() and key.isprintable() else json.dumps(key)


def _unknown(key: str) -> str:
    """Says no value: what is misplaced may be a secret."""
    named = _legible(key)
    if "token" in key.casefold():
        return (
            f"{named} does not belong in config.json, which people share; remove it and set DISCORD_TOKEN in the environment "
            "or in .env. If others have seen this file, reset the token first."
        )
    if key.upper() in VARIABLES:
        return f"{key} is not a key of config.json; set {key.upper()} in the environment or in .env."
    near = nearest(key, KEYS)
    return f"{named} is not known; " + (f"did you mean {near}?" if near else f"the keys are {', '.join(KEYS)}.")


def _channel_problems(given: Mapping[str, Any]) -> list[str]:
    """What is wrong between entries; each entry for itself is checked with the other values."""
    channels = given.get("channels")
    if not isinstance(channels, list):
        return []
    entries = [entry for entry in channels if isinstance(entry, dict)]
    times = Counter(str(entry.get("id")) for entry in entries if "id" in entry)
    problems = [
        f"channels: {json.dumps(channel)} is there {count} times; keep one entry and join its queries with OR."
        for channel, count in times.items()
        if count > 1
    ]
    if len(channels) > MAX_CHANNELS:
        problems.append(f"channels has {len(channels)} entries; at most {MAX_CHANNELS} are served.")
    if given.get("query") is None and not all(entry.get("query") for entry in entries):
        problems.append("query is not set and an entry of channels has none of its own; write query at the top.")
    return problems


_ENTRY = '{"id": "the channel\'s id", "query": "its own query, if any"}'
_REMEDIES = {
    "missing": f"is missing; write {_ENTRY}",
    "model_type": f"must be an object; write {_ENTRY}",
    "tuple_type": "must be a list in [ ]",
}


def _sentence(item: ErrorDetails) -> str:
    """Of one error of pydantic's: key, value, remedy."""
    key, *inner = item["loc"]
    where = ", entry ".join([str(key), *(str(int(place) + 1) for place in inner[:1])])
    if item["type"] == "extra_forbidden":
        near = nearest(str(inner[1]), ChannelSettings.model_fields) or "id or query"
        return f"{where}: {_legible(str(inner[1]))} is not known; did you mean {near}?"
    where = ": ".join([where, *map(str, inner[1:])])
    if item["type"] == "value_error":
        return f"{where} {item['ctx']['error']}"
    return f"{where} {_REMEDIES.get(item['type'], item['msg'])}."
