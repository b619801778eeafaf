"""A paper is withdrawn: whoever looks at its card sees so."""

from __future__ import annotations

from tests.e2e.lab import Lab
from tests.e2e.test_daily import seeded


async def test_a_posted_paper_that_is_withdrawn_is_edited_so(lab: Lab) -> None:
    await seeded(lab)
    paper = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await lab.once()
    lab.days()
    comment = "This paper has been withdrawn by its authors"
    lab.sandbox.corpus.revise(paper.base_id, lab.sandbox.clock.now(), comment=comment)

    assert (await lab.once()).complete

    [card] = lab.messages()[1:]
    assert card.embeds[0]["author"]["name"] == "Withdrawn · v2"
    assert [button["label"] for row in card.components for button in row["components"]] == ["arXiv"]
