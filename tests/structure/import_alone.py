"""Import each module named on the command line in a process of its own; prints what failed, exits 1 if anything did.

The processes are forks of this one, which has imported other people's libraries only: 150 fresh interpreters that each
import discord.py anew take minutes, and would find nothing more about our own modules.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback

LIBRARIES = (
    "alembic.command",
    "aiohttp.web",
    "discord.ext.commands",
    "feedparser",
    "pydantic_settings",
    "pylatexenc.latex2text",
    "rich.progress",
    "sqlalchemy.ext.asyncio",
)


def imports(module: str) -> bool:
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(module)
        except BaseException:
            traceback.print_exc(file=sys.stdout)
            sys.stdout.flush()
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def main() -> int:
    for library in LIBRARIES:
        importlib.import_module(library)
    failed = [module for module in sys.argv[1:] if not imports(module)]
    for module in failed:
        sys.stdout.write(f"{module} cannot be imported alone\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
