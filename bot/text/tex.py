"""TeX to Unicode, where an author's source shows through in arXiv's titles and abstracts.

Only math spans, accents and text macros are read; everything else stays as it is, because TeX's own rules
would swallow the rest of the line after the `%` of `50%` and the `&` of `R&D`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import LatexCharsNode, LatexMacroNode, LatexWalker
from pylatexenc.latexwalker import get_default_latex_context_db as get_default_walker_context_db
from pylatexenc.macrospec import MacroSpec

# It warns about every bad macro; here the source simply stays.
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)

# Dollars are also money. As in pandoc, a span neither opens before a space nor closes after one or before a digit,
# unless TeX inside proves it; and a number followed by plain words is a price.
# https://pandoc.org/MANUAL.html#extension-tex_math_dollars
MATH = re.compile(
    r"""
      (?<!\\)\$\$(?P<display>(?:\\.|[^$\\])+)\$\$
    | (?<!\\)\$(?!\d[^$\\{]*\s[A-Za-z]{2})(?!\d[^$]*\s\$)
      (?P<inline>(?:\\.|[^$\\])*?[\\^_{](?:\\.|[^$\\])*|(?!\s)[^$\\]*[^$\\\s](?=\$(?!\d)))\$(?![_^])
    | \\\((?P<round>(?:(?!\\\().)+?)\\\)
    | \\\[(?P<square>(?:(?!\\\[).)+?)\\\]
    """,
    re.VERBOSE | re.DOTALL,
)

_ACCENT = r"""\\(?:["'`^~=.](?:\{\\?[A-Za-z]\}|\\[ij](?![A-Za-z])|[A-Za-z])|[cvuHkrdb](?:\{\\?[A-Za-z]\}|\s[A-Za-z]))"""
_TEXT = re.compile(
    rf"""
      \{{{_ACCENT}\}} | {_ACCENT}
    | \{{\\(?:em|it|bf|sl|sc|rm|tt)\s[^{{}}]*\}}
    | \\(?:emph|text[a-z]*|underline|mbox|ce|url|it|bf|em)\s*\{{[^{{}}]*\}}
    | \\href\s*\{{[^{{}}]*\}}\s*\{{[^{{}}]*\}}
    | ~?\\cite[a-z]*\*?(?:\[[^\]]*\])*\{{[^{{}}]*\}}
    | \{{\\(?P<braced>[A-Za-z]+)\s*\}} | \\(?P<symbol>[A-Za-z]+)(?![A-Za-z])(?:\{{\}}|~|(?!\s*\{{))
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


def readable(source: str) -> str:
    """The text with its TeX read; spans that make no sense stay as they are. Never raises."""
    if "\\" not in source and "$" not in source:
        return source
    text = MATH.sub(_math, source)
    for _ in range(_NESTING):
        before, text = text, _TEXT.sub(_text, text)
        if text == before:
            break
    return text


def _math(found: re.Match[str]) -> str:
    content = next(group for group in found.groups() if group is not None)
    primed = re.sub(r"(?<!\\)'", "′", re.sub(r"(?<!\\)''", "″", content))
    return _converted(primed, otherwise=found[0])


def _text(found: re.Match[str]) -> str:
    symbol = found["braced"] or found["symbol"]
    if symbol is not None and not _is_symbol(symbol):
        return found[0]
    return _converted(found[0].removeprefix("~"), otherwise=found[0])


def _converted(source: str, otherwise: str) -> str:
    try:
        nodes, _, _ = LatexWalker(source, latex_context=_GRAMMAR, tolerant_parsing=False).get_latex_nodes()
        text: str = _READER.nodelist_to_text(nodes)
    except Exception:  # whatever a stranger's TeX does to the parser, it costs only its own beauty
        return otherwise
    return re.sub(r"(?<=[⟨(\[{])\s+|\s+(?=[⟩)\]}])", "", text)


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
