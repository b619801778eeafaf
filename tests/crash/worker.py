"""What a process does before it imports the bot."""

from __future__ import annotations

import logging
import os

from tests.crash import failpoints


def begin() -> None:
    """It has failpoints, a database of its own, and no patience; and it is silent, for a bot that dies has much to say."""
    failpoints.install()
    os.environ["PYTEST_XDIST_WORKER"] = f"crash{os.getpid()}"
    logging.disable(logging.CRITICAL)

    from tests.crash.matrix import hasten

    hasten()
