"""The end of an edge: every viewer is told when to be back, so that the other edges are not overrun."""

from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock

from edge.viewers import RETURN_LEAST_S, RETURNS_PER_S, Viewers, return_window_s
from runtime.timers import Timers


@dataclass(eq=False)
class Leaver:
    """A connection that leaves as soon as it is told to. told: (when it was sent away, ms to wait)."""

    viewers: Viewers
    told: list[tuple[float, int]] = field(default_factory=list)

    def go_away(self, reconnect_ms: int) -> None:
        self.told.append((trio.current_time(), reconnect_ms))
        self.viewers.remove(self)  # type: ignore[arg-type]  # what the end needs of a connection


async def leave(count: int, within_s: float) -> tuple[list[tuple[float, int]], float]:
    """What so many viewers were told, and how long the goodbye took."""
    viewers = Viewers(Timers(), say_rate=1.0, say_burst=1)
    leavers = [Leaver(viewers) for _ in range(count)]
    for leaver in leavers:
        viewers.add(leaver)  # type: ignore[arg-type]  # as above
    began_s = trio.current_time()
    await viewers.say_goodbye(within_s=within_s)
    assert all(len(leaver.told) == 1 for leaver in leavers)
    return [
        (at_s - began_s, ms) for leaver in leavers for at_s, ms in leaver.told
    ], trio.current_time() - began_s


@pytest.mark.parametrize(("viewers", "window_s"), [(0, 0.5), (3, 0.5), (2_000, 1.0), (20_000, 10.0)])
def test_the_window_grows_with_the_viewers(viewers: int, window_s: float) -> None:
    assert return_window_s(viewers) == window_s


async def test_nobody_is_sent_away_faster_or_comes_back_faster_than_others_can_take(
    autojump_clock: MockClock,
) -> None:
    told, took_s = await leave(4_000, within_s=60)

    window_s = return_window_s(4_000)
    assert took_s == pytest.approx(window_s, abs=0.1)
    assert all(0 <= ms <= window_s * 1_000 for _, ms in told)
    back_s = sorted(at_s + ms / 1_000 for at_s, ms in told)
    for second in range(round(2 * window_s)):
        back = sum(second <= one < second + 1 for one in back_s)
        assert back <= RETURNS_PER_S * 1.1
    spread = [
        sum(tenth / 10 <= ms / 1_000 / window_s < (tenth + 1) / 10 for _, ms in told) for tenth in range(10)
    ]
    assert all(count > 200 for count in spread), spread  # drawn for each: 400 are expected in every tenth


async def test_the_deadline_comes_before_the_pace_but_not_before_the_spread(
    autojump_clock: MockClock,
) -> None:
    told, took_s = await leave(20_000, within_s=2)

    assert took_s == pytest.approx(2, abs=0.1)
    assert max(ms for _, ms in told) > 9_000


async def test_few_viewers_are_back_in_a_moment(autojump_clock: MockClock) -> None:
    told, took_s = await leave(3, within_s=5)

    assert took_s == 0
    assert all(ms <= RETURN_LEAST_S * 1_000 for _, ms in told)


async def test_an_edge_with_nobody_ends_at_once(autojump_clock: MockClock) -> None:
    assert await leave(0, within_s=5) == ([], 0)
