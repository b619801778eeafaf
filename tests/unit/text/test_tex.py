"""Titles and abstracts show signs, not their TeX."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given

from bot.text.tex import MATH, readable
from tests.unit.samples import texts

_TEX = re.compile(r"[$\\`{}]|\w~[^\W\d]|--|''|10\^")


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
        (r"{$\beta$}-Ga{$_2$}O{$_3$}", "β-Ga₂O₃"),
        (r"$\$7$ a cell", "$7 a cell"),
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
    ("source", "shown"),
    [
        ("below $<$7 K", "below < 7 K"),
        (r"E$_g$$>$3 eV ($>$2 on average)", "E_g > 3 eV (> 2 on average)"),
        ("T$<$7 K and E$=$2 eV", "T < 7 K and E = 2 eV"),
        ("cooled to $-$40 or $+$60 K", "cooled to -40 or +60 K"),
        (r"$\sim$300 K and $\pm$2", "∼300 K and ±2"),
    ],
)
def test_a_sign_alone_in_math_is_read_before_a_number(source: str, shown: str) -> None:
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("300~K, 80~\\% and 12~$\\mu$m", "300 K, 80 % and 12 μm"),
        ("known a~priori: (i)~strain, (ii)~load", "known a priori: (i) strain, (ii) load"),
        ("Fig.~3, Table~2 and J.~Doe et~al.", "Fig. 3, Table 2 and J. Doe et al."),
    ],
)
def test_a_tie_is_a_space(source: str, shown: str) -> None:
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("Ni--Mn, 3--7 nm, glass --- not melt -- and a---b", "Ni–Mn, 3–7 nm, glass — not melt – and a—b"),
        ("Na$_2$O--SiO$_2$", "Na₂O–SiO₂"),
        ("lines\n-- broken --\nanywhere", "lines\n– broken –\nanywhere"),
    ],
)
def test_two_or_three_hyphens_are_a_dash(source: str, shown: str) -> None:
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a ``perfect'' glass, a ``poor\" one", "a “perfect” glass, a “poor” one"),
        ("a `good' glass of `one author's choice'", "a ‘good’ glass of ‘one author's choice’"),
        ("``the `best' glass''-- so far", "“the ‘best’ glass”– so far"),
    ],
)
def test_quotation_marks_are_curly(source: str, shown: str) -> None:
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{B}ayesian {DFT} with Graph{CNN}", "Bayesian DFT with GraphCNN"),
        (r"{\it in situ}, {\it{ex situ}} and \emph{a {B} c}", "in situ, ex situ and a B c"),
    ],
)
def test_braces_that_only_group_go(source: str, shown: str) -> None:
    assert readable(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"), [("10^4 to 10^{-6} S/cm", "10⁴ to 10⁻⁶ S/cm"), ("2x10^3 (3.5*10^-2)", "2x10³ (3.5*10⁻²)")]
)
def test_powers_of_ten_are_raised(source: str, shown: str) -> None:
    assert readable(source) == shown


def test_addresses_in_macros_are_kept_whole() -> None:
    source = r"\url{https://x.org/~lab/a--b%20c\_d#e} and \href{https://x.org/a%20b}{code}"
    assert readable(source) == "https://x.org/~lab/a--b%20c_d#e and code"


@pytest.mark.parametrize(
    "source",
    [
        "It costs $5 and $10",
        "from $5-$10 million",
        "$5 million (US$)",
        "a single $ sign",
        "50% of R&D, a_b and x^2, ~10 GPa, {braces}",
        "https://x.org/~lab/a--b, www.x.org/a~b and x.edu/~lab/c~d",
        "T~100 K, 10~20 GPa, X~N(0,1), at ~ 5 and (~9)",
        "{1,2,3}, {100} planes, {A, B}, {X}_n, {AB-C}N and C{sub}",
        "run --flag, C-- or x--> <!-- -----",
        "`code`, ``code`` isn't 5'' and rock 'n' roll",
        "210^5, 10^2.5, x^2 and L^2M",
        r"\unknown{B} and $\unknown{x}~a--b$",
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


@pytest.mark.parametrize("length", [2_000, 50_000])
@pytest.mark.parametrize("piece", ["$a_", "{", r"\frac{", "$", "_", "$&", "``a", r"\cite[", "a.a", r"\'e", "$-$"])
def test_reading_takes_a_bounded_time(piece: str, length: int) -> None:
    source = piece * (length // len(piece))
    start = time.process_time()
    for text in (source, f"${source}", f"${source}$"):
        readable(text)
        list(MATH.finditer(text))
    assert time.process_time() - start < 5  # what is quadratic takes minutes


@pytest.mark.parametrize(
    "source",
    ["words " * 1000 + "LiFePO$_4$", f"${'x+' * 250}x_2$", f"${'{' * 50}x{'}' * 50}$"],
    ids=["a long text", "a long span", "a deep span"],
)
def test_what_would_take_long_stays(source: str) -> None:
    assert readable(source) == source


def test_of_very_many_spans_the_last_stay() -> None:
    assert readable(" ".join(f"$x_{{{number}}}$" for number in range(300))).endswith(" $x_{298}$ $x_{299}$")


def test_recorded_titles_and_abstracts_show_next_to_no_tex() -> None:
    runs = sorted((Path(__file__).parents[4] / "shared" / "data" / "seed-runs").glob("*.json"))
    if not runs:
        pytest.skip("the predecessor's recorded runs are not on this machine")
    records = [record for run in runs for record in json.loads(run.read_text(encoding="utf-8"))]
    sources = {record[field] for record in records for field in ("title", "summary")}
    with_tex = [source for source in sources if _TEX.search(source)]
    left = [shown for shown in map(readable, with_tex) if _TEX.search(shown)]
    assert len(left) < len(with_tex) / 50, left


@given(texts)
def test_no_text_raises(source: str) -> None:
    assert isinstance(readable(source), str)


@given(texts.filter(lambda text: not any(sign in text for sign in (*"$\\{~`^", "--"))))
def test_text_without_tex_is_untouched(source: str) -> None:
    assert readable(source) == source
