"""A message that Discord may have stored, and whose nonce it has forgotten, is looked for before it is sent again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.delivery import worker
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.test_daily import seeded

POST = "POST /channels/{channel_id}/messages"
PAUSE = json.dumps({"message": "You are being rate limited.", "retry_after": 400, "global": False})


@pytest.fixture
async def due(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three papers, and a Discord that knows no nonce by the time of a repeat: more than a minute has passed by then."""
    await seeded(lab)
    lab.sandbox.world.nonce_window = timedelta(0)
    monkeypatch.setattr(worker, "NONCE_LIFE", 0.0)
    return [lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id for _ in range(3)]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(POST, status=502, stored=True, times=2),
        Fault(POST, status=500, stored=True, after=1, times=1),
        Fault(POST, reset=True, stored=True, times=1),
        Fault(POST, keep=0.5, stored=True, times=1),
    ],
    ids=["502 twice", "500 for the second", "reset", "half an answer"],
)
async def test_within_a_run(lab: Lab, due: list[str], fault: Fault) -> None:
    lab.sandbox.faults.add(Fault(**{name: getattr(fault, name) for name in Fault.__slots__}))
    assert (await lab.once()).complete
    assert lab.posted() == due


async def test_stored_and_then_told_to_wait_for_longer_than_the_nonce_lives(
    lab: Lab, due: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "NONCE_LIFE", 60.0)
    lab.sandbox.faults.add(Fault(POST, status=502, stored=True))
    lab.sandbox.faults.add(Fault(POST, status=429, body=PAUSE))
    await lab.once()
    lab.move(seconds=410)
    assert (await lab.once()).complete
    assert sorted(lab.posted()) == due


@pytest.mark.parametrize("status", [403, 404])
async def test_stored_and_then_refused_and_then_allowed_again(lab: Lab, due: list[str], status: int) -> None:
    lab.sandbox.faults.add(Fault(POST, status=500, stored=True))
    lab.sandbox.faults.add(Fault("GET /channels/{channel_id}/messages", status=503))
    lab.sandbox.faults.add(Fault(POST, status=status))
    await lab.once()
    lab.days()
    await lab.once()
    assert sorted(lab.posted()) == due


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"code": 200000, "message": "Message was blocked by automatic moderation"}),
        (400, {"code": 50035, "message": "Invalid Form Body", "errors": {}}),
    ],
    ids=["by a filter", "as malformed"],
)
async def test_stored_and_then_refused_for_good(
    lab: Lab, due: list[str], monkeypatch: pytest.MonkeyPatch, status: int, body: dict[str, object]
) -> None:
    monkeypatch.setattr(worker, "NONCE_LIFE", 60.0)
    lab.sandbox.faults.add(Fault(POST, status=500, stored=True))
    lab.sandbox.faults.add(Fault(POST, status=status, body=json.dumps(body)))
    assert (await lab.once()).complete
    assert lab.posted() == due


async def test_never_answered_and_looked_for_ten_minutes_later(lab: Lab, due: list[str]) -> None:
    lab.sandbox.faults.add(Fault(POST, reset=True, stored=True, times=1))
    lab.sandbox.faults.add(Fault("GET /channels/{channel_id}/messages", reset=True, times=1))
    lab.sandbox.faults.add(Fault(POST, reset=True, times=-1))
    await lab.once()
    lab.sandbox.faults.clear()
    lab.move(minutes=20)
    assert (await lab.once()).complete
    assert sorted(lab.posted()) == due
