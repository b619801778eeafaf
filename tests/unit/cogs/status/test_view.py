"""What people read about the bot's health."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.digest.calendar import NoAnnouncement
from bot.digest.silence import (
    Blocked,
    Cut,
    Deleted,
    Held,
    HeldBack,
    LookingAgain,
    NotAnnounced,
    NothingMatched,
    PastDigest,
    Reason,
    Refused,
    Unconfirmed,
    Unreachable,
    Unseeded,
)
from bot.query import lint
from cogs.status.service import Answered, BacklogPage, ChannelStatus, Checked, ServerStatus
from cogs.status.view import BUTTON, backlog, backlog_buttons, checked, reason, status, status_buttons
from tests.unit.samples import PAPER

SINGAPORE = ZoneInfo("Asia/Singapore")
NOON = datetime(2026, 3, 3, 6, tzinfo=UTC)
UNIX = int(NOON.timestamp())
DAY = timedelta(days=1)
WHEN = f"Tue 3 Mar 14:00 (<t:{UNIX}:R>)"


def server(*channels: ChannelStatus, paused: bool = False, retrying: bool = False) -> ServerStatus:
    return ServerStatus(SINGAPORE, paused, None if paused else NOON, retrying, channels, NOON - DAY)


def channel(*reasons: Reason, id: int = 7, last: PastDigest | None = None) -> ChannelStatus:
    return ChannelStatus(id, "cat:cs.LG", 2.0, NOON - DAY, last, reasons)


def shown(said: ServerStatus) -> str:
    embed = status(said)
    return f"{embed.title}\n{embed.description}"


@pytest.mark.parametrize("numbers", [f"{'9' * 19}:0", f"{2**63}:0", f"7:{'9' * 19}", "-7:0"])
def test_numbers_that_no_database_holds_are_not_answered(numbers: str) -> None:
    assert re.fullmatch(BUTTON, f"status:open:{numbers}") is None


def test_nothing_set_up_says_where_to_begin() -> None:
    assert "`/setquery`" in shown(server())
    assert "Nothing is set up yet" in shown(server())


def test_last_and_next_digest_stand_in_the_servers_zone() -> None:
    text = shown(server(channel(last=PastDigest(NOON - DAY, new=5, revised=2))))
    assert f"Next digest: **{WHEN}**, Asia/Singapore" in text
    assert "Last digest: Mon 2 Mar 14:00" in text
    assert "5 new, 2 revised." in text
    assert "<#7>" in text


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (PastDigest(NOON - DAY, new=3, unposted=3), "3 new, not posted yet."),
        (PastDigest(NOON - DAY, new=3, revised=2, unposted=4), "3 new, 2 revised, 4 of them not posted yet."),
        (PastDigest(NOON - DAY, new=30, held_back=1219, unposted=30), "30 new, not posted yet, 1,219 in the backlog."),
        (PastDigest(NOON - DAY, new=2, rejected="no such field"), "2 new. no such field."),
    ],
)
def test_what_the_last_digest_could_not_post(last: PastDigest, said: str) -> None:
    assert f"), {said}" in shown(server(channel(last=last)))


def test_before_the_first_digest() -> None:
    assert "No digest yet; followed since Mon 2 Mar 14:00" in shown(server(channel()))


def test_a_pause_says_who_ends_it() -> None:
    text = shown(server(channel(), paused=True))
    assert text.startswith("Paused")
    assert "`/settings`" in text
    assert "Next" not in text


def test_a_retry_is_called_one() -> None:
    assert f"Next try: **{WHEN}**" in shown(server(channel(), retrying=True))


@pytest.mark.parametrize(("retrying", "what"), [(False, "digest"), (True, "try")])
def test_what_is_just_made_is_said_to_be(retrying: bool, what: str) -> None:
    text = shown(replace(server(channel(), retrying=retrying), now=NOON))
    assert f"The {what} of **{WHEN}**, Asia/Singapore is due: it begins within a minute, or when another one is done." in text
    assert "Next" not in text


@pytest.mark.parametrize(
    ("passed", "said"), [(timedelta(seconds=119), "14:00."), (timedelta(minutes=2), "14:00. arXiv is slow to answer.")]
)
def test_what_has_begun_is_said_since_when_and_whom_it_waits_for(passed: timedelta, said: str) -> None:
    text = shown(replace(server(channel()), now=NOON + passed, made_since=NOON))
    assert f"The digest of **{WHEN}**, Asia/Singapore has been under way since {said}\n" in text


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (
            NotAnnounced(NOON, NoAnnouncement.WEEKEND, NOON - DAY, NOON),
            f"arXiv announces nothing on Friday and Saturday evenings in New York. The last announcement was Mon 2 Mar 14:00 "
            f"(<t:{UNIX - 86400}:R>), the next is due {WHEN}.",
        ),
        (
            NotAnnounced(NOON, NoAnnouncement.HOLIDAY, NOON - DAY, NOON),
            f"arXiv announced nothing {WHEN}: one of its holidays. The last announcement was Mon 2 Mar 14:00 "
            f"(<t:{UNIX - 86400}:R>), the next is due {WHEN}.",
        ),
        (NothingMatched(NOON), f"arXiv announced papers {WHEN}, and none of them matched."),
        (
            LookingAgain(NOON, NOON),
            f"arXiv announced papers {WHEN}, and its search shows none of yours so far. That can take six hours, so I look again "
            f"<t:{UNIX}:R>.",
        ),
        (
            Refused("no such field", None),
            "arXiv does not accept this query: no such field. Somebody has to edit it with `/setquery`.",
        ),
        (
            Refused("no such field", "cat:x"),
            "arXiv does not accept this query: no such field. Somebody has to edit it with `/setquery`. Until then the channel "
            "follows cat:x.",
        ),
        (
            Held(NOON, "not sorted as asked"),
            f"arXiv's answer has been held back as implausible since {WHEN}: not sorted as asked. I ask again every hour, and "
            "take it as it is after a day.",
        ),
        (
            Blocked("the bot lacks Embed Links; grant it", 3),
            "**I cannot post there**: the bot lacks Embed Links; grant it. 3 papers wait and come once that is fixed; if it "
            "cannot be, `/settings` moves them to another channel.",
        ),
        (Deleted(0), "**This channel was deleted.** `/settings` moves its papers to another channel, or stops them."),
        (
            Deleted(1),
            "**This channel was deleted.** 1 paper waits. `/settings` moves its papers to another channel, or stops them.",
        ),
        (
            Deleted(73),
            "**This channel was deleted.** 73 papers wait. `/settings` moves its papers to another channel, or stops them.",
        ),
        (
            Deleted(73, 9007),
            "**This channel was deleted.** config.json lists it: whoever runs the bot must take its id, 9007, out there.",
        ),
        (
            Unconfirmed(3, "Discord answered 503"),
            "**3 papers are not posted yet**: Discord answered 503. They come first as soon as Discord takes them.",
        ),
        (
            Unconfirmed(1, None),
            "**1 paper is not posted yet**: Discord has not confirmed that. It comes first as soon as Discord takes it.",
        ),
        (
            Unconfirmed(0, "Discord answered 503"),
            "**A message is not posted yet**: Discord answered 503. It comes first as soon as Discord takes it.",
        ),
        (
            Unconfirmed(1, "Discord answered 503", standing=True),
            "**1 paper is not up to date yet**: Discord answered 503. What was posted stands as it was until Discord takes the "
            "change.",
        ),
        (Unseeded(None), "arXiv could not be asked for this query yet. I keep trying; the first message follows."),
        (Unseeded("cat:x"), "arXiv could not be asked for this query yet. I keep trying; until then the channel follows cat:x."),
        (Cut(3.44), "The query is too broad to be fetched whole: its answer reaches back 3.4 days. Narrow it to miss nothing."),
        (
            HeldBack(219),
            "219 papers that came all at once are in the backlog, to spare the channel: the button shows them.",
        ),
        (HeldBack(1), "1 paper that came with many others is in the backlog, to spare the channel: the button shows it."),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_each_reason_has_words_of_its_own(why: Reason, said: str) -> None:
    assert reason(why, SINGAPORE) == said


def test_an_outage_says_since_when_and_why_and_that_nothing_is_lost() -> None:
    said = reason(Unreachable(NOON, "no answer within 60 s"), SINGAPORE)
    assert f" no usable answer since {WHEN}: no answer within 60 s. " in said
    assert "Nothing is lost" in said


def test_somebody_elses_words_cannot_become_markup() -> None:
    assert "**bold**" not in reason(Unreachable(NOON, "**bold** @everyone"), SINGAPORE)
    assert len(reason(Held(NOON, "word " * 900), SINGAPORE)) < 600


def test_any_number_of_channels_fits_and_the_rest_is_counted() -> None:
    embed = status(server(*(channel(Unreachable(NOON, "x" * 900), id=number) for number in range(40))))
    assert len(embed.description or "") <= 4096
    assert "more" in (embed.description or "").splitlines()[-1]


async def test_buttons_for_each_backlog_and_for_managers() -> None:
    said = server(channel(HeldBack(219)), channel(HeldBack(1), id=8))
    view = status_buttons(said, {7: "papers", 8: "general"}, manager=True)
    assert view is not None
    assert [(item.label, item.custom_id) for item in view.children] == [  # type: ignore[attr-defined]
        ("Show the backlog (219) in #papers", "status:open:7:0"),
        ("Show the backlog (1) in #general", "status:open:8:0"),
        ("Check", "status:check:0:0"),
    ]
    assert status_buttons(server(channel()), {}, manager=False) is None


async def test_a_page_of_the_backlog() -> None:
    page = BacklogPage(7, (PAPER,) * 10, 10, 23)
    embed = backlog(page)
    assert embed.title == "Backlog: 11–20 of 23"
    assert re.findall(r"^\*\*(\d+)\.\*\* ", embed.description or "", re.MULTILINE) == [str(n) for n in range(11, 21)]
    assert (embed.description or "").count(PAPER.id.abs_url) == 10
    view = backlog_buttons(page, 10)
    assert view is not None
    assert [(item.label, item.custom_id, item.disabled) for item in view.children] == [  # type: ignore[attr-defined]
        ("Newer", "status:turn:7:0", False),
        ("Older", "status:turn:7:20", False),
    ]
    assert backlog_buttons(BacklogPage(7, (PAPER,), 0, 1), 10) is None
    assert "backlog of this channel is empty" in str(backlog(BacklogPage(7, (), 0, 0)).description)


GOOD = Checked((7,), None, None, Answered(1234), 0, "1.2.3")


def test_a_check_where_all_is_well() -> None:
    text = str(checked(GOOD, {7: None}).description)
    assert "⚠️" not in text
    for part in (
        "<#7>: I may post here.",
        "Storage is written, and lasts",
        "1,234 papers found",
        "confirmed: 0",
        "Version 1.2.3",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("found", "objection", "warning"),
    [
        (GOOD, "the bot lacks Embed Links", "⚠️ <#7>: the bot lacks Embed Links"),
        (Checked((7,), "disk full", None, None, 0, "1"), None, "⚠️ Storage cannot be written: disk full"),
        (
            Checked((7,), None, "Heroku", None, 0, "1"),
            None,
            "⚠️ Storage works, but it does not last: the database is a file that Heroku",
        ),
        (Checked((7,), None, None, "no answer", 0, "1"), None, "⚠️ arXiv: no answer"),
        (Checked((7,), None, None, None, 3, "1"), None, "⚠️ Messages Discord has not confirmed: 3"),
    ],
    ids=["permission", "storage", "throw-away", "arXiv", "pending"],
)
def test_a_check_warns(found: Checked, objection: str | None, warning: str) -> None:
    assert warning in str(checked(found, {7: objection}).description)


def test_what_arxiv_misreads_in_config_json_is_for_managers_and_always_fits() -> None:
    said = replace(server(*(channel(Unreachable(NOON, "x" * 900), id=n) for n in range(40))), hints=lint("cs.LG and cat:x"))
    told = status(said, manager=True).description or ""
    assert "**In config.json**\n⚠️ " in told
    assert len(told) <= 4096
    assert "config.json" not in (status(said).description or "")
