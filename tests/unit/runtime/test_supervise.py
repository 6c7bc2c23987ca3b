"""Restarting what died: pauses that grow and start anew, and no restart of what ended or was cancelled."""

from itertools import pairwise

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from runtime.supervise import Backoff, keep_running

STEADY = Backoff(first_s=1.0, most_s=8.0, healthy_s=30.0)


def test_pauses_double_up_to_the_most() -> None:
    pauses = [STEADY.pause_s(failures, roll=0.0) for failures in range(1, 7)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_pause_lies_in_the_upper_half_of_its_step(failures: int, roll: float) -> None:
    step_s = min(8.0, 2.0 ** min(failures - 1, 30))
    assert step_s / 2 <= STEADY.pause_s(failures, roll) <= step_s


class Fragile:
    """Lives as long as its script says, then fails; ends by itself after the last life."""

    def __init__(self, *lives_s: float) -> None:
        self._lives_s = list(lives_s)
        self.started_s: list[float] = []

    async def run(self) -> None:
        self.started_s.append(trio.current_time())
        if self._lives_s:
            await trio.sleep(self._lives_s.pop(0))
            raise RuntimeError("died")

    def pauses_s(self, *lives_s: float) -> list[float]:
        return [b - a - life for (a, b), life in zip(pairwise(self.started_s), lives_s, strict=True)]


async def test_what_dies_is_run_again_after_longer_and_longer_pauses(autojump_clock: MockClock) -> None:
    lives_s = (0.0, 0.0, 0.0)
    fragile = Fragile(*lives_s)
    await keep_running("fragile", fragile.run, STEADY)
    first, second, third = fragile.pauses_s(*lives_s)
    assert 0.5 <= first <= 1.0 <= second <= 2.0 <= third <= 4.0


async def test_a_long_life_makes_the_pauses_short_again(autojump_clock: MockClock) -> None:
    lives_s = (0.0, 0.0, 0.0, 31.0)
    fragile = Fragile(*lives_s)
    await keep_running("fragile", fragile.run, STEADY)
    assert fragile.pauses_s(*lives_s)[-1] <= 1.0


async def test_what_ends_by_itself_is_not_run_again(autojump_clock: MockClock) -> None:
    fragile = Fragile()
    await keep_running("fragile", fragile.run, STEADY)
    assert len(fragile.started_s) == 1


async def test_giving_up_raises_the_last_failure(autojump_clock: MockClock) -> None:
    fragile = Fragile(0.0, 0.0, 0.0)
    with pytest.raises(RuntimeError, match="died"):
        await keep_running("fragile", fragile.run, STEADY, give_up=lambda: len(fragile.started_s) == 2)
    assert len(fragile.started_s) == 2


async def test_cancelling_is_no_failure(autojump_clock: MockClock) -> None:
    fragile = Fragile(1e6)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep_running, "fragile", fragile.run, STEADY)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert len(fragile.started_s) == 1
