"""What goes wrong at arXiv."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp

from sandbox.arxiv.server import empty_feed, error_feed
from tests.faults.scenario import Side
from tests.faults.story import Story

SIDE = Side("arXiv's side")


async def failing(story: Story, **fault: Any) -> None:
    """On a day with two papers, for an hour."""
    story.publish()
    story.arxiv(**fault)
    await story.tick()
    await story.look()
    story.lab.move(hours=1)


async def real_answer(story: Story) -> str:
    """What arXiv would answer now to what the bot asked last."""
    asked = story.lab.sandbox.arxiv.requests[-1]
    question = {
        "search_query": asked.search_query,
        "sortBy": asked.sort_by,
        "sortOrder": asked.sort_order,
        "start": str(asked.start),
        "max_results": str(asked.max_results),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.get(story.lab.sandbox.arxiv_api_url, params=question, headers={"Accept": "*/*"}) as answer,
    ):
        text = await answer.text()
    story.lab.move(seconds=3)  # before the bot's own question: so long arXiv asks everybody to wait
    return text


@SIDE.scenario("arXiv answers 503 for an hour")
async def down_for_an_hour(story: Story) -> None:
    await failing(story, status=503)


@SIDE.scenario("arXiv is down for two days")
async def down_for_two_days(story: Story) -> None:
    story.publish()
    story.arxiv(status=500)
    await story.days(1)
    story.publish()
    await story.days(1)
    await story.look()


@SIDE.scenario("arXiv's answer breaks off in the middle")
async def half_an_answer(story: Story) -> None:
    await failing(story, keep=0.5)


@SIDE.scenario("arXiv answers with a web page about maintenance")
async def a_web_page(story: Story) -> None:
    await failing(story, status=200, body="<html><body>Scheduled maintenance</body></html>")


@SIDE.scenario("arXiv asks for a pause (429)")
async def throttled(story: Story) -> None:
    await failing(story, status=429, headers={"Retry-After": "1800"})


@SIDE.scenario("arXiv says that nothing matches, where there were papers")
async def nothing_matches(story: Story) -> None:
    await failing(story, status=200, body=empty_feed(0))


@SIDE.scenario("arXiv says for two days that nothing matches")
async def nothing_matches_for_two_days(story: Story) -> None:
    story.publish()
    story.arxiv(status=200, body=empty_feed(0))
    await story.days(2)
    await story.look()


@SIDE.scenario("arXiv counts 40 papers and gives none")
async def counted_and_not_given(story: Story) -> None:
    await failing(story, status=200, body=empty_feed(40))


@SIDE.scenario("arXiv counts 400 papers and gives five")
async def total_too_large(story: Story) -> None:
    story.publish()
    answer = re.sub(r"(?<=totalResults>)\d+", "400", await real_answer(story))
    story.arxiv(status=200, body=answer)
    await story.tick()
    await story.look()


@SIDE.scenario("arXiv counts one paper and gives five")
async def total_too_small(story: Story) -> None:
    story.publish()
    answer = re.sub(r"(?<=totalResults>)\d+", "1", await real_answer(story))
    story.arxiv(status=200, body=answer)
    await story.tick()
    await story.look()


@SIDE.scenario("one paper in arXiv's answer has no title")
async def damaged(story: Story) -> None:
    record, _ = story.publish()
    answer = (await real_answer(story)).replace(f"<title>{record.title}</title>", "")
    story.arxiv(status=200, body=answer)
    await story.tick()
    await story.look()


@SIDE.scenario("arXiv refuses one of the two queries that a server follows")
async def one_query_refused(story: Story) -> None:
    listed = story.lab.config["channels"]
    await story.stop()
    story.lab.configure(channels=[*listed, {"id": str(story.world.general.id), "query": "ti:moss"}])
    await story.start()
    await story.tick()
    story.until_the_next_digest()
    story.publish(1)
    story.publish(1, title="Moss on old stones", abstract="Green.")
    story.arxiv(status=400, body=error_feed("Invalid query string"), containing="moss")
    await story.tick()
    await story.look()


@SIDE.scenario("300 old papers appear at once")
async def flood(story: Story) -> None:
    story.owe(story.lab.sandbox.corpus.flood(300, story.now))
    await story.tick()
    await story.look()


@SIDE.scenario("arXiv's moderators held a paper for 25 days")
async def held_by_moderators(story: Story) -> None:
    submitted = story.now - timedelta(days=25)
    (paper,) = story.publish(1)
    story.lab.sandbox.corpus.add(replace(paper, published=submitted, updated=submitted))
    await story.tick()
    await story.look()


@SIDE.scenario("arXiv's search shows the day's papers five hours late")
async def index_late(story: Story) -> None:
    story.publish(late=timedelta(hours=5))
    await story.tick()
    await story.look()
    await story.hours(6)


@SIDE.scenario("arXiv's search shows a paper three days late, behind newer ones")
async def out_of_order(story: Story) -> None:
    (late,) = story.publish(1, late=timedelta(days=3))
    for _ in range(3):
        story.publish(1)
        await story.days(1)
    assert late.appears <= story.now
    await story.look()
    await story.tick()


@SIDE.scenario("a paper that was posted is revised")
async def revised(story: Story) -> None:
    record, _ = story.publish()
    await story.tick()
    story.until_the_next_digest()
    story.revise(record)
    await story.tick()
    await story.look()


@SIDE.scenario("a paper that was posted is withdrawn")
async def withdrawn(story: Story) -> None:
    record, _ = story.publish()
    await story.tick()
    story.until_the_next_digest()
    story.revise(record, comment="This paper has been withdrawn by its authors")
    await story.tick()
    await story.look()


@SIDE.scenario("a weekend, on which arXiv announces nothing")
async def weekend(story: Story) -> None:
    story.lab.move(days=4)
    await story.tick()
    await story.look()
