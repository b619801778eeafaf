"""A lab's days: what stands in the channel after each."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from sandbox.arxiv.corpus import Metadata
from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab, links
from tests.e2e.room import Room

ALLOY: Metadata = {
    "title": "Inverse design of imaginary alloys",
    "abstract": "A generative model dreams of alloys. None of them exist.",
    "authors": ("Ada Example", "Bo Sample", "Cy Instance"),
    "categories": ("cond-mat.mtrl-sci", "cs.LG"),
}


async def seeded(lab: Lab, papers: int = 3) -> None:
    """Day 0: some papers are there already, the bot starts, a day passes."""
    for _ in range(papers):
        lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    report = await lab.once()
    assert report.complete
    lab.days(1)


async def test_the_first_run_posts_one_introduction_and_nothing_old(lab: Lab) -> None:
    await seeded(lab)

    [intro] = lab.messages()
    [embed] = intro.embeds
    assert "inverse design" in str(embed)
    assert len(links(intro)) == 3
    assert lab.posted() == []


async def test_a_new_paper_is_one_embed_with_its_facts_and_buttons(lab: Lab) -> None:
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now(), **(ALLOY | Metadata(comment="4 pages", doi="10.5555/alloy")))

    report = await lab.once()

    assert report.complete
    [_, card] = lab.messages()
    [embed] = card.embeds
    assert embed["title"] == "Inverse design of imaginary alloys"
    assert embed["url"] == f"https://arxiv.org/abs/{record.id}"
    shown = str(embed)
    for fact in (
        "Ada Example, Bo Sample, Cy Instance",
        "A generative model dreams",
        "cond-mat.mtrl-sci",
        record.id,
        "4 pages",
        "10.5555/alloy",
    ):
        assert fact in shown
    assert "Tue 3 Mar · 1 new" in card.content
    buttons = [button for row in card.components for button in row["components"]]
    assert [(button["label"], button["url"]) for button in buttons] == [
        ("arXiv", f"https://arxiv.org/abs/{record.id}"),
        ("PDF", f"https://arxiv.org/pdf/{record.id}"),
    ]


async def test_a_second_run_on_the_same_day_asks_and_posts_nothing(lab: Lab) -> None:
    await seeded(lab)
    lab.sandbox.corpus.publish(lab.sandbox.clock.now(), **ALLOY)
    await lab.once()
    before, asked = lab.messages(), len(lab.sandbox.arxiv.requests)

    report = await lab.once(force=True)

    assert report.complete
    assert len(lab.sandbox.arxiv.requests) == asked + 1
    assert lab.messages() == before


@pytest.mark.parametrize("hour", [13, 15], ids=["before it is due", "when it is due"])
@pytest.mark.parametrize("failing", [False, True], ids=["arXiv answers", "arXiv fails"])
async def test_force_changes_no_due_time(lab: Lab, hour: int, failing: bool) -> None:
    await seeded(lab)
    lab.move(to=lab.sandbox.clock.now().replace(hour=hour - 8))
    if failing:
        lab.sandbox.faults.add(Fault(ROUTE, status=429, times=-1))
    async with lab.app() as app:
        before = await app.storage.subscriptions.next_due()

    await lab.once(force=True)

    async with lab.app() as app:
        assert await app.storage.subscriptions.next_due() == before


async def test_nothing_is_asked_before_the_hour(lab: Lab) -> None:
    await seeded(lab)
    lab.move(hours=-2)
    asked = len(lab.sandbox.arxiv.requests)

    report = await lab.once()

    assert report.complete
    assert report.slots == 0
    assert len(lab.sandbox.arxiv.requests) == asked


async def test_papers_stand_oldest_first_and_only_the_first_message_notifies(lab: Lab) -> None:
    await seeded(lab)
    now = lab.sandbox.clock.now()
    third, first, second = (lab.sandbox.corpus.publish(now - timedelta(hours=age)) for age in (1, 3, 2))

    await lab.once()

    assert lab.posted() == [first.id, second.id, third.id]
    silent = [bool(message.flags & 1 << 12) for message in lab.messages()[1:]]
    assert silent == [False, True, True]


async def test_beyond_max_posts_titles_come_as_lists(lab: Lab) -> None:
    lab.configure(max_posts=2)
    await seeded(lab)
    records = [lab.sandbox.corpus.publish(lab.sandbox.clock.now() - timedelta(minutes=60 - n)) for n in range(20)]

    await lab.once()

    assert [len(links(message)) for message in lab.messages()[1:]] == [1, 1, 15, 3]
    assert lab.posted() == [record.id for record in records]


async def test_a_revision_edits_the_message_that_shows_the_paper(lab: Lab) -> None:
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now(), **ALLOY)
    await lab.once()
    before = lab.messages()
    lab.days(1)
    lab.sandbox.corpus.revise(record.base_id, lab.sandbox.clock.now(), title="Inverse design of imaginary alloys, corrected")

    report = await lab.once()

    assert report.complete
    [_, card] = lab.messages()
    assert len(before) == 2
    assert card.edited_timestamp is not None
    assert card.embeds[0]["title"] == "Inverse design of imaginary alloys, corrected"
    assert "v2" in str(card.embeds)
    assert "1 new" in card.content


async def test_a_revision_of_a_listed_paper_edits_its_line(lab: Lab) -> None:
    lab.configure(max_posts=0)
    await seeded(lab)
    records = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(3)]
    await lab.once()
    lab.days(1)
    lab.sandbox.corpus.revise(records[1].base_id, lab.sandbox.clock.now())

    await lab.once()

    [_, listed] = lab.messages()
    assert links(listed) == [records[0].id, f"{records[1].base_id}v2", records[2].id]


async def test_the_day_line_leads_to_the_messages_that_were_edited(lab: Lab) -> None:
    await seeded(lab)
    records = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(2)]
    await lab.once()
    cards = {links(message)[0]: message.id for message in lab.messages()[1:]}
    lab.days(1)
    for record in records:
        lab.sandbox.corpus.revise(record.base_id, lab.sandbox.clock.now())
    new = lab.sandbox.corpus.publish(lab.sandbox.clock.now())

    await lab.once()

    first = lab.messages()[-1]
    assert links(first) == [new.id]
    assert "1 new · 2 revised" in first.content
    place = f"https://discord.com/channels/{lab.sandbox.world.lab.id}/{lab.channel}/"
    assert {int(each) for each in re.findall(rf"{place}(\d+)", first.content)} == {cards[record.id] for record in records}


async def test_updates_post_gives_a_revision_a_card_of_its_own(lab: Lab) -> None:
    lab.configure(updates="post")
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now(), **ALLOY)
    await lab.once()
    lab.days(1)
    lab.sandbox.corpus.revise(record.base_id, lab.sandbox.clock.now())

    await lab.once()

    assert lab.posted() == [record.id, f"{record.base_id}v2"]
    assert "1 revised" in lab.messages()[-1].content


async def test_a_held_paper_with_an_old_date_still_arrives_and_an_older_one_says_newly_matching(lab: Lab) -> None:
    await seeded(lab)
    now = lab.sandbox.clock.now()
    held = lab.sandbox.corpus.publish(now - timedelta(days=23))
    old = lab.sandbox.corpus.publish(now - timedelta(days=50))

    await lab.once()

    assert lab.posted() == [old.id, held.id]
    newly = ["newly matching" in str(message.embeds).lower() for message in lab.messages()[1:]]
    assert newly == [True, False]


async def test_a_flood_is_one_line_and_the_days_own_papers(lab: Lab) -> None:
    await seeded(lab)
    now = lab.sandbox.clock.now()
    lab.sandbox.corpus.flood(250, now)
    fresh = lab.sandbox.corpus.publish(now)

    report = await lab.once()

    assert report.complete
    assert lab.posted() == [fresh.id]
    [_, _, notice] = lab.messages()
    assert "250" in notice.content + str(notice.embeds)


async def test_a_slot_days_late_is_caught_up_by_one_list(lab: Lab) -> None:
    await seeded(lab)
    records = []
    for _ in range(5):
        records.append(lab.sandbox.corpus.publish(lab.sandbox.clock.now()))
        lab.days(1)

    await lab.once()

    [_, listed] = lab.messages()
    assert links(listed) == [record.id for record in records]
    assert "away" in (listed.content + str(listed.embeds)).lower()


@pytest.mark.parametrize("channels", [2, 5])
async def test_channels_with_one_query_cost_one_question(lab: Lab, channels: int) -> None:
    world = lab.sandbox.world
    rooms = [lab.channel, *(world.add_channel(world.lab, f"extra-{n}").id for n in range(channels - 1))]
    lab.configure(channels=[{"id": str(room)} for room in rooms])
    await seeded(lab)
    assert len(lab.sandbox.arxiv.requests) == 1
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())

    await lab.once()

    assert len(lab.sandbox.arxiv.requests) == 2
    assert [lab.posted(room) for room in rooms] == [[record.id]] * channels


async def test_many_channels_are_paced_so_that_discord_never_has_to_refuse(lab: Lab) -> None:
    world = lab.sandbox.world
    rooms = [world.add_channel(world.lab, f"extra-{n}").id for n in range(60)]
    lab.configure(channels=[{"id": str(room)} for room in rooms])
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())

    await lab.once()

    assert [lab.posted(room) for room in rooms] == [[record.id]] * 60
    assert not lab.sandbox.limits.exceeded


async def test_a_changed_query_keeps_what_is_owed_and_brings_nothing_old(lab: Lab) -> None:
    await seeded(lab)
    corpus, now = lab.sandbox.corpus, lab.sandbox.clock.now()
    owed = corpus.publish(now, **ALLOY)
    old = corpus.publish(now, title="Robots that knit", abstract="They knit scarves.", categories=("cs.RO",))
    lab.configure(query='all:"imaginary alloys" OR cat:cs.RO')

    await lab.once()
    assert lab.posted() == [owed.id]

    lab.days(1)
    fresh = corpus.publish(lab.sandbox.clock.now(), title="More knitting", abstract="Mittens.", categories=("cs.RO",))
    await lab.once()
    assert lab.posted() == [owed.id, fresh.id]
    assert old.id not in lab.posted()


async def test_a_channel_named_later_is_seeded_and_one_removed_gets_nothing(lab: Lab) -> None:
    await seeded(lab)
    world = lab.sandbox.world
    lab.configure(channels=[{"id": str(world.general.id)}])
    missed = lab.sandbox.corpus.publish(lab.sandbox.clock.now())

    await lab.once()

    assert lab.posted() == []
    assert len(lab.messages(world.general.id)) == 1
    assert missed.id in links(lab.messages(world.general.id)[0])


async def test_a_channels_own_query_feeds_only_it(lab: Lab) -> None:
    world = lab.sandbox.world
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(world.general.id), "query": "cat:cs.RO"}])
    await seeded(lab)
    now = lab.sandbox.clock.now()
    alloy = lab.sandbox.corpus.publish(now, **ALLOY)
    robot = lab.sandbox.corpus.publish(now, title="Robots that knit", abstract="They knit scarves.", categories=("cs.RO",))

    await lab.once()

    assert lab.posted() == [alloy.id]
    assert lab.posted(world.general.id) == [robot.id]


async def test_tex_markdown_and_mentions_reach_the_channel_as_words(lab: Lab) -> None:
    await seeded(lab)
    lab.sandbox.corpus.publish(
        lab.sandbox.clock.now(),
        title="Inverse design of *LiFePO$_4$* at 50% for @everyone",
        abstract="A generative model. See [this](https://example.org) <@1> and R&D with $\\alpha < 1$.",
        categories=("cs.LG",),
    )

    await lab.once()

    card = lab.messages()[-1]
    embed = card.embeds[0]
    assert "LiFePO₄" in embed["title"]
    assert "50%" in embed["title"]
    assert "R&D" in embed["description"]
    assert "α < 1" in embed["description"].replace("\\", "")
    assert (card.mention_everyone, card.mentions, card.allowed_mentions) == (False, [], {"parse": []})
    async with Room(lab) as room:  # the other client
        lab.sandbox.corpus.publish(lab.sandbox.clock.now(), title="Inverse design for @everyone", abstract="It is generative.")
        lab.days()
        await room.tick()
    assert "everyone" in str(lab.messages()[-1].embeds)
    assert lab.messages()[-1].allowed_mentions == {"parse": []}
