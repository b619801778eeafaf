"""Papers written out by hand: each holds something that breaks a careless reader of arXiv."""

from __future__ import annotations

# Title, abstract, comment. All are found by the default query; the first gets more than a hundred authors.
ODDITIES: tuple[tuple[str, str, str | None], ...] = (
    (
        "First Results of the Lantern Collaboration: Inverse Design by Committee",
        "We report the first season of the Lantern Collaboration, in which every author proposed one crystal. A "
        "generative model was allowed to vote. Its candidates were made first, because it asked politely. Seven samples "
        "shine, and one of them also hums at $440 \\pm 2$ Hz. The inverse design of committees themselves is left for "
        "future work.",
        "12 pages, 4 figures, 1 group photograph; accepted at the Symposium on Impossible Crystals",
    ),
    (
        "*Bold* Claims, _Quiet_ Data: ~~Random~~ Generative Search in `crystal.py` @everyone",
        "Markdown meets metallurgy. We study materials discovery with names such as **__velorite__** and ||hidden "
        "phases||, and a generative loop called [x](y) after its only two variables. A list follows: 1. grow; 2. grind; "
        "3. regret. # Headings, > quotations and `code` survive, and so do @here, <@123456789012345678> and <#42>. The "
        "file path is C:\\lab\\_new_\\*.cif.",
        "Best read as plain text; see <https://example.org/a_b_(c)>",
    ),
    (
        "Schr\\\"odinger's Furnace and the Erd\\H{o}s Number of Glass: $\\alpha$-to-$\\beta$ Generation for Materials Design",
        "Following Poincar\\'e and \\v{C}ech (and against \\AA ngstr\\\"om), we use generative walks for materials "
        "design in units of $\\hbar$. The coupling is $J_{ij} = \\frac{1}{2}\\sum_{k} \\langle S_i \\cdot S_k \\rangle$ "
        "and the gap closes as $\\Delta \\propto |x - x_c|^{\\nu}$, with $\\nu = 0.67(3)$. \\emph{No} cat was heated. We "
        'thank G\\"otz for \\textbf{ovens}.',
        "8 pages, 2 figures; in memory of the furnace",
    ),
    (
        "R&D on a 50% Budget: Does $x < y$ & $y > z$ Imply a Generative Discount in Materials Discovery?",
        "Budgets shrink by 50%, R&D goes on, and <b>bold</b> claims remain. We show that generative materials discovery "
        "at p < 0.05 costs $3 and a sandwich per candidate, while the control arm costs $4 & two. If A < B && B < C, the "
        "discount is > 20%. The entity &amp; is not the character &, as we learned from a reviewer.",
        "Comments: R&D; 100% reproducible <sic>",
    ),
    (
        "Towards a Comprehensive, Uncertainty-Aware, Symmetry-Respecting and Occasionally Humble Generative Framework "
        "for the Inverse Design of Layered, Hollow, Twisted and Otherwise Inconvenient Materials",
        "Long titles are a form of caution. Ours lists every adjective that the reviewers of the shorter version asked "
        "for. The generative framework itself has four lines, and its inverse design of inconvenient materials takes an "
        "afternoon.",
        "21 pages, of which the title takes one",
    ),
    (
        "Everything That Happened in One Week of Inverse Design",
        " ".join(
            f"On {day} the generative loop proposed {count} structures for inverse design, of which {kept} survived "
            f"relaxation and {made} were sent to the furnace; the {what} was blamed for the rest, although the notebook says "
            f"otherwise, and a second reading of the notebook shows that nobody had switched on the pump before the {what} "
            f"was replaced by its older sister."
            for day, count, kept, made, what in (
                ("Monday", 412, 37, 4, "thermostat"),
                ("Tuesday", 389, 41, 5, "vacuum gauge"),
                ("Wednesday", 1024, 12, 1, "random seed"),
                ("Thursday", 256, 64, 8, "coffee machine"),
                ("Friday", 640, 80, 9, "weather over Port Lumen"),
                ("Saturday", 7, 7, 7, "absence of everybody"),
                ("Sunday", 0, 0, 0, "calendar"),
            )
        ),
        "43 pages, 7 figures, 1 weekend",
    ),
    (
        "晶体之歌 — Songs of Æthelite: ∇·E, “Curly Quotes”, and Génération of Materials by Design 🎵",
        "Unicode throughout: α, β and γ phases of Æthelite (Kn₄Ot₉) differ by 0.3 Å, or ½ of a naïve guess; the sign ± "
        "is meant. A generative choir – sopranos, altos… – sings materials design in 日本語, Ελληνικά, עברית and русский. "
        "Zero\u200bwidth spaces, a soft\u00adhyphen and a no\u00a0break space are in this sentence.",
        "14 pages · 3 figures · 1 score",
    ),
    (
        "Withdrawn: A Generative Proof That All Materials Design Is Easy",
        "This paper has been withdrawn by its authors because Lemma 2, on which the generative proof of easy materials "
        "design rests, is a typographical error. We are grateful to the reader in Kitanagi who noticed.",
        "This paper has been withdrawn; Lemma 2 is false",
    ),
    (
        "0",
        "How many samples does inverse design need before the first success? 0. A generative prior that is right for the "
        "wrong reasons is shown to suffice, once.",
        None,
    ),
    (
        "A Line\n  Broken Title on Crystal Structure Prediction and\n  Inverse Design",
        "  Some records keep the line breaks\nof the form they were typed into. This one does, on purpose:\ninverse "
        "design by crystal structure prediction, seventy columns\nat a time.\n  A second paragraph begins with two "
        "blanks.",
        "9 pages,\n  2 figures",
    ),
)

# Base id, year, month, category, title, abstract, authors.
CLASSICS: tuple[tuple[str, int, int, str, str, str, tuple[str, ...]], ...] = (
    (
        "hep-th/9901001",
        1999,
        1,
        "hep-th",
        "Strings in a Teacup",
        "We compactify on a teacup of radius $R \\ll \\ell_s$ and find no leak.",
        ("Niamh Thistlewood",),
    ),
    (
        "cond-mat/0211034",
        2002,
        11,
        "cond-mat.mtrl-sci",
        "Genetic Algorithms and the Generation of Glasses: An Early Note on Materials Design",
        "A population of 40 invented glasses is bred for clarity. Materials design by such means may one day be practical.",
        ("Götz Weißhaupt", "Haruka Hoshikawa"),
    ),
    (
        "math/0611800",
        2006,
        11,
        "math.CO",
        "Umbrella Matroids Fold",
        "Every umbrella matroid folds. The proof is short and waterproof.",
        ("Élodie Châtelard",),
    ),
    (
        "solv-int/9803007",
        1998,
        3,
        "nlin.SI",
        "A Soliton That Turns Back",
        "An integrable hierarchy on the half-line has a soliton that returns.",
        ("Søren Vindholm", "Leyla Şahinkaya"),
    ),
    (
        "0704.0123",
        2007,
        4,
        "cs.AI",
        "Planning by Daydreaming",
        "An agent that rehearses its failures needs fewer of them.",
        ("Wren Ashdown-Pell",),
    ),
)
