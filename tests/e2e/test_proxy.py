"""A network that lets nothing out but through a proxy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest

from tests.e2e.lab import Lab


@dataclass(slots=True)
class Proxy:
    """Opens no tunnel; what is asked for in plain HTTP it answers itself."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    """First lines of the requests."""


@asynccontextmanager
async def proxy(answer: Callable[[], bytes] = bytes) -> AsyncIterator[Proxy]:
    found = Proxy()

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        found.asked.append(head.splitlines()[0])
        tunnel = head.startswith("CONNECT")
        body = b"" if tunnel else answer()
        status = "502 No tunnel" if tunnel else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        writer.close()

    async with await asyncio.start_server(attend, "127.0.0.1", 0) as server:
        found.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield found


async def test_arxiv_is_asked_through_it(lab: Lab) -> None:
    lab.sandbox.corpus.publish(lab.sandbox.clock.now(), title="Moss")
    async with aiohttp.ClientSession() as session, session.get(f"{lab.sandbox.arxiv_api_url}?search_query=all:moss") as answer:
        feed = await answer.read()
    async with proxy(lambda: feed) as way:
        lab.environment |= {"ARXIV_API_URL": "http://arxiv.example/api/query", "ARXIV_INTERVAL": "3"}
        lab.environment |= {"HTTP_PROXY": f"http://{way.address}"}
        finished = await lab.bot("query", "try", "all:moss")

    assert "1 paper matches" in finished.out
    [line] = way.asked
    assert line.startswith("GET http://arxiv.example/api/query?search_query=all")


@pytest.mark.parametrize(("command", "scheme"), [("run", ""), ("run", "http://"), ("once", "")])
async def test_discord_is_asked_through_it(lab: Lab, command: str, scheme: str) -> None:
    async with proxy() as way:
        lab.environment |= {"DISCORD_API_URL": "https://discord.example/api/v10", "HTTPS_PROXY": f"{scheme}{way.address}"}
        finished = await lab.bot(command)

    assert finished.status == 1
    assert "CONNECT discord.example:443 HTTP/1.1" in way.asked


async def test_this_machine_and_the_hosts_of_no_proxy_are_asked_directly(lab: Lab) -> None:
    async with proxy() as way:
        lab.environment |= {"HTTP_PROXY": f"http://{way.address}", "HTTPS_PROXY": f"http://{way.address}", "NO_PROXY": ".example"}
        assert (await lab.bot("query", "try", "all:moss")).status == 0
        lab.environment |= {"ARXIV_API_URL": "https://arxiv.example/api/query", "ARXIV_INTERVAL": "3"}
        assert (await lab.bot("query", "try", "all:moss")).status == 1

    assert way.asked == []


async def test_a_proxy_of_another_kind_is_refused_with_a_sentence(lab: Lab) -> None:
    lab.environment |= {"DISCORD_API_URL": "https://discord.example/api/v10", "HTTPS_PROXY": "socks5://127.0.0.1:9"}
    finished = await lab.bot("run")

    assert finished.status == 2
    assert "HTTPS_PROXY names a proxy that is neither http nor https" in finished.err
