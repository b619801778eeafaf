"""A draft on its way: what is proposed, what Save changes, and what changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bot.digest.model import (
    Answer,
    Blocked,
    Delivery,
    Empty,
    Found,
    Outcome,
    Papers,
    Place,
    Plan,
    Sent,
    State,
    Subscription,
    Unknown,
)
from bot.digest.ports import Journal
from bot.errors import ArxivError, ArxivUnreachable, NotAllowedHere, QueryRefused
from bot.paper import Paper
from bot.query import Query
from bot.storage import Storage
from bot.storage.drafts import Draft
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from cogs.setquery.proposal import (
    Malformed,
    NobodyFollows,
    NoSuchDraft,
    Proposal,
    Saved,
    SavedBefore,
    Target,
    Unanswered,
    prospect_of,
)
from cogs.setquery.service import SetQuery
from tests.apps import opened
from tests.papers import NOON, matches, paper

SERVER, ELSEWHERE, PAPERS, LOUNGE, BOSS, OTHER_BOSS = 11, 12, 21, 22, 31, 32
ALLOYS, MOSS = "all:alloys", "ti:moss"
SILENCE = ArxivUnreachable("arXiv does not answer.", url="http://127.0.0.1/")


class Clock:
    def __init__(self) -> None:
        self._now = NOON

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds=seconds)

    def advance(self, **delta: float) -> None:
        self._now += timedelta(**delta)


@dataclass
class Arxiv:
    """A source that holds papers and finds them by the bot's own matcher."""

    papers: list[Paper] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    trouble: dict[str, ArxivError] = field(default_factory=dict)
    """By canonical query; "" for all of them."""

    async def search(self, query: Query, *, limit: int, since: datetime | None) -> Answer:
        self.asked.append(str(query))
        await asyncio.sleep(0)
        if error := self.trouble.get(str(query)) or self.trouble.get(""):
            raise error
        found = sorted((p for p in self.papers if matches(query, p)), key=lambda p: p.updated, reverse=True)
        return Papers(tuple(found[:limit]), len(found), capped=len(found) > limit) if found else Empty()


@dataclass
class Channels:
    """An outbox that writes down what it is sent."""

    sent: list[Delivery] = field(default_factory=list)
    outcome: Outcome = field(default_factory=lambda: Sent(1))
    clock_ahead: timedelta | None = None

    def name_of(self, channel_id: int) -> str:
        return "papers"

    async def locate(self, channel_id: int) -> Place | Blocked | Unknown:
        return Place(SERVER, "papers")

    async def barred(self, subscriptions: Sequence[Subscription]) -> dict[int, Blocked | Unknown]:
        return {}

    async def standing(
        self, subscriptions: Sequence[Subscription], known: Mapping[int, int]
    ) -> dict[int, tuple[Found, ...] | Unknown]:
        return {}

    async def send(self, deliveries: Sequence[Delivery], journal: Journal, *, resuming: bool = False) -> frozenset[int]:
        for delivery in deliveries:
            self.sent.append(delivery)
            await journal.settle(delivery, self.outcome)
        return frozenset()


@dataclass
class Lab:
    clock: Clock
    arxiv: Arxiv
    channels: Channels
    servers: ServerStore
    subscriptions: SubscriptionStore
    storage: Storage
    setquery: SetQuery

    async def draft(self, text: str, channel: int | None = PAPERS, by: int = BOSS) -> Draft:
        return await self.setquery.write(SERVER, channel, by, text)

    async def proposed(self, text: str, channel: int | None = PAPERS) -> Proposal:
        told = await self.setquery.propose(await self.draft(text, channel))
        assert isinstance(told, Proposal)
        return told

    async def save(self, draft: Draft, *, lists_only: bool = False) -> Saved | SavedBefore | Malformed | Unanswered:
        return await self.setquery.save(draft.id, SERVER, self.channels, lists_only=lists_only)

    async def saved(self, text: str, channel: int | None = PAPERS) -> Saved:
        told = await self.save(await self.draft(text, channel))
        assert isinstance(told, Saved)
        return told

    async def followed(self) -> dict[int, str]:
        return {each.channel_id: each.query for each in await self.subscriptions.of_server(SERVER)}

    async def unclaimed(self, papers: Sequence[Paper]) -> list[Paper]:
        """Those that the next digest would post."""
        (subscription,) = await self.subscriptions.of_server(SERVER)
        async with self.storage.ledger.claim(subscription, papers, NOON) as claim:
            found = [sighting.paper for sighting in claim.sightings]
            await claim.file(Plan((), dict.fromkeys((paper.id for paper in found), State.SEEN)))
        return found

    def intros(self) -> list[tuple[int, str]]:
        """Channel and query of every first message sent."""
        return [(each.channel_id, each.message.intro.query) for each in self.channels.sent if each.message.intro]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    clock, arxiv = Clock(), Arxiv()
    async with opened(tmp_path, clock, arxiv, max_results=40) as app:
        await app.storage.servers.join(SERVER, NOON)
        yield Lab(clock, arxiv, Channels(), app.storage.servers, app.storage.subscriptions, app.storage, SetQuery(app))


def days(count: float) -> timedelta:
    return timedelta(days=count)


class TestTarget:
    async def test_the_first_channel_is_the_one_typed_in(self, lab: Lab) -> None:
        assert await lab.setquery.target(SERVER, LOUNGE, None) == Target(LOUNGE, (LOUNGE,), shared=True)

    async def test_later_it_is_the_servers_query_wherever_it_is_typed(self, lab: Lab) -> None:
        await lab.saved(ALLOYS)
        assert await lab.setquery.target(SERVER, LOUNGE, None) == Target(None, (PAPERS,), shared=True)

    async def test_a_channel_that_is_named_gets_a_query_of_its_own(self, lab: Lab) -> None:
        await lab.saved(ALLOYS)
        assert await lab.setquery.target(SERVER, PAPERS, LOUNGE) == Target(LOUNGE, (LOUNGE,), shared=False)
        await lab.saved(MOSS, LOUNGE)
        await lab.saved("all:lichen", None)
        assert await lab.followed() == {PAPERS: "all:lichen", LOUNGE: MOSS}

    async def test_the_only_channel_named_is_still_the_servers(self, lab: Lab) -> None:
        await lab.saved(ALLOYS)
        await lab.saved(MOSS, PAPERS)
        await lab.saved("all:lichen", None)
        assert await lab.followed() == {PAPERS: "all:lichen"}

    async def test_where_every_channel_has_its_own_one_must_be_named(self, lab: Lab) -> None:
        await lab.saved(ALLOYS)
        await lab.saved(MOSS, LOUNGE)
        await lab.subscriptions.stop(PAPERS, NOON)
        with pytest.raises(NobodyFollows, match="option `channel`"):
            await lab.setquery.target(SERVER, PAPERS, None)


class TestProposal:
    async def test_hits_rate_samples_and_the_next_digest(self, lab: Lab) -> None:
        lab.arxiv.papers = [paper(number, age=days(number)) for number in range(1, 37)]
        told = await lab.proposed(" all:alloys ")
        assert told.query == ALLOYS
        assert told.prospect.total == 36
        assert told.prospect.per_day == 1.0
        assert told.prospect.covered_days is None
        assert told.prospect.samples == tuple(lab.arxiv.papers[:3])
        assert (told.schedule.post_at, told.schedule.zone.key) == (time(14), "Asia/Singapore")
        assert told.next_digest == NOON + timedelta(hours=18)
        assert lab.arxiv.asked == [ALLOYS]

    async def test_nothing_is_changed_by_it(self, lab: Lab) -> None:
        lab.arxiv.papers = [paper()]
        await lab.proposed(ALLOYS)
        assert await lab.followed() == {}
        assert lab.channels.sent == []

    async def test_where_the_limit_cuts_it_says_how_far_back_a_digest_reaches(self, lab: Lab) -> None:
        lab.arxiv.papers = [paper(number, age=days(number / 4)) for number in range(1, 101)]
        told = await lab.proposed(ALLOYS)
        assert told.prospect.total == 100
        assert told.prospect.covered_days == pytest.approx(10)
        assert told.prospect.per_day == pytest.approx(4)
        assert not told.too_broad

    def test_the_reach_of_a_digest_that_asks_for_more_than_one_page_is_reckoned_from_the_first(self) -> None:
        page = tuple(paper(number, age=days(number / 100)) for number in range(1, 501))
        found = prospect_of(Papers(page, total=9000), NOON, max_results=2000)
        assert found.covered_days == pytest.approx(20)
        assert found.per_day == pytest.approx(100)
        assert prospect_of(Papers(page, total=1900), NOON, max_results=2000).covered_days is None

    async def test_more_than_fifteen_a_day_is_too_broad_unless_there_are_lists_only(self, lab: Lab) -> None:
        lab.arxiv.papers = [paper(number, age=days(number / 16)) for number in range(1, 481)]
        assert (await lab.proposed(ALLOYS)).too_broad
        await lab.servers.change(SERVER, NOON, max_posts=0)
        assert not (await lab.proposed(ALLOYS)).too_broad

    async def test_exactly_fifteen_a_day_is_not(self, lab: Lab) -> None:
        lab.arxiv.papers = [paper(number, age=days(number / 15)) for number in range(1, 481)]
        told = await lab.proposed(ALLOYS)
        assert told.prospect.per_day == pytest.approx(15)
        assert not told.too_broad

    async def test_what_cannot_be_read_is_kept_and_arxiv_is_not_asked(self, lab: Lab) -> None:
        told = await lab.setquery.propose(await lab.draft("cat:cs.LG AND"))
        assert isinstance(told, Malformed)
        assert told.error.position == 10
        assert (await lab.setquery.draft(told.draft.id, SERVER)).text == "cat:cs.LG AND"
        assert lab.arxiv.asked == []

    async def test_where_arxiv_is_silent_the_draft_can_be_asked_again(self, lab: Lab) -> None:
        lab.arxiv.trouble = {"": SILENCE}
        told = await lab.setquery.propose(await lab.draft(ALLOYS))
        assert isinstance(told, Unanswered)
        lab.arxiv.trouble = {}
        assert isinstance(await lab.setquery.propose(await lab.setquery.draft(told.draft.id, SERVER)), Proposal)

    async def test_an_empty_answer_where_papers_were_known_is_not_believed(self, lab: Lab) -> None:
        lab.arxiv.papers = [paper()]
        await lab.saved(ALLOYS)
        lab.arxiv.papers = []
        assert isinstance(await lab.setquery.propose(await lab.draft(ALLOYS)), Unanswered)


class TestNothingFound:
    async def test_the_part_that_finds_nothing_by_itself_is_named(self, lab: Lab) -> None:
        lab.arxiv.papers = [paper()]
        told = await lab.proposed("all:alloys AND au:nobody AND cat:cs.LG ANDNOT ti:survey")
        assert told.prospect.total == 0
        diagnosis = await lab.setquery.diagnose(told)
        assert diagnosis is not None
        assert diagnosis.barren == ("au:nobody",)
        assert lab.arxiv.asked[1:] == ["all:alloys", "au:nobody", "cat:cs.LG"]

    async def test_parts_that_find_papers_only_not_together(self, lab: Lab) -> None:
        lab.arxiv.papers = [paper(1), paper(2, title="Moss", abstract="Green.")]
        diagnosis = await lab.setquery.diagnose(await lab.proposed("all:alloys AND ti:moss"))
        assert diagnosis is not None
        assert diagnosis.barren == ()

    async def test_at_most_five_parts_are_asked(self, lab: Lab) -> None:
        told = await lab.proposed(" AND ".join(f"all:word{number}" for number in range(9)))
        await lab.setquery.diagnose(told)
        assert len(lab.arxiv.asked) == 1 + 5

    async def test_a_query_of_one_part_is_not_asked_twice(self, lab: Lab) -> None:
        assert await lab.setquery.diagnose(await lab.proposed("all:a OR all:b")) is None
        assert len(lab.arxiv.asked) == 1

    async def test_arxiv_silent_meanwhile(self, lab: Lab) -> None:
        told = await lab.proposed("all:alloys AND au:nobody")
        lab.arxiv.trouble = {"au:nobody": SILENCE}
        assert await lab.setquery.diagnose(told) is None

    async def test_it_may_be_saved_all_the_same(self, lab: Lab) -> None:
        await lab.saved("all:unheard")
        assert await lab.followed() == {PAPERS: "all:unheard"}
        assert lab.intros() == [(PAPERS, "all:unheard")]


class TestSave:
    async def test_the_channel_follows_and_gets_its_first_message_at_once(self, lab: Lab) -> None:
        lab.arxiv.papers = [paper(1), paper(2)]
        told = await lab.saved(ALLOYS)
        assert told.target.channels == (PAPERS,)
        assert told.unposted == ()
        assert await lab.followed() == {PAPERS: ALLOYS}
        assert lab.intros() == [(PAPERS, ALLOYS)]
        assert await lab.storage.deliveries.unfinished() == []
        assert await lab.subscriptions.unsettled() == []

    async def test_all_channels_of_the_server_follow_its_new_query(self, lab: Lab) -> None:
        await lab.saved(ALLOYS)
        await lab.subscriptions.follow(LOUNGE, SERVER, None, NOON)
        told = await lab.saved(MOSS, None)
        assert told.target.channels == (PAPERS, LOUNGE)
        assert lab.intros()[1:] == [(PAPERS, MOSS), (LOUNGE, MOSS)]

    async def test_papers_the_old_query_still_owed_are_not_lost(self, lab: Lab) -> None:
        old, owed, other = paper(1), paper(2, age=days(0.5)), paper(3, title="Alloys of moss", age=days(0.5))
        lab.arxiv.papers = [old]
        await lab.saved(ALLOYS)
        lab.arxiv.papers = [old, owed, other]
        await lab.saved("all:alloys ANDNOT ti:moss", None)
        assert await lab.unclaimed([old, owed]) == [owed]

    async def test_arxiv_silent_about_either_query_leaves_the_old_one(self, lab: Lab) -> None:
        await lab.saved(ALLOYS)
        for text in (MOSS, ALLOYS):
            lab.arxiv.trouble = {text: SILENCE}
            assert isinstance(await lab.save(await lab.draft(MOSS, None)), Unanswered)
            assert await lab.followed() == {PAPERS: ALLOYS}
        assert await lab.subscriptions.unsettled() == []
        assert len(lab.intros()) == 1

    async def test_after_that_the_same_draft_can_be_saved(self, lab: Lab) -> None:
        draft = await lab.draft(ALLOYS)
        lab.arxiv.trouble = {"": SILENCE}
        assert isinstance(await lab.save(draft), Unanswered)
        lab.arxiv.trouble = {}
        assert isinstance(await lab.save(draft), Saved)

    async def test_an_old_query_that_arxiv_refuses_by_now_does_not_hold_up_the_new_one(self, lab: Lab) -> None:
        await lab.saved(ALLOYS)
        lab.arxiv.trouble = {ALLOYS: QueryRefused("no", url="http://127.0.0.1/")}
        await lab.saved(MOSS, None)
        assert await lab.followed() == {PAPERS: MOSS}

    async def test_a_new_query_that_arxiv_refuses_is_not_followed(self, lab: Lab) -> None:
        lab.arxiv.trouble = {MOSS: QueryRefused("no", url="http://127.0.0.1/")}
        assert isinstance(await lab.save(await lab.draft(MOSS)), Unanswered)
        assert await lab.followed() == {}

    async def test_pressed_twice_at_once_it_saves_once(self, lab: Lab) -> None:
        draft = await lab.draft(ALLOYS)
        first, second = await asyncio.gather(lab.save(draft), lab.save(draft))
        assert isinstance(first, Saved)
        assert second == SavedBefore(in_force=True)
        assert len(lab.intros()) == 1

    async def test_two_drafts_at_once_end_with_one_whole_query(self, lab: Lab) -> None:
        drafts = [await lab.draft(text) for text in (ALLOYS, MOSS)]
        await asyncio.gather(*map(lab.save, drafts))
        assert await lab.followed() == {PAPERS: MOSS}
        assert lab.intros() == [(PAPERS, ALLOYS), (PAPERS, MOSS)]

    async def test_an_older_draft_that_was_never_saved_still_can_be(self, lab: Lab) -> None:
        older = await lab.draft(ALLOYS)
        await lab.saved(MOSS)
        assert isinstance(await lab.save(older), Saved)
        assert await lab.followed() == {PAPERS: ALLOYS}

    async def test_a_saved_one_pressed_again_later_does_not_undo_what_came_since(self, lab: Lab) -> None:
        older = await lab.draft(ALLOYS)
        await lab.save(older)
        await lab.saved(MOSS, None)
        assert await lab.save(older) == SavedBefore(in_force=False)
        assert await lab.followed() == {PAPERS: MOSS}

    async def test_two_first_drafts_for_two_channels_feed_both(self, lab: Lab) -> None:
        one, two = await lab.draft(ALLOYS, PAPERS), await lab.draft(MOSS, LOUNGE, OTHER_BOSS)
        await lab.save(one)
        await lab.save(two)
        assert await lab.followed() == {PAPERS: ALLOYS, LOUNGE: MOSS}

    async def test_of_another_server_or_forgotten_there_is_no_draft(self, lab: Lab) -> None:
        draft = await lab.draft(ALLOYS)
        with pytest.raises(NoSuchDraft):
            await lab.setquery.save(draft.id, ELSEWHERE, lab.channels)
        lab.clock.advance(days=2)
        await lab.draft(MOSS)
        with pytest.raises(NoSuchDraft, match="type `/setquery` again"):
            await lab.save(draft)
        assert await lab.followed() == {}

    async def test_lists_only_holds_for_the_server(self, lab: Lab) -> None:
        told = await lab.save(await lab.draft(ALLOYS), lists_only=True)
        assert isinstance(told, Saved)
        assert told.lists_only
        (subscription,) = await lab.subscriptions.of_server(SERVER)
        assert subscription.settings.max_posts == 0

    async def test_a_first_message_that_does_not_arrive_is_told(self, lab: Lab) -> None:
        lab.channels.outcome = Blocked("the bot lacks Embed Links in #papers")
        (unposted,) = (await lab.saved(ALLOYS)).unposted
        assert (unposted.channel_id, unposted.reason) == (PAPERS, "the bot lacks Embed Links in #papers")
        assert await lab.followed() == {PAPERS: ALLOYS}

    async def test_a_query_that_config_json_sets_stays(self, lab: Lab) -> None:
        await lab.subscriptions.reconcile({PAPERS: ALLOYS}, NOON)
        await lab.subscriptions.place(PAPERS, SERVER, NOON)
        with pytest.raises(NotAllowedHere, match=r"config\.json"):
            await lab.save(await lab.draft(MOSS))
        assert await lab.followed() == {PAPERS: ALLOYS}
        server = await lab.servers.get(SERVER)
        assert server is not None
        assert server.settings.query is None


class TestEarlierQueries:
    async def test_saved_texts_are_suggested_as_they_were_typed(self, lab: Lab) -> None:
        await lab.saved("all:alloys   AND cat:cs.LG")
        await lab.draft("all:alloys AND never:saved")
        assert [each.value for each in await lab.setquery.completions(SERVER, "all:all")] == [
            "all:all",
            "all:alloys   AND cat:cs.LG",
        ]
        assert "all:alloys   AND cat:cs.LG" not in [each.value for each in await lab.setquery.completions(ELSEWHERE, "")]

    async def test_one_too_long_for_a_suggestion_comes_back_whole(self, lab: Lab) -> None:
        long = " OR ".join(f"all:lichen{number}" for number in range(12))
        await lab.saved(long)
        (short,) = [each.value for each in await lab.setquery.completions(SERVER, "") if each.value.endswith("…")]
        assert (await lab.draft(short)).text == long
