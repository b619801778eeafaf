"""What `/setquery` says, and that Discord takes it whatever was typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.digest.model import Schedule
from bot.errors import ArxivUnreachable, QueryRefused, QuerySyntaxError
from bot.query import clauses, lint, parse
from bot.storage.drafts import Draft
from cogs.setquery.proposal import (
    Diagnosis,
    Malformed,
    Proposal,
    Prospect,
    Saved,
    SavedBefore,
    Target,
    Unanswered,
    Unposted,
)
from cogs.setquery.view import (
    Reply,
    Verb,
    edit_form,
    looking,
    malformed,
    proposal,
    query_form,
    refused,
    saved,
    saved_before,
    unanswered,
)
from tests.papers import NOON, paper
from tests.unit.samples import papers, texts

DRAFT = Draft("abcdefghijkl", 11, 21, 31, "all:alloys and cat:cs.LG", NOON)
NEXT = datetime(2026, 3, 11, 6, tzinfo=UTC)
FOUND = Proposal(
    draft=DRAFT,
    target=Target(21, (21,), shared=True),
    query=str(parse("all:alloys AND cat:cs.LG")),
    parts=clauses(parse("all:alloys AND cat:cs.LG")),
    hints=(),
    prospect=Prospect(1234, 3.1, 500, None, (paper(1), paper(2), paper(3))),
    schedule=Schedule(time(14), ZoneInfo("Asia/Singapore")),
    next_digest=NEXT,
    lists_only=False,
)
NOTHING = replace(FOUND, prospect=Prospect(0, 0, 500, None, ()))


def text(reply: Reply) -> str:
    return "\n".join(filter(None, [reply.content, reply.embed.description if reply.embed else None]))


async def buttons(reply: Reply) -> dict[str, str]:
    """Labels and custom_ids."""
    view = reply.view()
    shown: list[Any] = view.children if view else []
    return {button.label: button.custom_id for button in shown}


class TestProposal:
    async def test_everything_a_person_decides_by(self) -> None:
        reply = proposal(FOUND)
        reading, volume, rest = text(reply).split("\n\n", 2)
        assert reading == "**How arXiv will read it**\n```\n(all:alloys AND cat:cs.LG)\n```"
        assert volume.startswith("**1,234** papers match")
        assert volume.endswith(" about 3 a day.")
        assert rest == (
            "**Newest so far**\n"
            "**1.** [Invented alloys, part 1](https://arxiv.org/abs/2603.00001v1)\nAda Example et al. · <t:1772971200:D>\n"
            "**2.** [Invented alloys, part 2](https://arxiv.org/abs/2603.00002v1)\nAda Example et al. · <t:1772971200:D>\n"
            "**3.** [Invented alloys, part 3](https://arxiv.org/abs/2603.00003v1)\nAda Example et al. · <t:1772971200:D>\n\n"
            "**Next digest**\nat 14:00 Asia/Singapore, that is <t:1773208800:F> (<t:1773208800:R>)\n\n"
            "It is for <#21>. Nothing changes before you save."
        )
        assert await buttons(reply) == {
            "Save": "setquery:save:abcdefghijkl",
            "Edit": "setquery:edit:abcdefghijkl",
            "Cancel": "setquery:cancel:abcdefghijkl",
        }

    def test_while_paused_no_digest_is_promised(self) -> None:
        said = text(proposal(replace(FOUND, next_digest=None)))
        assert "\n\nPaused: nothing is posted until you resume in `/settings`.\n\nIt is for <#21>." in said
        assert "Next digest" not in said

    def test_seldom_papers_are_counted_in_weeks_and_in_days(self) -> None:
        seldom = replace(FOUND, prospect=replace(FOUND.prospect, per_day=0.3))
        assert "come about 2 a week (0.3 a day)." in text(proposal(seldom))

    def test_the_days_that_the_limit_covers(self) -> None:
        cut = replace(FOUND, prospect=replace(FOUND.prospect, covered_days=12.4))
        assert "Each digest looks at the newest 500, which reach back about 12 days." in text(proposal(cut))
        one = replace(FOUND, prospect=replace(FOUND.prospect, covered_days=0.2))
        assert "reach back about one day." in text(proposal(one))

    def test_what_arxiv_would_misread(self) -> None:
        assert "⚠️ arXiv looks for and as a word" in text(proposal(replace(FOUND, hints=lint(DRAFT.text))))

    async def test_too_broad_offers_lists_first(self) -> None:
        reply = proposal(replace(FOUND, prospect=replace(FOUND.prospect, per_day=40)))
        assert "Narrow it" in text(reply)
        assert list(await buttons(reply)) == ["Lists only", "Edit", "Save", "Cancel"]

    def test_for_the_whole_server(self) -> None:
        everywhere = replace(FOUND, target=Target(None, tuple(range(1, 11)), shared=True))
        assert "It becomes the server's query, for <#1>, <#2>" in text(proposal(everywhere))
        assert "<#8> and 2 more." in text(proposal(everywhere))


class TestNothingFound:
    async def test_it_can_be_saved_all_the_same(self) -> None:
        assert "**Nothing on arXiv matches.** You can save it all the same" in text(proposal(NOTHING))
        assert "Save" in await buttons(proposal(NOTHING))

    def test_which_part_finds_nothing(self) -> None:
        assert text(looking(NOTHING)).startswith("Still asking arXiv which part")
        one = proposal(NOTHING, Diagnosis(("au:nobody",)))
        assert "This part finds nothing by itself:\n```\nau:nobody\n```" in text(one)
        assert one.content is None
        assert "None of these parts finds anything" in text(proposal(NOTHING, Diagnosis(("au:nobody", "ti:x"))))
        assert "Each part finds papers by itself" in text(proposal(NOTHING, Diagnosis(())))


class TestTrouble:
    async def test_a_syntax_error_is_pointed_at_on_a_line_that_fits_a_phone(self) -> None:
        typed = "all:lichen AND " * 6 + "(ti:moss AND cat:cs.LG OR all:fern"
        reply = malformed(Malformed(DRAFT, error_in(typed)))
        line, caret = text(reply).split("```")[1].strip("\n").split("\n")
        assert line[caret.index("^")] == "("
        assert len(line) <= 40
        assert "never closed" in text(reply)
        assert "Add ) where its group ends, or remove it." in text(reply)
        assert list(await buttons(reply)) == ["Edit", "Cancel"]

    def test_a_query_too_long_may_be_spread(self) -> None:
        reply = malformed(Malformed(DRAFT, error_in("ab " * 300)))
        assert "2,000" in text(reply)
        assert "spread it" in text(reply)
        assert text(reply).endswith("\nNothing was changed.")

    async def test_arxiv_silent_keeps_the_draft(self) -> None:
        reply = unanswered(Unanswered(DRAFT, ArxivUnreachable("arXiv answered 500.", url="")), Verb.AGAIN)
        assert "nothing was changed. Your draft is kept" in text(reply)
        assert "all:alloys and cat:cs.LG" in text(reply)
        assert list(await buttons(reply)) == ["Try again", "Edit", "Cancel"]

    async def test_arxiv_refusing_is_quoted_and_asking_again_not_offered(self) -> None:
        reply = unanswered(Unanswered(DRAFT, QueryRefused("malformed id", url="")), Verb.AGAIN)
        assert "It says: malformed id\n" in text(reply)
        assert list(await buttons(reply)) == ["Edit", "Cancel"]

    async def test_a_channel_that_cannot_take_papers(self) -> None:
        assert "type `/setquery` again" in text(refused("the bot lacks Embed Links in #papers"))
        assert list(await buttons(refused("the bot lacks Embed Links in #papers", DRAFT.id))) == ["Save", "Cancel"]


class TestSaved:
    async def test_who_follows_what_from_when(self) -> None:
        reply = saved(Saved(Target(21, (21,), shared=True), "ti:moss", NEXT, lists_only=False, unposted=()))
        assert text(reply) == ("Saved. <#21> now follows:\n```\nti:moss\n```\nNext digest: <t:1773208800:F> (<t:1773208800:R>)")
        assert await buttons(reply) == {}

    def test_while_paused_no_digest_is_promised(self) -> None:
        said = Saved(Target(21, (21,), shared=True), "ti:moss", None, lists_only=False, unposted=())
        assert text(saved(said)).endswith("```\nPaused: nothing is posted until you resume in `/settings`.")

    def test_lists_and_what_did_not_arrive(self) -> None:
        unposted = (Unposted(22, "the bot lacks Embed Links in #lounge"),)
        said = text(saved(Saved(Target(None, (21, 22), shared=True), "ti:moss", NEXT, lists_only=True, unposted=unposted)))
        assert "<#21>, <#22> now follow:" in said
        assert "Papers come as lists from now on" in said
        assert "The first message has not reached <#22>: the bot lacks Embed Links in #lounge." in said

    def test_saved_before(self) -> None:
        assert text(saved_before(SavedBefore(in_force=True))) == "This is saved already, and followed."
        assert "another query since" in text(saved_before(SavedBefore(in_force=False)))


async def test_nothing_is_left_in_memory() -> None:
    edit, wish = edit_form(DRAFT), query_form(Target(None, (21,), shared=True))
    assert (edit.custom_id, wish.custom_id) == ("setquery:edited:abcdefghijkl", "setquery:wished:0")
    for view in (edit, wish, proposal(FOUND).view()):
        assert view is not None
        assert view.is_finished()


def error_in(typed: str) -> QuerySyntaxError:
    try:
        parse(typed)
    except QuerySyntaxError as error:
        return error
    raise AssertionError(f"{typed!r} is a query")


_long = st.one_of(texts, texts.map(lambda each: each * 200)).map(lambda each: each[:2000])
_targets = st.builds(
    Target, st.none() | st.just(21), st.lists(st.just(2**63 - 1), min_size=1, max_size=40).map(tuple), st.booleans()
)
_prospects = st.builds(
    Prospect,
    st.integers(0, 3_000_000),
    st.floats(0, 2000),
    st.just(10_000),
    st.none() | st.floats(0, 10_000),
    st.lists(papers, max_size=3).map(tuple),
)
_errors = st.builds(QuerySyntaxError, _long, st.integers(0, 2000), _long, _long)
_drafts = _long.map(lambda typed: replace(DRAFT, text=typed))
_replies = st.one_of(
    st.builds(
        lambda target, query, prospect, diagnosis: proposal(
            replace(FOUND, target=target, query=query, prospect=prospect, hints=lint("not a and b or -c cat:cs") * 2), diagnosis
        ),
        _targets,
        _long,
        _prospects,
        st.none() | st.lists(_long, max_size=9).map(lambda parts: Diagnosis(tuple(parts))),
    ),
    st.builds(lambda error: malformed(Malformed(DRAFT, error)), _errors),
    st.builds(lambda draft, why: unanswered(Unanswered(draft, QueryRefused(why, url="")), Verb.AGAIN), _drafts, _long),
    st.builds(lambda draft, why: unanswered(Unanswered(draft, ArxivUnreachable(why, url="")), Verb.SAVE), _drafts, _long),
    st.builds(
        lambda target, query, why: saved(Saved(target, query, NEXT, lists_only=True, unposted=(Unposted(2**63 - 1, why),) * 9)),
        _targets,
        _long,
        _long,
    ),
)


@given(_replies)
def test_discords_limits_hold_whatever_was_typed(reply: Reply) -> None:
    assert len(reply.content or "") <= 2000
    if reply.embed:
        assert 0 < len(reply.embed.description or "") <= 4096
        assert len(reply.embed) <= 6000
