"""Time zones as people type them. A zone is only suggested where its clocks are the ones that were meant."""

from __future__ import annotations

import difflib
import re
from functools import cache
from zoneinfo import available_timezones

_REGIONS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
"""Whose names end in a city or an island; others (US/Central, Etc/GMT+8) end in words that mean too much."""

_DIRECTIONS = frozenset({"north", "south", "west"})
"""Of Australia, in old names."""

_CLOSE = 0.8
"""Of difflib's ratio, 0 to 1: `singapur` and `berln` are that close, `boston` and `boise` are not."""

_ANY = 'write an IANA name such as "Asia/Singapore" or "Europe/Berlin"'

# https://en.wikipedia.org/wiki/List_of_time_zone_abbreviations, without those that the tz database has itself (EST, CET, …).
_ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("pst", "pdt", "pt"), ("America/Los_Angeles",)),
    **dict.fromkeys(("mdt", "mt"), ("America/Denver",)),
    **dict.fromkeys(("edt", "et"), ("America/New_York",)),
    **dict.fromkeys(("akst", "akdt"), ("America/Anchorage",)),
    **dict.fromkeys(("nst", "ndt"), ("America/St_Johns",)),
    **dict.fromkeys(("aest", "aedt"), ("Australia/Sydney", "Australia/Brisbane")),
    **dict.fromkeys(("acst", "acdt"), ("Australia/Adelaide", "Australia/Darwin")),
    **dict.fromkeys(("nzst", "nzdt"), ("Pacific/Auckland",)),
    "adt": ("America/Halifax",),
    "art": ("America/Argentina/Buenos_Aires",),
    "awst": ("Australia/Perth",),
    "brt": ("America/Sao_Paulo",),
    "cat": ("Africa/Maputo",),
    "cest": ("Europe/Berlin", "Europe/Paris"),
    "clt": ("America/Santiago",),
    "cot": ("America/Bogota",),
    "eat": ("Africa/Nairobi",),
    "eest": ("Europe/Athens", "Europe/Helsinki"),
    "hkt": ("Asia/Hong_Kong",),
    "ict": ("Asia/Bangkok",),
    "idt": ("Asia/Jerusalem",),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "msk": ("Europe/Moscow",),
    "myt": ("Asia/Kuala_Lumpur",),
    "npt": ("Asia/Kathmandu",),
    "pht": ("Asia/Manila",),
    "pkt": ("Asia/Karachi",),
    "sast": ("Africa/Johannesburg",),
    "sgt": ("Asia/Singapore",),
    "trt": ("Europe/Istanbul",),
    "wat": ("Africa/Lagos",),
    "west": ("Europe/Lisbon",),
    "wib": ("Asia/Jakarta",),
}
_AMBIGUOUS: dict[str, tuple[str, ...]] = {
    "amt": ("America/Manaus", "Asia/Yerevan"),
    "ast": ("America/Halifax", "Asia/Riyadh"),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "cdt": ("America/Chicago", "America/Havana"),
    "cst": ("America/Chicago", "Asia/Shanghai", "America/Havana"),
    "ct": ("America/Chicago", "Asia/Shanghai"),
    "ect": ("America/Guayaquil", "Europe/Paris"),
    "gst": ("Asia/Dubai", "Atlantic/South_Georgia"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "sst": ("Pacific/Pago_Pago", "Asia/Singapore"),
}
_CITIES = {
    city: name
    for name, cities in {
        "America/Chicago": "austin dallas houston san_antonio nashville minneapolis milwaukee madison st_louis new_orleans",
        "America/Los_Angeles": "san_francisco seattle san_diego portland stanford berkeley pasadena palo_alto las_vegas",
        "America/New_York": "boston cambridge_ma washington philadelphia atlanta miami princeton pittsburgh baltimore ithaca nyc",
        "America/Sao_Paulo": "rio rio_de_janeiro brasilia campinas",
        "America/Toronto": "ottawa quebec montréal",
        "Asia/Dubai": "abu_dhabi",
        "Asia/Ho_Chi_Minh": "hanoi",
        "Asia/Jerusalem": "haifa rehovot",
        "Asia/Kolkata": "delhi new_delhi mumbai bombay bangalore bengaluru chennai hyderabad pune kanpur",
        "Asia/Seoul": "busan daejeon",
        "Asia/Shanghai": "beijing peking shenzhen guangzhou hangzhou nanjing wuhan chengdu xian hefei tianjin suzhou",
        "Asia/Tokyo": "kyoto osaka nagoya sendai tsukuba yokohama fukuoka sapporo",
        "Australia/Sydney": "canberra",
        "Europe/Amsterdam": "delft eindhoven leiden utrecht rotterdam the_hague",
        "Europe/Berlin": "munich münchen hamburg cologne köln frankfurt stuttgart dresden leipzig aachen heidelberg bonn",
        "Europe/Istanbul": "ankara izmir istanbul",
        "Europe/London": "cambridge oxford edinburgh manchester bristol glasgow",
        "Europe/Madrid": "barcelona valencia seville",
        "Europe/Moscow": "st_petersburg saint_petersburg",
        "Europe/Paris": "lyon grenoble toulouse marseille saclay orsay",
        "Europe/Rome": "milan milano turin torino trieste pisa florence bologna",
        "Europe/Stockholm": "gothenburg lund uppsala",
        "Europe/Warsaw": "krakow kraków wroclaw",
        "Europe/Zurich": "geneva lausanne basel bern villigen zürich",
    }.items()
    for city in cities.split()
}
"""Places of many people or much physics that the tz database knows under a neighbour's name."""

_OFFSET = re.compile(r"(?:utc|gmt|z)?_?([+\u2212-])_?(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
# The same all year, in 2026.
_FIXED = {
    -660: ("Pacific/Pago_Pago",),
    -600: ("Pacific/Honolulu",),
    -570: ("Pacific/Marquesas",),
    -540: ("Pacific/Gambier",),
    -480: ("Pacific/Pitcairn",),
    -420: ("America/Phoenix",),
    -360: ("America/Costa_Rica", "America/Mexico_City"),
    -300: ("America/Bogota", "America/Lima"),
    -240: ("America/Puerto_Rico", "America/La_Paz"),
    -180: ("America/Sao_Paulo", "America/Argentina/Buenos_Aires"),
    -120: ("Atlantic/South_Georgia",),
    -60: ("Atlantic/Cape_Verde",),
    0: ("UTC",),
    60: ("Africa/Lagos",),
    120: ("Africa/Johannesburg",),
    180: ("Europe/Istanbul", "Europe/Moscow"),
    210: ("Asia/Tehran",),
    240: ("Asia/Dubai",),
    270: ("Asia/Kabul",),
    300: ("Asia/Karachi", "Asia/Tashkent"),
    330: ("Asia/Kolkata",),
    345: ("Asia/Kathmandu",),
    360: ("Asia/Dhaka",),
    390: ("Asia/Yangon",),
    420: ("Asia/Bangkok", "Asia/Jakarta"),
    480: ("Asia/Singapore", "Asia/Shanghai"),
    525: ("Australia/Eucla",),
    540: ("Asia/Tokyo", "Asia/Seoul"),
    570: ("Australia/Darwin",),
    600: ("Australia/Brisbane",),
    660: ("Pacific/Noumea",),
    720: ("Pacific/Fiji",),
    780: ("Pacific/Tongatapu",),
    840: ("Pacific/Kiritimati",),
}
"""Minutes ahead of UTC → zones."""


def named(typed: str) -> str | None:
    """The zone whose IANA name was typed, in any case and with spaces, or whose city alone; None for anything else."""
    wanted = _folded(typed)
    return _zones().get(wanted) or _cities().get(wanted)


def remedy(typed: str) -> str:
    """What to write instead, as a clause that begins with "write"."""
    wanted = _folded(typed)
    city = wanted.rpartition("/")[2]
    if offset := _OFFSET.fullmatch(wanted):
        return _remedy_for_offset(*offset.groups())
    if wanted in _AMBIGUOUS:
        *others, last = _quoted(_AMBIGUOUS[wanted])
        return f"write the one you mean of those that are called so, such as {', '.join(others)} or {last}"
    if wanted in _ABBREVIATIONS:
        return f"write {' or '.join(_quoted(_ABBREVIATIONS[wanted]))}"
    near = _CITIES.get(city) or _cities().get(city) or _close(wanted, city)
    return f'write "{near}"' if near else _ANY


def _remedy_for_offset(sign: str, hours: str, minutes: str | None) -> str:
    ahead = (int(hours) * 60 + int(minutes or 0)) * (1 if sign == "+" else -1)
    if ahead not in _FIXED:
        return _ANY
    return f"write {' or '.join(_quoted(_FIXED[ahead]))}, or the zone of your own city if its clocks change"


def _close(wanted: str, city: str) -> str | None:
    """The zone that differs by a slip of the pen; in the region that was named, if one was."""
    region = wanted.partition("/")[0] if "/" in wanted else None
    known = {each: name for each, name in _cities().items() if region in (None, name.partition("/")[0].casefold())}
    found = difflib.get_close_matches(city, known, n=1, cutoff=_CLOSE) if len(city) > 3 else []
    return known[found[0]] if found else None


def _folded(typed: str) -> str:
    return "_".join(typed.replace('"', " ").split()).casefold()


def _quoted(names: tuple[str, ...]) -> list[str]:
    return [f'"{name}"' for name in names]


@cache
def _zones() -> dict[str, str]:
    """By their names in lower case. Finding them opens six hundred files."""
    return {name.casefold(): name for name in sorted(available_timezones())}


@cache
def _cities() -> dict[str, str]:
    """Zones by the last part of their names in lower case; where two have the same one (Istanbul), they have the same clocks."""
    parted = [(name.partition("/")[0], name.rpartition("/")[2].casefold(), name) for name in _zones().values()]
    return {city: name for region, city, name in parted if region in _REGIONS and city not in _DIRECTIONS}
