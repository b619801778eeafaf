"""Steering the sandbox over HTTP, and starting it from the command line."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.control.clock import SandboxClock
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import NOW, Http


async def test_the_state_shows_servers_channels_and_messages(http: Http, sandbox: Sandbox) -> None:
    await http.post({"content": "hello", "nonce": "n1", "flags": 1 << 12})
    state = (await http("GET", "/_sandbox/state")).json
    [lab] = state["servers"]
    assert (state["now"], lab["name"]) == ("2026-03-02T06:00:00+00:00", "Materials Lab")
    papers, general = lab["channels"]
    assert (papers["name"], general["name"], general["messages"]) == ("papers", "general", [])
    [message] = papers["messages"]
    assert (message["content"], message["nonce"], message["silent"]) == ("hello", "n1", True)
    assert (await http("GET", f"/_sandbox/channels/{papers['id']}/messages")).json == [message]


async def test_time_is_set_moved_and_read(http: Http, sandbox: Sandbox) -> None:
    assert (await http("POST", "/_sandbox/clock", {"now": "2026-03-03T06:00:00Z"})).text == "2026-03-03T06:00:00+00:00"
    assert (await http("POST", "/_sandbox/clock", {"advance": 90})).status == 200
    assert datetime.fromisoformat((await http("GET", "/_sandbox/clock")).text) == datetime(2026, 3, 3, 6, 1, 30, tzinfo=UTC)
    assert sandbox.clock.now() == datetime(2026, 3, 3, 6, 1, 30, tzinfo=UTC)
    refused = await http("POST", "/_sandbox/clock", {"now": "2026-03-03T06:00:00"})
    assert (refused.status, refused.json) == (400, {"problem": "2026-03-03T06:00:00 needs a zone, such as 2025-12-09T06:00:00Z"})


def test_a_clock_that_runs_goes_on_from_where_it_stood_or_was_moved_to() -> None:
    clock = SandboxClock(NOW)
    assert clock.now() == clock.now() == NOW
    clock.run()
    clock.advance(hours=1)
    shown, machine = clock.now(), datetime.now(UTC)
    assert NOW + timedelta(hours=1) <= shown < NOW + timedelta(hours=2)
    while datetime.now(UTC) == machine:
        pass
    assert clock.now() > shown


async def test_faults_come_and_go(http: Http) -> None:
    fault = {"route": "GET /users/@me", "status": 503, "times": 3}
    assert (await http("POST", "/_sandbox/faults", fault)).status == 204
    assert (await http("GET", "/users/@me")).status == 503
    [standing] = (await http("GET", "/_sandbox/faults")).json
    assert (standing["route"], standing["status"], standing["times"]) == ("GET /users/@me", 503, 2)
    assert (await http("DELETE", "/_sandbox/faults")).status == 204
    assert (await http("GET", "/_sandbox/faults")).json == []
    assert (await http("GET", "/users/@me")).status == 200
    refused = await http("POST", "/_sandbox/faults", {"route": "GET /users/@me", "code": 503})
    assert (refused.status, refused.json) == (400, {"problem": "a fault has no field code"})


async def test_channels_are_made_muted_and_deleted(http: Http, sandbox: Sandbox) -> None:
    made = (await http("POST", "/_sandbox/channels", {"name": "perovskites"})).json
    channel_id = int(made["id"])
    assert (await http.post({"content": "a"}, channel_id)).status == 200
    await http("POST", f"/_sandbox/channels/{channel_id}/permissions", {"deny": ["send_messages"]})
    assert (await http.post({"content": "b"}, channel_id)).json["code"] == 50013
    await http("POST", f"/_sandbox/channels/{channel_id}/permissions", {"allow": ["SEND_MESSAGES"]})
    assert (await http.post({"content": "c"}, channel_id)).status == 200
    [first, _] = sandbox.world.messages(channel_id)
    await http("DELETE", f"/_sandbox/channels/{channel_id}/messages/{first.id}")
    assert [message.content for message in sandbox.world.messages(channel_id)] == ["c"]
    assert (await http("DELETE", f"/_sandbox/channels/{channel_id}")).status == 204
    assert (await http.post({"content": "d"}, channel_id)).json["code"] == 10003


async def test_a_thread_is_made_and_locked(http: Http, sandbox: Sandbox) -> None:
    parent_id = str(sandbox.world.papers.id)
    thread = (await http("POST", "/_sandbox/channels", {"name": "talk", "kind": 11, "parent_id": parent_id})).json
    await http("POST", f"/_sandbox/channels/{thread['id']}/lock")
    assert (await http.post({"content": "a"}, int(thread["id"]))).json["code"] == 160005


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "problem"),
    [
        ("DELETE", "/_sandbox/channels/1", None, 404, "there is nothing with the id 1"),
        ("POST", "/_sandbox/channels", {}, 400, "name is missing"),
        ("POST", "/_sandbox/channels", {"name": "talk", "kind": 11}, 400, "a thread needs a parent channel"),
        ("POST", "/_sandbox/clock", {}, 400, "advance is missing"),
        ("POST", "/_sandbox/clock", [], 400, "the body must be a JSON object"),
        ("POST", "/_sandbox/faults", {"status": 503}, 400, "route is missing"),
        ("POST", "/_sandbox/publish", {"titel": "a typo"}, 400, "a paper has no field titel"),
        ("POST", "/_sandbox/revise", {"base_id": "2603.99999"}, 404, "there is nothing with the id 2603.99999"),
    ],
)
async def test_mistakes_are_explained(http: Http, method: str, path: str, body: Any, status: int, problem: str) -> None:
    reply = await http(method, path, body)
    assert (reply.status, reply.json) == (status, {"problem": problem})


async def test_requests_are_kept_and_counted(http: Http, sandbox: Sandbox) -> None:
    await http.post({"content": "a"})
    await http("GET", f"/channels/{sandbox.world.papers.id}/messages?limit=1")
    sent, read = sandbox.requests
    assert (sent.route, sent.body, sent.status, sent.at) == (
        "POST /channels/{channel_id}/messages",
        {"content": "a"},
        200,
        NOW,
    )
    assert read.path == f"/channels/{sandbox.world.papers.id}/messages?limit=1"
    counted = (await http("GET", "/_sandbox/requests")).json
    assert counted["count"] == 2
    assert counted["by_route"]["POST /channels/{channel_id}/messages"] == 1


async def test_a_published_paper_is_found_at_arxiv(http: Http, sandbox: Sandbox) -> None:
    published = await http("POST", "/_sandbox/publish", {"title": "A paper about nothing", "authors": ["Emmy Noether"]})
    assert published.status == 201
    revised = await http("POST", "/_sandbox/revise", {"base_id": published.json["id"].removesuffix("v1"), "comment": "new"})
    assert revised.json["id"] == published.json["id"].replace("v1", "v2")
    async with aiohttp.ClientSession() as session, session.get(sandbox.arxiv_api_url + "?search_query=ti:nothing") as answer:
        text = await answer.text()
    assert "A paper about nothing" in text
    assert revised.json["id"] in text


@pytest.mark.parametrize("now", ["yesterday", "2026-03-02T06:00:00"])
async def test_the_command_explains_a_wrong_moment(now: str) -> None:
    command = (sys.executable, "-m", "sandbox", "--now", now)
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert process.returncode == 2
    assert now in said.decode().splitlines()[-1]


async def test_the_command_starts_and_ends() -> None:
    command = (sys.executable, "-m", "sandbox", "--now", "2026-03-02T06:00:00Z")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        ready = json.loads(await process.stdout.readline())
        headers = {"Authorization": f"Bot {ready['token']}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.get(ready["discord_api_url"] + "/users/@me") as answer:
                assert (await answer.json())["username"] == "arXiv Daily"
            async with session.get(ready["clock_url"]) as answer:
                assert await answer.text() == "2026-03-02T06:00:00+00:00"
            async with session.get(ready["arxiv_api_url"] + "?search_query=cat:cond-mat.mtrl-sci") as answer:
                assert "<entry>" in await answer.text()
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
