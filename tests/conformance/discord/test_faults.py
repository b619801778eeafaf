"""Each way of going wrong, as a client of the Discord API lives through it."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from sandbox.control.faults import Fault
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http

POST = "POST /channels/{channel_id}/messages"


def contents(sandbox: Sandbox) -> list[str]:
    return [message.content for message in sandbox.world.messages(sandbox.world.papers.id)]


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "application/json", 50035),
        (401, "application/json", 0),
        (403, "application/json", 50013),
        (404, "application/json", 10003),
        (500, "application/json", 0),
        (502, "text/html", None),
        (503, "text/html", None),
    ],
)
async def test_a_status_with_its_usual_body(http: Http, sandbox: Sandbox, status: int, kind: str, code: int | None) -> None:
    sandbox.faults.add(Fault(POST, status=status))
    reply = await http.post({"content": "lost"})
    assert (reply.status, reply.headers["Content-Type"]) == (status, kind)
    if code is not None:
        assert reply.json["code"] == code
    assert contents(sandbox) == []
    assert (await http.post({"content": "comes through"})).status == 200
    assert contents(sandbox) == ["comes through"]


async def test_a_body_and_headers_of_ones_own(http: Http, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(POST, status=403, body='{"message": "no", "code": 7}', headers={"X-Reason": "test"}))
    reply = await http.post({"content": "lost"})
    assert (reply.status, reply.json["code"], reply.headers["X-Reason"]) == (403, 7, "test")


async def test_429_carries_via_unless_told_otherwise(http: Http, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(POST, status=429, headers={"Retry-After": "3"}))
    sandbox.faults.add(Fault(POST, status=429, headers={"Via": ""}))
    discord, cloudflare = await http.post({"content": "a"}), await http.post({"content": "b"})
    assert discord.headers["Via"]
    assert discord.json["retry_after"] == 3
    assert "Via" not in cloudflare.headers


async def test_stored_and_then_failed(http: Http, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(POST, status=500, stored=True))
    assert (await http.post({"content": "there", "nonce": "n", "enforce_nonce": True})).status == 500
    assert contents(sandbox) == ["there"]
    assert (await http.post({"content": "there", "nonce": "n", "enforce_nonce": True})).status == 200
    assert contents(sandbox) == ["there"]


@pytest.mark.parametrize("stored", [False, True])
async def test_a_connection_reset(http: Http, sandbox: Sandbox, stored: bool) -> None:
    sandbox.faults.add(Fault(POST, reset=True, stored=stored))
    with pytest.raises(aiohttp.ClientOSError, match="reset"):
        await http.post({"content": "perhaps"})
    assert contents(sandbox) == (["perhaps"] if stored else [])
    assert sandbox.requests[-1].status is None


async def test_a_stall(http: Http, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(POST, stall=60))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(http.post({"content": "late"}), timeout=0.05)
    assert contents(sandbox) == []


async def test_whoever_is_held_goes_on_when_all_is_mended(http: Http, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(POST, stall=60))
    held = asyncio.create_task(http.post({"content": "late"}))
    while sandbox.faults.waiting:  # noqa: ASYNC110 -- nothing tells that a request is held
        await asyncio.sleep(0)
    sandbox.faults.clear()
    assert (await asyncio.wait_for(held, timeout=10)).status == 200
    assert contents(sandbox) == ["late"]


async def test_half_an_answer(http: Http, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(POST, keep=0.5))
    cut = await http.post({"content": "whole"})
    assert cut.status == 200
    assert cut.text.startswith('{"id"')
    with pytest.raises(json.JSONDecodeError):
        _ = cut.json
    assert contents(sandbox) == ["whole"]


async def test_the_third_request_and_every_one_after(http: Http, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("GET /channels/{channel_id}", status=503, after=2, times=-1))
    path = f"/channels/{sandbox.world.papers.id}"
    assert [(await http("GET", path)).status for _ in range(4)] == [200, 200, 503, 503]
    sandbox.faults.clear()
    assert (await http("GET", path)).status == 200


async def test_a_fault_strikes_its_own_route_only(http: Http, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(POST, status=500))
    assert (await http("GET", f"/channels/{sandbox.world.papers.id}/messages")).status == 200
