"""Calls that are due later: in their order, in their time, and one that fails takes no other down."""

import pytest
import trio
from trio.testing import MockClock

from runtime.timers import TICK_S, Timers


@pytest.fixture
async def timers(nursery: trio.Nursery) -> Timers:
    made = Timers()
    nursery.start_soon(made.run)
    await trio.testing.wait_all_tasks_blocked()
    return made


async def test_each_call_comes_once_and_in_its_time(timers: Timers, autojump_clock: MockClock) -> None:
    called: list[tuple[str, float]] = []
    began_s = trio.current_time()
    for name, delay_s in (("late", 30.0), ("soon", 1.0), ("between", 7.25), ("at once", 0.0)):
        timers.after(delay_s, lambda name=name: called.append((name, trio.current_time() - began_s)))  # type: ignore[misc]
    await trio.sleep(40)

    assert [name for name, _ in called] == ["at once", "soon", "between", "late"]
    for (_, at_s), delay_s in zip(called, (0.0, 1.0, 7.25, 30.0), strict=True):
        assert delay_s <= at_s <= delay_s + 2 * TICK_S
    assert len(timers) == 0


async def test_a_sooner_one_is_not_kept_waiting_by_a_later_one(
    timers: Timers, autojump_clock: MockClock
) -> None:
    called: list[float] = []
    timers.after(100, lambda: None)
    await trio.sleep(5)
    began_s = trio.current_time()
    timers.after(1, lambda: called.append(trio.current_time() - began_s))
    await trio.sleep(3)

    assert called == [pytest.approx(1, abs=2 * TICK_S)]


async def test_a_call_may_set_the_next_timer(timers: Timers, autojump_clock: MockClock) -> None:
    beats: list[float] = []

    def beat() -> None:
        beats.append(trio.current_time())
        timers.after(25, beat)

    timers.after(25, beat)
    await trio.sleep(101)

    assert len(beats) == 4


async def test_a_call_that_fails_takes_no_other_down(
    timers: Timers, autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    called: list[str] = []

    def fail() -> None:
        raise ValueError("a bug")

    timers.after(1, fail)
    timers.after(1, lambda: called.append("the next one"))
    timers.after(2, lambda: called.append("a later one"))
    await trio.sleep(3)

    assert called == ["the next one", "a later one"]
    assert "timer_failed" in "".join(capsys.readouterr())


async def test_many_of_about_the_same_time_cost_one_wake_up(
    timers: Timers, autojump_clock: MockClock
) -> None:
    at_s: set[float] = set()
    for number in range(1_000):
        timers.after(10 + number * TICK_S / 2_000, lambda: at_s.add(trio.current_time()))
    await trio.sleep(12)

    assert 1 <= len(at_s) <= 2
