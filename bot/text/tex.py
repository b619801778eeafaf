"""TeX to Unicode, where an author's source shows through in arXiv's titles and abstracts.

Read are math spans, accents, text macros, and what plain TeX text is set with: ties, dashes, quotation marks and
braces that only group. Everything else stays as it is, because TeX's own rules would swallow the rest of the line
after the `%` of `50%` and the `&` of `R&D`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import LatexCharsNode, LatexMacroNode, LatexWalker
from pylatexenc.latexwalker import get_default_latex_context_db as get_default_walker_context_db
from pylatexenc.macrospec import MacroSpec

# It warns about every bad macro; here the source simply stays.
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)

# pylatexenc takes about 0.3 ms for a short span, far more for a long or deeply nested one, and the event loop waits.
# What is beyond these limits stays as it is. arXiv allows an abstract 1,920 characters; of 1,165 recorded texts
# (July to October 2025) none has more than 17 spans, and no span more than 36 characters.
_LONGEST_SOURCE = 5_000  # characters
_MOST_SPANS = 150  # of math; as many of text macros, in each pass over them
_LONGEST_SPAN = 400  # characters
_MOST_BRACKETS = 40  # in one span

# Dollars are also money. As in pandoc, a span neither opens before a space nor closes after one or before a digit,
# unless TeX inside proves it or a sign alone is all it holds; and a number followed by plain words is a price.
# https://pandoc.org/MANUAL.html#extension-tex_math_dollars
# Possessive repeats (*+) keep a dollar, a bracket or a script that is never closed from costing quadratic time.
MATH = re.compile(
    r"""
      (?<!\\)\$\$(?P<display>(?:\\.|[^$\\])++)\$\$
    | (?<!\\)\$(?!\d[^$\\{]*\s[A-Za-z]{2})(?!\d[^$]*\s\$)
      (?P<inline>
          [^$\\^_{]*+(?=[\\^_{])(?:\\.|[^$\\])*+
        | [<>=+\-*/:|]{1,2}(?=\$\d)
        | (?!\s)[^$\\]*[^$\\\s](?=\$(?!\d))
      )\$(?![_^])
    | \\\((?P<round>(?:(?!\\\().)+?)\\\)
    | \\\[(?P<square>(?:(?!\\\[).)+?)\\\]
    """,
    re.VERBOSE | re.DOTALL,
)
_GROUPED_MATH = re.compile(r"\{(\$(?:\\.|[^$\\])++\$)\}")  # {$\alpha$}, as BibTeX exports it

_ACCENT = r"""\\(?:["'`^~=.](?:\{\\?[A-Za-z]\}|\\[ij](?![A-Za-z])|[A-Za-z])|[cvuHkrdb](?:\{\\?[A-Za-z]\}|\s[A-Za-z]))"""
_TEXT = re.compile(
    rf"""
      \{{{_ACCENT}\}} | {_ACCENT}
    | \{{\\(?:em|it|bf|sl|sc|rm|tt)(?:\s[^{{}}]*|\s*\{{[^{{}}]*\}})\}}
    | \\(?:emph|text[a-z]*|underline|mbox|ce|it|bf|em)\s*\{{[^{{}}]*\}}
    | \\url\s*\{{(?P<url>[^{{}}]*)\}}
    | \\href\s*\{{[^{{}}]*\}}\s*(?P<label>\{{[^{{}}]*\}})
    | ~?\\cite[a-z]*\*?(?:\[[^\[\]]{{0,200}}\]){{0,2}}\{{[^{{}}]*\}}
    | \{{\\(?P<braced>[A-Za-z]+)\s*\}} | \\(?P<symbol>[A-Za-z]++)(?:\{{\}}|~|(?!\s*\{{))
    | \\[A-Za-z]++\s*\{{[^{{}}]*\}}  # an unknown macro keeps the braces of its argument
    | (?<![_^])\{{(?P<group>[A-Z][A-Za-z]*+)\}}(?![_^\d])  # BibTeX's {{F}}ast; sets, {{100}} planes and C{{sub}} are none
    | \\[%&_\#$,;\ ]
    """,
    re.VERBOSE,
)
_NESTING = 4

_SUBSCRIPT = str.maketrans("0123456789+-=()aehijklmnoprstuvxβγρφχ/−", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ⁄₋")
_SUPERSCRIPT = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ/−∘′″*†",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ⁄⁻°′″*†",
)
_SCRIPTS = {"_": _SUBSCRIPT, "^": _SUPERSCRIPT}

_STYLES = (
    "rm bf it em sl sc tt cal small large displaystyle textstyle scriptstyle limits nolimits bm boldsymbol operatorname "
    "left right big Big bigg Bigg bigl bigr Bigl Bigr xspace"
)

_RELATIONS = "<>=≤≥≈≡≠∼≃≪≫∝∈→"
_EVEN = re.compile(rf"(?<=\S)\s*([{_RELATIONS}])\s+(?=\S)")  # a space after the sign is one before it too: α < 1


_MARKS = re.compile(r"[\\${~`^]|--")
_LONE_RELATIONS = frozenset("<>=")

# What typesetting leaves as it is: web addresses, with or without scheme, and math that could not be read.
_VERBATIM = re.compile(r"""((?:https?://|www\.)\S+|(?<![\w.-])[\w.-]++(?<=\w\.[a-z]{2}|\.[a-z]{3})/\S*|\$[^$\\]*+\\[^$]*+\$)""")


def readable(source: str) -> str:
    """The text with its TeX read; spans that make no sense, and sources above 5,000 characters, stay. Never raises."""
    if len(source) > _LONGEST_SOURCE or not _MARKS.search(source):
        return source
    text = MATH.sub(_math, _GROUPED_MATH.sub(r"\1", source), _MOST_SPANS)
    for _ in range(_NESTING):
        before, text = text, _TEXT.sub(_text, text, _MOST_SPANS)
        if text == before:
            break
    return "".join(piece if index % 2 else _typeset(piece) for index, piece in enumerate(_VERBATIM.split(text)))


def _math(found: re.Match[str]) -> str:
    content = next(group for group in found.groups() if group is not None)
    if content in _LONE_RELATIONS:
        return _lone_relation(content, found)
    primed = re.sub(r"(?<!\\)'", "′", re.sub(r"(?<!\\)''", "″", content))
    return _converted(primed, otherwise=found[0])


def _lone_relation(sign: str, found: re.Match[str]) -> str:
    """Evenly spaced before a digit, as relations are inside a formula: `T$<$5` is T < 5."""
    before, after = found.string[max(found.start() - 1, 0) : found.start()], found.string[found.end() : found.end() + 1]
    if not after.isdigit():
        return sign
    return f"{sign} " if before == "" or before.isspace() or before in "([" else f" {sign} "


def _text(found: re.Match[str]) -> str:
    if (url := found["url"]) is not None:
        return re.sub(r"\\([%&_#~])", r"\1", url)
    if found["group"]:
        return found["group"]
    symbol = found["braced"] or found["symbol"]
    if symbol is not None and not _is_symbol(symbol):
        return found[0]
    return _converted(found["label"] or found[0].removeprefix("~"), otherwise=found[0])


def _typeset(text: str) -> str:
    """Words as TeX would set them."""
    for pattern, written in _TYPESETTING:
        text = pattern.sub(written, text)
    return text


def _dash(found: re.Match[str]) -> str:
    return "—" if len(found[0]) == 3 else "–"


def _power_of_ten(found: re.Match[str]) -> str:
    return "10" + (found[1] or found[2]).translate(_SUPERSCRIPT)


# Between words, between spaces, or after a word or quotation; --flag, C-- and --> are none.
_DASH = re.compile(
    r"""
      (?<=[\w)\]}.,:'"”’%°⟩])---?(?=[\w(\[“‘"'√⟨∼≈])
    | (?<!\S)---?(?!\S)
    | (?:(?<=[^\W\d_]{2})|(?<=[”’]))---?(?=\s)
    """,
    re.VERBOSE,
)
_AFTER_TIE = r"""(?=[^\W\d_]|[^\x00-\x7f]|[(“‘"'%&])"""
_TYPESETTING: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # `x' and ``x'', the latter also closed by "; code between backticks is neither.
    (re.compile(r"(?<![\w`])`([^\s`'](?:[^`']|'(?=\w)){0,80})'(?!['\w])"), r"‘\1’"),
    (re.compile(r"""(?<![\w`])``(?![\s`])([^`]{1,300}?)(?:''|")"""), r"“\1”"),
    # A tie is a space; but ~5 is "about 5", 10~20 a range and X~N a distribution.
    (re.compile(rf"(?:(?<=[\d.,;:)\]%°’”])|(?<=\w[^\W\d_]))~{_AFTER_TIE}|(?<=[^\W\d_])~(?=[a-z]{{2}})|(?<=\.)~(?=\d)"), " "),
    (
        re.compile(r"\b(figs?|figures?|tables?|secs?|sections?|eqs?|equations?|refs?|theorem|lemma|type|part)~(?=\d)", re.I),
        r"\1 ",
    ),
    (_DASH, _dash),
    (re.compile(r"(?<![A-Za-wyz\d.^])10\^(?:(-?\d{1,4})(?!\.?\d)(?!\^)|\{(-?\d{1,4})\})"), _power_of_ten),
)


@lru_cache(maxsize=2048)
def _converted(source: str, otherwise: str) -> str:
    if len(source) > _LONGEST_SPAN or sum(map(source.count, "{[(")) > _MOST_BRACKETS:
        return otherwise
    try:
        nodes, _, _ = LatexWalker(source, latex_context=_GRAMMAR, tolerant_parsing=False).get_latex_nodes()
        text: str = _READER.nodelist_to_text(nodes)
    except Exception:  # whatever a stranger's TeX does to the parser, it costs only its own beauty
        return otherwise
    return re.sub(r"(?<=[⟨(\[{])\s+|(?<!\s)\s+(?=[⟩)\]}])", "", text)


class _UnknownMacroError(Exception):
    """Leaving it out could leave out what the sentence says."""


class _Reader(LatexNodes2Text):  # type: ignore[misc]  # pylatexenc has no types
    """LatexNodes2Text with scripts raised and lowered, and spaces as a typesetter would leave them."""

    def nodelist_to_text(self, nodelist: Iterable[Any]) -> str:
        text = ""
        items = _single(nodelist)
        for item in items:
            if isinstance(item, str) and item in _SCRIPTS:
                text += _script(item, self._piece(next((i for i in items if i != " "), "")))
            else:
                text = _joined(text, self._piece(item), item)
        return _EVEN.sub(r" \1 ", text)

    def macro_node_to_text(self, node: Any) -> str:
        if self.latex_context.get_macro_spec(node.macroname) is None:
            raise _UnknownMacroError(node.macroname)
        text: str = super().macro_node_to_text(node)
        return text

    def _piece(self, item: Any) -> str:
        return item if isinstance(item, str) else str(self.node_to_text(item))


def _single(nodes: Iterable[Any]) -> Iterator[Any]:
    """Nodes, with plain characters one by one: a script takes one."""
    for node in nodes:
        if isinstance(node, LatexCharsNode):
            yield from node.chars
        elif node is not None:
            yield node


def _joined(text: str, piece: str, item: Any) -> str:
    """Spaces after a macro end its name and mean nothing, except beside words and evenly spaced signs."""
    if not isinstance(item, LatexMacroNode) or item.nodeargs:
        return text + piece
    word = len(piece) > 1 and piece.isalpha()
    if word and text[-1:].isalnum():
        text += " "
    spaced = word or (piece != "" and piece in _RELATIONS) or (text.endswith(" ") and not piece.isalpha())
    return text + piece + (item.macro_post_space if spaced else "")


def _script(mark: str, argument: str) -> str:
    """`_4` is ₄; a word, or what Unicode lacks, stays readable: `_hull`, `^(a+b)`."""
    content = argument.strip().lstrip(mark)
    if not content:
        return ""
    table = _SCRIPTS[mark]
    if not re.search(r"[^\W\d_]{3}", content) and all(ord(c) in table or c == "." for c in content):
        return content.translate(table)
    return f"{mark}{content}" if content.isalnum() else f"{mark}({content})"


def _argument(node: Any, reader: _Reader, index: int = 0) -> str:
    return str(reader.node_arg_to_text(node, index))


def _fraction(node: Any, l2tobj: _Reader) -> str:
    parts = (_argument(node, l2tobj, 0), _argument(node, l2tobj, 1))
    return "/".join(part if part.isalnum() else f"({part})" for part in parts)


def _root(node: Any, l2tobj: _Reader) -> str:
    degree, content = _argument(node, l2tobj, 0), _argument(node, l2tobj, 1)
    return f"{_script('^', degree)}√{content if content.isalnum() else f'({content})'}"


def _overlined(node: Any, l2tobj: _Reader) -> str:
    return "".join(f"{character}\u0305" for character in _argument(node, l2tobj))


def _chemistry(node: Any, l2tobj: _Reader) -> str:
    return re.sub(r"(?<=[A-Za-z)\]])\d+", lambda digits: digits[0].translate(_SUBSCRIPT), _argument(node, l2tobj))


def _superscript(node: Any, l2tobj: _Reader) -> str:
    return _script("^", _argument(node, l2tobj))


def _subscript(node: Any, l2tobj: _Reader) -> str:
    return _script("_", _argument(node, l2tobj))


_MACROS: dict[str, tuple[str, str | Callable[..., str]]] = {
    "frac": ("{{", _fraction),
    "tfrac": ("{{", _fraction),
    "dfrac": ("{{", _fraction),
    "sqrt": ("[{", _root),
    "overline": ("{", _overlined),
    "ce": ("{", _chemistry),
    "textsuperscript": ("{", _superscript),
    "textsubscript": ("{", _subscript),
    "textsc": ("{", "%s"),
    "texttt": ("{", "%s"),
    "mbox": ("{", "%s"),
    "url": ("{", "%s"),
    "href": ("{{", "%(2)s"),
    "deg": ("", "°"),  # arXiv writes {\deg} where an author typed the sign
    "degree": ("", "°"),
    "prime": ("", "′"),
    "ne": ("", "≠"),
    "|": ("", "‖"),
    **{name: ("{", "%s") for name in ("mathbf", "mathsf", "mathtt", "mathit")},
    **{name: ("*[[{", "") for name in ("cite", "citep", "citet")},
    **{name: ("", "") for name in _STYLES.split()},
}

_GRAMMAR = get_default_walker_context_db()
_GRAMMAR.add_context_category("ours", macros=[MacroSpec(name, args) for name, (args, _) in _MACROS.items()], prepend=True)
_MEANINGS = get_default_latex_context_db()
_MEANINGS.add_context_category(
    "ours", macros=[MacroTextSpec(name, simplify_repl=text) for name, (_, text) in _MACROS.items()], prepend=True
)
_READER = _Reader(latex_context=_MEANINGS, keep_comments=True, strict_latex_spaces=True)


def _is_symbol(name: str) -> bool:
    """A macro that stands for a sign of its own: `\\AA`, `\\epsilon`."""
    meaning = _MEANINGS.get_macro_spec(name)
    return meaning is not None and isinstance(meaning.simplify_repl, str) and meaning.simplify_repl.strip("%s") != ""
