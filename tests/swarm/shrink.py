"""Makes a story that breaks a rule as short as it can be, and tells it in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from tests.swarm.rules import Broken
from tests.swarm.story import Story

PLAYS = 60
"""How often the story is played at most."""

Break = Callable[[Story], Broken | None]


def shrunk(story: Story, broken: Broken, play: Break) -> tuple[Story, Broken]:
    """The story with fewer troubles and labs that still breaks the same rule. `play` gives what a story breaks first."""
    left = PLAYS

    def breaks(candidate: Story) -> bool:
        nonlocal left, story, broken
        left -= 1
        found = play(candidate)
        if found is None or found.rule is not broken.rule:
            return False
        story, broken = replace(candidate, end=min(candidate.end, found.at + timedelta(minutes=1))), found
        return True

    breaks(replace(story, troubles=tuple(each for each in story.troubles if each.at <= broken.at)))
    size = len(story.troubles)
    while size >= 1 and left > 0:
        start = 0
        while start < len(story.troubles) and left > 0:
            kept = story.troubles[:start] + story.troubles[start + size :]
            start += 0 if breaks(replace(story, troubles=kept)) else size
        size //= 2
    for count in range(1, len(story.labs)):
        if left > 0 and all(each.lab < count for each in story.troubles) and breaks(replace(story, labs=story.labs[:count])):
            break
    return story, broken


def told(story: Story, broken: Broken) -> Iterator[str]:
    """What happened, a line each."""
    stays = "stays" if story.stays else "comes when something is due"
    settings = f"revisions: {story.updates}, cards: {story.max_posts}"
    yield f"{story.start:%Y-%m-%d %H:%M} UTC: the year begins; the bot {stays}; {settings}"
    for number, lab in enumerate(story.labs):
        topics = "; ".join(f"channel {place}: {topic.query}" for place, topic in enumerate(lab.topics))
        yield f"  server {number}, {lab.post_at:%H:%M} in {lab.zone}: {topics}"
    for trouble in story.troubles:
        until = f" until {trouble.until:%m-%d %H:%M}" if trouble.lasts else ""
        topic = (
            f", from now on {trouble.topic.query}" if trouble.kind == "a channel follows something else" and trouble.topic else ""
        )
        where = f"server {trouble.lab}, channel {trouble.channel}, number {trouble.number}"
        yield f"{trouble.at:%Y-%m-%d %H:%M} UTC: {trouble.kind}{until} ({where}{topic})"
    yield str(broken)
