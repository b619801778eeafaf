"""What was typed into a form, on its way through a custom_id."""

from __future__ import annotations

import pytest

from bot.delivery.forms import packed, unpacked


def test_what_was_typed_comes_back_without_the_sign_between_the_fields() -> None:
    assert unpacked(packed(["25:00", "Atlantis"]), 2) == ["25:00", "Atlantis"]
    assert unpacked(packed(["9|10", ""]), 2) == ["9 10", ""]


@pytest.mark.parametrize(("text", "fields"), [("9", ["9", ""]), ("9|Berlin|more", ["9", "Berlin"]), ("", ["", ""])])
def test_there_are_as_many_fields_as_the_form_has(text: str, fields: list[str]) -> None:
    assert unpacked(text, 2) == fields
