"""Forms, and the way back to one whose answer was refused: what was typed stands in it again."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from bot.delivery.components import CustomId
from bot.digest.model import Defaults, Schedule

_LONGEST_HOUR, _LONGEST_ZONE = 8, 48
"""Characters; what was typed goes into a custom_id when it is refused."""
_BETWEEN = "|"


def form(title: str, custom_id: CustomId, *labels: ui.Label[ui.Modal]) -> ui.Modal:
    """Stopped, so that discord.py keeps nothing: whoever knows the custom_id answers it, also after a restart."""
    modal = ui.Modal(title=title, custom_id=str(custom_id))
    for label in labels:
        modal.add_item(label)
    modal.stop()
    return modal


def field(name: str, value: str, placeholder: str, most: int) -> ui.TextInput[ui.Modal]:
    """One line of at most `most` characters, which may stay empty."""
    return ui.TextInput(custom_id=name, default=value or None, placeholder=placeholder, required=False, max_length=most)


def schedule_form(custom_id: CustomId, typed: Sequence[str], defaults: Defaults) -> ui.Modal:
    """`typed`: hour and zone, as they stand in it at first. Both come back in this order."""
    hour, zone = typed
    return form(
        "When papers come",
        custom_id,
        ui.Label(
            text="Time",
            description="Not before, such as 09:30. Empty: the default.",
            component=field("hour", hour, f"{defaults.post_at:%H:%M}", _LONGEST_HOUR),
        ),
        ui.Label(
            text="Time zone",
            description="Such as Europe/Berlin. Empty: the default.",
            component=field("zone", zone, defaults.timezone, _LONGEST_ZONE),
        ),
    )


def own_schedule(schedule: Schedule, own: frozenset[str]) -> tuple[str, str]:
    """Hour and zone for the form, as far as the server has set its own."""
    return (f"{schedule.post_at:%H:%M}" if "post_at" in own else "", schedule.zone.key if "timezone" in own else "")


def packed(typed: Sequence[str]) -> str:
    """For a custom_id; `unpacked` gives it back, without what would be taken for the end of a field."""
    return _BETWEEN.join(each.replace(_BETWEEN, " ") for each in typed)


def unpacked(text: str, count: int) -> list[str]:
    """So many fields, whatever stands in the text."""
    return [*text.split(_BETWEEN), *[""] * count][:count]


def correction(custom_id: CustomId) -> ui.View:
    """The button that opens the form again. Stopped; needs a running event loop."""
    view = ui.View(timeout=None)
    view.add_item(ui.Button(label="Correct it", custom_id=str(custom_id)))
    view.stop()
    return view
