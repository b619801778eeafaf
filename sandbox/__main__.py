"""The command `python -m sandbox`: serves a Discord and an arXiv on this machine until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from datetime import datetime

from sandbox.arxiv.corpus import Corpus
from sandbox.control.clock import SandboxClock
from sandbox.server import Sandbox

_EPILOG = """\
When ready, one line of JSON is printed: url, discord_api_url, discord_gateway_url,
arxiv_api_url, clock_url, token. Give them to the bot as DISCORD_API_URL, DISCORD_GATEWAY_URL,
ARXIV_API_URL, CLOCK_URL and DISCORD_TOKEN.
Under URL/_sandbox/ the sandbox is steered: GET state shows everything that was posted,
POST clock moves time, POST faults makes things go wrong. Nothing leaves this machine and
nothing is kept. Stop with Ctrl-C or SIGTERM.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        asyncio.run(_serve(options.port, options.now))
    except KeyboardInterrupt:
        return
    except OSError as error:
        sys.exit(f"The sandbox cannot listen on port {options.port}: {error.strerror}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A small Discord and a small arXiv on 127.0.0.1, to try the bot against.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument(
        "--now",
        type=_moment,
        metavar="ISO8601",
        help="stop the sandbox's clock at this moment, such as 2025-12-09T06:00:00Z (default: it runs with yours)",
    )
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a moment such as 2025-12-09T06:00:00Z") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} needs a zone, such as {text}Z")
    return moment


async def _serve(port: int, now: datetime | None) -> None:
    clock = SandboxClock(now)
    async with Sandbox(clock, corpus=Corpus.fictional(clock.now()), port=port) as sandbox:
        ready = {
            "url": sandbox.url,
            "discord_api_url": sandbox.discord_api_url,
            "discord_gateway_url": sandbox.gateway_url,
            "arxiv_api_url": sandbox.arxiv_api_url,
            "clock_url": sandbox.clock_url,
            "token": sandbox.world.token,
        }
        print(json.dumps(ready), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
