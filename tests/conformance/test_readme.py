"""sandbox/README.md is true: it names every control route and no other, and its example runs."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from sandbox.server import Sandbox

README = (Path(__file__).parents[2] / "sandbox" / "README.md").read_text(encoding="utf-8")
BELOW = "/_sandbox/"


def test_it_names_every_control_route_and_no_other() -> None:
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) ([a-z][^`]*)`", README.partition("| purpose |")[2].partition("\n\n")[0])
    assert len(named) == len(set(named))
    routes = Sandbox().application().router.routes()
    there = {(route.method, route.resource.canonical) for route in routes if route.resource}
    assert set(named) == {
        (method, path.removeprefix(BELOW)) for method, path in there if path.startswith(BELOW) and method != "HEAD"
    }


async def test_its_example_publishes_a_paper_and_reads_a_channel() -> None:
    bash = shutil.which("bash")
    if bash is None or shutil.which("curl") is None:
        pytest.skip("the example needs bash and curl")
    [example] = re.findall(r"```sh\n(.+?)```", README, re.DOTALL)
    [start, *lines] = example.splitlines()
    assert start.startswith("python -m sandbox ")
    async with Sandbox() as sandbox:
        sandbox.world.post(sandbox.world.papers.id, "What stands in the channel")
        script = "\n".join(lines).replace("http://127.0.0.1:8400", sandbox.url).replace("curl ", "curl -s --noproxy '*' ")
        process = await asyncio.create_subprocess_exec(bash, "-ec", script, stdout=PIPE)
        said = (await process.communicate())[0].decode()
        [record] = sandbox.corpus.visible(sandbox.clock.now())
    published, at = json.JSONDecoder().raw_decode(said)
    assert (published, record.title, record.authors) == ({"id": record.id}, "Moss grows on stone", ("Emmy Noether",))
    assert [message["content"] for message in json.loads(said[at:])] == ["What stands in the channel"]
