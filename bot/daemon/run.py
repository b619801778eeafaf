"""`run`: from the first login to the last goodbye."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import Any

import discord

from bot.app import App
from bot.clock import SystemClock
from bot.daemon.client import ArxivBot
from bot.daemon.http_clock import HttpClock
from bot.daemon.metrics import Metrics
from bot.daemon.serving import interface, serving
from bot.daemon.ticker import Ticker
from bot.delivery.addresses import point_at
from bot.delivery.outcomes import BAD_TOKEN, FAILURES, unreachable
from bot.digest.report import Report
from bot.errors import ConfigError, DiscordUnreachable, TokenRefused
from bot.settings import Settings, require_token
from bot.text.words import local

log = logging.getLogger(__name__)

MINUTE = 60.0
"""Seconds between two ticks."""

WITHOUT_READY = timedelta(minutes=1)
"""How long the first digest waits for the first READY."""

GRACE = 5.0
"""Seconds for messages on their way when the program is stopped: Discord paces a channel to five in five seconds."""

FAREWELL = 2.0
"""Seconds for closing the gateway; with the network gone that would take half a minute."""

_STOPPING = [signal.SIGTERM, signal.SIGINT]
if sys.platform == "win32":
    _STOPPING.append(signal.SIGBREAK)

_BAD_TOKEN = 4004
"""The gateway's close code. https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway"""

_NO_INTENTS = (
    "Discord's gateway refuses what this bot asks to be told of, the servers it is in (close code 4014); "
    "in the developer portal, see whether the application is in order and the token is that of a bot."
)


async def run(settings: Settings) -> None:
    """Until SIGTERM or SIGINT. Raises TokenRefused, DiscordUnreachable, StorageError or ConfigError."""
    token = require_token(settings)
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    metrics = Metrics()
    async with (
        _time(settings) as clock,
        App.open(settings, clock, look_again=True, arxiv_trace=metrics.of_arxiv()) as app,
    ):
        bot = ArxivBot(app)
        metrics.listen(bot.requests)
        app.listeners += [_tell, metrics.count]
        ticker = Ticker(lambda: _tick(bot, clock, metrics), lambda: clock.sleep(_seconds(clock)), bot.woken)
        async with _served(bot, metrics):
            await _live(bot, ticker, token)


async def _live(bot: ArxivBot, ticker: Ticker, token: str) -> None:
    """Connected and ticking, until a signal or the end of either."""
    connection = asyncio.create_task(_connect(bot, token))
    ticking = asyncio.create_task(_tick_when_present(bot, ticker))
    with _stop_signals() as stopped:
        waiting = asyncio.create_task(stopped.wait())
        await asyncio.wait([connection, ticking, waiting], return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    ticker.stop()
    bot.outbox.stop()
    await asyncio.wait([ticking], timeout=GRACE if bot.present.is_set() else 0)
    with suppress(TimeoutError):
        await asyncio.wait_for(bot.close(), FAREWELL)
    await _end(connection, ticking, waiting)


@asynccontextmanager
async def _served(bot: ArxivBot, metrics: Metrics) -> AsyncIterator[None]:
    """Health and metrics, where there is a PORT for them."""
    settings = bot.app.settings
    if settings.port is None:
        yield
        return
    async with serving(bot, metrics, interface(settings), settings.port):
        yield


async def _connect(bot: ArxivBot, token: str) -> None:
    """Log in and stay connected until the bot is closed."""
    try:
        await bot.start(token)
    except discord.LoginFailure as error:
        raise TokenRefused(BAD_TOKEN) from error
    except discord.PrivilegedIntentsRequired as error:
        raise ConfigError([_NO_INTENTS]) from error
    except discord.ConnectionClosed as error:
        if error.code == _BAD_TOKEN:
            raise TokenRefused(BAD_TOKEN) from error
        raise DiscordUnreachable(f"Discord closed the gateway for good: {error}") from error
    except FAILURES as error:
        raise unreachable(error) from error


async def _tick_when_present(bot: ArxivBot, ticker: Ticker) -> None:
    """Digests need REST alone: they do not wait longer than a minute for the gateway."""
    await bot.logged_in.wait()
    clock = bot.app.clock
    since = clock.now()
    while not bot.present.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(bot.present.wait(), 1)
        if isinstance(clock, HttpClock):
            await clock.refresh()
        if not bot.present.is_set() and clock.now() - since >= WITHOUT_READY:
            log.warning("Discord's gateway has not become ready for a minute; digests begin without it, commands wait for it")
            bot.present.set()
    await ticker.run()


async def _tick(bot: ArxivBot, clock: SystemClock | HttpClock, metrics: Metrics) -> None:
    if isinstance(clock, HttpClock):
        await clock.refresh()
    if bot.app.storage.vanished:
        log.error("the file of the database was moved or deleted: put it back, or what is written now ends with this program")
    try:
        report = await bot.tick()
    except Exception:
        metrics.failed()
        raise
    if report.slots and (coming := await bot.app.storage.subscriptions.next_due()):
        log.info("next digest: %s (%s)", local(coming, bot.app.settings.zone), bot.app.settings.timezone)


def _tell(report: Report) -> None:
    for id, channel in report.channels.items():
        line = channel.line(report.called(id), rehearsed=False)
        log.log(logging.INFO if channel.problem is None else logging.WARNING, line)
    for sentence in (*report.mistakes, *report.failures):
        log.warning(sentence)
    for note in report.notes:
        log.info(note)


def _seconds(clock: SystemClock | HttpClock) -> float:
    """Between two ticks; the time at CLOCK_URL may jump by days."""
    return 1.0 if isinstance(clock, HttpClock) else MINUTE


@asynccontextmanager
async def _time(settings: Settings) -> AsyncIterator[SystemClock | HttpClock]:
    if settings.clock_url is None:
        yield SystemClock()
    else:
        async with HttpClock.open(settings.clock_url) as clock:
            yield clock


@contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """Set by the first of them; afterwards all do again what they always do, so that a second one ends a stop."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(*_: object) -> None:
        loop.call_soon_threadsafe(stopped.set)

    # Not by loop.add_signal_handler, which Windows does not have.
    before = {each: signal.signal(each, stop) for each in _STOPPING}
    yield stopped
    for each, handler in before.items():
        signal.signal(each, handler)


async def _end(*jobs: asyncio.Task[Any]) -> None:
    """Cancel what still runs, then raise what one of them failed with."""
    for job in jobs:
        job.cancel()
    for ended in await asyncio.gather(*jobs, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
