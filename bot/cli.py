"""The command line. Exit status: 0 all that was due is done, 1 something must be tried again; 2 something must be fixed."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.request import getproxies

from bot import VERSION, logs
from bot.clock import Clock, ShiftedClock, SystemClock
from bot.digest.ask import PAGE, Asker, NoMemory, per_day
from bot.digest.ports import Progress
from bot.digest.report import Report
from bot.errors import (
    AlreadyRunning,
    ArxivError,
    BotError,
    ConfigError,
    DiscordUnreachable,
    QuerySyntaxError,
    StorageUnreachable,
)
from bot.query import lint, parse
from bot.settings import NEEDS_CHANNELS, Settings, load, require_token, secrets, shown
from bot.text.sentences import rate
from bot.text.words import counted

if TYPE_CHECKING:
    from bot.app import App
    from bot.storage.digests import Listing

# What knows Discord, HTTP or SQL is imported by the command that needs it: `query check` and a mistake in config.json are
# answered in a third of the time.

log = logging.getLogger(__name__)

DONE, AGAIN, FIX = 0, 1, 2

EXAMPLES = """examples:
  python -m bot query check 'ti:"crystal structure" AND cat:cs.LG'
  python -m bot once --dry-run --force     print what would be posted, change nothing
  python -m bot once                       post what is due; for cron or a timer
  python -m bot run                        stay in the server: slash commands, and each digest at its hour
  python -m bot config show

exit status: 0 done, or run was stopped by a signal; 1 something must be tried again, 2 something must be fixed first
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    options = _parser().parse_args(arguments)
    # Before the settings are read: what is wrong with them is told too.
    addresses = (os.environ.get("DATABASE_URL", ""), *getproxies().values())
    logs.keep_secret({os.environ.get("DISCORD_TOKEN", ""), *chain.from_iterable(map(logs.passwords, addresses))})
    try:
        status: int = options.command(options)
        return status
    except QuerySyntaxError as error:
        return _fail(f"{error.problem}\n\n{error.pointer()}\n\n{error.remedy}", FIX)
    except ConfigError as error:
        return _fail("\n".join(f"- {problem}" for problem in error.problems), FIX)
    except (ArxivError, DiscordUnreachable, StorageUnreachable) as error:
        return _fail(str(error), AGAIN)
    except BotError as error:
        return _fail(str(error), FIX)
    except Exception:  # Python itself would print it with whatever secret is in it
        return _fail(traceback.format_exc(), AGAIN)


def _fail(text: str, status: int) -> int:
    _say(text, sys.stderr)
    return status


def _say(text: str, file: TextIO | None = None) -> None:
    """On the terminal, by default on stdout, without any secret."""
    print(logs.hide(text), file=file)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, default=Path("config.json"), metavar="PATH", help="default: %(default)s")
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Posts each new arXiv paper that matches a lab's query into its Discord channel, once.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"arxiv-daily-discord {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    once = commands.add_parser("once", parents=[common], help="run every due digest over REST, then exit")
    once.add_argument("--now", type=_moment, metavar="ISO8601", help="pretend it is then, e.g. 2026-03-02T14:00:00+08:00")
    once.add_argument("--force", action="store_true", help="run every subscription, due or not; changes no due time")
    once.add_argument("--dry-run", action="store_true", help="print what would be posted; nothing is sent, nothing is kept")
    once.set_defaults(command=_once)

    run = commands.add_parser(
        "run", parents=[common], help="live in the server: slash commands, and every digest at its hour; ends with Ctrl+C"
    )
    run.set_defaults(command=_run)

    query = commands.add_parser("query", help="look at a query").add_subparsers(required=True, metavar="check|try")
    for name, command, text in (
        ("check", _query_check, "how a query is read, and what arXiv would misread"),
        ("try", _query_try, "ask arXiv once: hits, papers a day, newest titles"),
    ):
        one = query.add_parser(name, parents=[common], help=text)
        one.add_argument("text", metavar="TEXT", help="in arXiv's language, quoted for the shell")
        one.set_defaults(command=command)
        if name == "try":
            one.add_argument("--now", type=_moment, metavar="ISO8601", help="pretend it is then")

    publish = commands.add_parser("publish", parents=[common], help="write the last digest's papers into a Markdown file")
    publish.add_argument("--markdown", type=Path, metavar="FILE", help="default: publish.markdown of config.json")
    publish.add_argument("--now", type=_moment, metavar="ISO8601", help="the time to be written there")
    publish.set_defaults(command=_publish)

    config = commands.add_parser("config", help="look at the configuration").add_subparsers(required=True, metavar="show")
    show = config.add_parser("show", parents=[common], help="every setting, its value and its origin; secrets hidden")
    show.set_defaults(command=_config_show)

    db = commands.add_parser("db", help="look after the database").add_subparsers(
        required=True, metavar="upgrade|backup|check|restore"
    )
    upgrade = db.add_parser("upgrade", parents=[common], help="bring the tables to this version; also done at every start")
    upgrade.set_defaults(command=_db_upgrade)
    check = db.add_parser("check", parents=[common], help="whether it is whole, its version, and how much is in it")
    check.set_defaults(command=_db_check)
    for name, command, text in (
        ("backup", _db_backup, "copy it into FILE, also while the bot runs"),
        ("restore", _db_restore, "put the copy FILE in its place; the present one is kept beside it"),
    ):
        one = db.add_parser(name, parents=[common], help=text)
        one.add_argument("file", type=Path, metavar="FILE")
        one.set_defaults(command=command)
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write it like 2026-03-02T14:00:00+08:00") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} names no time zone; end it with Z or an offset such as +08:00")
    return moment.astimezone(UTC)


def _clock(options: argparse.Namespace) -> Clock:
    """The machine's, or one that starts at `--now`."""
    return SystemClock() if options.now is None else ShiftedClock(options.now)


def _settings(options: argparse.Namespace) -> Settings:
    settings = load(options.config)
    logs.keep_secret(secrets(settings))
    logs.configure(settings.log_format, settings.log_level)
    for note in settings.notes:
        log.info(note)
    return settings


def _tell_at_start(settings: Settings, now: datetime) -> None:
    """What works, and perhaps not as it was meant."""
    for written, hints in settings.hints(now):
        for hint in hints:
            log.warning("config.json, %s: %s", written.place, hint)
    if settings.arxiv_contact is None:
        log.info("ARXIV_CONTACT is not set: with an e-mail or web address in it, arXiv can ask before it blocks this bot")


# --- once -------------------------------------------------------------------------------------


def _once(options: argparse.Namespace) -> int:
    settings = _settings(options)
    clock = _clock(options)
    if not options.dry_run:
        require_token(settings)
    _tell_at_start(settings, clock.now())
    return asyncio.run(_run_once(settings, clock, force=options.force, dry_run=options.dry_run))


async def _run_once(settings: Settings, clock: Clock, *, force: bool, dry_run: bool) -> int:
    from bot.app import App

    with logs.identified("digest"), _progress() as progress:
        async with App.open(settings, clock, progress) as app:
            report = await (_rehearse(app, force=force) if dry_run else _post(app, force=force))
            next_due = await app.storage.subscriptions.next_due()
    _say(_summary(report, next_due, settings, rehearsed=dry_run))
    return report.status


async def _post(app: App, *, force: bool) -> Report:
    from bot.delivery.outbox import connected

    async with connected(require_token(app.settings), app.settings.discord_api_url, app.clock) as channels:
        return await app.run_digest(channels, force=force)


async def _rehearse(app: App, *, force: bool) -> Report:
    from bot.delivery.console import Console

    async with app.storage.database.rehearsal():
        return await app.run_digest(Console(app.settings.zone), force=force)


def _summary(report: Report, next_due: datetime | None, settings: Settings, *, rehearsed: bool) -> str:
    lines = report.lines(rehearsed=rehearsed)
    if not report.channels and report.complete:
        lines.append("Nothing was due.")
    for channel_id, until in report.resting.items():
        again = f"{_local(until, settings)} ({settings.timezone})"
        waits = "its messages wait, as Discord has not taken the first of them"
        lines.append(f"{report.called(channel_id)}: {waits}; it is asked again after {again}")
    if next_due is not None:
        lines.append(f"Next digest: {_local(next_due, settings)} ({settings.timezone})")
    elif not settings.channels:
        lines.append("No channel is configured: name one under channels in config.json.")
    return "\n".join(lines)


def _local(moment: datetime, settings: Settings) -> str:
    local = moment.astimezone(settings.zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar where a person watches, nothing elsewhere."""
    from bot.app import Quiet

    if not sys.stderr.isatty():
        yield Quiet()
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    class Terminal:
        def __init__(self, bars: Bars) -> None:
            self._bars = bars
            self._task = bars.add_task("Starting", total=None)

        def stage(self, name: str, total: int) -> None:
            self._bars.update(self._task, visible=False)
            self._task = self._bars.add_task(name, total=total, visible=total > 0)

        def step(self) -> None:
            self._bars.advance(self._task)

    with Bars(console=Console(stderr=True), transient=True) as bars:
        yield Terminal(bars)


# --- run --------------------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    """Exit status 0 after SIGTERM or SIGINT."""
    from bot.daemon.run import run

    settings = _settings(options)
    _tell_at_start(settings, SystemClock().now())
    asyncio.run(run(settings))
    return DONE


# --- the rest ---------------------------------------------------------------------------------


def _query_check(options: argparse.Namespace) -> int:
    query = parse(options.text)
    _say(f"arXiv is asked:\n  {query}")
    for hint in lint(options.text, SystemClock().now()):
        _say(f"\n{hint.problem}\n\n{hint.pointer()}\n\n{hint.remedy}")
    return DONE


def _query_try(options: argparse.Namespace) -> int:
    _query_check(options)
    settings = _settings(options)
    return asyncio.run(_try(settings, options.text, _clock(options)))


async def _try(settings: Settings, text: str, clock: Clock) -> int:
    from bot.app import sources

    async with sources(settings, clock) as (_, interactive):
        asker = Asker(interactive, NoMemory(), max_results=settings.max_results)
        answer = await asker.ask(str(parse(text)), clock.now(), limit=PAGE)
    if not answer.total:
        _say("\nNo paper matches.")
        return DONE
    papers = "paper matches" if answer.total == 1 else "papers match"
    _say(f"\n{answer.total:,} {papers}; new and revised ones come {rate(per_day(answer, clock.now()))}.\n")
    for paper in answer.papers[:5]:
        _say(f"  {paper.id}  {paper.updated:%Y-%m-%d}  {paper.title}")
    return DONE


def _publish(options: argparse.Namespace) -> int:
    settings = _settings(options)
    configured = settings.publish.markdown if settings.publish else None
    file: Path | None = options.markdown or configured
    if file is None:
        raise ConfigError(["No file is named; add --markdown FILE, or set publish in config.json."])
    if not settings.channels:
        raise ConfigError([f"channels is empty; {NEEDS_CHANNELS}"])
    clock = _clock(options)
    listing = asyncio.run(_list_in(file, settings, clock))
    _say(f"{file}: {len(listing.new)} new, {len(listing.revised)} revised")
    return DONE


async def _list_in(file: Path, settings: Settings, clock: Clock) -> Listing:
    from bot.app import App

    try:
        async with App.open(settings, clock) as app:
            return await app.publication.markdown(file, clock.now())
    except AlreadyRunning as error:
        raise AlreadyRunning(f"{error} Or let it write the list itself after each digest: set publish in config.json.") from error


def _config_show(options: argparse.Namespace) -> int:
    _say(shown(_settings(options), SystemClock().now()))
    return DONE


def _db_upgrade(options: argparse.Namespace) -> int:
    from bot.storage.database import upgrade

    settings = _settings(options)
    _say(asyncio.run(upgrade(settings.database_url)))
    return DONE


def _db_check(options: argparse.Namespace) -> int:
    from bot.storage.copies import check
    from bot.storage.database import HEAD

    found = asyncio.run(check(_settings(options).database_url))
    _say(f"version {found.version}" + (f"; the next start brings it to {HEAD}" if found.version < HEAD else ""))
    _say(", ".join(counted(count, noun) for noun, count in found.counts))
    if found.problem is not None:
        return _fail(found.problem, FIX)
    _say("The database is whole.")
    return DONE


def _db_backup(options: argparse.Namespace) -> int:
    from bot.storage.copies import back_up, check

    back_up(_settings(options).database_url, options.file)
    found = asyncio.run(check(f"sqlite:///{options.file}"))
    _say(f"{options.file}: {', '.join(counted(count, noun) for noun, count in found.counts)}")
    return DONE


def _db_restore(options: argparse.Namespace) -> int:
    from bot.storage.copies import restore

    settings = _settings(options)
    kept = restore(settings.database_url, options.file, SystemClock().now())
    _say(f"{options.file} is the database now." + (f" What was there before is in {kept}." if kept else ""))
    return DONE
