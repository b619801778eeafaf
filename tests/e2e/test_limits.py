"""Discord's and arXiv's limits as the bot meets them. In every other end-to-end test they are on too, and never exceeded."""

from __future__ import annotations

from tests.e2e.lab import Lab
from tests.e2e.test_daily import seeded


async def test_more_old_messages_than_discord_lets_be_edited_at_once_are_edited_the_same_morning(lab: Lab) -> None:
    await seeded(lab)
    records = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(8)]
    await lab.once()
    lab.days()
    for record in records:
        lab.sandbox.corpus.revise(record.base_id, lab.sandbox.clock.now())
    lab.sandbox.limits.old_edit_window = 6.0  # Discord's own: the bot sleeps by the clock that the test moves

    report = await lab.once()

    assert report.complete
    assert lab.posted() == [f"{record.base_id}v2" for record in records]
    assert lab.sandbox.limits.exceeded == {"old_edits": 2}  # no header announces this limit: one refusal each three edits
    lab.sandbox.limits.exceeded.clear()
