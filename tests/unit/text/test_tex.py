"""Titles and abstracts show signs, not their TeX."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given

from bot.text.tex import readable
from tests.unit.samples import texts


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"LiFePO$_4$ cathodes", "LiFePO₄ cathodes"),
        (r"10$^{-3}$ S/cm", "10⁻³ S/cm"),
        (r"$\alpha$-Fe$_2$O$_3$", "α-Fe₂O₃"),
        (r"$1.2 \times 10^{457}$", "1.2 × 10⁴⁵⁷"),
        (r"La$_{1/3}$NbO$_{2.5}$", "La₁⁄₃NbO₂.₅"),
        (r"30$^\circ$ and $^{13}$C", "30° and ¹³C"),
        (r"$\sim50\%$", "∼50%"),
        (r"Li\(_2\)AuH\(_6\)", "Li₂AuH₆"),
        (r"\[E = mc^2\] and $$F = ma$$", "E = mc² and F = ma"),
        (r"$\mathcal{O}(n\log n)$ in $\mathbb{R}^d$", "𝒪(n log n) in ℝᵈ"),
        (r"$\mathrm{W\cdot m^{-1}}$", "W·m⁻¹"),
        (r"$Fm\bar{3}m$ and $R\overline{3}m$", "Fm3̅m and R3̅m"),
        (r"$\Delta G$ at $\sqrt{s} = 13$ TeV", "ΔG at √s = 13 TeV"),
        (r"$f'(x)$ and $f''$", "f′(x) and f″"),
        (r"$\langle R^2 \rangle = 1$", "⟨R²⟩ = 1"),
    ],
)
def test_math_becomes_unicode(source: str, shown: str) -> None:
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"$E_{\mathrm{hull}}$", "E_hull"),
        (r"$T_c$", "T_c"),
        (r"$P_{\rm eq,RT}$", "P_(eq,RT)"),
        (r"$\frac{a+b}{c}$", "(a+b)/c"),
    ],
)
def test_what_unicode_lacks_stays_readable(source: str, shown: str) -> None:
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"M\"uller, M{\"u}ller and Erd\H{o}s", "Müller, Müller and Erdős"),
        (r"Fr\'echet, Ho\v{c}evar, na\"{\i}ve, Fran\c cois", "Fréchet, Hočevar, naïve, François"),
        (r"Journal de l'\'Ecole polytechnique", "Journal de l'École polytechnique"),
        (r"\emph{de novo} and {\em Name} and \textbf{a \textit{b}}", "de novo and Name and a b"),
        (r"0.04 {\AA}, 29 {\deg}C, \epsilon-phase, {\o}re, \L{}ukasz", "0.04 Å, 29 °C, ϵ-phase, øre, Łukasz"),
        (r"\ce{H2O} and \ce{Li2FePO4}", "H₂O and Li₂FePO₄"),
        (r"50\% of R\&D", "50% of R&D"),
        (r"code \href{https://x.org}{here} or \url{x.org/a_b} (Net~\cite{A2019})", "code here or x.org/a_b (Net)"),
    ],
)
def test_accents_and_text_macros_become_unicode(source: str, shown: str) -> None:
    assert readable(source) == shown


@pytest.mark.parametrize(
    "source",
    [
        "It costs $5 and $10",
        "from $5-$10 million",
        "$5 million (US$)",
        "a single $ sign",
        "50% of R&D, a_b and x^2, ~10 GPa, {braces}",
        r"C:\temp\new",
        r"$\unknownmacro{x}$ and \unknown",
        "$}{$",
        "$" + "{" * 3000 + "x$",
    ],
)
def test_what_is_not_tex_or_cannot_be_read_stays(source: str) -> None:
    assert readable(source) == source


def test_a_price_before_a_formula_leaves_the_formula_its_dollars() -> None:
    assert readable("US$5 for LiFePO$_4$") == "US$5 for LiFePO₄"


def test_recorded_abstracts_show_next_to_no_tex() -> None:
    runs = sorted((Path(__file__).parents[4] / "shared" / "data" / "seed-runs").glob("*.json"))
    if not runs:
        pytest.skip("the predecessor's recorded runs are not on this machine")
    records = [record for run in runs for record in json.loads(run.read_text(encoding="utf-8"))]
    sources = {record[field] for record in records for field in ("title", "summary")}
    with_tex = [source for source in sources if "$" in source or "\\" in source]
    left = [source for source in with_tex if "$" in readable(source) or "\\" in readable(source)]
    assert len(left) < len(with_tex) / 50, left


@given(texts)
def test_no_text_raises(source: str) -> None:
    assert isinstance(readable(source), str)


@given(texts.filter(lambda text: "$" not in text and "\\" not in text))
def test_text_without_tex_is_untouched(source: str) -> None:
    assert readable(source) == source
