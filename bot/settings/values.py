"""One value at a time: each function returns what Settings holds, or raises ValueError with the end of a sentence.

The sentence begins with the key: "max_results" + "is 0; write a whole number from 1 to 10000, without quotes."
"""

from __future__ import annotations

import difflib
import ipaddress
import json
import re
from collections.abc import Iterable, Sequence
from datetime import time
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from pydantic import ValidationInfo

from bot.errors import QuerySyntaxError
from bot.query import parse
from bot.settings import zones

ARXIV_PAUSE = 3.0
"""Seconds between requests that arXiv asks for: https://info.arxiv.org/help/api/tou.html"""
HIDDEN = "(set, hidden)"


def _quoted(value: object) -> str:
    """A value as config.json writes it, cut to a line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _wrong(value: object, remedy: str) -> NoReturn:
    raise ValueError(f"is {_quoted(value)}; {remedy}")


def whole(low: int, high: int, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        _wrong(value, f"write a whole number from {low} to {high}, without quotes.")
    return value


def choice(choices: Sequence[str], value: object) -> str:
    """In the spelling of `choices`."""
    by_word = {choice.casefold(): choice for choice in choices}
    found = by_word.get(value.casefold()) if isinstance(value, str) else None
    return found or _wrong(value, f"write one of: {', '.join(choices)}.")


def canonical(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        _wrong(value, 'write the query as text in quotes, such as "cat:cs.LG".')
    try:
        return str(parse(value))
    except QuerySyntaxError as error:
        raise ValueError(f"cannot be read: {error}\n{error.pointer()}") from error


# --- hours and zones, for config.json and for forms in Discord ---------------------------------

HOUR_REMEDY = 'write hours and minutes, such as "09:30" or "8 pm"'
_HOUR = re.compile(r"([0-9]{1,2})(?:(?:[:.]|\s?h\s?)([0-5][0-9])|\s?h)?(?:\s?([ap])\.?m\.?)?", re.ASCII | re.IGNORECASE)


class Unreadable(ValueError):
    """Something typed by a person; the text is the remedy: a clause that begins with "write", without a full stop."""


def hour(typed: str) -> time:
    """`9:30`, `09.30`, `9`, `9h30`, `8am`, `8:00 PM`. Raises Unreadable."""
    found = _HOUR.fullmatch(typed.strip())
    if found is None:
        raise Unreadable(HOUR_REMEDY)
    hours, minutes, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if hours > 23 or (half and not 1 <= hours <= 12):
        raise Unreadable(HOUR_REMEDY)
    return time(hours % 12 + 12 * (half == "p") if half else hours, minutes)


def zone(typed: str) -> str:
    """The IANA name: typed in any case and with spaces, or the city in it alone (`berlin`). Raises Unreadable."""
    name = zones.named(typed)
    if name is None:
        raise Unreadable(zones.remedy(typed))
    return name


def clock_time(value: object) -> time:
    """`hour`, of config.json."""
    try:
        return hour(value) if isinstance(value, str) else _wrong(value, f"put it in quotes: {HOUR_REMEDY}.")
    except Unreadable as error:
        _wrong(value, f"{error}.")


def zone_name(value: object) -> str:
    """`zone`, of config.json."""
    try:
        return zone(value) if isinstance(value, str) else _wrong(value, f"{zones.remedy('')}.")
    except Unreadable as error:
        _wrong(value, f"{error}.")


# --- the rest ---------------------------------------------------------------------------------


def snowflake(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        _wrong(value, f'put the id in quotes: "{value}". Some editors change the last digits of so long a number.')
    if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{16,19}", value) and int(value) < 2**63:
        return int(value)
    _wrong(value, 'write the 17 to 20 digits that "Copy Channel ID" gives (Discord, Developer Mode), in quotes.')


def outputs(value: object) -> dict[str, str] | None:
    if value is None:
        return None
    if isinstance(value, dict) and set(value) == {"markdown"}:
        file = value["markdown"]
        if isinstance(file, str) and file.strip() and "\0" not in file:
            return {"markdown": file}
    _wrong(value, 'write {"markdown": "README.md"}, with the file that gets the list.')


def port(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,5}", value) and 1 <= int(value) <= 65535:
        return int(value)
    _wrong(value, "write a whole number from 1 to 65535.")


def token(value: str) -> str:
    bare = value.strip()
    if bare[:1] in tuple("\"'“‘«`"):
        raise ValueError("stands in quotes, which are not part of it; write the token alone.")
    if not re.fullmatch(r"[!-~]+", bare):
        raise ValueError('holds a space or a foreign character; write the token alone, without "Bot" before it.')
    return bare


def contact(value: str) -> str:
    """It becomes part of a request header."""
    return value if value.isprintable() and len(value) <= 200 else _wrong(value, "write an e-mail or a web address.")


def nearest(word: str, known: Iterable[str]) -> str | None:
    names = {name.casefold(): name for name in sorted(known)}
    near = difflib.get_close_matches(word.casefold(), names, n=1)
    return names[near[0]] if near else None


def is_loopback(host: str | None) -> bool:
    """Whether a host of an address, without brackets, is this machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _split(value: str) -> SplitResult | None:
    """The parts of a plain web address; None for anything a reader could mistake for another host."""
    try:
        parts = urlsplit(value)
        plain = parts.hostname and parts.port != 0 and "@" not in parts.netloc and not re.search(r"[\s\\]", value)
    except ValueError:
        return None
    return parts if plain else None


def address(value: str, *, schemes: Sequence[str], loopback_schemes: Sequence[str] = ()) -> str:
    """Without the last slash. `loopback_schemes` are accepted for this machine only."""
    parts = _split(value)
    if parts and (parts.scheme in schemes or (parts.scheme in loopback_schemes and is_loopback(parts.hostname))):
        return value.rstrip("/")
    ways = [f"{scheme}://…" for scheme in schemes] + [f"{scheme}://127.0.0.1:8400" for scheme in loopback_schemes]
    only = f" {loopback_schemes[0]} is accepted for this machine's own (loopback) addresses only." if loopback_schemes else ""
    _wrong(HIDDEN if "@" in value else value, f"write an address such as {' or '.join(ways)}, without a user name.{only}")


def interval(value: str, info: ValidationInfo) -> float:
    arxiv = info.data.get("arxiv_api_url")
    loopback = arxiv is not None and is_loopback(urlsplit(arxiv).hostname)
    low = 0.0 if loopback else ARXIV_PAUSE
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if low <= seconds <= 3600:
        return seconds
    why = "" if loopback else " arXiv asks for it; less is accepted only while ARXIV_API_URL is a loopback address."
    _wrong(value, f"write seconds from {low:g} to 3600.{why}")
