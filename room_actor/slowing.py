"""Owns when a room looks at its slow mode, and what it tells it. What the interval should be is for `slow_mode`."""

from collections.abc import Callable

import structlog
import trio

from room_actor.commands import AdjustSlowMode, Command
from room_actor.edges import Edges
from room_actor.slow_mode import WIDE_MS, SlowMode
from room_actor.state import RoomState
from runtime.clock import Clock
from store.ids import ViewerId

log = structlog.get_logger()

LOOK_S = 1.0
"""Between two looks while it is on: it falls by time alone."""


class Slowing:
    """Slow mode of one room. `watch` is one task; the rest never waits. decide: takes a command of the room itself.
    is_ending: the room decides nothing more."""

    def __init__(
        self,
        read_rate: float,
        state: RoomState,
        edges: Edges,
        clock: Clock,
        *,
        decide: Callable[[Command], object],
        is_ending: Callable[[], bool],
    ) -> None:
        self._slow_mode = SlowMode(read_rate)
        self._state = state
        self._edges = edges
        self._clock = clock
        self._decide = decide
        self._may_slow = trio.Event()
        self._is_ending = is_ending

    def _monotonic_ms(self) -> int:
        return round(self._clock.monotonic_s() * 1_000)

    def recall(self) -> None:
        """What the log tells of those who spoke a moment ago, under another owner: as if slow mode held them back."""
        now_ms, here_ms = self._clock.now_ms(), self._monotonic_ms()
        for viewer, at_ms in self._state.said_at_ms.items():
            said_ms = here_ms - max(now_ms - at_ms, 0)
            self._slow_mode.said(viewer, since_last_ms=0, interval_s=self._state.slow_s, now_ms=said_ms)

    def said(self, viewer: ViewerId, now_ms: int) -> None:
        """A line is accepted; before it is applied."""
        before_ms = self._state.said_at_ms.get(viewer)
        self._slow_mode.said(
            viewer,
            since_last_ms=now_ms - before_ms if before_ms is not None else None,
            interval_s=self._state.slow_s,
            now_ms=self._monotonic_ms(),
        )

    def refused(self, viewer: ViewerId) -> None:
        """A line came too soon."""
        self._slow_mode.refused(viewer, now_ms=self._monotonic_ms())

    def consider(self) -> None:
        """Changes the interval when it is time to."""
        state = self._state
        if self._is_ending() or state.is_over:
            return
        edges, was_s = self._edges.windows, state.slow_s
        wished_s = self._slow_mode.look(interval_s=was_s, edges=edges, now_ms=self._monotonic_ms())
        self._decide(AdjustSlowMode(wished_s))
        if state.slow_s != was_s:
            log.info("slow_mode_set", room=state.room, interval_s=state.slow_s, was_s=was_s)
        if state.slow_s or any(ms >= WIDE_MS for ms, _ in edges):
            self._may_slow.set()

    async def watch(self) -> None:
        """Lines make the interval rise; that it falls, or rises for an edge's sake, takes nothing but time."""
        self.consider()
        while True:
            await self._may_slow.wait()
            self._may_slow = trio.Event()
            await trio.sleep(LOOK_S)
            self.consider()
