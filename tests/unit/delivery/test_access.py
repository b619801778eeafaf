"""What is missing in a channel, said so that somebody can mend it."""

from __future__ import annotations

import pytest

from bot.digest.access import Standing, objection, unsuitable

ALL = frozenset({"view_channel", "send_messages", "embed_links"})
IN_THREADS = frozenset({"view_channel", "send_messages_in_threads", "embed_links"})


@pytest.mark.parametrize(
    ("standing", "sentence"),
    [
        (Standing("papers", ALL), None),
        (Standing("papers", ALL - {"embed_links"}), "the bot lacks Embed Links in #papers; grant it"),
        (Standing("papers", frozenset()), "the bot lacks View Channel and Send Messages and Embed Links in #papers"),
        (Standing("talk", IN_THREADS, thread=True), None),
        (Standing("talk", ALL, thread=True), "the bot lacks Send Messages in Threads in #talk"),
        (Standing("talk", IN_THREADS, thread=True, locked=True), "the thread #talk is locked; unlock it"),
        (Standing("talk", IN_THREADS | {"manage_threads"}, thread=True, locked=True), None),
    ],
)
def test_what_is_missing_and_where_to_grant_it(standing: Standing, sentence: str | None) -> None:
    said = objection(standing)
    assert (said is None) == (sentence is None)
    assert (said or "").startswith(sentence or "")


def test_the_remedy_for_the_wrong_kind_of_channel_names_the_right_ones() -> None:
    assert unsuitable("voice").startswith("a voice channel cannot take papers; name a text channel")
    assert unsuitable("private").startswith("a direct message cannot")
