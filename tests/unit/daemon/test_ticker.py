from __future__ import annotations

import asyncio

import pytest

from bot.daemon.ticker import Ticker
from bot.errors import StorageError, TokenRefused


class Ticks:
    """Counts, and fails as told: `failures` by the number of the tick."""

    def __init__(self, last: int, failures: dict[int, Exception] | None = None) -> None:
        self.count = 0
        self.woken = asyncio.Event()
        self.failures = failures or {}
        self.ticker = Ticker(self.tick, self.pause, self.woken)
        self._last = last

    async def tick(self) -> None:
        self.count += 1
        if self.count == self._last:
            self.ticker.stop()
        if self.count in self.failures:
            raise self.failures[self.count]

    async def pause(self) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "failure", [RuntimeError("broken"), TimeoutError(), ConnectionResetError(), ExceptionGroup("two", [OSError()])]
)
async def test_after_a_failed_tick_comes_exactly_one_next_one(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    ticks = Ticks(last=3, failures={2: failure})

    await ticks.ticker.run()

    assert ticks.count == 3
    assert caplog.text.count("this tick failed") == 1
    assert type(failure).__name__ in caplog.text


async def test_what_is_understood_is_one_line_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    ticks = Ticks(last=3, failures={1: StorageError("The disk is full."), 2: StorageError("The disk is full.")})

    await ticks.ticker.run()

    assert [record.exc_info for record in caplog.records] == [None, None]
    assert caplog.text.count("The disk is full.") == 2


async def test_a_refused_token_ends_it() -> None:
    ticks = Ticks(last=3, failures={2: TokenRefused("no")})

    with pytest.raises(TokenRefused):
        await ticks.ticker.run()

    assert ticks.count == 2


async def test_woken_it_does_not_wait_for_the_pause() -> None:
    ticks = Ticks(last=2)

    async def for_ever() -> None:
        ticks.woken.set()
        await asyncio.Event().wait()

    ticks.ticker = Ticker(ticks.tick, for_ever, ticks.woken)
    await asyncio.wait_for(ticks.ticker.run(), 5)

    assert ticks.count == 2


async def test_stopped_during_a_pause_it_ends_at_once() -> None:
    ticks = Ticks(last=99)

    async def for_ever() -> None:
        ticks.ticker.stop()
        await asyncio.Event().wait()

    ticks.ticker = Ticker(ticks.tick, for_ever, ticks.woken)
    await asyncio.wait_for(ticks.ticker.run(), 5)

    assert ticks.count == 1
