"""What authors may write: every message about it is one that Discord takes and that leads to its papers."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.arxiv.feed import LONGEST_TITLE
from bot.delivery.embeds import links_in, render, versioned_links
from bot.delivery.fallback import without_embed
from bot.delivery.plain import plain
from bot.digest.model import Message
from bot.paper import Paper, PaperId
from bot.text.prose import legible
from sandbox.discord.validation import NEW_MESSAGE, check_message
from tests.fuzz.mutation import mutated
from tests.fuzz.target import Target
from tests.unit.samples import messages_about, texts

SINGAPORE = ZoneInfo("Asia/Singapore")
PIECES = (
    *("$", "$$", "\\(", "\\)", "\\[", "\\]", "{", "}", "{}", "^", "_", "^{", "_{", "~", "--", "---", "``", "''", "%", "&", "#"),
    *("\\frac", "\\emph{", "\\text{", "\\left(", "\\'", '\\"', "\\v{", "\\mathbb{", "\\begin{", "\\end{x}", "\\href{", "\\url{"),
    *("\\cite{", "\\\\", "\\", "$x<y$", "$<$", "10^{-3}", "\\unknown{", "\\ce{H2O}", "[", "](", ")", "<", "<@1>", "@everyone"),
    *("https://x.org/a_(b)", "](https://arxiv.org/abs/2101.00001v1)", "<https://arxiv.org/abs/2101.00001v1>"),
    *("||", "**", "`", "```", "\n", "\u202e", "\u200b", "\u200d", "\u0301", "\u3164", "\x00", "\ud800", "🎵", "👩🏽‍🔬", "漢字"),
    *("é", "word ", ". ", "This paper is withdrawn"),
)
_TEX = mutated(
    st.sampled_from(
        [
            "Schr\\\"odinger's Furnace and the Erd\\H{o}s Number: $\\alpha$-to-$\\beta$",
            "Na$_3$PS$_4$ at 50\\% strain and $300\\,\\mathrm{K}$ costs $5 or R&D",
            "$J_{ij} = \\frac{1}{2}\\sum_{k} \\langle S_i \\cdot S_k \\rangle$ with $\\nu = 0.67(3)$",
            "\\emph{No} {\\bf cat} was~heated -- see \\href{https://x.org/a_b}{ovens} and ``this'' [\\cite{a,b}]",
            "{{F}}ast {\\'e}tudes of {$\\beta$-Ga$_2$O$_3$}, 10^{-3} \\textbf{bar \\textit{and} more}",
        ]
    ),
    PIECES,
)
_TEXTS = texts | _TEX | st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
_LONG = _TEXTS | st.builds(lambda text, times: (text * times)[:LONGEST_TITLE], _TEXTS, st.sampled_from([5, 50, 2000]))
_MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
PAPERS = st.builds(
    Paper,
    id=st.builds(
        PaperId,
        st.sampled_from(["2512.06813", "0704.0001", "hep-th/9901001", "solv-int/9901001", "cond-mat/9901001", "2601.10001"]),
        st.integers(1, 999_999_999),
    ),
    title=_LONG,
    abstract=_LONG | st.builds(lambda text: (text * 999)[:50_000], _TEXTS),
    authors=st.one_of(
        st.lists(_TEXTS, max_size=8).map(tuple),
        st.builds(lambda name, count: (name,) * count, _LONG, st.sampled_from([6, 3000, 10_000])),
    ),
    categories=st.lists(st.sampled_from(["cs.LG", "hep-th", "math.AG", "cond-mat.mtrl-sci"]), max_size=12).map(tuple),
    published=_MOMENTS,
    updated=_MOMENTS,
    comment=st.none() | _LONG,
    journal_ref=st.none() | _LONG,
    doi=st.none() | _LONG | _TEXTS.map(lambda tail: f"10.1103/{tail}"),
)
INPUTS = messages_about(PAPERS)


def check(message: Message) -> None:
    """Every promise of `bot.delivery` about a message, and of `bot.text` about the words in it."""
    post = render(message)
    assert post.embed is not None
    embed = post.embed.to_dict()
    body = {"content": post.content or "", "embeds": [embed], "components": _row(post.buttons)}
    check_message(body, NEW_MESSAGE)
    wanted = versioned_links(message)
    assert links_in(post.content or "", [post.embed]) == wanted
    check_message({"content": without_embed(message)}, NEW_MESSAGE)
    assert links_in(without_embed(message), []) == wanted
    assert all(link in plain(message, SINGAPORE) for link in wanted)
    for showing in message.showings:
        for text in (showing.paper.title, showing.paper.abstract, *showing.paper.authors[:3]):
            line = legible(text)
            assert len(line.splitlines()) <= 1
            assert line == " ".join(line.split())


def _row(buttons: Any) -> list[dict[str, Any]]:
    links = [{"type": 2, "style": 5, "label": button.label, "url": button.url} for button in buttons]
    return [{"type": 1, "components": links}] if links else []


TARGET = Target(INPUTS, lambda: nullcontext(check))
