"""Settings of a server for tests; a new setting is named here, and in the tests that are about it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time

from bot.digest.model import Defaults, ServerSettings, Updates

SETTINGS = ServerSettings("ti:moss", time(14), "Asia/Singapore", max_posts=20, updates=Updates.EDIT)
DEFAULTS = Defaults(**asdict(SETTINGS), lookback_days=30, max_results=500)
