"""What Discord's own app lets a person enter: options of a command, values of a select, fields of a modal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.discord.command_forms import BOOLEAN, CHANNEL, GROUP, INTEGER, NUMBER, STRING, SUBCOMMAND
from sandbox.discord.components import CHANNEL_SELECT, LABEL, ROW, TEXT, TEXT_INPUT
from sandbox.discord.model import Channel, Json
from sandbox.discord.world import World

_TYPES: dict[int, type | tuple[type, ...]] = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float)}
_NAMES = {STRING: "text", INTEGER: "a whole number", BOOLEAN: "true or false", NUMBER: "a number"}


class NotAllowedError(Exception):
    """Discord's own app would not let this person do this."""


@dataclass(frozen=True, slots=True)
class CommandPath:
    """The subcommand meant, from the outside in, and the options it declares."""

    steps: tuple[Json, ...]
    options: list[Json]

    def around(self, given: list[Json]) -> list[Json]:
        """The options as an interaction nests them."""
        for step in reversed(self.steps):
            given = [{"name": step["name"], "type": step["type"], "options": given}]
        return given


def path(command: Json, names: list[str]) -> CommandPath:
    steps: list[Json] = []
    declared: list[Json] = command.get("options") or []
    for name in names:
        step = next((each for each in declared if each["name"] == name and each["type"] in (SUBCOMMAND, GROUP)), None)
        if step is None:
            raise LookupError(f"/{command['name']} has no subcommand {name}")
        steps.append(step)
        declared = step.get("options") or []
    if any(each["type"] in (SUBCOMMAND, GROUP) for each in declared):
        raise LookupError(f"/{command['name']} needs one of its subcommands")
    return CommandPath(tuple(steps), declared)


def options(
    world: World, declared: list[Json], given: Mapping[str, Any], *, partial: bool = False
) -> tuple[list[Json], list[Channel]]:
    """As an interaction carries them, and the channels among them. `partial`: still being typed, so none is required."""
    by_name = {option["name"]: option for option in declared}
    unknown = given.keys() - by_name.keys()
    if unknown:
        raise LookupError(f"no option {', '.join(sorted(unknown))}; there is {', '.join(by_name) or 'none'}")
    missing = [name for name, option in by_name.items() if option.get("required") and name not in given]
    if missing and not partial:
        raise NotAllowedError(f"the option {', '.join(missing)} is required")
    channels: list[Channel] = []
    sent = []
    for name, value in given.items():
        option = by_name[name]
        if option["type"] == CHANNEL:
            channel = _channel(world, value, option)
            channels.append(channel)
            value = str(channel.id)
        else:
            _check_value(option, value)
        sent.append({"name": name, "type": option["type"], "value": value})
    return sent, channels


def completed(declared: list[Json], focused: str) -> Json:
    """The option, if suggestions are asked for while it is typed."""
    for option in declared:
        if option["name"] == focused and option.get("autocomplete"):
            return option
    raise LookupError(f"no option {focused} with autocomplete")


def values(world: World, select: Json, wanted: Iterable[str | Channel]) -> tuple[list[str], list[Channel]]:
    """Chosen in a select, as an interaction carries them, and the channels among them."""
    chosen = list(wanted)
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not least <= len(chosen) <= most:
        raise NotAllowedError(f"between {least} and {most} can be chosen, not {len(chosen)}")
    if select["type"] == CHANNEL_SELECT:
        channels = [_channel(world, each, select) for each in chosen]
        return [str(each.id) for each in channels], channels
    offered = [option["value"] for option in select["options"]]
    if not set(chosen) <= set(offered):
        raise LookupError(f"no such option; there is {', '.join(map(repr, offered))}")
    return [str(each) for each in chosen], []


def filled(world: World, components: list[Json], fields: Mapping[str, Any]) -> tuple[list[Json], list[Channel]]:
    """A modal's components as they are submitted, and the channels chosen in them."""
    known = {name for outer in components if outer["type"] != TEXT for name in _names(outer)}
    if fields.keys() - known:
        raise LookupError(f"no field {', '.join(sorted(fields.keys() - known))}; there is {', '.join(sorted(known))}")
    channels: list[Channel] = []
    sent = []
    for outer in components:
        around = {"type": outer["type"], "id": outer["id"]}
        if outer["type"] != TEXT:
            given = [fields[name] for name in _names(outer) if name in fields]
            answer, chosen = _entered(world, _inner(outer), given[0] if given else None)
            channels += chosen
            around |= {"components": [answer]} if outer["type"] == ROW else {"component": answer}
        sent.append(around)
    return sent, channels


def _inner(outer: Json) -> Json:
    inner: Json = outer["component"] if outer["type"] == LABEL else outer["components"][0]
    return inner


def _names(outer: Json) -> list[str]:
    """By which a field can be called: custom_id, then label."""
    inner = _inner(outer)
    return [name for name in (inner["custom_id"], inner.get("label"), outer.get("label")) if name]


def _entered(world: World, component: Json, value: Any) -> tuple[Json, list[Channel]]:
    answer = {"type": component["type"], "id": component["id"], "custom_id": component["custom_id"]}
    if component["type"] == TEXT_INPUT:
        text = component.get("value", "") if value is None else str(value)
        _check_text(component, text)
        return answer | {"value": text}, []
    if value is None:
        preset = [option["value"] for option in component.get("options") or [] if option.get("default")]
        value = preset or [each["id"] for each in component.get("default_values") or []]
    required = component.get("required", True)
    if not value and not required:
        return answer | {"values": []}, []
    chosen, channels = values(world, component, [value] if isinstance(value, str | Channel) else value)
    return answer | {"values": chosen}, channels


def _check_text(component: Json, text: str) -> None:
    name = component.get("label") or component["custom_id"]
    if not text and component.get("required", True):
        raise NotAllowedError(f"{name!r} is required")
    least, most = component.get("min_length", 0), component.get("max_length", 4000)
    if text and not least <= len(text) <= most:
        raise NotAllowedError(f"{name!r} takes between {least} and {most} characters, not {len(text)}")


def _check_value(option: Json, value: Any) -> None:
    expected = _TYPES.get(option["type"])
    if expected is None or not isinstance(value, expected) or (isinstance(value, bool) and option["type"] != BOOLEAN):
        raise NotAllowedError(f"{option['name']} takes {_NAMES.get(option['type'], 'nothing typed')}, not {value!r}")
    allowed = [choice["value"] for choice in option.get("choices") or []]
    if allowed and value not in allowed:
        raise NotAllowedError(f"{option['name']} is one of {', '.join(map(repr, allowed))}")
    size, bounds = (len(value), ("min_length", "max_length")) if isinstance(value, str) else (value, ("min_value", "max_value"))
    least, most = (option.get(bound) for bound in bounds)
    if (least is not None and size < least) or (most is not None and size > most):
        raise NotAllowedError(f"{option['name']} takes {least} to {most}, not {size}")


def _channel(world: World, value: Channel | int | str, asked: Json) -> Channel:
    channel = value if isinstance(value, Channel) else world.channel(int(value))
    kinds = asked.get("channel_types")
    if kinds and channel.kind not in kinds:
        raise NotAllowedError(f"#{channel.name} is not among the channels offered here")
    return channel
