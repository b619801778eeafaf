"""An arXiv identifier typed where words are looked for, and how to ask for its paper instead."""

from __future__ import annotations

import re

from bot.paper import PaperId

_SUBJECT_CLASS = re.compile(r"\.[A-Za-z-]+(?=/)")


def asked_for(text: str) -> str | None:
    """A remedy for an identifier, with or without version, prefix or address; None for any other text.

    arXiv indexes identifiers without subject class, and knows the current version only. Its `id:` escapes the hyphen and the
    slash of the form used until March 2007 and then finds nothing, while `all:` finds it:
    https://github.com/arXiv/arxiv-search/blob/764d7eb/search/services/index/prepare.py (2026-07-01)
    """
    base = _base(text) or _base(f"{text}v1")
    if base is None:
        return None
    if "/" in base:
        return f"Write all:{_SUBJECT_CLASS.sub('', base)} for this paper; id: does not find identifiers of this form."
    return f"Write id:{base} for this one paper, whatever its version."


def _base(text: str) -> str | None:
    try:
        return PaperId.parse(text).base
    except ValueError:
        return None
