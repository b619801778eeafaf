"""Papers and messages to render: one pleasant paper, and strategies for all the others."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from bot.digest.model import Badge, DayLine, Intro, Kind, Message, Notice, NoticeKind, Showing, Shown
from bot.paper import Paper, PaperId

PAPER = Paper(
    id=PaperId("2512.06813", 1),
    title=r"Sodium ions in Na$_3$PS$_4$ glass at 50% strain",
    abstract=(
        r"We follow sodium ions through Na$_3$PS$_4$ glass while it is bent. Hops become rarer by 12% for every "
        r"percent of strain, e.g. at $300\,\mathrm{K}$, and stop where rings of five tetrahedra close. A model of two "
        r"parameters explains both. It was not fitted to any of the runs. Code and data are free."
    ),
    authors=("Ada Lindqvist", "Bo Sørensen", "Chiara Conti", "Dmitri Orlov", "Eun-ji Park", "Femi Adeyemi"),
    categories=("cond-mat.mtrl-sci", "physics.chem-ph"),
    published=datetime(2025, 12, 7, 18, 2, tzinfo=UTC),
    updated=datetime(2025, 12, 7, 18, 2, tzinfo=UTC),
)

_HOSTILE = st.sampled_from(
    [
        *(
            "*",
            "**bold**",
            "_",
            "__",
            "`",
            "```",
            "~~",
            "||",
            "# ",
            "-# ",
            "- ",
            "> ",
            ">>> ",
            "1. ",
            "\\",
            "[",
            "]",
            "](",
            "[x](y)",
        ),
        *("<@1>", "<@&2>", "<#3>", "@everyone", "@here", "<t:0:R>", "<:a:1>", "</x:1>", "<id:home>", "https://x.org/a_b_c"),
        *("<https://x.org>", "https://arxiv.org/abs/2101.00001v1", "](https://arxiv.org/abs/2101.00001v1)"),
        *(
            "$",
            "$_4$",
            "$5 ",
            r"\frac",
            r"\emph{",
            "}",
            r"\'e",
            "\x00",
            "\n",
            "\t",
            "\u202e",
            "\u200b",
            "\u200d",
            "\u0301",
            "\u3164",
        ),
        *("👩🏽‍🔬", "עברית", "漢字" * 20, "a" * 60, "word " * 20, ". ", " "),
    ]
)
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.lists(st.one_of(_HOSTILE, st.text(max_size=5)), max_size=12).map("".join),
)
_rarely_long = st.one_of(texts, st.builds(str.__mul__, texts, st.sampled_from([1, 20])))
_ids = st.builds(
    PaperId,
    st.sampled_from(["2512.06813", "0704.0001", "hep-th/9901001", "solv-int/9901001", "2601.10001"]),
    st.integers(1, 120),
)
_moments = st.integers(0, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
_names = st.one_of(st.lists(texts, max_size=8), st.builds(lambda name: [name] * 3000, st.text(max_size=60)))

papers = st.builds(
    Paper,
    id=_ids,
    title=_rarely_long,
    abstract=_rarely_long,
    authors=_names.map(tuple),
    categories=st.lists(st.one_of(st.sampled_from(["cs.LG", "hep-th", "math.AG"]), texts), max_size=12).map(tuple),
    published=_moments,
    updated=_moments,
    comment=st.none() | _rarely_long,
    journal_ref=st.none() | _rarely_long,
    doi=st.none() | texts | texts.map(lambda tail: f"10.1103/{tail}"),
)
_day_lines = st.none() | st.builds(
    DayLine, st.dates(date(1991, 8, 14), date(2100, 1, 1)), st.integers(0, 9999), st.integers(0, 9999)
)
_notices = st.builds(
    Notice, st.sampled_from(NoticeKind), st.integers(1, 5000), st.just(PAPER.updated), st.none() | st.just(PAPER.updated)
)


def messages_about(papers: st.SearchStrategy[Paper]) -> st.SearchStrategy[Message]:
    """Every kind of message, about these papers."""
    showings = st.builds(Showing, papers, st.sampled_from(Badge))
    cards = st.lists(showings, min_size=1, max_size=1).map(tuple)
    lists = st.lists(showings, min_size=1, max_size=15).map(tuple)
    intros = st.builds(
        Intro,
        query=texts,
        total=st.integers(0, 3_000_000),
        per_day=st.floats(0, 2000),
        next_digest=_moments,
        newest=st.lists(showings, max_size=5).map(tuple),
        changed=st.booleans(),
    )
    return st.one_of(
        st.builds(Message, st.just(Kind.CARD), cards, _day_lines),
        st.builds(Message, st.just(Kind.LIST), lists, _day_lines, st.booleans()),
        st.builds(_edit, st.just(Kind.CARD), cards, st.just(False)),
        st.builds(_edit, st.just(Kind.LIST), lists, st.booleans()),
        st.builds(Message, st.just(Kind.INTRO), intro=intros),
        st.builds(Message, st.just(Kind.NOTICE), day_line=_day_lines, notice=_notices),
    )


def _edit(layout: Kind, shown: tuple[Showing, ...], away: bool) -> Message:
    return Message(Kind.EDIT, shown, edits=Shown(1, 2, layout, shown, away))


messages = messages_about(papers)
