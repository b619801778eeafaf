"""The vocabulary of fiction.py, read from phrases.txt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

KEPT = {"model", "material", "property", "town", "graph", "sky_object", "puzzle", "lattice"}
"""Symbols whose phrase stays the same within one paper."""

MATTER: tuple[tuple[str, ...], ...] = (
    ("cond-mat.mtrl-sci",),
    ("cond-mat.mtrl-sci", "cs.LG"),
    ("cond-mat.mtrl-sci", "cs.AI", "physics.chem-ph"),
    ("cond-mat.mtrl-sci", "physics.comp-ph"),
    ("cs.LG", "cond-mat.mtrl-sci"),
    ("cs.LG", "cs.AI", "cond-mat.mtrl-sci", "stat.ML"),
    ("cs.AI", "cs.LG"),
    ("physics.chem-ph", "cs.LG"),
    ("cond-mat.soft", "cond-mat.mtrl-sci"),
    ("physics.optics", "cs.LG"),
)
"""Categories of papers that the default query finds; primary first."""

FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "solid": (("cond-mat.mtrl-sci",), ("cond-mat.mtrl-sci", "cond-mat.str-el"), ("cond-mat.soft",), ("physics.app-ph",)),
    "learning": (("cs.LG",), ("cs.LG", "cs.AI"), ("cs.AI",), ("stat.ML", "cs.LG"), ("cs.CL", "cs.AI"), ("cs.CV", "cs.LG")),
    "quantum": (("quant-ph",), ("quant-ph", "cond-mat.str-el"), ("hep-th", "quant-ph")),
    "sky": (("astro-ph.CO",), ("astro-ph.EP", "physics.geo-ph"), ("astro-ph.HE",)),
    "mathematics": (("math.CO",), ("math.CO", "cs.DM"), ("math.PR", "math.ST")),
    "life": (("q-bio.BM",), ("q-bio.PE", "physics.bio-ph"), ("q-bio.NC", "cs.LG")),
}
"""Categories of the other papers, by the first part of their symbols."""


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    for block in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
        symbol, *lines = block.rstrip().splitlines()
        yield symbol.rstrip("]"), [phrase for line in lines for phrase in line.split(" | ")]


PHRASES = dict(_blocks(Path(__file__).with_name("phrases.txt").read_text(encoding="utf-8")))

NAMES = [tuple(side.split(", ") for side in row.split(" : ")) for row in PHRASES.pop("names")]
"""Given and family names; one row for each part of the world."""
