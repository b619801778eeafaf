"""Can the database be written, and is it still there tomorrow?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import text

from bot.storage.database import Database
from bot.storage.url import parse

_TEMPORARY = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # looked for, not written to

# A host sets its variable where the bot runs. Their local disks are new with each start or deployment,
# all but Heroku's let a lasting one be mounted somewhere:
# https://devcenter.heroku.com/articles/dynos#ephemeral-filesystem
# https://render.com/docs/disks, https://fly.io/docs/volumes/overview/, https://docs.railway.com/reference/volumes
_HOSTS = {
    "DYNO": "Heroku",
    "RENDER": "Render",
    "FLY_APP_NAME": "Fly.io",
    "RAILWAY_ENVIRONMENT_NAME": "Railway",
    "K_SERVICE": "Google Cloud Run",
}
_NO_MOUNTS = frozenset({"DYNO", "K_SERVICE"})


async def try_writing(database: Database) -> None:
    """Writes one row as it is. Raises StorageError."""
    async with database.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def vanished(url: str) -> bool:
    """Whether an SQLite file was moved or deleted while it is open: it goes on working, and ends with the program."""
    file = parse(url).file
    return file is not None and not file.exists()


def throwaway(url: str, environ: Mapping[str, str]) -> str | None:
    """Who wipes the disk that an SQLite file is on, such as "Heroku"; None where it lasts, and for PostgreSQL."""
    address = parse(url)
    if address.file is None:
        return None
    file = address.file.absolute()
    if any(file.is_relative_to(folder) for folder in _TEMPORARY):
        return "this machine"
    host = next((name for name in _HOSTS if name in environ), None)
    if host is None or (host not in _NO_MOUNTS and _mounted(file)):
        return None
    return _HOSTS[host]


def _mounted(file: Path) -> bool:
    """On a disk other than the program's own."""
    return any(folder.is_mount() for folder in file.parents if folder != Path(file.anchor))
