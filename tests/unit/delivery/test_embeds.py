"""What a member sees: cards, lists, intros and notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from bot import paper as papers
from bot.delivery.embeds import links_in, render, versioned_links
from bot.delivery.fallback import without_embed
from bot.digest.model import Badge, DayLine, Intro, Kind, Message, Notice, NoticeKind, Showing, Shown
from bot.paper import ARXIV, Paper, PaperId
from tests.unit.delivery.reader import read
from tests.unit.samples import PAPER, messages


def description(message: Message) -> str:
    embed = render(message).embed
    assert embed is not None
    return embed.description or ""


def card(paper: Paper, badge: Badge = Badge.NONE) -> Message:
    return Message(Kind.CARD, (Showing(paper, badge),))


def test_a_card() -> None:
    post = render(Message(Kind.CARD, (Showing(PAPER),), DayLine(date(2025, 12, 9), 5, 2)))
    assert post.content == "**Tue 9 Dec · 5 new · 2 revised**"
    assert post.embed is not None
    assert post.embed.title == "Sodium ions in Na₃PS₄ glass at 50% strain"
    assert post.embed.url == "https://arxiv.org/abs/2512.06813v1"
    assert post.embed.footer.text == "arXiv:2512.06813v1"
    assert post.embed.author.name is None
    assert post.embed.description == (
        "Ada Lindqvist, Bo Sørensen, Chiara Conti, Dmitri Orlov … Femi Adeyemi (6 authors)\n\n"
        "We follow sodium ions through Na₃PS₄ glass while it is bent. Hops become rarer by 12% for every percent of "
        "strain, e.g. at 300 K, and stop where rings of five tetrahedra close. A model of two parameters explains both. "
        "It was not fitted to any of the runs. Code and data are free.\n\n"
        "**cond-mat.mtrl-sci** (Materials Science) · physics.chem-ph\n"
        "Submitted <t:1765130520:D>"
    )
    assert [(button.label, button.url) for button in post.buttons] == [
        ("arXiv", "https://arxiv.org/abs/2512.06813v1"),
        ("PDF", "https://arxiv.org/pdf/2512.06813v1"),
    ]


def test_a_revised_card_says_so_first_and_when() -> None:
    revised = replace(PAPER, id=PaperId("2512.06813", 2), updated=datetime(2025, 12, 20, tzinfo=UTC))
    embed = render(card(revised, Badge.REVISED)).embed
    assert embed is not None
    assert embed.author.name == "Revised · v2"
    assert embed.footer.text == "arXiv:2512.06813v2"
    assert "Submitted <t:1765130520:D> · revised <t:1766188800:D>" in (embed.description or "")


def test_an_old_paper_that_newly_matches_says_so() -> None:
    embed = render(card(PAPER, Badge.NEWLY_MATCHING)).embed
    assert embed is not None
    assert embed.author.name == "Newly matching"


def test_comment_journal_and_doi_are_shown_when_present() -> None:
    published = replace(
        PAPER, comment=r"12 pages, Fr\'echet", journal_ref="J. Test. 7 (2025)", doi="10.1103/Test(7)_1 10.9/second"
    )
    assert description(card(published)).endswith(
        "Comment: 12 pages, Fréchet\nJournal: J. Test. 7 (2025)\nDOI: [10.1103/Test(7)\\_1](https://doi.org/10.1103/Test%287%29_1)"
    )


@pytest.mark.parametrize("doi", ["in press", "10.1103/" + "é" * 100])
def test_what_makes_no_doi_address_is_shown_without_a_link(doi: str) -> None:
    assert description(card(replace(PAPER, doi=doi))).endswith(f"\nDOI: {doi}")


def test_archives_keep_their_colour_and_revisions_theirs() -> None:
    colours = [
        embed.colour
        for message in (card(PAPER), card(replace(PAPER, categories=("cs.LG",))), card(PAPER, Badge.REVISED), card(PAPER))
        if (embed := render(message).embed)
    ]
    assert len(set(colours)) == 3
    assert colours[0] == colours[3]


def test_a_paper_without_anything_but_its_id_is_still_a_card() -> None:
    bare = replace(PAPER, title="", abstract=" ", authors=(), categories=())
    embed = render(card(bare)).embed
    assert embed is not None
    assert (embed.title, embed.description) == ("2512.06813v1", "Submitted <t:1765130520:D>")


def test_a_long_title_ends_with_a_whole_word() -> None:
    embed = render(card(replace(PAPER, title="crystalline " * 60))).embed
    assert embed is not None
    assert embed.title is not None
    assert embed.title.endswith("crystalline…")
    assert 240 < len(embed.title) <= 256


def test_a_list_numbers_its_titles_and_links_each() -> None:
    other = replace(PAPER, id=PaperId("2512.07000", 3), title="Sliding along [001]", authors=("Gia Rossi",))
    message = Message(Kind.LIST, (Showing(PAPER), Showing(other, Badge.REVISED)), away=True)
    post = render(message)
    assert post.embed is not None
    assert post.embed.title == "While I was away · 2 papers"
    assert description(message) == (
        "**1.** [Sodium ions in Na₃PS₄ glass at 50% strain](https://arxiv.org/abs/2512.06813v1)\nAda Lindqvist et al.\n"
        "**2.** [Sliding along \\[001\\]](https://arxiv.org/abs/2512.07000v3)\nGia Rossi · **Revised · v3**"
    )
    assert post.buttons == ()


def test_all_of_fifteen_long_titles_are_in_their_list() -> None:
    papers = [replace(PAPER, id=PaperId(f"2512.{number:05}", 1), title="A_very [long] title* " * 50) for number in range(15)]
    text = description(Message(Kind.LIST, tuple(map(Showing, papers))))
    assert 3800 < len(text) <= 4096
    links = [link for line in text.split("\n") for link in read(line).links]
    assert [address for _, address in links] == [paper.id.abs_url for paper in papers]
    assert len({shown for shown, _ in links}) == 1


def test_an_edit_looks_as_the_message_it_edits() -> None:
    shown = (Showing(PAPER), Showing(replace(PAPER, id=PaperId("2512.07000", 2)), Badge.REVISED))
    edit = render(Message(Kind.EDIT, shown, edits=Shown(7, 2, Kind.LIST, (Showing(PAPER),) * 2, away=True)))
    posted = render(Message(Kind.LIST, shown, away=True))
    assert edit.embed == posted.embed
    assert edit.content is None


def test_an_edited_card_keeps_its_buttons() -> None:
    revised = Showing(replace(PAPER, id=PaperId("2512.06813", 2)), Badge.REVISED)
    post = render(Message(Kind.EDIT, (revised,), edits=Shown(7, 2, Kind.CARD, (Showing(PAPER),))))
    assert [button.url for button in post.buttons] == ["https://arxiv.org/abs/2512.06813v2", "https://arxiv.org/pdf/2512.06813v2"]


def test_an_intro_ends_with_the_newest_titles() -> None:
    intro = Intro("cat:cs.LG", 12, 0.3, datetime(2025, 12, 9, 6, tzinfo=UTC), (Showing(PAPER),))
    message = Message(Kind.INTRO, intro=intro)
    assert description(message).endswith(
        "\n\n**Newest so far**\n"
        "**1.** [Sodium ions in Na₃PS₄ glass at 50% strain](https://arxiv.org/abs/2512.06813v1)\nAda Lindqvist et al."
    )
    assert versioned_links(message) == {"https://arxiv.org/abs/2512.06813v1"}


def test_a_long_intro_keeps_all_its_titles() -> None:
    newest = tuple(Showing(replace(PAPER, id=PaperId(f"2512.{n:05}", 1), title="word " * 400)) for n in range(5))
    message = Message(Kind.INTRO, intro=Intro("ti:word " * 300, 12, 0.3, datetime(2025, 12, 9, tzinfo=UTC), newest))
    post = render(message)
    assert post.embed is not None
    assert 3900 < len(post.embed.description or "") <= 4096
    assert links_in("", [post.embed]) == versioned_links(message)


def test_an_intro_says_when_the_next_digest_comes_and_keeps_its_query_in_one_block() -> None:
    intro = Intro("ti:```x " + "OR all:word " * 400, 1, 1, datetime(2025, 12, 9, 6, tzinfo=UTC), ())
    text = description(Message(Kind.INTRO, intro=intro))
    assert len(text) < 1100
    assert text.count("```") == 2
    assert text.endswith("\nNext digest: <t:1765260000:F> (<t:1765260000:R>)")


def test_papers_of_a_second_source_are_recognised_as_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    site = replace(ARXIV, source="preprints", page="https://preprints.example/p/", mark=".")
    monkeypatch.setitem(papers._SITES, site.source, site)
    other = replace(PAPER, id=PaperId("P-7", 2, site.source))
    for message in (card(other), Message(Kind.LIST, (Showing(PAPER), Showing(other)))):
        post = render(message)
        assert post.embed is not None
        assert links_in("", [post.embed]) == links_in(without_embed(message), []) == versioned_links(message)
        assert "https://preprints.example/p/P-7.2" in versioned_links(message)


def test_a_query_that_holds_a_link_adds_none() -> None:
    intro = Intro("all:](https://arxiv.org/abs/2101.00001v1)", 1, 1, datetime(2025, 12, 9, tzinfo=UTC), ())
    post = render(Message(Kind.INTRO, intro=intro))
    assert post.embed is not None
    assert links_in("", [post.embed]) == frozenset()


def test_a_notice_is_one_sentence_without_links() -> None:
    message = Message(Kind.NOTICE, notice=Notice(NoticeKind.FLOOD, 37))
    assert description(message).startswith("37 more papers")
    assert versioned_links(message) == frozenset()


@pytest.mark.parametrize("kind", [Kind.CARD, Kind.LIST])
def test_an_author_who_cites_arxiv_adds_no_link_of_ours(kind: Kind) -> None:
    citing = replace(
        PAPER,
        title="On [x](https://arxiv.org/abs/2101.00001v1)",
        abstract="See <https://arxiv.org/abs/2101.00002v1> and ](https://arxiv.org/abs/2101.00003v1).",
    )
    message = Message(kind, (Showing(citing),))
    post = render(message)
    assert post.embed is not None
    assert links_in("", [post.embed]) == {"https://arxiv.org/abs/2512.06813v1"}


@given(messages)
def test_a_standing_message_is_recognised_by_its_links(message: Message) -> None:
    post = render(message)
    assert links_in(post.content or "", [post.embed] if post.embed else []) == versioned_links(message)


WITHDRAWN = replace(PAPER, id=PaperId(PAPER.id.base, 2), comment="This paper has been withdrawn")


def test_a_withdrawn_paper_says_so_and_offers_no_pdf() -> None:
    post = render(card(WITHDRAWN, Badge.REVISED))
    assert post.embed is not None
    assert post.embed.author.name == "Withdrawn · v2"
    assert [button.label for button in post.buttons] == ["arXiv"]


def test_a_withdrawn_paper_is_struck_out_in_a_list_and_still_recognised() -> None:
    message = Message(Kind.LIST, (Showing(WITHDRAWN), Showing(PAPER)))
    first, second = (line for line in description(message).splitlines() if "](" in line)
    assert first.partition(" ")[2].startswith("~~[")
    assert first.endswith("~~")
    assert "~~" not in second
    assert links_in("", [post.embed] if (post := render(message)).embed else []) == versioned_links(message)
