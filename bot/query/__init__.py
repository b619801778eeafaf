"""arXiv's query language: what was typed, as a tree that means what its author meant."""

from __future__ import annotations

from bot.query.categories import category_name
from bot.query.identifiers import query_for
from bot.query.lint import Hint, lint
from bot.query.nodes import Query, clauses
from bot.query.parser import MAX_DEPTH, MAX_LENGTH, parse

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "Hint", "Query", "category_name", "clauses", "lint", "parse", "query_for"]
