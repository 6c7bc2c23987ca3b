"""Owns whose turn it is to write to viewers on this edge: rooms take turns, and all of them together give way to what
else the process does. Knows nothing of what is written.
"""

import heapq
import itertools
from collections import deque
from typing import Protocol

import structlog
import trio

log = structlog.get_logger()

TURN_SENDS = 500
"""Sends between two looks at everything else: some 3 ms."""

STEP_SENDS = 100
"""Of one room, before the next room's turn: a small room waits half a millisecond for each large one."""


class Writer(Protocol):
    """What takes turns."""

    def due_s(self) -> float | None:
        """When it has something to write (trio's clock); None: nothing."""
        ...

    def step(self, most_sends: int) -> int:
        """Writes some of it. Returns how many sends that was about, at least 1."""
        ...

    def fail(self) -> None:
        """A step raised; there will be no more."""
        ...


class Rota:
    """The writers that have something to write."""

    def __init__(self) -> None:
        self._planned: set[Writer] = set()
        self._ready: deque[Writer] = deque()
        self._later: list[tuple[float, int, Writer]] = []
        self._numbers = itertools.count()
        self._woken = trio.Event()

    def wake(self, writer: Writer) -> None:
        """It has something to write, now or later. A second time does nothing."""
        if writer not in self._planned:
            self._planned.add(writer)
            self._plan(writer, trio.current_time())
            self._woken.set()

    async def run(self) -> None:
        """Gives turns until cancelled."""
        while True:
            now_s = trio.current_time()
            while self._later and self._later[0][0] <= now_s:
                self._ready.append(heapq.heappop(self._later)[2])
            if self._ready:
                self._turn(now_s)
                await trio.lowlevel.checkpoint()
                continue
            self._woken = trio.Event()
            with trio.move_on_at(self._later[0][0] if self._later else float("inf")):
                await self._woken.wait()

    def _turn(self, now_s: float) -> None:
        left = TURN_SENDS
        while left > 0 and self._ready:
            writer = self._ready.popleft()
            try:
                left -= writer.step(min(left, STEP_SENDS))
            except Exception:  # a bug that one room meets takes no other down
                log.exception("room_failed", at="fan_out")
                self._planned.discard(writer)
                writer.fail()
            else:
                self._plan(writer, now_s)

    def _plan(self, writer: Writer, now_s: float) -> None:
        due_s = writer.due_s()
        if due_s is None:
            self._planned.discard(writer)
        elif due_s <= now_s:
            self._ready.append(writer)
        else:
            heapq.heappush(self._later, (due_s, next(self._numbers), writer))
