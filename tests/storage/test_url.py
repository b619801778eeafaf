"""What hosts give as DATABASE_URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.storage.url import parse


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("sqlite:///arxiv-daily.db", Path("arxiv-daily.db")),
        ("sqlite:////data/my papers.db", Path("/data/my papers.db")),
        (" sqlite:///C:/data/papers.db\n", Path("C:/data/papers.db")),
    ],
)
def test_sqlite_file(text: str, file: Path) -> None:
    address = parse(text)
    assert address.file == file
    assert address.url.drivername == "sqlite+aiosqlite"
    assert address.url.database == str(file)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_as_hosts_give_it(scheme: str) -> None:
    address = parse(f"{scheme}://lab:secret@db.example.org:6543/papers?sslmode=require&channel_binding=require")
    url = address.url
    assert (url.drivername, url.username, url.password) == ("postgresql+asyncpg", "lab", "secret")
    assert (url.host, url.port, url.database) == ("db.example.org", 6543, "papers")
    assert address.connect_args["ssl"] == "require"
    assert address.file is None


@pytest.mark.parametrize(
    ("written", "password"),
    [("p%40ss%2Fw%23rd", "p@ss/w#rd"), ("p@ss/w#rd", "p@ss/w#rd"), ("a:b?c=d@e", "a:b?c=d@e"), ("50%", "50%"), ("", "")],
)
def test_password_escaped_or_not(written: str, password: str) -> None:
    url = parse(f"postgres://lab:{written}@db.example.org/papers").url
    assert (url.password, url.host, url.database) == (password, "db.example.org", "papers")


def test_postgresql_through_a_socket() -> None:
    address = parse("postgresql:///papers?host=/var/run/postgresql&application_name=bot&connect_timeout=5")
    assert (address.url.host, address.url.database) == (None, "papers")
    expected = {"host": "/var/run/postgresql", "server_settings": {"application_name": "bot"}, "timeout": 5}
    assert address.connect_args.items() >= expected.items()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "sqlite:///file.db"),
        ("arxiv-daily.db", "sqlite:///file.db"),
        ("mysql://lab:secret@db/papers", "sqlite:///file.db"),
        ("sqlite://papers.db", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///papers.db?mode=ro", "question mark"),
        ("postgres://lab:secret@db:port/papers", "postgresql://user:password@host:5432/name"),
        ("postgres://lab:secret@db:99999/papers", "postgresql://user:password@host:5432/name"),
        ("postgres://lab:secret@db/papers?pgbouncer=true", "pgbouncer=true is not understood"),
        ("postgres://lab:secret@db/papers?sslmode=maybe", "verify-full"),
    ],
)
def test_anything_else_is_refused_with_a_remedy_and_without_the_password(text: str, hint: str) -> None:
    with pytest.raises(StorageError) as caught:
        parse(text)
    assert hint in str(caught.value)
    assert "secret" not in str(caught.value)
