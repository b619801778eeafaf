"""The container's health check: prints what /healthz on PORT says. Exit status 0 while the bot works, else 1."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException

PATIENCE = 10.0
"""Seconds. /healthz itself waits five for the database."""


def main() -> int:
    given = os.environ.get("PORT", "")
    if not (given.isdecimal() and 1 <= int(given) <= 65535):
        sys.stdout.write(
            f"PORT is {given or 'not set'}; set it, for the bot and for this check alike, to a number from 1 to 65535.\n"
        )
        return 1
    port = int(given)
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)  # urllib would ask the environment's proxy
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        said = answer.read().decode()
    except (OSError, HTTPException) as error:
        sys.stdout.write(f"Nothing answers on port {port}: {error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
