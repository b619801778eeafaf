from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from bot.daemon.registration import same

OURS: list[dict[str, Any]] = [
    {
        "name": "latest",
        "description": "The newest papers",
        "type": 1,
        "nsfw": False,
        "dm_permission": False,
        "default_member_permissions": 32,
        "contexts": [0],
        "integration_types": [0],
        "options": [{"name": "count", "description": "How many", "type": 4, "required": False, "min_value": 1, "max_value": 10}],
    },
    {"name": "help", "description": "What there is to type", "type": 1, "options": []},
]
THEIRS: list[dict[str, Any]] = [
    {"id": "2", "application_id": "9", "version": "7", "name": "help", "description": "What there is to type", "type": 1},
    {
        "id": "1",
        "application_id": "9",
        "version": "8",
        "name": "latest",
        "name_localizations": None,
        "description": "The newest papers",
        "type": 1,
        "nsfw": False,
        "default_member_permissions": "32",
        "contexts": [0],
        "integration_types": [0],
        "options": [{"name": "count", "description": "How many", "type": 4, "min_value": 1, "max_value": 10}],
    },
]


def test_what_discord_gives_back_is_what_was_sent() -> None:
    assert same(OURS, THEIRS)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("description",), "Other words"),
        (("default_member_permissions",), None),
        (("contexts",), [0, 1]),
        (("options",), []),
        (("options", 0, "name"), "number"),
        (("options", 0, "required"), True),
        (("options", 0, "min_value"), 0),
        (("options", 0, "autocomplete"), True),
        (("options", 0, "choices"), [{"name": "five", "value": 5}]),
    ],
    ids=str,
)
def test_a_change_is_noticed(where: tuple[str | int, ...], value: object) -> None:
    changed = deepcopy(OURS)
    part: Any = changed[0]
    for step in where[:-1]:
        part = part[step]
    part[where[-1]] = value

    assert not same(changed, THEIRS)


def test_a_command_more_or_less_is_noticed() -> None:
    assert not same(OURS[:1], THEIRS)
    assert not same([*OURS, {"name": "new", "description": "New", "type": 1}], THEIRS)
