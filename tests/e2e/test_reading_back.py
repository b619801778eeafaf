"""Messages that Discord may have stored without saying so are recognised in their channel, and none comes twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.delivery.outbox import connected
from bot.digest.model import Delivery, Kind, Message, Notice, NoticeKind, Outcome, Rejected, Sent, Showing
from bot.paper import PaperId
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab, LabClock
from tests.e2e.test_daily import seeded
from tests.unit.samples import PAPER

POST, HISTORY = "POST /channels/{channel_id}/messages", "GET /channels/{channel_id}/messages"
STORED_UNSAID = Fault(POST, status=503, stored=True, times=3)
"""All three tries of one message."""


async def test_while_the_channel_cannot_be_read_back_nothing_is_sent_there(lab: Lab) -> None:
    await seeded(lab)
    owed = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id for _ in range(3)]
    lab.sandbox.faults.add(replace(STORED_UNSAID, times=6))  # two in a row: the third is left for next time
    assert (await lab.once()).status == 1
    lab.move(hours=1)
    lab.sandbox.faults.add(Fault(HISTORY, status=503, times=-1))

    report = await lab.once()

    assert report.status == 1
    assert lab.posted() == owed[:2]
    lab.sandbox.faults.clear()
    lab.move(hours=1)
    assert (await lab.once()).complete
    assert lab.posted() == owed


async def test_the_text_that_stood_in_for_a_refused_embed_is_recognised(lab: Lab) -> None:
    await seeded(lab)
    owed = lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id
    lab.sandbox.faults.add(Fault(POST, status=400, body='{"code": 50035, "message": "Invalid Form Body"}'))
    lab.sandbox.faults.add(replace(STORED_UNSAID))
    assert (await lab.once()).status == 1
    assert lab.posted() == [owed]
    lab.move(hours=1)

    assert (await lab.once()).complete

    assert lab.posted() == [owed]


async def test_a_paper_that_cannot_be_shown_costs_itself_alone(lab: Lab) -> None:
    """One of a source that this version does not know, say."""
    unknown = replace(PAPER, id=PaperId("10.1101/2026.03.01", 1, "elsewhere"))
    deliveries = [_card(lab, 1, Showing(unknown)), _card(lab, 2, Showing(PAPER))]

    for resuming in (False, True):
        outcomes = await _sent(lab, deliveries, resuming=resuming)

        [rejected] = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        assert "cannot be rendered" in rejected.reason
        assert [type(outcome) for outcome in outcomes if outcome is not rejected] == [Sent]
        assert lab.posted() == [str(PAPER.id)]


async def test_an_edit_of_a_message_that_is_not_ours_any_more_is_done_with(lab: Lab) -> None:
    await seeded(lab)
    paper = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await lab.once()
    lab.days()
    lab.sandbox.corpus.revise(paper.base_id, lab.sandbox.clock.now())
    body = '{"code": 50005, "message": "Cannot edit a message authored by another user"}'
    lab.sandbox.faults.add(Fault("PATCH /channels/{channel_id}/messages/{message_id}", status=403, body=body, times=-1))

    report = await lab.once()

    assert report.complete
    assert report.channels[lab.channel].problem is None


async def test_of_two_messages_that_read_alike_each_is_recognised(lab: Lab) -> None:
    notice = Message(Kind.NOTICE, notice=Notice(NoticeKind.FLOOD, 3))
    deliveries = [_delivery(lab, 1, notice), _delivery(lab, 2, notice)]
    await _sent(lab, deliveries, resuming=False)

    outcomes = await _sent(lab, deliveries, resuming=True)

    assert outcomes == [Sent(message.id) for message in lab.messages()]
    assert len(outcomes) == 2


def _card(lab: Lab, id: int, showing: Showing) -> Delivery:
    return _delivery(lab, id, Message(Kind.CARD, (showing,)))


def _delivery(lab: Lab, id: int, message: Message) -> Delivery:
    created_at = lab.sandbox.clock.now() - timedelta(seconds=1)
    return Delivery(id, lab.sandbox.world.lab.id, lab.channel, lab.channel, f"nonce{id}", created_at, message)


@dataclass
class Notebook:
    """A journal that keeps outcomes and knows nothing else."""

    outcomes: list[Outcome] = field(default_factory=list)

    async def wanted(self, delivery: Delivery) -> bool:
        return True

    async def last_message_id(self, delivery: Delivery) -> int | None:
        return None

    async def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


async def _sent(lab: Lab, deliveries: list[Delivery], *, resuming: bool) -> list[Outcome]:
    notebook = Notebook()
    async with connected(lab.sandbox.world.token, lab.sandbox.discord_api_url, LabClock(lab.sandbox)) as channels:
        await channels.send(deliveries, notebook, resuming=resuming)
    return notebook.outcomes
