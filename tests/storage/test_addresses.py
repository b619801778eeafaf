"""PostgreSQL at the addresses that hosts give: each is used for a real connection."""

from __future__ import annotations

from shutil import which
from urllib.parse import quote

import pytest
from sqlalchemy import text

from bot.errors import StorageError
from bot.storage.database import Database, upgrade
from bot.storage.url import parse
from tests.databases import Postgres, administering, made_anew

PASSWORD = "p@ss/w#rd:?=50%"
ESCAPED = quote(PASSWORD, safe="")


async def address(postgres: Postgres, password: str, *, scheme: str = "postgres", options: str = "") -> str:
    """Of an empty database, whose owner comes in with PASSWORD; written with `password`."""
    server = postgres.start()
    await made_anew(server, "lab_test")
    async with administering(server) as connection:
        await connection.exec_driver_sql("DROP ROLE IF EXISTS lab")
        await connection.exec_driver_sql(f"CREATE ROLE lab LOGIN PASSWORD '{PASSWORD}'")
        await connection.exec_driver_sql("ALTER DATABASE lab_test OWNER TO lab")
    return f"{scheme}://lab:{password}@127.0.0.1:{parse(server).url.port}/lab_test{options}"


async def connection_of(url: str) -> tuple[str, bool]:
    """Who is connected, and whether the connection is encrypted."""
    async with Database.open(url) as database, database.begin() as connection:
        question = "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        user, encrypted = (await connection.execute(text(question))).one()
    return user, encrypted


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
async def test_scheme(postgres: Postgres, scheme: str) -> None:
    assert (await connection_of(await address(postgres, ESCAPED, scheme=scheme)))[0] == "lab"


async def test_a_password_with_special_characters_as_it_is(postgres: Postgres) -> None:
    assert (await connection_of(await address(postgres, PASSWORD)))[0] == "lab"


async def test_a_wrong_password_is_refused_and_not_shown(postgres: Postgres) -> None:
    with pytest.raises(StorageError, match="password authentication failed") as caught:
        await upgrade(await address(postgres, "geheim"))
    assert "geheim" not in str(caught.value)


encrypting = pytest.mark.skipif(which("openssl") is None, reason="openssl, which makes the server's certificate, is not found")


@encrypting
@pytest.mark.parametrize(("sslmode", "encrypted"), [("require", True), ("disable", False)])
async def test_sslmode(postgres: Postgres, sslmode: str, encrypted: bool) -> None:
    url = await address(postgres, ESCAPED, options=f"?sslmode={sslmode}")
    assert await connection_of(url) == ("lab", encrypted)


@encrypting
async def test_sslmode_verify_full_refuses_a_certificate_nobody_vouches_for(postgres: Postgres) -> None:
    with pytest.raises(StorageError, match="certificate"):
        await upgrade(await address(postgres, ESCAPED, options="?sslmode=verify-full"))
