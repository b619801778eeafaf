"""Buttons and what they answer to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.components import CustomId, LinkButton, view


async def test_link_buttons_stand_in_one_row() -> None:
    shown = view(
        [LinkButton("arXiv", "https://arxiv.org/abs/2512.06813v1"), LinkButton("PDF", "https://arxiv.org/pdf/2512.06813v1")]
    )
    assert shown is not None
    (row,) = shown.to_components()
    assert [(button["label"], button["url"], button["style"]) for button in row["components"]] == [
        ("arXiv", "https://arxiv.org/abs/2512.06813v1", 5),
        ("PDF", "https://arxiv.org/pdf/2512.06813v1", 5),
    ]
    assert shown.timeout is None


async def test_no_buttons_no_view() -> None:
    assert view([]) is None


@given(st.text("abc-", min_size=1, max_size=20), st.text(max_size=79))
def test_a_custom_id_is_read_back_as_written(name: str, argument: str) -> None:
    assert CustomId.parse(str(CustomId(name, argument))) == CustomId(name, argument)


@pytest.mark.parametrize(("name", "argument"), [("", "x"), ("a:b", "x"), ("save", "x" * 96)])
def test_a_custom_id_that_discord_or_we_could_not_read_is_refused(name: str, argument: str) -> None:
    with pytest.raises(ValueError, match="custom_id"):
        CustomId(name, argument)


def test_a_foreign_custom_id_is_refused() -> None:
    with pytest.raises(ValueError, match="name:argument"):
        CustomId.parse("something")
