"""The source of papers: arXiv's query API."""

from bot.arxiv.client import ArxivClient
from bot.arxiv.exchange import TIMEOUT, open_session
from bot.arxiv.gate import Gate

__all__ = ["TIMEOUT", "ArxivClient", "Gate", "open_session"]
