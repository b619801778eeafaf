"""The settings in force, as they may be shown to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from pydantic import SecretStr

from bot import logs
from bot.settings.model import CONTROL_POINTS, PublishSettings, Settings
from bot.settings.values import HIDDEN

_NAME_WIDTH = 20
_ORIGIN_WIDTH = 12


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One key or variable as it may be shown to anybody."""

    name: str
    value: str
    origin: str
    """The file's name, `environment`, `.env` or `default`."""


def shown(settings: Settings, now: datetime) -> str:
    """A line for each control point: name, origin, value; the token and the database's password are hidden.

    Under a query stand the hints about it.
    """
    lines: list[str] = []
    margin = " " * (_NAME_WIDTH + _ORIGIN_WIDTH + 2)
    hints = settings.hints(now)
    for point in control_points(settings):
        first, *others = point.value.splitlines()
        lines.append(f"{point.name:<{_NAME_WIDTH}} {point.origin:<{_ORIGIN_WIDTH}} {first}")
        lines += [margin + line for line in others]
        for written, found in hints:
            if written.key == point.name:
                lines += [f"{margin}hint on {written.place}: {hint}" for hint in found]
    return "\n".join([*lines, *settings.notes])


def secrets(settings: Settings) -> frozenset[str]:
    """What no line may contain: the token, and the database's password as written and as meant."""
    token = set() if settings.token is None else {settings.token.get_secret_value()}
    return frozenset(token | logs.passwords(settings.database_url))


def control_points(settings: Settings) -> tuple[ControlPoint, ...]:
    return tuple(
        ControlPoint(str(field.validation_alias or name), _plain(getattr(settings, name)), _origin(settings, name))
        for name, field in CONTROL_POINTS.items()
    )


def _origin(settings: Settings, name: str) -> str:
    told = settings.origins.get(str(CONTROL_POINTS[name].validation_alias or name))
    return told or (".env" if name in settings.model_fields_set else "default")


def _plain(value: object) -> str:
    match value:
        case None | ():
            return "not set" if value is None else "none"
        case SecretStr():
            return HIDDEN
        case time():
            return f"{value:%H:%M}"
        case PublishSettings():
            return f"markdown: {value.markdown}"
        case float():
            return f"{value:g}"
        case tuple():
            return "\n".join(f"{channel.id}: {channel.query or 'the query above'}" for channel in value)
        case _:
            return logs.hide_in_address(str(value))
