"""What the panel of `/settings` says, and that Discord takes it whatever is set."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.model import DELETED, Server
from cogs.settings.service import MOST_CARDS, Fed, Panel, Posted
from cogs.settings.view import CHOICES, CONTROL, OPTIONS, Screen, Verb, cards_form, channel, erasing, home, hour_form, posted
from tests.settings import DEFAULTS, SETTINGS
from tests.unit.samples import texts

NEXT = datetime(2026, 3, 11, 6, tzinfo=UTC)
SERVER = Server(
    guild_id=11,
    settings=replace(SETTINGS, post_at=time(9, 5)),
    paused=False,
    next_run_at=NEXT,
    retry_at=None,
    attempt=0,
    own=frozenset({"post_at"}),
)
FED = Fed(21, "ti:moss", own_query=False, listed=False, blocked=None)
PANEL = Panel(SERVER, DEFAULTS, (FED,), NEXT - timedelta(hours=1))
NAMES = {21: "papers"}


def text(screen: Screen) -> str:
    assert screen.embed is not None
    return screen.embed.description or ""


def labels(screen: Screen) -> dict[str, Any]:
    """Buttons by label."""
    assert screen.view is not None
    return {item.label: item for item in screen.view.children if isinstance(item, discord.ui.Button) and item.label}


def selects(screen: Screen) -> list[Any]:
    assert screen.view is not None
    return [item for item in screen.view.children if not isinstance(item, discord.ui.Button)]


class TestHome:
    async def test_what_is_set_here_and_what_is_the_default(self) -> None:
        assert text(home(PANEL, NAMES)) == (
            "**Query** · default, `/setquery` changes it\n```\nti:moss\n```\n"
            "**Time**: 09:05 · set here\n"
            "**Time zone**: Asia/Singapore · default\n"
            "**Cards a digest**: 20, the rest as lists · default\n"
            "**When a paper is revised**: the message that shows it is edited · default\n"
            "**Next digest**: <t:1773208800:F> (<t:1773208800:R>)\n"
            "**Channels**\n"
            "<#21> · the server's query"
        )

    async def test_paused(self) -> None:
        screen = home(replace(PANEL, server=replace(SERVER, paused=True)), NAMES)
        assert text(screen).startswith("**Paused**")
        assert "Next digest" not in text(screen)
        assert labels(screen)["Post now"].disabled
        assert {"Resume", "Pause"} & set(labels(screen)) == {"Resume"}

    async def test_a_digest_that_is_just_made_is_said_to_be(self) -> None:
        said = text(home(replace(PANEL, now=NEXT), NAMES))
        assert "<t:1773208800:F> (<t:1773208800:R>) is due: " in said
        assert "Next digest" not in said
        said = text(home(replace(PANEL, now=NEXT, made_since=NEXT), NAMES))
        assert "<t:1773208800:F> (<t:1773208800:R>)" in said
        assert "under way since 14:00.\n" in said

    async def test_channels_with_their_own_query_in_config_json_and_blocked(self) -> None:
        fed = (Fed(21, "ti:moss", True, True, None), Fed(22, "ti:moss", False, False, "the bot lacks Embed Links in #a_b_"))
        said = text(home(replace(PANEL, channels=fed), NAMES))
        assert "<#21> · its own query · listed in config.json\n" in said
        assert said.endswith("<#22> · the server's query\n⚠️ the bot lacks Embed Links in #a\\_b\\_.")

    async def test_no_query_for_the_whole_server(self) -> None:
        assert "**Query**: none for the whole server" in text(
            home(replace(PANEL, server=replace(SERVER, settings=replace(SERVER.settings, query=None))), {})
        )

    async def test_channels_by_name_page_by_page(self) -> None:
        many = replace(PANEL, channels=tuple(replace(FED, channel_id=number) for number in range(60)))
        pages = [selects(home(many, {3: "three"}, start=start))[0].options for start in (0, OPTIONS, 2 * OPTIONS)]
        assert [len(page) for page in pages] == [25, 25, 13]
        assert [(page[-1].label, page[-1].value) for page in pages] == [
            ("More channels", "+24"),
            ("More channels", "+48"),
            ("First channels", "+0"),
        ]
        assert [option.label for option in pages[0][2:4]] == ["A channel I cannot see (2)", "#three"]

    async def test_a_page_that_is_gone_is_the_first(self) -> None:
        (option,) = selects(home(PANEL, NAMES, start=24))[0].options
        assert (option.label, option.value) == ("#papers", "21")


class TestChannel:
    async def test_its_query_is_edited_by_setquery(self) -> None:
        screen = channel(replace(FED, own_query=True), "abcdefghijkl")
        assert labels(screen)["Change query"].custom_id == "setquery:edit:abcdefghijkl"
        assert list(labels(screen)) == ["Change query", "Use the server's query", "Stop", "Back"]
        assert labels(screen)["Stop"].custom_id == "settings:stop:21"

    async def test_only_channels_that_can_take_papers_are_offered(self) -> None:
        (move,) = selects(channel(FED, "abcdefghijkl"))
        assert {kind.name for kind in move.channel_types} == {"text", "news", "public_thread", "news_thread"}

    @pytest.mark.parametrize(
        ("fed", "said"),
        [
            (
                FED,
                "config.json decides that papers come here: whoever runs the bot can end that there. "
                "Its query is the server's, which `/setquery` changes.",
            ),
            (
                replace(FED, own_query=True),
                "config.json decides that papers come here: whoever runs the bot can end that there. "
                "Its own query was set by `/setquery`, which can change it.",
            ),
            (
                replace(FED, own_query=True, fixed_query=True),
                "config.json decides that papers come here, and on its query: whoever runs the bot can change both there.",
            ),
        ],
        ids=["the server's query", "a query by command", "a query of its own there"],
    )
    async def test_config_jsons(self, fed: Fed, said: str) -> None:
        screen = channel(replace(fed, listed=True), "abcdefghijkl")
        assert text(screen).endswith(f"\n{said}")
        assert list(labels(screen)) == ["Back"]

    async def test_config_jsons_that_was_deleted(self) -> None:
        screen = channel(replace(FED, listed=True, blocked=DELETED, deleted=True), "abcdefghijkl")
        last = text(screen).splitlines()[-1]
        assert last.startswith("Discord has this channel no more. config.json ")
        assert " 21," in last
        assert list(labels(screen)) == ["Back"]


def test_what_was_posted() -> None:
    screen = posted(
        (Posted(21, 1200, 2, 3), Posted(22), Posted(23, 1, unposted=1, problem="no answer."), Posted(24, problem="no")), NEXT
    )
    assert text(screen) == (
        "<#21>: 1,200 new, 2 revised, 3 in the backlog.\n"
        "<#22>: nothing new.\n"
        "<#23>: 1 new, not posted yet. ⚠️ no answer.\n"
        "<#24>: ⚠️ no.\n\n"
        "The next digest comes as planned: <t:1773208800:F> (<t:1773208800:R>)"
    )


async def test_more_channels_than_a_message_holds_are_counted() -> None:
    fed = tuple(replace(FED, channel_id=number, blocked="the bot lacks Embed Links" * 9) for number in range(100))
    said = text(home(replace(PANEL, channels=fed), {}))
    assert re.search(r"\n… and \d+ more$", said)
    assert 3500 < len(said) <= 4096
    assert re.search(
        r"\n… and \d+ more\n\nThe next", text(posted([Posted(each.channel_id, problem=each.blocked) for each in fed], NEXT))
    )


async def test_forms_show_what_is_set_here_and_otherwise_the_default_faintly() -> None:
    hour, zone = (label["component"] for label in hour_form(PANEL).to_dict()["components"])
    assert (hour["value"], hour["placeholder"]) == ("09:05", "14:00")
    assert (zone.get("value"), zone["placeholder"]) == (None, "Asia/Singapore")
    (label,) = cards_form(PANEL, MOST_CARDS).to_dict()["components"]
    assert (label["component"].get("value"), label["component"]["placeholder"]) == (None, "20")
    assert "0 to 100" in label["description"]


async def test_nothing_is_left_in_memory() -> None:
    for view in (home(PANEL, NAMES).view, channel(FED, "abcdefghijkl").view, erasing(PANEL).view, hour_form(PANEL)):
        assert view is not None
        assert view.is_finished()


async def test_every_verb_is_offered_somewhere() -> None:
    paused = replace(PANEL, server=replace(SERVER, paused=True))
    shown = [home(PANEL, NAMES), home(paused, NAMES), channel(replace(FED, own_query=True), "abcdefghijkl"), erasing(PANEL)]
    ids = [item.custom_id for screen in shown for item in [*labels(screen).values(), *selects(screen)]]
    ids += [form.custom_id for form in (hour_form(PANEL), cards_form(PANEL, MOST_CARDS))]
    found = [re.fullmatch(CONTROL, each) for each in ids if each.startswith("settings:")]
    assert {match["verb"] for match in found if match} == {*Verb, *CHOICES}
    assert all(found)


_long = st.one_of(texts, texts.map(lambda each: each * 200)).map(lambda each: (each or "x")[:2000])
_fed = st.builds(Fed, st.just(2**63 - 1), _long, st.booleans(), st.booleans(), st.none() | _long, st.booleans(), st.booleans())


@given(st.lists(_fed, min_size=1, max_size=60), _long, _long)
async def test_discords_limits_hold_whatever_is_set(fed: list[Fed], query: str, name: str) -> None:
    panel = Panel(replace(SERVER, settings=replace(SERVER.settings, query=query)), DEFAULTS, tuple(fed), NEXT)
    problems = tuple(Posted(each.channel_id, 3, 2, 1, 5, each.blocked) for each in fed)
    screens = [home(panel, {2**63 - 1: name}), channel(fed[0], "abcdefghijkl"), erasing(panel), posted(problems, NEXT)]
    for screen in screens:
        assert 0 < len(text(screen)) <= 4096
    for option in selects(screens[0])[0].options:
        assert 0 < len(option.label) <= 100
        assert 0 < len(option.description or "x") <= 100
