"""Whose turn it is."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.arxiv import Gate
from bot.arxiv.gate import LEAD
from bot.errors import ArxivThrottled

from .conftest import NOW, ManualClock

URL = "https://arxiv.invalid/api/query"


class HeldClock(ManualClock):
    """Sleeping ends when the test says so."""

    def __init__(self, *, last_asleep_wakes_first: bool = False) -> None:
        super().__init__()
        self._alarms: list[asyncio.Event] = []
        self._step = -1 if last_asleep_wakes_first else 1

    async def sleep(self, seconds: float) -> None:
        alarm = asyncio.Event()
        self._alarms.append(alarm)
        await alarm.wait()

    async def ring(self, seconds: float) -> None:
        """So much time passes, and all who sleep wake."""
        self.advance(seconds=seconds)
        for alarm in self._alarms[:: self._step]:
            alarm.set()
        await settle()


class StandingClock(ManualClock):
    """Time stands still however long one sleeps, as the sandbox's may."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


class Visitors:
    """Tasks that pass the gate, and the order in which they did."""

    def __init__(self, gate: Gate, clock: ManualClock) -> None:
        self._gate = gate
        self._clock = clock
        self.passed: list[str] = []
        self.times: list[datetime] = []

    async def visit(self, name: str, *, interactive: bool = False) -> None:
        async with self._gate.turn(url=URL, interactive=interactive):
            self.passed.append(name)
            self.times.append(self._clock.now())
            await asyncio.sleep(0)

    def send(self, name: str, *, interactive: bool = False) -> asyncio.Task[None]:
        return asyncio.create_task(self.visit(name, interactive=interactive))


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_turns_start_an_interval_apart_in_the_order_of_asking(clock: ManualClock) -> None:
    visitors = Visitors(Gate(clock=clock, interval=5), clock)
    await asyncio.gather(*(visitors.visit(name) for name in "abc"))
    assert visitors.passed == ["a", "b", "c"]
    assert visitors.times == [NOW, NOW + timedelta(seconds=5), NOW + timedelta(seconds=10)]


async def test_a_request_longer_than_the_interval_needs_no_further_pause(clock: ManualClock) -> None:
    gate = Gate(clock=clock)
    async with gate.turn(url=URL):
        clock.advance(seconds=4)
    async with gate.turn(url=URL):
        assert clock.now() == NOW + timedelta(seconds=4)


async def test_an_error_inside_a_turn_gives_the_gate_back(clock: ManualClock) -> None:
    gate = Gate(clock=clock)
    with pytest.raises(ConnectionError):
        async with gate.turn(url=URL):
            raise ConnectionError
    visitors = Visitors(gate, clock)
    await visitors.visit("next")
    assert visitors.passed == ["next"]


async def test_people_pass_a_digest_but_never_hold_it_up(clock: ManualClock) -> None:
    gate = Gate(clock=clock)
    visitors = Visitors(gate, clock)
    async with gate.turn(url=URL):
        waiting = [visitors.send("scheduled")]
        waiting += [visitors.send("interactive", interactive=True) for _ in range(30)]
        await settle()
    await asyncio.gather(*waiting)
    assert visitors.passed.index("scheduled") == LEAD


@pytest.mark.parametrize("interactive_wakes_first", [False, True])
async def test_interactive_overtakes_even_one_who_sleeps_out_the_interval(interactive_wakes_first: bool) -> None:
    clock = HeldClock(last_asleep_wakes_first=interactive_wakes_first)
    visitors = Visitors(Gate(clock=clock), clock)
    await visitors.visit("first")
    waiting = [visitors.send("scheduled"), visitors.send("scheduled too")]
    await settle()
    waiting.append(visitors.send("interactive", interactive=True))
    await settle()
    assert visitors.passed == ["first"]
    for _ in range(3):
        await clock.ring(seconds=3)
    await asyncio.gather(*waiting)
    assert visitors.passed == ["first", "interactive", "scheduled", "scheduled too"]
    assert visitors.times == [NOW + timedelta(seconds=3 * turn) for turn in range(4)]


@pytest.mark.parametrize("asleep", [True, False], ids=["asleep", "waiting"])
async def test_one_who_gives_up_waiting_wedges_nothing(asleep: bool) -> None:
    clock = HeldClock()
    visitors = Visitors(Gate(clock=clock), clock)
    await visitors.visit("first")
    sleeper, waiter, last = (visitors.send(name) for name in ("sleeper", "waiter", "last"))
    await settle()
    (sleeper if asleep else waiter).cancel()
    await settle()
    for _ in range(3):
        await clock.ring(seconds=3)
    await asyncio.wait([sleeper, waiter, last], timeout=1)
    assert visitors.passed == ["first", "waiter" if asleep else "sleeper", "last"]


async def test_one_who_gives_up_the_moment_the_gate_opens_wedges_nothing(clock: ManualClock) -> None:
    gate = Gate(clock=clock)
    visitors = Visitors(gate, clock)
    async with gate.turn(url=URL):
        unlucky, last = visitors.send("unlucky"), visitors.send("last")
        await settle()
    unlucky.cancel()
    await asyncio.wait([unlucky, last], timeout=1)
    assert visitors.passed == ["last"]


async def test_a_cool_down_fails_those_already_waiting(clock: ManualClock) -> None:
    gate = Gate(clock=clock)
    visitors = Visitors(gate, clock)
    async with gate.turn(url=URL):
        waiting = [visitors.send("a"), visitors.send("b", interactive=True)]
        await settle()
        until = gate.cool_down()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [result.until for result in results if isinstance(result, ArxivThrottled)] == [until, until]
    assert visitors.passed == []


async def test_a_standing_clock_delays_but_does_not_lock() -> None:
    clock = StandingClock()
    visitors = Visitors(Gate(clock=clock), clock)
    await asyncio.wait_for(asyncio.gather(*(visitors.visit(name) for name in "abc")), timeout=5)
    assert visitors.passed == ["a", "b", "c"]
    assert clock.slept == [3, 3]
