"""An author's text reads in Discord as the author wrote it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from bot.delivery.escape import code_block, escape, label, link
from bot.text.prose import legible
from tests.unit.delivery.reader import read
from tests.unit.samples import texts

_HARMFUL = [
    "**bold** _italic_ __under__ ~~gone~~ `code` ||secret||",
    "# heading",
    "-# small",
    "- item",
    "* item",
    "+ item",
    "1. item",
    "> quote",
    ">>> quote",
    "[free money](https://evil.example)",
    "<@123> <@!123> <@&123> <#123> <:smile:123> <a:smile:123> <t:0:R> </cmd:123> <id:home>",
    "@everyone and @here",
    r"back\slash and \*stars\*",
    "a < b > c",
]


@pytest.mark.parametrize("text", _HARMFUL)
def test_markup_is_shown_as_typed(text: str) -> None:
    reading = read(escape(text))
    assert (reading.text, reading.markup, reading.links) == (text, [], [])


@pytest.mark.parametrize("text", _HARMFUL)
def test_the_reader_of_these_tests_knows_the_markup(text: str) -> None:
    reading = read(text)
    assert reading.markup or reading.links or reading.text != text or text == "a < b > c"


def test_addresses_stay_clickable() -> None:
    written = escape("see https://x.org/a_b_c, [https://x.org/f_g] or <https://x.org/d_e>")
    assert written == r"see https://x.org/a_b_c, \[https://x.org/f_g] or https://x.org/d_e"


@pytest.mark.parametrize("ping", ["@everyone", "@here", "<@123>", "<@!123>", "<@&123>", "https://x.org/@everyone"])
def test_no_text_pings(ping: str) -> None:
    assert not re.search(r"@everyone|@here|<@[!&]?\d", escape(ping))


@given(texts.map(legible))
def test_any_text_reads_literally(text: str) -> None:
    reading = read(escape(text))
    without_brackets = re.sub(r"""<(https?://[^\s<>\[\]]+[^\s<>\[\].,:;"')])>""", r"\1", text)
    assert reading.text.replace(" ", "") == without_brackets.replace(" ", "")
    assert (reading.markup, reading.links) == ([], [])


@pytest.mark.parametrize("text", ["[001] surfaces", "a [ b", "a ] b", "x](https://evil.example)", "[a [b] c]", "ends with \\"])
def test_brackets_do_not_break_a_link(text: str) -> None:
    ((shown, address),) = read(link(label(text), "https://arxiv.org/abs/2512.06813v1")).links
    assert address == "https://arxiv.org/abs/2512.06813v1"
    assert shown.translate(str.maketrans("［］", "[]")) == text


@given(texts.map(legible).filter(bool))
def test_any_title_makes_one_whole_link(text: str) -> None:
    reading = read(link(label(text), "https://arxiv.org/abs/2512.06813v1") + " after")
    assert reading.text.endswith(" after")
    assert [address for _, address in reading.links] == ["https://arxiv.org/abs/2512.06813v1"]
    assert reading.markup == []


@given(texts)
def test_no_text_closes_its_code_block(text: str) -> None:
    assert code_block(text).removeprefix("```\n").removesuffix("\n```").count("```") == 0
